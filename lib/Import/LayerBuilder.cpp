//===- LayerBuilder.cpp - functions of the kinds of layers ----------------===//
//
// One transformer layer in unfused L0 ops (SPEC 2.3 to 2.6).
//
//===----------------------------------------------------------------------===//

#include "LayerBuilder.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include <cmath>

using namespace mlir;
using namespace mlir::minimax;

LayerBuilder::LayerBuilder(OpBuilder &builder, const ModelConfig &config,
                           const ImportOptions &options)
    : builder(builder), config(config), options(options),
      loc(builder.getUnknownLoc()) {}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

RankedTensorType LayerBuilder::getRowsType(int64_t columns) const {
  return RankedTensorType::get({ShapedType::kDynamic, columns},
                               builder.getF32Type());
}

RankedTensorType LayerBuilder::getIndicesType() const {
  return RankedTensorType::get({ShapedType::kDynamic}, builder.getI32Type());
}

RankedTensorType LayerBuilder::getExpertsType() const {
  return RankedTensorType::get(
      {ShapedType::kDynamic, config.num_experts_per_tok}, builder.getI32Type());
}

RankedTensorType LayerBuilder::getSlopeType() const {
  return RankedTensorType::get({config.num_attention_heads},
                               builder.getF32Type());
}

RankedTensorType LayerBuilder::getHeadsType(int64_t heads) const {
  return RankedTensorType::get({ShapedType::kDynamic, heads, config.head_dim},
                               builder.getF32Type());
}

Type LayerBuilder::getStateType(LayerKind kind) const {
  int64_t heads = config.num_attention_heads, dim = config.head_dim;
  Type f32 = builder.getF32Type();
  if (kind == LayerKind::kLightning)
    return LightningStateType::get(builder.getContext(), {heads, dim, dim},
                                   f32);
  Type element = options.cacheType == DType::kBF16
                     ? static_cast<Type>(builder.getBF16Type())
                     : f32;
  return KVCacheType::get(builder.getContext(),
                          {config.num_key_value_heads, dim}, element);
}

//===----------------------------------------------------------------------===//
// Single ops
//===----------------------------------------------------------------------===//

Value LayerBuilder::norm(Value input, Value weight, double eps) {
  return builder
      .create<RmsNormOp>(loc, input.getType(), input, weight, Value(),
                         ValueRange{}, APFloat(eps))
      .getResult();
}

/// A product with the weight that goes by `name` in this layer.
Value LayerBuilder::linear(Value input, StringRef name) {
  Value weight = weightValues.at(name);
  int64_t columns = cast<RankedTensorType>(weight.getType()).getDimSize(0);
  return builder
      .create<LinearOp>(loc, getRowsType(columns), input, weight, Value(),
                        ValueRange{}, Activation::none, APFloat(1.0),
                        APFloat(1.0))
      .getResult();
}

Value LayerBuilder::activation(Value input, Activation kind) {
  return builder
      .create<ActivationOp>(loc, input.getType(), input, ValueRange{}, kind)
      .getResult();
}

Value LayerBuilder::residual(Value skip, Value branch, double alpha,
                             double beta) {
  return builder
      .create<ResidualOp>(loc, skip.getType(), skip, branch, Value(),
                          ValueRange{}, APFloat(alpha), APFloat(beta))
      .getResult();
}

/// `[tokens, heads * D]` as `[tokens, heads, D]`.
Value LayerBuilder::splitColumns(Value input, Value tokens, int64_t heads) {
  return builder.create<tensor::ExpandShapeOp>(
      loc, getHeadsType(heads), input,
      ArrayRef<ReassociationIndices>{{0}, {1, 2}},
      ArrayRef<OpFoldResult>{tokens, builder.getIndexAttr(heads),
                             builder.getIndexAttr(config.head_dim)});
}

/// `[T, H, D]` as `[T, H * D]`, heads one after the other.
Value LayerBuilder::joinHeads(Value input) {
  return builder.create<tensor::CollapseShapeOp>(
      loc, input, ArrayRef<ReassociationIndices>{{0}, {1, 2}});
}

Value LayerBuilder::rope(Value input) {
  return builder
      .create<RopeOp>(loc, input.getType(), input, positions, ValueRange{},
                      APFloat(config.rope_theta), config.rotary_dim)
      .getResult();
}

//===----------------------------------------------------------------------===//
// Sublayers
//===----------------------------------------------------------------------===//

/// Projection, silu, recurrence, norm, gate, projection (SPEC 2.4).
LayerBuilder::Attention LayerBuilder::lightning(Value input) {
  Value qkv = activation(linear(input, "qkv_proj"), Activation::silu);
  RankedTensorType heads = getHeadsType(config.num_attention_heads);
  auto split = builder.create<SplitHeadsOp>(loc, heads, heads, heads, qkv,
                                            HeadPacking::per_head);
  auto attention = builder.create<LightningAttentionOp>(
      loc, TypeRange{heads, state.getType()}, split.getQuery(), split.getKey(),
      split.getValue(), slope, cuSeqlens, slots, state, ValueRange{},
      std::min(config.block_size, options.chunk));
  // One norm over all heads together (SPEC 2.4 (8)).
  Value normed =
      norm(joinHeads(attention.getResult(0)), weightValues.at("lightning_norm"),
           config.linear_norm_eps);
  Value sigmoid = activation(linear(input, "output_gate"), Activation::sigmoid);
  auto gated = builder.create<GateOp>(loc, normed.getType(), sigmoid, normed,
                                      ValueRange{});
  return {linear(gated.getResult(), "out_proj"), attention.getResult(1)};
}

/// Rotation is an op of its own here; a later pass may move it into the
/// attention, whose `rotary_dim` of 0 says that nothing is left to rotate.
LayerBuilder::Attention LayerBuilder::softmax(Value input) {
  int64_t heads = config.num_attention_heads;
  int64_t groups = config.num_key_value_heads;
  Value tokens = builder.create<tensor::DimOp>(loc, input, 0);
  auto project = [&](StringRef weight, int64_t count) {
    return splitColumns(linear(input, weight), tokens, count);
  };
  Value query = rope(project("q_proj", heads));
  Value key = rope(project("k_proj", groups));
  Value value = project("v_proj", groups);
  double scale = 1.0 / std::sqrt(static_cast<double>(config.head_dim));
  auto attention = builder.create<AttentionOp>(
      loc, TypeRange{getHeadsType(heads), state.getType()}, query, key, value,
      cuSeqlens, positions, slots, state, ValueRange{}, APFloat(scale),
      APFloat(0.0), /*rotary_dim=*/0);
  return {linear(joinHeads(attention.getResult(0)), "o_proj"),
          attention.getResult(1)};
}

/// Routed experts and, if there is one, the shared expert.
Value LayerBuilder::experts(Value input, Value &chosen) {
  auto moe = builder.create<MoeOp>(
      loc, TypeRange{input.getType(), getExpertsType()}, input,
      weightValues.at("router"), weightValues.at("experts_gate_up"),
      weightValues.at("experts_down"), ValueRange{},
      config.num_experts_per_tok);
  chosen = moe.getResult(1);
  if (config.shared_intermediate_size == 0)
    return moe.getResult(0);
  return sharedExpert(input, moe.getResult(0));
}

/// (1 - c) * routed + c * shared, `c` from the same input (SPEC 2.6).
Value LayerBuilder::sharedExpert(Value input, Value routed) {
  Value gateUp = linear(input, "shared_gate_up");
  auto inner = builder.create<SwigluOp>(
      loc, getRowsType(config.shared_intermediate_size), gateUp, ValueRange{});
  Value shared = linear(inner.getResult(), "shared_down");
  Value coefficient =
      activation(linear(input, "shared_coefficient"), Activation::sigmoid);
  return builder
      .create<ResidualOp>(loc, routed.getType(), routed, shared, coefficient,
                          ValueRange{}, APFloat(1.0), APFloat(1.0))
      .getResult();
}

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

/// The arguments in the order in which `build` declares them.
void LayerBuilder::bindArguments(func::FuncOp function, LayerKind kind,
                                 ArrayRef<WeightSpec> weights) {
  auto argument = function.args_begin();
  for (Value *value : {&x, &cuSeqlens, &positions, &slots})
    *value = *argument++;
  slope = kind == LayerKind::kLightning ? *argument++ : Value();
  state = *argument++;
  weightValues.clear();
  // "layers.3.qkv_proj" goes by "qkv_proj".
  for (const WeightSpec &weight : weights)
    weightValues[StringRef(weight.name).rsplit('.').second] = *argument++;
}

func::FuncOp LayerBuilder::build(StringRef name, LayerKind kind,
                                 ArrayRef<WeightSpec> weights,
                                 TypeRange weightTypes) {
  bool isLightning = kind == LayerKind::kLightning;
  Type rows = getRowsType(config.hidden_size), indices = getIndicesType();
  SmallVector<Type> arguments = {rows, indices, indices, indices};
  if (isLightning)
    arguments.push_back(getSlopeType());
  arguments.push_back(getStateType(kind));
  llvm::append_range(arguments, weightTypes);
  auto function = builder.create<func::FuncOp>(
      loc, name,
      builder.getFunctionType(arguments,
                              {rows, getExpertsType(), getStateType(kind)}));
  function.setPrivate();

  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(function.addEntryBlock());
  bindArguments(function, kind, weights);
  Value a = norm(x, weightValues.at("input_norm"), config.rms_norm_eps);
  Attention attention = isLightning ? lightning(a) : softmax(a);
  // Post-norm models carry the normalised input on (SPEC 2.3).
  Value middle = residual(config.postnorm ? a : x, attention.output,
                          isLightning ? config.linear_alpha : config.full_alpha,
                          isLightning ? config.linear_beta : config.full_beta);
  Value b =
      norm(middle, weightValues.at("post_attention_norm"), config.rms_norm_eps);
  Value chosen;
  Value routed = experts(b, chosen);
  Value result = residual(config.postnorm ? b : middle, routed,
                          config.mlp_alpha, config.mlp_beta);
  builder.create<func::ReturnOp>(loc,
                                 ValueRange{result, chosen, attention.state});
  return function;
}
