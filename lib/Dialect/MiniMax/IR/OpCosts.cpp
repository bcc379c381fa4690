//===- OpCosts.cpp - FLOPs and bytes of every op --------------------------===//
//
// CostOpInterface of all compute ops. A product of K columns and N outputs has
// 2*K*N FLOPs per row; ops that touch all of their operands differ from others
// in nothing but FLOPs.
//
//===----------------------------------------------------------------------===//

#include "VerifyUtils.h"
#include "minimax/Dialect/MiniMax/IR/MiniMax.h"

using namespace mlir;
using namespace mlir::minimax;

static CostSum tokens(int64_t coefficient = 1) {
  return CostTerm{StepQuantity::Tokens, coefficient};
}

static CostSum active(int64_t coefficient) {
  return CostTerm{StepQuantity::Active, coefficient};
}

static int64_t elementBytes(Value value) {
  auto type = cast<ShapedType>(value.getType());
  return llvm::divideCeil(type.getElementTypeBitWidth(), 8);
}

/// Product of the sizes after the first.
static int64_t rowElements(Value value) {
  auto type = cast<ShapedType>(value.getType());
  return ShapedType::getNumElements(type.getShape().drop_front());
}

static CostSum rowsOf(Value value, StepSizeFn sizeOf) {
  auto type = cast<ShapedType>(value.getType());
  return type.isDynamicDim(0) ? sizeOf(value, 0) : CostSum(type.getDimSize(0));
}

static CostSum bytesOf(Value value, StepSizeFn sizeOf) {
  return rowsOf(value, sizeOf) * (rowElements(value) * elementBytes(value));
}

static CostSum bytesOf(ValueRange values, StepSizeFn sizeOf) {
  CostSum sum;
  for (Value value : values)
    sum += bytesOf(value, sizeOf);
  return sum;
}

/// Everything that the op reads, `except` some, and all it writes.
static CostSum allBytes(ComputeOpInterface op, StepSizeFn sizeOf,
                        ValueRange except = {}) {
  CostSum sum = bytesOf(getDestinations(op), sizeOf);
  MutableOperandRange outs = op.getOutsMutable();
  for (OpOperand &operand : op->getOpOperands()) {
    auto isSame = [&](OpOperand &out) { return &out == &operand; };
    if (!isa<ShapedType>(operand.get().getType()) ||
        llvm::any_of(outs, isSame) || llvm::is_contained(except, operand.get()))
      continue;
    sum += bytesOf(operand.get(), sizeOf);
  }
  return sum;
}

/// An op that touches all of its operands, with `flops` per row and column of
/// its first result.
static OpCost elementwise(ComputeOpInterface op, StepSizeFn sizeOf,
                          int64_t flops) {
  Value result = getDestinations(op)[0];
  return {rowsOf(result, sizeOf) * (rowElements(result) * flops),
          allBytes(op, sizeOf)};
}

static OpCost product(ComputeOpInterface op, Value input, StepSizeFn sizeOf) {
  return elementwise(op, sizeOf, 2 * rowElements(input));
}

//===----------------------------------------------------------------------===//
// Dense ops
//===----------------------------------------------------------------------===//

OpCost EmbeddingOp::getCost(StepSizeFn sizeOf) {
  CostSum bytes = allBytes(*this, sizeOf, getTable());
  bytes += tokens(rowElements(getTable()) * elementBytes(getTable()));
  return {{}, bytes};
}

OpCost RmsNormOp::getCost(StepSizeFn sizeOf) {
  return elementwise(*this, sizeOf, getGate() ? 5 : 4);
}

OpCost LinearOp::getCost(StepSizeFn sizeOf) {
  return product(*this, getInput(), sizeOf);
}

OpCost LmHeadOp::getCost(StepSizeFn sizeOf) {
  return product(*this, getInput(), sizeOf);
}

OpCost ActivationOp::getCost(StepSizeFn sizeOf) {
  return elementwise(*this, sizeOf, 1);
}

OpCost GateOp::getCost(StepSizeFn sizeOf) {
  return elementwise(*this, sizeOf, 1);
}

OpCost ResidualOp::getCost(StepSizeFn sizeOf) {
  return elementwise(*this, sizeOf, getCoefficient() ? 5 : 3);
}

OpCost CastOp::getCost(StepSizeFn sizeOf) {
  return elementwise(*this, sizeOf, 0);
}

OpCost SampleOp::getCost(StepSizeFn sizeOf) {
  // A comparison for each logit; what more there is depends on the parameters.
  CostSum logits = rowsOf(getLogits(), sizeOf) * rowElements(getLogits());
  return {logits, allBytes(*this, sizeOf)};
}

OpCost LastRowsOp::getCost(StepSizeFn sizeOf) {
  Value result = getDestinations(*this)[0];
  CostSum bytes = allBytes(*this, sizeOf, getInput());
  bytes += active(rowElements(result) * elementBytes(getInput()));
  return {{}, bytes};
}

//===----------------------------------------------------------------------===//
// Experts
//===----------------------------------------------------------------------===//

/// Bytes of the experts that `rows` rows can reach.
static CostSum expertBytes(Value weight, const CostSum &rows) {
  int64_t perToken = 1;
  for (const CostTerm &term : rows.getTerms())
    if (term.quantity == StepQuantity::Tokens)
      perToken = term.coefficient;
  int64_t experts = cast<ShapedType>(weight.getType()).getDimSize(0);
  return CostTerm{StepQuantity::Experts,
                  rowElements(weight) * elementBytes(weight), experts,
                  perToken};
}

OpCost GroupedMatmulOp::getCost(StepSizeFn sizeOf) {
  OpCost cost = product(*this, getInput(), sizeOf);
  if (getActivation() == Activation::swiglu)
    cost.flops = cost.flops * 2;
  cost.bytes = allBytes(*this, sizeOf, getWeight());
  Value rows = getDestinations(*this)[0];
  cost.bytes += expertBytes(getWeight(), rowsOf(rows, sizeOf));
  return cost;
}

OpCost MoeOp::getCost(StepSizeFn sizeOf) {
  int64_t hidden = rowElements(getInput()), topK = getTopK();
  int64_t experts = cast<ShapedType>(getRouter().getType()).getDimSize(0);
  int64_t width = cast<ShapedType>(getDown().getType()).getDimSize(2);
  CostSum rows = rowsOf(getInput(), sizeOf);
  OpCost cost;
  cost.flops = rows * (2 * hidden * (experts + 3 * topK * width));
  cost.bytes = allBytes(*this, sizeOf, {getGateUp(), getDown()});
  cost.bytes += expertBytes(getGateUp(), rows * topK);
  cost.bytes += expertBytes(getDown(), rows * topK);
  return cost;
}

OpCost RouteOp::getCost(StepSizeFn sizeOf) {
  // An exponential, an addition and a division for each choice.
  return elementwise(*this, sizeOf, 3);
}

OpCost PermuteOp::getCost(StepSizeFn sizeOf) {
  return elementwise(*this, sizeOf, 0);
}

OpCost SortCopiesOp::getCost(StepSizeFn sizeOf) {
  return {{}, allBytes(*this, sizeOf)};
}

OpCost SwigluOp::getCost(StepSizeFn sizeOf) {
  return elementwise(*this, sizeOf, 2);
}

OpCost UnpermuteOp::getCost(StepSizeFn sizeOf) {
  return elementwise(*this, sizeOf,
                     2 * rowElements(getRows()) + 1 + (getResidual() ? 2 : 0));
}

//===----------------------------------------------------------------------===//
// Lightning attention
//===----------------------------------------------------------------------===//

/// Heads times FLOPs of one token's product with a state.
static int64_t stateProduct(Value perHead) {
  auto type = cast<ShapedType>(perHead.getType());
  return 2 * type.getDimSize(1) * type.getDimSize(2) * type.getDimSize(2);
}

/// FLOPs of scores and values within chunks.
static CostSum chunkProducts(Value perHead, int64_t chunk) {
  return CostTerm{StepQuantity::Pairs, 4 * rowElements(perHead), chunk};
}

/// Bytes of states that are read and written once for each active sequence.
static CostSum stateBytes(Value query) {
  auto type = cast<ShapedType>(query.getType());
  int64_t elements = rowElements(query) * type.getDimSize(2);
  return active(2 * elements * int64_t(sizeof(float)));
}

/// Bytes of the used rows of buffers with one row per chunk.
static CostSum chunkBytes(ValueRange values, int64_t chunk) {
  CostSum sum;
  for (Value value : values)
    sum += CostTerm{StepQuantity::Chunks,
                    rowElements(value) * elementBytes(value), chunk};
  return sum;
}

OpCost LightningAttentionOp::getCost(StepSizeFn sizeOf) {
  OpCost cost;
  cost.flops = tokens(2 * stateProduct(getQuery()));
  cost.flops += chunkProducts(getQuery(), getChunk());
  cost.bytes = allBytes(*this, sizeOf, getState());
  cost.bytes += stateBytes(getQuery());
  return cost;
}

OpCost ChunkStateOp::getCost(StepSizeFn sizeOf) {
  CostSum bytes =
      bytesOf({getKey(), getValue(), getSlope(), getCuSeqlens()}, sizeOf);
  bytes += chunkBytes(getDestinations(*this), getChunk());
  return {tokens(stateProduct(getKey())), bytes};
}

OpCost StateScanOp::getCost(StepSizeFn sizeOf) {
  Value entry = getDestinations(*this)[0];
  CostSum bytes = bytesOf({getCuSeqlens(), getSlots()}, sizeOf);
  bytes += chunkBytes({getLocal(), getDecay(), entry}, getChunk());
  bytes += active(2 * rowElements(entry) * elementBytes(entry));
  return {CostTerm{StepQuantity::Chunks, 2 * rowElements(entry),
                   int64_t(getChunk())},
          bytes};
}

OpCost ChunkOutputOp::getCost(StepSizeFn sizeOf) {
  OpCost cost;
  cost.flops = tokens(stateProduct(getQuery()));
  cost.flops += chunkProducts(getQuery(), getChunk());
  cost.bytes = allBytes(*this, sizeOf, getEntry());
  cost.bytes += chunkBytes(getEntry(), getChunk());
  return cost;
}

//===----------------------------------------------------------------------===//
// Softmax attention
//===----------------------------------------------------------------------===//

/// Bytes that the cache holds per position.
static int64_t cacheRow(ValueRange cache) {
  if (auto typed = dyn_cast<KVCacheType>(cache[0].getType()))
    return 2 * ShapedType::getNumElements(typed.getShape()) *
           (typed.getElementType().getIntOrFloatBitWidth() / 8);
  int64_t bytes = 0;
  for (Value pool : cache)
    bytes += ShapedType::getNumElements(
                 cast<ShapedType>(pool.getType()).getShape().drop_front(2)) *
             elementBytes(pool);
  return bytes;
}

OpCost AttentionOp::getCost(StepSizeFn sizeOf) {
  OpCost cost;
  cost.flops = CostTerm{StepQuantity::Keys, 4 * rowElements(getQuery())};
  cost.bytes = allBytes(*this, sizeOf, getCache());
  cost.bytes += tokens(cacheRow(getCache()));
  cost.bytes += CostTerm{StepQuantity::Cached, cacheRow(getCache())};
  return cost;
}

OpCost CacheAppendOp::getCost(StepSizeFn sizeOf) {
  OpCost cost;
  cost.flops = tokens(3 * getRotaryDim() *
                      cast<ShapedType>(getKey().getType()).getDimSize(1));
  cost.bytes = allBytes(*this, sizeOf, getCache());
  cost.bytes += tokens(cacheRow(getCache()));
  return cost;
}

OpCost AttentionPartialOp::getCost(StepSizeFn sizeOf) {
  int64_t split = getSplit(), splits = getSplits();
  OpCost cost;
  cost.flops =
      CostTerm{StepQuantity::Keys, 4 * rowElements(getQuery()), split, splits};
  cost.bytes = allBytes(*this, sizeOf, getCache());
  cost.bytes +=
      CostTerm{StepQuantity::Cached, cacheRow(getCache()), split, splits};
  return cost;
}

OpCost AttentionMergeOp::getCost(StepSizeFn sizeOf) {
  return elementwise(*this, sizeOf, 3);
}

OpCost RopeOp::getCost(StepSizeFn sizeOf) {
  Value result = getDestinations(*this)[0];
  int64_t heads = cast<ShapedType>(result.getType()).getDimSize(1);
  return {rowsOf(result, sizeOf) * (3 * getRotaryDim() * heads),
          allBytes(*this, sizeOf)};
}

//===----------------------------------------------------------------------===//
// States
//===----------------------------------------------------------------------===//

OpCost BeginSequencesOp::getCost(StepSizeFn sizeOf) {
  int64_t bytes = 0;
  if (auto pool = dyn_cast<MemRefType>(getState().getType()))
    bytes = rowElements(getState()) * elementBytes(getState());
  else if (auto state = dyn_cast<LightningStateType>(getState().getType()))
    bytes = ShapedType::getNumElements(state.getShape()) * sizeof(float);
  CostSum sum = bytesOf({getCuSeqlens(), getPositions(), getSlots()}, sizeOf);
  sum += CostTerm{StepQuantity::Starting, bytes};
  return {{}, sum};
}
