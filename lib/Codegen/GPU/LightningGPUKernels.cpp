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

#include "GPUKernelPatterns.h"
#include "LightningWarpgroups.h"
#include "MatrixTiles.h"
#include <numbers>

using namespace mlir;
using namespace mlir::minimax;

/// The kernels that compute tokens: in f32, on matrix units by warps, by
/// warpgroups.
enum class Tier { Plain, Matrix, Warpgroups };

/// The best one for `op`, with rows of `operands` and of `output`, if there is
/// one.
template <typename OpTy>
static Tier chooseTier(OpTy op, GPUKernelBuilder &kb, ArrayRef<Value> operands,
                       Value output = Value()) {
  if (!op.getBf16Products() || !kb.target.tensorCores ||
      (output && !MatrixTiles::hasChunks(output)))
    return Tier::Plain;
  if (output && fitsLightningWarpgroups(kb.target, operands))
    return Tier::Warpgroups;
  return fitsLightningMatrix(kb.target, operands) ? Tier::Matrix : Tier::Plain;
}

static std::string nameOf(StringRef name, Tier tier) {
  StringRef suffix = tier == Tier::Warpgroups ? "_warpgroups"
                     : tier == Tier::Matrix   ? "_matrix"
                                              : "";
  return (name + suffix).str();
}

static int64_t threadsOf(Tier tier) {
  return tier == Tier::Warpgroups ? LightningBlock::kThreads
                                  : LightningTile::kThreads;
}

/// All threads of a block.
static void emitWork(GPUKernelBuilder &kb, Tier tier,
                     const LightningWork &work) {
  if (tier == Tier::Warpgroups)
    return emitLightningWarpgroups(kb, work);
  const LightningView &head = work.head;
  LightningShape shape = {dimOf(head.key, 2), work.slice,
                          getElementTypeOrSelf(head.key),
                          /*hasOutput=*/head.query != nullptr};
  auto tile = tier == Tier::Matrix ? makeLightningMatrix(kb, shape)
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

/// Launches blocks for `count` pieces of tokens, all heads and slices of
/// `state` [.., H, D, D]; those of a piece and head are neighbours, which find
/// its queries and keys in L2. `body` gets the piece, the head and the slice.
static void
launchPieces(GPUKernelBuilder &kb, StringRef name, Tier tier, Value count,
             Value state,
             function_ref<void(Value piece, Value head, Value slice)> body) {
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
    Tier tier = chooseTier(op, kb, {query, key, value}, output);
    auto emit = [&](Value sequence, Value head, Value slice) {
      auto [begin, end] = rowsOfSequence(kb, op.getCuSeqlens(), sequence);
      Value slot = kb.loadIndex(op.getSlots(), {sequence});
      kb.ifThen(kb.less(kb.index(1), kb.sub(end, begin)),
                [&, b = begin, e = end] {
                  LightningPlace state{op.getState(), slot, head};
                  emitWork(kb, tier,
                           {{query, key, value, output, head},
                            kb.load(op.getSlope(), {head}),
                            b,
                            e,
                            slice,
                            state,
                            state});
                });
    };
    launchPieces(kb, "lightning_prefill", tier, count, op.getState(), emit);
  }
};

/// One chunk of one head: its number over all sequences and its rows.
struct ChunkPlace {
  Value head, slice, slope, number, begin, end;
};

/// Runs `body` for all chunks, heads and slices of `op`. `states` has one row
/// for each chunk that there may be.
template <typename OpTy>
void forEachChunk(GPUKernelBuilder &kb, StringRef name, OpTy op, Tier tier,
                  Value states, function_ref<void(const ChunkPlace &)> body) {
  Value sequences = countSequences(kb, op.getCuSeqlens());
  auto emit = [&](Value number, Value head, Value slice) {
    SequenceBlock rows =
        findBlock(kb, op.getCuSeqlens(), sequences, op.getChunk(), number);
    kb.ifThen(kb.less(rows.first, rows.end), [&] {
      body({head, slice, kb.load(op.getSlope(), {head}), number, rows.first,
            rows.end});
    });
  };
  launchPieces(kb, name, tier, kb.size(states, 0), states, emit);
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
    Value key = op.getKey(), value = op.getValue();
    Value local = op.getOuts()[0], decay = op.getOuts()[1];
    Tier tier = chooseTier(op, kb, {key, value});
    auto emit = [&](const ChunkPlace &at) {
      Value begin = skipFaded(kb, at.slope, at.begin, at.end);
      emitWork(kb, tier,
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
    Tier tier = chooseTier(op, kb, {query, key, value}, output);
    auto emit = [&](const ChunkPlace &at) {
      emitWork(kb, tier,
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
