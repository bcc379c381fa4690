//===- LightningGPUKernels.cpp - lightning attention ----------------------===//
//
// Whole, a block walks the tokens of a sequence with a slice of the state in
// shared memory, and single tokens have a kernel of their own; in parts, all
// chunks run in parallel with their states in memory.
//
// Roofline: tiles, see LightningTile.cpp, LightningMatrix.cpp and
// LightningWarpgroups.cpp; single tokens, see LightningDecode.cpp. A chunk's
// state reads the 4 D bytes in bf16 (8 D in f32) of keys and values of its last
// 24 log(2) / slope tokens only: what came before has faded.
//
//===----------------------------------------------------------------------===//

#include "AttentionGPU.h"
#include "GPUKernelPatterns.h"
#include "LightningSegments.h"
#include "LightningWarpgroups.h"
#include "MatrixTiles.h"

using namespace mlir;
using namespace mlir::minimax;

/// The best one for `op`, with rows of `operands` and of `output`, if there is
/// one.
template <typename OpTy>
static LightningTier chooseTier(OpTy op, GPUKernelBuilder &kb,
                                ArrayRef<Value> operands,
                                Value output = Value()) {
  if (!op.getBf16Products() || !kb.target.tensorCores ||
      (output && !MatrixTiles::hasChunks(output)))
    return LightningTier::Plain;
  if (output && fitsLightningWarpgroups(kb.target, operands))
    return LightningTier::Warpgroups;
  return fitsLightningMatrix(kb.target, operands) ? LightningTier::Matrix
                                                  : LightningTier::Plain;
}

static std::string nameOf(StringRef name, LightningTier tier) {
  StringRef suffix = tier == LightningTier::Warpgroups ? "_warpgroups"
                     : tier == LightningTier::Matrix   ? "_matrix"
                                                       : "";
  return (name + suffix).str();
}

static int64_t threadsOf(LightningTier tier) {
  return tier == LightningTier::Warpgroups ? LightningBlock::kThreads
                                           : LightningTile::kThreads;
}

void minimax::emitLightningWork(GPUKernelBuilder &kb, LightningTier tier,
                                const LightningWork &work) {
  if (tier == LightningTier::Warpgroups)
    return emitLightningWarpgroups(kb, work);
  const LightningView &head = work.head;
  LightningShape shape = {dimOf(head.key, 2), work.slice,
                          getElementTypeOrSelf(head.key),
                          /*hasOutput=*/head.query != nullptr};
  auto tile = tier == LightningTier::Matrix ? makeLightningMatrix(kb, shape)
                                            : makeLightningSquare(kb, shape);
  tile->setSlope(work.slope);
  if (work.from)
    tile->loadState(*work.from);
  else
    tile->clearState();
  tile->emitTokens(head, work.begin, work.end, work.to.has_value());
  if (work.to)
    tile->storeState(*work.to);
}

void minimax::launchLightningPieces(GPUKernelBuilder &kb, StringRef name,
                                    LightningTier tier, Value count,
                                    Value state, LightningPieceBody body) {
  Value heads = kb.index(dimOf(state, 1));
  Value slices = kb.index(LightningTile::countSlices(dimOf(state, 2)));
  kb.launch(nameOf(name, tier), {kb.mul(count, slices), heads}, threadsOf(tier),
            [&] {
              body(kb.div(kb.block(), slices), kb.block(1),
                   kb.rem(kb.block(), slices));
            });
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
    Value query = op.getQuery(), key = op.getKey(), value = op.getValue();
    Value output = op.getOuts()[0];
    Value sequences = countSequences(kb, op.getCuSeqlens());
    // A step of one token has none.
    Value single = kb.less(kb.size(query, 0), kb.index(2));
    Value count = kb.create<arith::SelectOp>(single, kb.index(0), sequences);
    LightningTier tier = chooseTier(op, kb, {query, key, value}, output);
    if (Value workspace = findWorkspace(op)) {
      LightningSegments segments(kb, op, workspace);
      segments.emit(chooseTier(op, kb, {key, value}), tier);
      count = kb.create<arith::SelectOp>(segments.chosen, kb.index(0), count);
    }
    auto emit = [&](Value sequence, Value head, Value slice) {
      auto [begin, end] = rowsOfSequence(kb, op.getCuSeqlens(), sequence);
      Value slot = kb.loadIndex(op.getSlots(), {sequence});
      kb.ifThen(kb.less(kb.index(1), kb.sub(end, begin)),
                [&, b = begin, e = end] {
                  LightningPlace state{op.getState(), slot, head};
                  emitLightningWork(kb, tier,
                                    {{query, key, value, output, head},
                                     kb.load(op.getSlope(), {head}),
                                     b,
                                     e,
                                     slice,
                                     state,
                                     state});
                });
    };
    launchLightningPieces(kb, "lightning_prefill", tier, count, op.getState(),
                          emit);
  }
};

/// One chunk of one head: its number over all sequences and its rows.
struct ChunkPlace {
  Value head, slice, slope, number, begin, end;
};

/// Runs `body` for all chunks, heads and slices of `op`. `states` has one row
/// for each chunk that there may be.
template <typename OpTy>
void forEachChunk(GPUKernelBuilder &kb, StringRef name, OpTy op,
                  LightningTier tier, Value states,
                  function_ref<void(const ChunkPlace &)> body) {
  Value sequences = countSequences(kb, op.getCuSeqlens());
  auto emit = [&](Value number, Value head, Value slice) {
    SequenceBlock rows =
        findBlock(kb, op.getCuSeqlens(), sequences, op.getChunk(), number);
    kb.ifThen(kb.less(rows.first, rows.end), [&] {
      body({head, slice, kb.load(op.getSlope(), {head}), number, rows.first,
            rows.end});
    });
  };
  launchLightningPieces(kb, name, tier, kb.size(states, 0), states, emit);
}

struct LowerChunkState : GPUKernelPattern<ChunkStateOp> {
  using GPUKernelPattern::GPUKernelPattern;
  LogicalResult lower(ChunkStateOp op, GPUKernelBuilder &kb) const override {
    Value key = op.getKey(), value = op.getValue();
    Value local = op.getOuts()[0], decay = op.getOuts()[1];
    LightningTier tier = chooseTier(op, kb, {key, value});
    auto emit = [&](const ChunkPlace &at) {
      Value begin = skipFadedTokens(kb, at.slope, at.begin, at.end);
      emitLightningWork(kb, tier,
                        {{Value(), key, value, Value(), at.head},
                         at.slope,
                         begin,
                         at.end,
                         at.slice,
                         /*from=*/std::nullopt,
                         LightningPlace{local, at.number, at.head}});
      Value first = kb.create<arith::AndIOp>(kb.equal(kb.thread(), kb.index(0)),
                                             kb.equal(at.slice, kb.index(0)));
      kb.ifThen(first, [&] {
        kb.store(emitDecay(kb, at.slope, kb.sub(at.end, at.begin)), decay,
                 {at.number, at.head});
      });
    };
    forEachChunk(kb, "chunk_state", op, tier, local, emit);
    return success();
  }
};

struct LowerChunkOutput : GPUKernelPattern<ChunkOutputOp> {
  using GPUKernelPattern::GPUKernelPattern;
  LogicalResult lower(ChunkOutputOp op, GPUKernelBuilder &kb) const override {
    Value query = op.getQuery(), key = op.getKey(), value = op.getValue();
    Value output = op.getOuts()[0];
    LightningTier tier = chooseTier(op, kb, {query, key, value}, output);
    auto emit = [&](const ChunkPlace &at) {
      emitLightningWork(kb, tier,
                        {{query, key, value, output, at.head},
                         at.slope,
                         at.begin,
                         at.end,
                         at.slice,
                         LightningPlace{op.getEntry(), at.number, at.head},
                         /*to=*/std::nullopt});
    };
    forEachChunk(kb, "chunk_output", op, tier, op.getEntry(), emit);
    return success();
  }
};
} // namespace

void minimax::populateLightningGPUKernels(RewritePatternSet &patterns,
                                          const GPUTarget &target) {
  patterns.add<LowerLightningAttention, LowerChunkState, LowerChunkOutput>(
      patterns.getContext(), target);
  populateLightningStateGPUKernels(patterns, target);
}
