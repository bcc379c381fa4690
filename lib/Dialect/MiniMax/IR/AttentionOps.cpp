//===- AttentionOps.cpp - lightning and softmax attention -----------------===//
//
// Verifiers, states and decompositions A and B.
//
//===----------------------------------------------------------------------===//

#include "VerifyUtils.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::minimax;

//===----------------------------------------------------------------------===//
// Shared checks
//===----------------------------------------------------------------------===//

/// Dimensions of a state without its slot (and position) dimensions, whether it
/// is typed or already a pool.
static SmallVector<int64_t> stateShape(Value state) {
  if (auto lightning = dyn_cast<LightningStateType>(state.getType()))
    return SmallVector<int64_t>(lightning.getShape());
  if (auto cache = dyn_cast<KVCacheType>(state.getType()))
    return SmallVector<int64_t>(cache.getShape());
  auto pool = cast<MemRefType>(state.getType());
  return SmallVector<int64_t>(pool.getShape().drop_front(2));
}

static LogicalResult verifySlope(Operation *op, Value slope, int64_t heads) {
  return expectSize(op, "one 'slope' value per head:", heads, sizeOf(slope, 0));
}

static LogicalResult verifyChunk(Operation *op, int64_t chunk) {
  if (chunk > 0)
    return success();
  return op->emitOpError() << "expected a positive 'chunk', but got " << chunk;
}

static LogicalResult verifyRotary(Operation *op, int64_t rotary, int64_t dim) {
  if (rotary % 2 == 0 && rotary >= 0 && rotary <= dim)
    return success();
  return op->emitOpError() << "expected an even 'rotary_dim' of at most " << dim
                           << ", but got " << rotary;
}

/// Fails unless `cache` is one typed cache or two pools.
static LogicalResult verifyCacheForm(Operation *op, ValueRange cache) {
  bool typed = cache.size() == 1 && isa<KVCacheType>(cache[0].getType());
  bool pools = cache.size() == 2 && isa<MemRefType>(cache[0].getType()) &&
               cache[0].getType() == cache[1].getType();
  if (!typed && !pools)
    return op->emitOpError()
           << "expected a typed cache or its key and value pools, but got "
           << cache.getTypes();
  return success();
}

static LogicalResult verifyCache(Operation *op, ValueRange cache, int64_t heads,
                                 int64_t dim) {
  if (failed(verifyCacheForm(op, cache)))
    return failure();
  SmallVector<int64_t> shape = stateShape(cache[0]);
  if (shape[0] == heads && shape[1] == dim)
    return success();
  return op->emitOpError() << "expected a cache of " << heads << " heads x "
                           << dim << ", but got " << shape[0] << " x "
                           << shape[1];
}

static LogicalResult verifyGroups(Operation *op, Value query, Value cache) {
  int64_t heads = sizeOf(query, 1), groups = stateShape(cache)[0];
  if (heads % groups == 0)
    return success();
  return op->emitOpError() << "expected key-value heads that divide " << heads
                           << " query heads, but got " << groups;
}

static LogicalResult expectSameShape(Operation *op, StringRef name, Value value,
                                     StringRef likeName, Value like) {
  auto got = cast<ShapedType>(value.getType());
  auto want = cast<ShapedType>(like.getType());
  if (succeeded(verifyCompatibleShape(got.getShape(), want.getShape())))
    return success();
  return op->emitOpError() << "expected '" << name << "' to have the shape of '"
                           << likeName << "' (" << want << "), but got " << got;
}

/// Fails unless an op puts out f32 or bf16.
static LogicalResult verifyOutput(ComputeOpInterface op) {
  Type element = getElementTypeOrSelf(getDestinations(op)[0]);
  if (element.isF32() || element.isBF16())
    return success();
  return op->emitOpError() << "expected an output of f32 or bf16, but got "
                           << element;
}

/// Tokens plus sequences bound the number of chunks: floor(T / chunk) + N.
static OpFoldResult chunkCount(OpBuilder &builder, Location loc, Value tokens,
                               Value cuSeqlens, int64_t chunk) {
  AffineExpr t = builder.getAffineDimExpr(0), n = builder.getAffineDimExpr(1);
  return affine::makeComposedFoldedAffineApply(
      builder, loc, t.floorDiv(chunk) + n,
      {minimax::detail::getDim(builder, loc, tokens, 0),
       getSequenceCount(builder, loc, cuSeqlens)});
}

static SmallVector<OpOperand *> operandRange(MutableOperandRange range) {
  SmallVector<OpOperand *> operands;
  for (OpOperand &operand : range)
    operands.push_back(&operand);
  return operands;
}

//===----------------------------------------------------------------------===//
// split_heads, rope
//===----------------------------------------------------------------------===//

LogicalResult SplitHeadsOp::verify() {
  // C2: three alike.
  auto type = cast<RankedTensorType>(getQuery().getType());
  if (getKey().getType() != type || getValue().getType() != type)
    return emitOpError() << "expected three results of type " << type;
  // C1: 3*H*D columns.
  return expectSize(*this, "three times the results' columns:",
                    3 * type.getDimSize(1) * type.getDimSize(2),
                    sizeOf(getInput(), 1));
}

LogicalResult RopeOp::verify() {
  if (failed(verifyForm(*this, 1)))
    return failure();
  // C1: rotary dimensions.
  if (failed(verifyRotary(*this, getRotaryDim(), sizeOf(getInput(), 2))))
    return failure();
  // C2: heads keep their shape.
  return expectSameShape(*this, "result", getDestinations(*this)[0], "input",
                         getInput());
}

/// A rotation of no dimension is its input.
LogicalResult RopeOp::fold(FoldAdaptor,
                           SmallVectorImpl<OpFoldResult> &results) {
  if (getNumResults() == 0 || getRotaryDim() != 0 ||
      getResult().getType() != getInput().getType())
    return failure();
  results.push_back(getInput());
  return success();
}

//===----------------------------------------------------------------------===//
// Decomposition A
//===----------------------------------------------------------------------===//

SmallVector<OpOperand *> LightningAttentionOp::getStateOperands() {
  return {&getStateMutable()};
}

LogicalResult LightningAttentionOp::verify() {
  if (failed(verifyForm(*this, 1)) || failed(verifyStates(*this)))
    return failure();
  int64_t heads = sizeOf(getQuery(), 1), dim = sizeOf(getQuery(), 2);
  // C1: one decay value per head.
  if (failed(verifySlope(*this, getSlope(), heads)))
    return failure();
  // C2: H x D x D.
  SmallVector<int64_t> shape;
  if (auto type = dyn_cast<LightningStateType>(getState().getType()))
    shape.assign(type.getShape().begin(), type.getShape().end());
  else
    shape.assign(
        cast<MemRefType>(getState().getType()).getShape().drop_front().begin(),
        cast<MemRefType>(getState().getType()).getShape().end());
  if (shape != SmallVector<int64_t>{heads, dim, dim})
    return emitOpError() << "expected a state of " << heads << " x " << dim
                         << " x " << dim << ", but got " << shape[0] << " x "
                         << shape[1] << " x " << shape[2];
  // C5: what a kernel can put out.
  if (failed(verifyOutput(*this)))
    return failure();
  // C3, C4: chunk and operand shapes.
  if (failed(verifyChunk(*this, getChunk())) ||
      failed(expectSameShape(*this, "key", getKey(), "query", getQuery())))
    return failure();
  return expectSameShape(*this, "value", getValue(), "query", getQuery());
}

FailureOr<SmallVector<Value>>
LightningAttentionOp::decompose(OpBuilder &builder) {
  if (getNumResults() == 0)
    return failure();
  auto query = cast<RankedTensorType>(getQuery().getType());
  int64_t heads = query.getDimSize(1), dim = query.getDimSize(2);
  Type f32 = builder.getF32Type();
  constexpr int64_t dynamic = ShapedType::kDynamic;
  auto states = RankedTensorType::get({dynamic, heads, dim, dim}, f32);
  auto decays = RankedTensorType::get({dynamic, heads}, f32);

  auto local = builder.create<ChunkStateOp>(
      getLoc(), TypeRange{states, decays}, getKey(), getValue(), getSlope(),
      getCuSeqlens(), ValueRange{}, getChunk(), getBf16Products());
  auto scan = builder.create<StateScanOp>(
      getLoc(), TypeRange{states, getState().getType()}, local.getResult(0),
      local.getResult(1), getCuSeqlens(), getSlots(), getState(), ValueRange{},
      getChunk());
  auto output = builder.create<ChunkOutputOp>(
      getLoc(), getResult(0).getType(), getQuery(), getKey(), getValue(),
      getSlope(), getCuSeqlens(), scan.getResult(0), ValueRange{}, getChunk(),
      getBf16Products());
  return SmallVector<Value>{output.getResult(), scan.getResult(1)};
}

OpFoldResult ChunkStateOp::getLeadingDim(OpBuilder &builder, unsigned) {
  return chunkCount(builder, getLoc(), getKey(), getCuSeqlens(), getChunk());
}

LogicalResult ChunkStateOp::verify() {
  if (failed(verifyForm(*this, 2)))
    return failure();
  // C1, C2: slopes and chunk.
  if (failed(verifySlope(*this, getSlope(), sizeOf(getKey(), 1))) ||
      failed(verifyChunk(*this, getChunk())))
    return failure();
  // C3: operand shapes.
  return expectSameShape(*this, "value", getValue(), "key", getKey());
}

SmallVector<OpOperand *> StateScanOp::getStateOperands() {
  return {&getStateMutable()};
}

LogicalResult StateScanOp::verify() {
  if (failed(verifyForm(*this, 1)) || failed(verifyStates(*this)))
    return failure();
  // C1: the state is one chunk of 'local'.
  ArrayRef<int64_t> shape;
  if (auto type = dyn_cast<LightningStateType>(getState().getType()))
    shape = type.getShape();
  else
    shape = cast<MemRefType>(getState().getType()).getShape().drop_front();
  auto local = cast<ShapedType>(getLocal().getType());
  if (failed(verifyCompatibleShape(local.getShape().drop_front(), shape)))
    return emitOpError() << "expected a state of the shape of one chunk of "
                            "'local' ("
                         << local << "), but got " << getState().getType();
  // C2: chunk.
  return verifyChunk(*this, getChunk());
}

LogicalResult ChunkOutputOp::verify() {
  if (failed(verifyForm(*this, 1)))
    return failure();
  // C1, C2: slopes and chunk.
  if (failed(verifySlope(*this, getSlope(), sizeOf(getQuery(), 1))) ||
      failed(verifyChunk(*this, getChunk())))
    return failure();
  // C4: what a kernel can put out.
  if (failed(verifyOutput(*this)))
    return failure();
  // C3: operand shapes.
  if (failed(expectSameShape(*this, "key", getKey(), "query", getQuery())))
    return failure();
  return expectSameShape(*this, "value", getValue(), "query", getQuery());
}

//===----------------------------------------------------------------------===//
// Decomposition B
//===----------------------------------------------------------------------===//

SmallVector<OpOperand *> AttentionOp::getStateOperands() {
  return operandRange(getCacheMutable());
}

LogicalResult AttentionOp::verify() {
  if (failed(verifyForm(*this, 1)) || failed(verifyStates(*this)))
    return failure();
  // C2: the cache holds the keys' heads.
  if (failed(verifyCache(*this, getCache(), sizeOf(getKey(), 1),
                         sizeOf(getKey(), 2))))
    return failure();
  // C1: groups.
  if (failed(verifyGroups(*this, getQuery(), getCache()[0])))
    return failure();
  // C4: what a kernel can put out.
  if (failed(verifyOutput(*this)))
    return failure();
  // C3: rotary dimensions.
  return verifyRotary(*this, getRotaryDim(), sizeOf(getQuery(), 2));
}

FailureOr<SmallVector<Value>> AttentionOp::decompose(OpBuilder &builder) {
  if (getNumResults() == 0 || getCache().size() != 1)
    return failure();
  Type cache = getCache()[0].getType();
  auto query = cast<RankedTensorType>(getQuery().getType());
  auto lse = RankedTensorType::get({query.getDimSize(0), query.getDimSize(1)},
                                   builder.getF32Type());
  Type out = getResult(0).getType();
  auto part = query.clone(builder.getF32Type());

  Value state = builder
                    .create<CacheAppendOp>(
                        getLoc(), cache, getKey(), getValue(), getCuSeqlens(),
                        getPositions(), getSlots(), getCache(), ValueRange{},
                        getTheta(), getRotaryDim())
                    .getResult(0);
  constexpr int64_t splits = 2;
  SmallVector<Value> partials;
  for (int64_t split = 0; split < splits; ++split) {
    auto partial = builder.create<AttentionPartialOp>(
        getLoc(), TypeRange{part, lse, cache}, getQuery(), getCuSeqlens(),
        getPositions(), getSlots(), state, ValueRange{}, getScale(), split,
        splits, getTheta(), getRotaryDim(), getBf16Products());
    partials.append({partial.getResult(0), partial.getResult(1)});
    state = partial.getResult(2);
  }
  auto merge = builder.create<AttentionMergeOp>(
      getLoc(), TypeRange{out, lse}, partials[0], partials[1], partials[2],
      partials[3], ValueRange{});
  return SmallVector<Value>{merge.getResult(0), state};
}

SmallVector<OpOperand *> CacheAppendOp::getStateOperands() {
  return operandRange(getCacheMutable());
}

LogicalResult CacheAppendOp::verify() {
  // C1: the cache holds the keys' heads.
  if (failed(verifyStates(*this)) ||
      failed(verifyCache(*this, getCache(), sizeOf(getKey(), 1),
                         sizeOf(getKey(), 2))))
    return failure();
  // C2: rotary dimensions.
  return verifyRotary(*this, getRotaryDim(), sizeOf(getKey(), 2));
}

SmallVector<OpOperand *> AttentionPartialOp::getStateOperands() {
  return operandRange(getCacheMutable());
}

LogicalResult AttentionPartialOp::verify() {
  if (failed(verifyForm(*this, 2)) || failed(verifyStates(*this)))
    return failure();
  // C4: the cache's form and dimension.
  if (failed(verifyCacheForm(*this, getCache())) ||
      failed(expectSize(*this, "a cache of the dimension of 'query':",
                        sizeOf(getQuery(), 2), stateShape(getCache()[0])[1])))
    return failure();
  // C1: groups.
  if (failed(verifyGroups(*this, getQuery(), getCache()[0])))
    return failure();
  // C2: a share that exists.
  int64_t split = getSplit(), splits = getSplits();
  if (split < 0 || split >= splits)
    return emitOpError() << "expected 'split' in [0, " << splits
                         << "), but got " << split;
  // C3: rotary dimensions.
  return verifyRotary(*this, getRotaryDim(), sizeOf(getQuery(), 2));
}

LogicalResult AttentionMergeOp::verify() {
  // C1: both sides are alike.
  if (failed(verifyForm(*this, 2)) ||
      failed(expectSameShape(*this, "output2", getOutput2(), "output1",
                             getOutput1())))
    return failure();
  // C2: what a kernel can put out.
  if (failed(verifyOutput(*this)))
    return failure();
  Type lse = getElementTypeOrSelf(getDestinations(*this)[1]);
  if (!lse.isF32())
    return emitOpError() << "expected an 'lse' of f32, but got " << lse;
  return expectSameShape(*this, "lse2", getLse2(), "lse1", getLse1());
}
