//===- LightningSegments.cpp - lightning attention by segments ------------===//
//
// One pass over a sequence keeps a block for each head and slice busy; where
// that leaves most of a GPU idle, segments of the sequence run in parallel:
// each segment's own state, a scan that gives each the state it begins with,
// the outputs. The host chooses by numbers that it knows.
//
// Roofline: keys and values are read twice, 12 D bytes a token and head in
// bf16, besides 12 D^2 bytes a segment; in return segments fill the GPU.
//
//===----------------------------------------------------------------------===//

#include "LightningSegments.h"
#include "LightningScan.h"
#include "minimax/Codegen/Common/SequenceBlocks.h"
#include <numbers>

using namespace mlir;
using namespace mlir::minimax;

/// Exponent of the decay from which on tokens no longer count, and the smallest
/// slope with which such a number of tokens is computed.
static constexpr double kFaded = 24 * std::numbers::ln2, kLeastSlope = 1e-6;

/// Tokens of a segment are a multiple of this: a stage of warpgroups.
static constexpr int64_t kGranule = 128;
/// What segments cost: kWorkRatio / kWorkUnit times a block's time for a token
/// (keys and values pass twice), and the launches as many tokens' time.
static constexpr int64_t kWorkRatio = 8, kWorkUnit = 5, kLaunchTokens = 1024;

Value minimax::skipFadedTokens(GPUKernelBuilder &kb, Value slope, Value begin,
                               Value end) {
  Value steep = kb.create<arith::MaxNumFOp>(slope, kb.f32(kLeastSlope));
  Value tokens = kb.create<arith::DivFOp>(kb.f32(kFaded), steep);
  Value whole = kb.create<arith::IndexCastOp>(
      kb.getIndexType(), kb.create<arith::FPToSIOp>(kb.getI32Type(), tokens));
  return kb.maximum(begin, kb.sub(end, kb.add(whole, kb.index(1))));
}

int64_t minimax::countLightningSegments(int64_t heads, int64_t dim) {
  int64_t blocks = heads * LightningTile::countSlices(dim);
  return std::max<int64_t>(1, kMultiprocessors / blocks);
}

/// With P segments that fill the GPU, T tokens take T / P for a block beside
/// what the launches cost; in one pass, T / N for N sequences of one length.
LightningSegments::LightningSegments(GPUKernelBuilder &kb,
                                     LightningAttentionOp op, Value workspace)
    : kb(kb), op(op), workspace(workspace),
      sequences(countSequences(kb, op.getCuSeqlens())) {
  int64_t fill =
      countLightningSegments(dimOf(op.getQuery(), 1), dimOf(op.getQuery(), 2));
  Value tokens = kb.size(op.getQuery(), 0);
  Value whole = kb.mul(tokens, kb.index(kWorkUnit * fill));
  Value parts =
      kb.mul(sequences, kb.add(kb.mul(tokens, kb.index(kWorkRatio)),
                               kb.index(kWorkUnit * kLaunchTokens * fill)));
  chosen = kb.less(parts, whole);
  size = kb.mul(kb.ceilDiv(tokens, fill * kGranule), kb.index(kGranule));
  size = kb.maximum(size, kb.index(kGranule));
  Value most = kb.add(kb.div(tokens, size), sequences);
  count = kb.create<arith::SelectOp>(chosen, most, kb.index(0));
}

/// Runs `body` for the segments of sequences of two tokens and more.
void LightningSegments::forEachPiece(StringRef name, LightningTier tier,
                                     function_ref<void(const Piece &)> body) {
  Value cu = op.getCuSeqlens();
  launchLightningPieces(
      kb, name, tier, count, op.getState(),
      [&](Value number, Value head, Value slice) {
        SequenceBlock rows = findBlock(kb, cu, sequences, size, number);
        Value last = kb.loadIndex(cu, {kb.add(rows.sequence, kb.index(1))});
        Value isMore = kb.less(kb.index(1), kb.sub(last, rows.begin));
        Value exists = kb.less(rows.first, rows.end);
        kb.ifThen(kb.create<arith::AndIOp>(exists, isMore), [&] {
          body({rows.sequence, number, head, slice,
                kb.load(op.getSlope(), {head}), rows.first, rows.end});
        });
      });
}

void LightningSegments::emit(LightningTier stateTier, LightningTier tier) {
  Value key = op.getKey(), value = op.getValue();
  forEachPiece("lightning_segment_state", stateTier, [&](const Piece &at) {
    emitLightningWork(kb, stateTier,
                      {{Value(), key, value, Value(), at.head},
                       at.slope,
                       skipFadedTokens(kb, at.slope, at.begin, at.end),
                       at.end,
                       at.slice,
                       /*from=*/std::nullopt,
                       LightningPlace{workspace, at.number, at.head}});
  });
  Value scanned = kb.create<arith::SelectOp>(chosen, sequences, kb.index(0));
  // Single tokens are decode's.
  LightningScan scan = {"lightning_segment_scan",
                        op.getCuSeqlens(),
                        op.getSlots(),
                        op.getState(),
                        workspace,
                        workspace,
                        size,
                        scanned,
                        /*leastTokens=*/2};
  emitLightningScan(kb, scan, [&](Value, Value head, Value tokens) {
    return emitDecay(kb, kb.load(op.getSlope(), {head}), tokens);
  });
  forEachPiece("lightning_segment_output", tier, [&](const Piece &at) {
    emitLightningWork(kb, tier,
                      {{op.getQuery(), key, value, op.getOuts()[0], at.head},
                       at.slope,
                       at.begin,
                       at.end,
                       at.slice,
                       LightningPlace{workspace, at.number, at.head},
                       /*to=*/std::nullopt});
  });
}
