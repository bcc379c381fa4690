//===- LightningSegments.h - lightning attention by segments ----*- C++ -*-===//
//
// The kernels' choice of a form: one pass, or segments of tokens in parallel.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_GPU_LIGHTNINGSEGMENTS_H
#define MINIMAX_LIB_CODEGEN_GPU_LIGHTNINGSEGMENTS_H

#include "LightningTile.h"

namespace mlir::minimax {

/// The kernels that compute tokens: in f32, on matrix units by warps, by
/// warpgroups.
enum class LightningTier { Plain, Matrix, Warpgroups };

/// All threads of a block of `tier`.
void emitLightningWork(GPUKernelBuilder &kb, LightningTier tier,
                       const LightningWork &work);

using LightningPieceBody =
    function_ref<void(Value piece, Value head, Value slice)>;
/// Launches blocks for `count` pieces of tokens, all heads and slices of
/// `state` [.., H, D, D]; those of a piece and head are neighbours, which find
/// its queries and keys in L2.
void launchLightningPieces(GPUKernelBuilder &kb, StringRef name,
                           LightningTier tier, Value count, Value state,
                           LightningPieceBody body);

/// The tokens of `begin` .. `end` that matter at the end: those before have
/// decayed below 2^-24, half a unit in the last place of 1.
Value skipFadedTokens(GPUKernelBuilder &kb, Value slope, Value begin,
                      Value end);

/// How many segments of one sequence fill a GPU; 1 where heads do.
int64_t countLightningSegments(int64_t heads, int64_t dim);

/// Few heads' long sequences in segments, whose states are in a workspace
/// [segment, H, D, D]: first each segment's own, then, in its place, the one
/// that it begins with.
class LightningSegments {
public:
  /// On the host; decides by sizes alone.
  LightningSegments(GPUKernelBuilder &kb, LightningAttentionOp op,
                    Value workspace);

  /// Launches the three kernels; without blocks if segments do not pay.
  void emit(LightningTier stateTier, LightningTier tier);

  /// Whether segments pay.
  Value chosen;

private:
  struct Piece {
    Value sequence, number, head, slice, slope, begin, end;
  };
  void forEachPiece(StringRef name, LightningTier tier,
                    function_ref<void(const Piece &)> body);

  GPUKernelBuilder &kb;
  LightningAttentionOp op;
  Value workspace, sequences;
  /// Tokens of a segment, and how many segments there may be.
  Value size, count;
};

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_LIGHTNINGSEGMENTS_H
