//===- LightningGPUKernels.cpp - lightning attention ----------------------===//
//
// Whole, a block walks the tokens of a sequence with a slice of the state in
// shared memory, and single tokens have a kernel of their own; in parts, all
// chunks run in parallel with their states in memory.
//
// Roofline: tiles, see LightningTile.cpp and LightningMatrix.cpp; single
// tokens, see LightningDecode.cpp. A scan moves 12 D^2 bytes for each chunk and
// head, bound by memory. A chunk's state reads the 4 D bytes in bf16 (8 D in
// f32) of keys and values of its last 24 log(2) / slope tokens only: what came
// before has faded.
//
//===----------------------------------------------------------------------===//

#include "GPUKernelPatterns.h"
#include "LightningTile.h"
#include "MatrixTiles.h"
#include <numbers>

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kThreads = LightningTile::kThreads;

/// Rows `begin` .. `end` of sequence `sequence` of a step.
static std::pair<Value, Value> rowsOf(GPUKernelBuilder &kb, Value cuSeqlens,
                                      Value sequence) {
  return {kb.loadIndex(cuSeqlens, {sequence}),
          kb.loadIndex(cuSeqlens, {kb.add(sequence, kb.index(1))})};
}

static Type elementOf(Value memref) {
  return cast<MemRefType>(memref.getType()).getElementType();
}

/// Whether `op`, with rows of `operands` and of `output`, if there is one,
/// computes on matrix units.
template <typename OpTy>
static bool usesMatrixUnits(OpTy op, GPUKernelBuilder &kb,
                            ArrayRef<Value> operands, Value output = Value()) {
  return op.getBf16Products() && kb.target.tensorCores &&
         fitsLightningMatrix(kb.target, operands) &&
         (!output || MatrixTiles::hasChunks(output));
}
static std::unique_ptr<LightningTile>
makeTile(GPUKernelBuilder &kb, bool matrix, const LightningShape &shape) {
  return matrix ? makeLightningMatrix(kb, shape)
                : makeLightningSquare(kb, shape);
}

namespace {
struct LowerLightningAttention : GPUKernelPattern<LightningAttentionOp> {
  using GPUKernelPattern::GPUKernelPattern;

  LogicalResult lower(LightningAttentionOp op,
                      GPUKernelBuilder &kb) const override {
    emitPrefill(op, kb);
    emitLightningDecode(kb, op);
    return success();
  }

  /// Sequences of two tokens and more.
  void emitPrefill(LightningAttentionOp op, GPUKernelBuilder &kb) const {
    int64_t heads = dimOf(op.getQuery(), 1), dim = dimOf(op.getQuery(), 2);
    Value sequences = countSequences(kb, op.getCuSeqlens());
    // A step of one token has none.
    Value single = kb.less(kb.size(op.getQuery(), 0), kb.index(2));
    Value blocks = kb.create<arith::SelectOp>(single, kb.index(0), sequences);
    Value slices = kb.index(LightningTile::countSlices(dim));
    bool matrix = usesMatrixUnits(
        op, kb, {op.getQuery(), op.getKey(), op.getValue()}, op.getOuts()[0]);
    StringRef name = matrix ? "lightning_prefill_matrix" : "lightning_prefill";
    kb.launch(name, {blocks, kb.index(heads), slices}, kThreads, [&] {
      Value head = kb.block(1);
      auto [begin, end] = rowsOf(kb, op.getCuSeqlens(), kb.block());
      Value slot = kb.loadIndex(op.getSlots(), {kb.block()});
      auto tile = makeTile(kb, matrix,
                           {dim, kb.block(2), elementOf(op.getKey()),
                            /*hasOutput=*/true});
      kb.ifThen(kb.less(kb.index(1), kb.sub(end, begin)), [&] {
        LightningPlace state{op.getState(), slot, head};
        tile->setSlope(kb.load(op.getSlope(), {head}));
        tile->loadState(state);
        tile->emitTokens(
            {op.getQuery(), op.getKey(), op.getValue(), op.getOuts()[0], head},
            begin, end, /*keepsState=*/true);
        tile->storeState(state);
      });
    });
  }
};

/// One chunk of one head: its number over all sequences and its rows.
struct ChunkPlace {
  Value head, number, begin, end;
};

/// Runs `body` for all chunks, heads and slices. `states` has one row for each
/// chunk that there may be.
void forEachChunk(GPUKernelBuilder &kb, StringRef name, Value cuSeqlens,
                  Value slope, Value states, int64_t chunk, Type element,
                  bool hasOutput, bool matrix,
                  function_ref<void(LightningTile *, ChunkPlace)> body) {
  int64_t heads = dimOf(states, 1), dim = dimOf(states, 2);
  Value sequences = countSequences(kb, cuSeqlens);
  Value slices = kb.index(LightningTile::countSlices(dim));
  kb.launch(name, {kb.size(states, 0), kb.index(heads), slices}, kThreads, [&] {
    Value number = kb.block(), head = kb.block(1);
    SequenceBlock rows = findBlock(kb, cuSeqlens, sequences, chunk, number);
    auto tile = makeTile(kb, matrix, {dim, kb.block(2), element, hasOutput});
    kb.ifThen(kb.less(rows.first, rows.end), [&] {
      tile->setSlope(kb.load(slope, {head}));
      body(tile.get(), {head, number, rows.first, rows.end});
    });
  });
}

/// Exponent of the decay from which on tokens no longer count, and the smallest
/// slope with which such a number of tokens is computed.
constexpr double kFaded = 24 * std::numbers::ln2, kLeastSlope = 1e-6;

/// The tokens of `begin` .. `end` that matter at the end: those before have
/// decayed below 2^-24, half a unit in the last place of 1.
Value skipFaded(GPUKernelBuilder &kb, Value slope, Value begin, Value end) {
  Value steep = kb.create<arith::MaxNumFOp>(slope, kb.f32(kLeastSlope));
  Value tokens = kb.create<arith::DivFOp>(kb.f32(kFaded), steep);
  Value whole = kb.create<arith::IndexCastOp>(
      kb.getIndexType(), kb.create<arith::FPToSIOp>(kb.getI32Type(), tokens));
  return kb.maximum(begin, kb.sub(end, kb.add(whole, kb.index(1))));
}

struct LowerChunkState : GPUKernelPattern<ChunkStateOp> {
  using GPUKernelPattern::GPUKernelPattern;
  LogicalResult lower(ChunkStateOp op, GPUKernelBuilder &kb) const override {
    Value local = op.getOuts()[0], decay = op.getOuts()[1];
    auto emit = [&](LightningTile *tile, ChunkPlace at) {
      Value slope = kb.load(op.getSlope(), {at.head});
      tile->clearState();
      tile->emitTokens({Value(), op.getKey(), op.getValue(), Value(), at.head},
                       skipFaded(kb, slope, at.begin, at.end), at.end,
                       /*keepsState=*/true);
      tile->storeState({local, at.number, at.head});
      Value first =
          kb.create<arith::AndIOp>(kb.equal(kb.thread(), kb.index(0)),
                                   kb.equal(kb.block(2), kb.index(0)));
      kb.ifThen(first, [&] {
        kb.store(emitDecay(kb, slope, kb.sub(at.end, at.begin)), decay,
                 {at.number, at.head});
      });
    };
    bool matrix = usesMatrixUnits(op, kb, {op.getKey(), op.getValue()});
    forEachChunk(kb, matrix ? "chunk_state_matrix" : "chunk_state",
                 op.getCuSeqlens(), op.getSlope(), local, op.getChunk(),
                 elementOf(op.getKey()), /*hasOutput=*/false, matrix, emit);
    return success();
  }
};

struct LowerChunkOutput : GPUKernelPattern<ChunkOutputOp> {
  using GPUKernelPattern::GPUKernelPattern;
  LogicalResult lower(ChunkOutputOp op, GPUKernelBuilder &kb) const override {
    auto emit = [&](LightningTile *tile, ChunkPlace at) {
      tile->loadState({op.getEntry(), at.number, at.head});
      tile->emitTokens(
          {op.getQuery(), op.getKey(), op.getValue(), op.getOuts()[0], at.head},
          at.begin, at.end, /*keepsState=*/false);
    };
    bool matrix = usesMatrixUnits(
        op, kb, {op.getQuery(), op.getKey(), op.getValue()}, op.getOuts()[0]);
    forEachChunk(kb, matrix ? "chunk_output_matrix" : "chunk_output",
                 op.getCuSeqlens(), op.getSlope(), op.getEntry(), op.getChunk(),
                 elementOf(op.getKey()), /*hasOutput=*/true, matrix, emit);
    return success();
  }
};

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
      auto [begin, end] = rowsOf(kb, cu, n);
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
      auto [begin, end] = rowsOf(kb, op.getCuSeqlens(), kb.block());
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

void minimax::populateLightningGPUKernels(RewritePatternSet &patterns,
                                          const GPUTarget &target) {
  patterns.add<LowerLightningAttention, LowerChunkState, LowerStateScan,
               LowerChunkOutput, LowerBeginSequences>(patterns.getContext(),
                                                      target);
}
