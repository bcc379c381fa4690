//===- LightningStateKernels.cpp - states of lightning attention ----------===//
//
// States between chunks, and where sequences begin.
//
// Roofline: a beginning sequence moves 4 D^2 bytes for each head, bound by
// memory. A step that begins none is bound by its launch: there is one for all
// states. Scans: see LightningScan.cpp.
//
//===----------------------------------------------------------------------===//

#include "GPUKernelPatterns.h"
#include "LightningScan.h"
#include "LightningTile.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kThreads = 256;

std::pair<Value, Value>
minimax::rowsOfSequence(GPUKernelBuilder &kb, Value cuSeqlens, Value sequence) {
  return {kb.loadIndex(cuSeqlens, {sequence}),
          kb.loadIndex(cuSeqlens, {kb.add(sequence, kb.index(1))})};
}

namespace {
struct LowerStateScan : GPUKernelPattern<StateScanOp> {
  using GPUKernelPattern::GPUKernelPattern;
  LogicalResult lower(StateScanOp op, GPUKernelBuilder &kb) const override {
    LightningScan scan = {"state_scan",
                          op.getCuSeqlens(),
                          op.getSlots(),
                          op.getState(),
                          op.getLocal(),
                          op.getOuts()[0],
                          kb.index(op.getChunk()),
                          countSequences(kb, op.getCuSeqlens()),
                          /*leastTokens=*/1};
    emitLightningScan(kb, scan, [&](Value chunk, Value head, Value) {
      return kb.load(op.getDecay(), {chunk, head});
    });
    return success();
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Sequences that begin
//===----------------------------------------------------------------------===//

/// Whether both begin the same sequences, in pools of one type that the caller
/// gives to the program, which are memory of their own.
static bool beginAlike(BeginSequencesOp a, BeginSequencesOp b) {
  return llvm::all_of(llvm::zip(a->getOperands(), b->getOperands()),
                      [](auto operands) {
                        auto [x, y] = operands;
                        return isa<BlockArgument>(x) &&
                               x.getType() == y.getType();
                      }) &&
         llvm::equal(a->getOperands().drop_front(),
                     b->getOperands().drop_front());
}

/// Whether nothing before `op` uses its state.
static bool isFirstUse(BeginSequencesOp op) {
  return llvm::none_of(op.getState().getUsers(), [&](Operation *user) {
    Operation *here = op->getBlock()->findAncestorOpInBlock(*user);
    return !here || here->isBeforeInBlock(op);
  });
}

/// The op whose kernel also begins the sequences in the state of `op`: the
/// first of its kind, which `op` itself may be.
static BeginSequencesOp findLeader(BeginSequencesOp op) {
  if (!isFirstUse(op))
    return op;
  for (auto other : op->getBlock()->getOps<BeginSequencesOp>())
    if (other == op || beginAlike(other, op))
      return other;
  llvm_unreachable("expected the op in its own block");
}

/// The pool called `number` of `pools`, which have one type.
static Value choosePool(GPUKernelBuilder &kb, ArrayRef<Value> pools,
                        Value number) {
  if (pools.size() == 1)
    return pools.front();
  auto cases = llvm::to_vector(llvm::seq<int64_t>(1, pools.size()));
  auto choice = kb.create<scf::IndexSwitchOp>(
      TypeRange{pools.front().getType()}, number, cases, cases.size());
  OpBuilder::InsertionGuard guard(kb);
  auto yield = [&](Region &region, Value pool) {
    kb.setInsertionPointToStart(&region.emplaceBlock());
    kb.create<scf::YieldOp>(pool);
  };
  yield(choice.getDefaultRegion(), pools.front());
  for (auto [region, pool] :
       llvm::zip(choice.getCaseRegions(), pools.drop_front()))
    yield(region, pool);
  return choice.getResult(0);
}

/// Clears heads `first` and on, at most `count`, of a slot.
static void clearHeads(GPUKernelBuilder &kb, Value pool, Value slot,
                       Value first, int64_t count) {
  auto type = cast<MemRefType>(pool.getType());
  int64_t rows = type.getDimSize(2), columns = type.getDimSize(3);
  int64_t width = columns % 4 == 0 ? 4 : 1;
  Value zero = kb.create<arith::ConstantOp>(
      kb.getZeroAttr(VectorType::get({width}, type.getElementType())));
  Value here =
      kb.minimum(kb.index(count), kb.sub(kb.index(type.getDimSize(1)), first));
  Value vectors = kb.mul(here, kb.index(rows * columns / width));
  kb.forEachThread(vectors, [&](Value place) {
    Value element = kb.mul(place, kb.index(width));
    Value row = kb.div(element, kb.index(columns));
    kb.storeVector(zero, pool,
                   {slot, kb.add(first, kb.div(row, kb.index(rows))),
                    kb.rem(row, kb.index(rows)),
                    kb.rem(element, kb.index(columns))});
  });
}

/// Begins the sequences of `op` in all `pools`. As many blocks for each
/// sequence as fill the GPU, no more: most steps begin none.
static void emitBegin(GPUKernelBuilder &kb, BeginSequencesOp op,
                      ArrayRef<Value> pools) {
  int64_t heads = dimOf(op.getState(), 1), count = pools.size();
  int64_t most =
      std::min<int64_t>(heads, llvm::divideCeil(kMultiprocessors, count));
  int64_t headsOfBlock = llvm::divideCeil(heads, most);
  Value sequences = countSequences(kb, op.getCuSeqlens());
  Value parts = kb.index(llvm::divideCeil(heads, headsOfBlock));
  kb.launch(
      "begin_sequences", {sequences, parts, kb.index(count)}, kThreads, [&] {
        auto [begin, end] = rowsOfSequence(kb, op.getCuSeqlens(), kb.block());
        Value first = begin;
        kb.ifThen(kb.less(begin, end), [&] {
          Value position = kb.loadIndex(op.getPositions(), {first});
          kb.ifThen(kb.equal(position, kb.index(0)), [&] {
            Value slot = kb.loadIndex(op.getSlots(), {kb.block()});
            clearHeads(kb, choosePool(kb, pools, kb.block(2)), slot,
                       kb.mul(kb.block(1), kb.index(headsOfBlock)),
                       headsOfBlock);
          });
        });
      });
}

namespace {
/// One kernel for all states of a step. A model begins the sequences of each
/// layer's state where the layer does.
struct LowerBeginSequences : OpRewritePattern<BeginSequencesOp> {
  LowerBeginSequences(MLIRContext *context, const GPUTarget &target)
      : OpRewritePattern(context), target(target) {}

  LogicalResult matchAndRewrite(BeginSequencesOp op,
                                PatternRewriter &rewriter) const override {
    if (op->getNumResults() != 0)
      return rewriter.notifyMatchFailure(op, "op is in value form");
    if (findLeader(op) != op)
      return rewriter.notifyMatchFailure(op, "becomes part of another kernel");
    SmallVector<BeginSequencesOp> led;
    for (auto other : op->getBlock()->getOps<BeginSequencesOp>())
      if (other == op || findLeader(other) == op)
        led.push_back(other);
    SmallVector<Value> pools;
    for (BeginSequencesOp other : led)
      pools.push_back(other.getState());
    GPUKernelBuilder kb(op.getLoc(), rewriter, target);
    emitBegin(kb, op, pools);
    for (BeginSequencesOp other : led)
      rewriter.eraseOp(other);
    return success();
  }

  GPUTarget target;
};
} // namespace

void minimax::populateLightningStateGPUKernels(RewritePatternSet &patterns,
                                               const GPUTarget &target) {
  patterns.add<LowerStateScan, LowerBeginSequences>(patterns.getContext(),
                                                    target);
}
