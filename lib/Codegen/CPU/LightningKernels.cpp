//===- LightningKernels.cpp - lightning attention -------------------------===//
//
// Whole, each sequence and head walks its tokens in order with the state in
// place; in parts, all chunks run in parallel with their states in memory. Both
// are made of the same tiles (LightningTokens.h).
//
//===----------------------------------------------------------------------===//

#include "KernelPatterns.h"
#include "LightningTokens.h"

using namespace mlir;
using namespace mlir::minimax;

/// Bytes of scratch memory on a worker's stack that a kernel may ask for.
static constexpr int64_t kMaxScratch = 2 << 20;

/// Fails if a chunk's rows and a state are too large for the stack.
static LogicalResult verifyScratch(Operation *op, const CPUTarget &target,
                                   int64_t dim, int64_t chunk) {
  int64_t bytes = TokenKernel::scratchBytes(target, dim, chunk);
  if (bytes <= kMaxScratch)
    return success();
  return op->emitOpError() << "expected a 'chunk' whose rows and state fit "
                           << kMaxScratch << " bytes, but got " << chunk
                           << " tokens, which need " << bytes;
}

namespace {
struct LowerLightningAttention : KernelPattern<LightningAttentionOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(LightningAttentionOp op,
                      KernelBuilder &kb) const override {
    int64_t heads = dimOf(op.getQuery(), 1), dim = dimOf(op.getQuery(), 2);
    if (failed(verifyScratch(op, kb.target, dim, op.getChunk())))
      return failure();
    forEachSequence(
        kb, op.getCuSeqlens(), heads, [&](Value sequence, Value head) {
          Value begin = kb.loadIndex(op.getCuSeqlens(), {sequence});
          Value end =
              kb.loadIndex(op.getCuSeqlens(), {kb.add(sequence, kb.index(1))});
          Value slot = kb.loadIndex(op.getSlots(), {sequence});
          LightningState state{op.getState(), {slot, head}};
          LightningHead view{op.getQuery(),   op.getKey(), op.getValue(),
                             op.getOuts()[0], head,        begin};
          TokenKernel kernel(kb, dim, op.getChunk());
          kernel.setSlope(kb.load(op.getSlope(), {head}));
          Value length = kb.sub(end, begin);
          kb.ifElse(
              kb.equal(length, kb.index(1)),
              [&] { kernel.emitDecode(view, state); },
              [&] {
                kb.ifThen(kb.less(kb.index(0), length), [&] {
                  kernel.loadState(state);
                  kernel.emitTokens(view, begin, end);
                  kernel.storeState(state);
                });
              });
        });
    return success();
  }
};

/// One chunk of one head: its number over all sequences and its rows.
struct ChunkPlace {
  Value head, number, begin, end;
};

/// Runs `body` for all chunks and heads in parallel. `states` has one row for
/// each chunk that there may be.
void forEachChunk(KernelBuilder &kb, Value cuSeqlens, Value slope, Value states,
                  int64_t chunk,
                  function_ref<void(TokenKernel &, ChunkPlace)> body) {
  int64_t heads = dimOf(states, 1), dim = dimOf(states, 2);
  Value count = kb.mul(kb.size(states, 0), kb.index(heads));
  kb.parallel(count, [&](Value tile) {
    Value head = kb.rem(tile, kb.index(heads));
    Value number = kb.div(tile, kb.index(heads));
    SequenceBlock rows =
        findBlock(kb, cuSeqlens, countSequences(kb, cuSeqlens), chunk, number);
    TokenKernel kernel(kb, dim, chunk);
    kb.ifThen(kb.less(rows.first, rows.end), [&] {
      kernel.setSlope(kb.load(slope, {head}));
      body(kernel, {head, number, rows.first, rows.end});
    });
  });
}

struct LowerChunkState : KernelPattern<ChunkStateOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(ChunkStateOp op, KernelBuilder &kb) const override {
    int64_t dim = dimOf(op.getKey(), 2);
    if (failed(verifyScratch(op, kb.target, dim, op.getChunk())))
      return failure();
    Value local = op.getOuts()[0], decay = op.getOuts()[1];
    auto emit = [&](TokenKernel &kernel, ChunkPlace at) {
      kernel.clearState();
      kernel.emitTokens({Value(), op.getKey(), op.getValue(), Value(), at.head},
                        at.begin, at.end);
      kernel.storeState({local, {at.number, at.head}});
      kb.store(kernel.decay(kb.sub(at.end, at.begin)), decay,
               {at.number, at.head});
    };
    forEachChunk(kb, op.getCuSeqlens(), op.getSlope(), local, op.getChunk(),
                 emit);
    return success();
  }
};

struct LowerStateScan : KernelPattern<StateScanOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(StateScanOp op, KernelBuilder &kb) const override {
    Value local = op.getLocal(), entry = op.getOuts()[0], state = op.getState();
    int64_t heads = dimOf(local, 1), dim = dimOf(local, 2);
    Value cu = op.getCuSeqlens(), one = kb.index(1);
    kb.parallel(kb.index(heads), [&](Value head) {
      Value sequences = kb.sub(kb.size(cu, 0), one);
      kb.loopCarry(
          kb.index(0), sequences, 1, {kb.index(0)},
          [&](Value sequence, ValueRange base) -> SmallVector<Value> {
            Value length = kb.sub(kb.loadIndex(cu, {kb.add(sequence, one)}),
                                  kb.loadIndex(cu, {sequence}));
            Value next = kb.add(base[0], kb.ceilDiv(length, op.getChunk()));
            Value slot = kb.loadIndex(op.getSlots(), {sequence});
            kb.loop(base[0], next, 1, [&](Value number) {
              Value factor =
                  kb.broadcast(kb.load(op.getDecay(), {number, head}));
              kb.loop(kb.index(0), kb.index(dim), 1, [&](Value d) {
                kb.forEachVector(dim, [&](Value column, Value mask) {
                  SmallVector<Value> place = {slot, head, d, column};
                  SmallVector<Value> item = {number, head, d, column};
                  Value old = kb.loadVector(state, place, mask);
                  kb.storeVector(old, entry, item, mask);
                  kb.storeVector(
                      kb.fma(factor, old, kb.loadVector(local, item, mask)),
                      state, place, mask);
                });
              });
            });
            return {next};
          });
    });
    return success();
  }
};

struct LowerChunkOutput : KernelPattern<ChunkOutputOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(ChunkOutputOp op, KernelBuilder &kb) const override {
    int64_t dim = dimOf(op.getQuery(), 2);
    if (failed(verifyScratch(op, kb.target, dim, op.getChunk())))
      return failure();
    auto emit = [&](TokenKernel &kernel, ChunkPlace at) {
      kernel.loadState({op.getEntry(), {at.number, at.head}});
      kernel.emitTokens(
          {op.getQuery(), op.getKey(), op.getValue(), op.getOuts()[0], at.head},
          at.begin, at.end);
    };
    forEachChunk(kb, op.getCuSeqlens(), op.getSlope(), op.getEntry(),
                 op.getChunk(), emit);
    return success();
  }
};

struct LowerBeginSequences : KernelPattern<BeginSequencesOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(BeginSequencesOp op, KernelBuilder &kb) const override {
    auto type = cast<MemRefType>(op.getState().getType());
    int64_t heads = type.getDimSize(1);
    forEachSequence(
        kb, op.getCuSeqlens(), heads, [&](Value sequence, Value head) {
          Value begin = kb.loadIndex(op.getCuSeqlens(), {sequence});
          Value end =
              kb.loadIndex(op.getCuSeqlens(), {kb.add(sequence, kb.index(1))});
          kb.ifThen(kb.less(begin, end), [&] {
            Value position = kb.loadIndex(op.getPositions(), {begin});
            kb.ifThen(kb.equal(position, kb.index(0)), [&] {
              Value slot = kb.loadIndex(op.getSlots(), {sequence});
              kb.loop(kb.index(0), kb.index(type.getDimSize(2)), 1,
                      [&](Value d) {
                        kb.forEachVector(
                            type.getDimSize(3), [&](Value column, Value mask) {
                              kb.storeVector(kb.splat(0), op.getState(),
                                             {slot, head, d, column}, mask);
                            });
                      });
            });
          });
        });
    return success();
  }
};
} // namespace

void minimax::populateLightningKernels(RewritePatternSet &patterns,
                                       const CPUTarget &target) {
  patterns.add<LowerLightningAttention, LowerChunkState, LowerStateScan,
               LowerChunkOutput, LowerBeginSequences>(patterns.getContext(),
                                                      target);
}
