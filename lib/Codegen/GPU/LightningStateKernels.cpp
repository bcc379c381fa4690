//===- LightningStateKernels.cpp - states of lightning attention ----------===//
//
// States between chunks, and where sequences begin.
//
// Roofline: a scan moves 12 D^2 bytes for each chunk and head, a beginning
// sequence 4 D^2; both are bound by memory.
//
//===----------------------------------------------------------------------===//

#include "GPUKernelPatterns.h"
#include "LightningTile.h"

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
    Value local = op.getLocal();
    int64_t heads = dimOf(local, 1), dim = dimOf(local, 2);
    Value sequences = countSequences(kb, op.getCuSeqlens());
    Value elements = kb.index(llvm::divideCeil(dim * dim, kThreads));
    kb.launch("state_scan", {elements, kb.index(heads), sequences}, kThreads,
              [&] { emitSequence(op, kb, dim); });
    return success();
  }

  /// A thread has one element of a sequence's state.
  void emitSequence(StateScanOp op, GPUKernelBuilder &kb, int64_t dim) const {
    Value cu = op.getCuSeqlens(), one = kb.index(1);
    Value head = kb.block(1), sequence = kb.block(2);
    auto chunks = [&](Value n) {
      auto [begin, end] = rowsOfSequence(kb, cu, n);
      return kb.ceilDiv(kb.sub(end, begin), op.getChunk());
    };
    Value base =
        kb.loopCarry(kb.index(0), sequence, 1, {kb.index(0)},
                     [&](Value before, ValueRange sum) -> SmallVector<Value> {
                       return {kb.add(sum[0], chunks(before))};
                     })[0];
    Value next = kb.add(base, chunks(sequence));
    Value place = kb.add(kb.mul(kb.block(), kb.index(kThreads)), kb.thread());
    Value d = kb.div(place, kb.index(dim)), e = kb.rem(place, kb.index(dim));
    Value used = kb.create<arith::AndIOp>(kb.less(place, kb.index(dim * dim)),
                                          kb.less(base, next));
    kb.ifThen(used, [&] {
      Value slot = kb.loadIndex(op.getSlots(), {sequence});
      Value state = kb.loopCarry(
          base, next, 1, {kb.load(op.getState(), {slot, head, d, e})},
          [&](Value number, ValueRange old) -> SmallVector<Value> {
            kb.store(old[0], op.getOuts()[0], {number, head, d, e});
            return {kb.fma(kb.load(op.getDecay(), {number, head}), old[0],
                           kb.load(op.getLocal(), {number, head, d, e}))};
          })[0];
      kb.store(state, op.getState(), {slot, head, d, e});
    });
  }
};

struct LowerBeginSequences : GPUKernelPattern<BeginSequencesOp> {
  using GPUKernelPattern::GPUKernelPattern;
  LogicalResult lower(BeginSequencesOp op,
                      GPUKernelBuilder &kb) const override {
    Value state = op.getState();
    int64_t rows = dimOf(state, 2), columns = dimOf(state, 3);
    Value sequences = countSequences(kb, op.getCuSeqlens());
    Value heads = kb.index(dimOf(state, 1));
    kb.launch("begin_sequences", {sequences, heads}, kThreads, [&] {
      auto [begin, end] = rowsOfSequence(kb, op.getCuSeqlens(), kb.block());
      Value first = begin;
      kb.ifThen(kb.less(begin, end), [&] {
        Value position = kb.loadIndex(op.getPositions(), {first});
        kb.ifThen(kb.equal(position, kb.index(0)), [&] {
          Value slot = kb.loadIndex(op.getSlots(), {kb.block()});
          kb.forEachThread(kb.index(rows * columns), [&](Value place) {
            kb.store(kb.f32(0), state,
                     {slot, kb.block(1), kb.div(place, kb.index(columns)),
                      kb.rem(place, kb.index(columns))});
          });
        });
      });
    });
    return success();
  }
};
} // namespace

void minimax::populateLightningStateGPUKernels(RewritePatternSet &patterns,
                                               const GPUTarget &target) {
  patterns.add<LowerStateScan, LowerBeginSequences>(patterns.getContext(),
                                                    target);
}
