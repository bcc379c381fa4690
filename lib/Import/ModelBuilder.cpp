//===- ModelBuilder.cpp - the module of a model ---------------------------===//
//
// Weights, layer functions and entries of a checked model.
//
//===----------------------------------------------------------------------===//

#include "ModelBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::minimax;

ModelBuilder::ModelBuilder(MLIRContext *context, const ModelConfig &config,
                           const Checkpoint *checkpoint,
                           const ImportOptions &options)
    : builder(context), loc(builder.getUnknownLoc()), config(config),
      checkpoint(checkpoint), layout(config, checkpoint),
      layerBuilder(builder, config, options) {}

//===----------------------------------------------------------------------===//
// Weights and layers
//===----------------------------------------------------------------------===//

/// What the manifest says of the model (docs/Runtime.md).
void ModelBuilder::describeModel(ModuleOp module) {
  auto integer = [&](StringRef name, int64_t value) {
    return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
  };
  module->setAttr(
      "minimax.model",
      builder.getDictionaryAttr(
          {builder.getNamedAttr("model_type",
                                builder.getStringAttr(config.model_type)),
           integer("vocab_size", config.vocab_size),
           integer("hidden_size", config.hidden_size),
           integer("num_hidden_layers", config.num_hidden_layers),
           integer("num_local_experts", config.num_local_experts),
           integer("num_experts_per_tok", config.num_experts_per_tok),
           integer("max_position_embeddings", config.max_position_embeddings),
           builder.getNamedAttr("eos_token_ids", builder.getDenseI32ArrayAttr(
                                                     config.eos_token_ids))}));
}

/// As stored; all sources of a weight agree.
Type ModelBuilder::elementType(const WeightSpec &spec) {
  DType type = spec.assumedType;
  if (checkpoint)
    type = checkpoint->Find(spec.sources[0])->dtype;
  if (type == DType::kBF16)
    return builder.getBF16Type();
  if (type == DType::kF16)
    return builder.getF16Type();
  return builder.getF32Type();
}

void ModelBuilder::createWeight(const WeightSpec &spec) {
  auto type = RankedTensorType::get(spec.shape, elementType(spec));
  weightTypes[spec.name] = type;
  SmallVector<StringRef> sources(spec.sources.begin(), spec.sources.end());
  builder.create<WeightOp>(loc, spec.name, /*sym_visibility=*/StringAttr(),
                           type, builder.getStrArrayAttr(sources),
                           /*logical=*/TypeAttr());
}

/// Layers that differ in nothing but the values of their weights and slopes
/// share a function; one that is stored in other types gets a variant.
func::FuncOp ModelBuilder::createLayerFunction(int64_t layer) {
  LayerKind kind = config.layers[layer];
  SmallVector<Type> types;
  for (const WeightSpec &spec : layout.layerWeights(layer))
    types.push_back(weightTypes.at(spec.name));
  int64_t variants = 0;
  for (auto &[otherKind, function] : layerFunctions) {
    if (otherKind != kind)
      continue;
    if (function.getArgumentTypes().take_back(types.size()).equals(types))
      return function;
    ++variants;
  }
  std::string name =
      kind == LayerKind::kLightning ? "lightning_layer" : "softmax_layer";
  if (variants > 0)
    name += "_" + std::to_string(variants);
  func::FuncOp function =
      layerBuilder.build(name, kind, layout.layerWeights(layer), types);
  layerFunctions.emplace_back(kind, function);
  return function;
}

Value ModelBuilder::getWeight(StringRef name) {
  return builder.create<GetWeightOp>(loc, weightTypes.at(name), name);
}

/// Decays are computed in double and kept in f32 (SPEC 8.1 D5).
Value ModelBuilder::getSlope(int64_t layer) {
  SmallVector<float> slopes;
  for (double slope : ::minimax::runtime::DecaySlopes(config, layer))
    slopes.push_back(static_cast<float>(slope));
  return builder.create<arith::ConstantOp>(
      loc, DenseElementsAttr::get(layerBuilder.getSlopeType(),
                                  ArrayRef<float>(slopes)));
}

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

std::string ModelBuilder::stateName(int64_t layer) const {
  return "layers." + std::to_string(layer) +
         (config.layers[layer] == LayerKind::kLightning ? ".lightning_state"
                                                        : ".kv_cache");
}

/// "hidden.layer_07": at least two digits, so that names sort by layer.
std::string ModelBuilder::numbered(StringRef name, int64_t layer) const {
  size_t width =
      std::max<size_t>(2, std::to_string(config.num_hidden_layers - 1).size());
  std::string number = std::to_string(layer);
  number.insert(0, width - number.size(), '0');
  return (name + ".layer_" + number).str();
}

/// An entry with its arguments; its results come once its body is built.
ModelEntry ModelBuilder::createSignature(StringRef name) {
  SmallVector<std::string> names = {"tokens", "cu_seqlens", "positions",
                                    "slots"};
  SmallVector<Type> types(names.size(), layerBuilder.getIndicesType());
  for (int64_t layer = 0; layer < config.num_hidden_layers; ++layer) {
    names.push_back(stateName(layer));
    types.push_back(layerBuilder.getStateType(config.layers[layer]));
  }
  ModelEntry entry;
  entry.function = builder.create<func::FuncOp>(
      loc, name, builder.getFunctionType(types, {}));
  entry.function->setAttr("minimax.entry", builder.getUnitAttr());
  Block *body = entry.function.addEntryBlock();
  for (auto [index, argument] : llvm::enumerate(names))
    entry.function.setArgAttr(index, "minimax.name",
                              builder.getStringAttr(argument));
  entry.cuSeqlens = body->getArgument(1);
  entry.positions = body->getArgument(2);
  entry.slots = body->getArgument(3);
  entry.states.assign(body->args_begin() + 4, body->args_end());
  return entry;
}

/// Calls the layer's function and moves its state on. A state is first cleared
/// for sequences that start here, so that none inherits its slot's past.
Value ModelBuilder::runLayer(ModelEntry &entry, int64_t layer, Value x,
                             Value &experts) {
  Value &state = entry.states[layer];
  state = builder
              .create<BeginSequencesOp>(loc, state.getType(), state,
                                        entry.cuSeqlens, entry.positions,
                                        entry.slots)
              .getResult();
  SmallVector<Value> operands = {x, entry.cuSeqlens, entry.positions,
                                 entry.slots};
  if (config.layers[layer] == LayerKind::kLightning)
    operands.push_back(getSlope(layer));
  operands.push_back(state);
  for (const WeightSpec &spec : layout.layerWeights(layer))
    operands.push_back(getWeight(spec.name));
  auto call =
      builder.create<func::CallOp>(loc, functionOfLayer[layer], operands);
  experts = call.getResult(1);
  state = call.getResult(2);
  return call.getResult(0);
}

/// Returns the outputs, then the states, and makes that the entry's type.
void ModelBuilder::finish(ModelEntry &entry) {
  for (auto [layer, state] : llvm::enumerate(entry.states))
    entry.outputs.push_back({stateName(layer), state});
  SmallVector<Value> values;
  for (const EntryOutput &output : entry.outputs)
    values.push_back(output.value);
  builder.create<func::ReturnOp>(loc, values);
  entry.function.setFunctionType(builder.getFunctionType(
      entry.function.getArgumentTypes(), TypeRange(ValueRange(values))));
  for (auto [index, output] : llvm::enumerate(entry.outputs))
    entry.function.setResultAttr(index, "minimax.name",
                                 builder.getStringAttr(output.name));
}

/// `step` has logits of each sequence's last token, `score` those of all tokens
/// and what each layer computed.
void ModelBuilder::createEntry(StringRef name, bool isScore) {
  ModelEntry entry = createSignature(name);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&entry.function.getBody().front());
  auto rows = layerBuilder.getRowsType(config.hidden_size);
  Value x = builder
                .create<EmbeddingOp>(loc, rows, entry.function.getArgument(0),
                                     getWeight("embed_tokens"), ValueRange{})
                .getResult();
  SmallVector<EntryOutput> hidden = {{"hidden.embed", x}};
  for (int64_t layer = 0; layer < config.num_hidden_layers; ++layer) {
    Value experts;
    x = runLayer(entry, layer, x, experts);
    hidden.push_back({numbered("hidden", layer), x});
    hidden.push_back({numbered("router_topk_idx", layer), experts});
  }
  if (!isScore)
    x = builder.create<LastRowsOp>(loc, rows, x, entry.cuSeqlens, ValueRange{})
            .getResult();
  x = layerBuilder.norm(x, getWeight("final_norm"), config.rms_norm_eps);
  hidden.push_back({"hidden.final_norm", x});
  Value head =
      getWeight(config.tie_word_embeddings ? "embed_tokens" : "lm_head");
  Value logits =
      builder
          .create<LmHeadOp>(loc, layerBuilder.getRowsType(config.vocab_size), x,
                            head, ValueRange{})
          .getResult();
  entry.outputs.push_back({"logits", logits});
  if (isScore)
    entry.outputs.append(hidden);
  finish(entry);
}

/// `sample` chooses tokens from the logits of `step`.
void ModelBuilder::createSampleEntry() {
  auto rows = [&](Type element) -> Type {
    return RankedTensorType::get({ShapedType::kDynamic}, element);
  };
  Type f32 = builder.getF32Type(), i32 = builder.getI32Type();
  std::pair<StringRef, Type> inputs[] = {
      {"logits", layerBuilder.getRowsType(config.vocab_size)},
      {"temperatures", rows(f32)},
      {"top_k", rows(i32)},
      {"top_p", rows(f32)},
      {"uniforms", rows(f32)}};
  SmallVector<Type> types(llvm::make_second_range(inputs));
  ModelEntry entry;
  entry.function = builder.create<func::FuncOp>(
      loc, "sample", builder.getFunctionType(types, {}));
  entry.function->setAttr("minimax.entry", builder.getUnitAttr());
  Block *body = entry.function.addEntryBlock();
  for (auto [index, input] : llvm::enumerate(inputs))
    entry.function.setArgAttr(index, "minimax.name",
                              builder.getStringAttr(input.first));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(body);
  auto sample = builder.create<SampleOp>(loc, rows(i32), body->getArguments());
  entry.outputs.push_back({"next_tokens", sample.getResult()});
  finish(entry);
}

OwningOpRef<ModuleOp> ModelBuilder::build() {
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  builder.setInsertionPointToEnd(module->getBody());
  describeModel(*module);
  for (const WeightSpec &spec : layout.weights())
    createWeight(spec);
  for (int64_t layer = 0; layer < config.num_hidden_layers; ++layer)
    functionOfLayer.push_back(createLayerFunction(layer));
  createEntry("step", /*isScore=*/false);
  createEntry("score", /*isScore=*/true);
  createSampleEntry();
  return module;
}
