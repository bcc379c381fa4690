//===- LightningMatrix.h - lightning attention on matrix units --*- C++ -*-===//
//
// Declared for its parts: what loads tokens, computes them, keeps the state.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_GPU_LIGHTNINGMATRIX_H
#define MINIMAX_LIB_CODEGEN_GPU_LIGHTNINGMATRIX_H

#include "LightningTile.h"
#include "MatrixTiles.h"

namespace mlir::minimax {

/// A tile of 16 rows or columns of a warp. Where there are fewer of them than
/// warps, some repeat the last one and are not `active`.
struct WarpPart {
  Value first, active;
};

/// With the slice of the state in registers.
class LightningMatrix : public LightningTile {
public:
  /// Tokens of a tile; warps of a block, and of those that share tokens.
  static constexpr int64_t kTokens = 64, kWarps = 8, kAcross = 2;

  LightningMatrix(GPUKernelBuilder &kb, const LightningShape &shape);

  void setSlope(Value slope) override;
  void clearState() override;
  void loadState(const LightningPlace &from) override;
  void emitTokens(const LightningView &head, Value begin, Value end,
                  bool keepsState) override;
  void storeState(const LightningPlace &to) override;

private:
  /// One operand on its way from memory to its tile of bf16.
  struct Operand {
    Value from, tile, staged, firstColumn;
    int64_t width;
  };

  // LightningMatrixLoad.cpp.
  SmallVector<Operand> operandsOf(const LightningView &head) const;
  /// Before the first tile, which begins with token `begin`.
  void startLoads(const LightningView &head, Value begin, Value end);
  /// Waits until the tile of `first` is in `stage`, for all threads; starts
  /// what fits behind it.
  void finishLoad(const LightningView &head, Value first, Value end);
  void copyTile(const LightningView &head, Value first, Value end, Value into);
  void roundTile(const LightningView &head);
  Value nextStage() const;

  // LightningMatrix.cpp.
  SmallVector<Value> emitTile(const LightningView &head, Value first, Value end,
                              ValueRange carried, bool keepsState);
  SmallVector<Value> emitScores();
  void emitOutputs(const LightningView &head, Value first, Value count,
                   SmallVector<Value> sums);

  // LightningMatrixState.cpp.
  void copyState(ValueRange sums);
  SmallVector<Value> emitState(ValueRange carried, Value count);
  Value decayedKeys(Value token, Value row, Value last);
  WarpPart partOf(Value warp, int64_t part, int64_t each, int64_t total) const;
  WarpPart stateRows(int64_t part) const {
    return partOf(kb.warp(), part, rowParts, dim / MatrixTiles::kSide);
  }
  WarpPart outputColumns(int64_t part) const {
    return partOf(warpAcross, part, columnParts, columns / MatrixTiles::kSide);
  }
  using VisitState = function_ref<void(int64_t sums, int64_t half, Value row,
                                       Value column, Value active)>;
  void forEachState(VisitState visit) const;
  Value decayAt(Value tokens) const { return kb.load(decays, {tokens}); }
  /// Two rows' factors for the four elements of sums.
  Value scaleRows(Value sums, Value upper, Value lower);
  Value scaleAll(Value sums, Value factor) {
    return scaleRows(sums, factor, factor);
  }

  GPUKernelBuilder &kb;
  mutable MatrixTiles tiles;
  /// Stages of tiles: with one, operands are f32 and pass through `staged`.
  int64_t dim, columns, rowParts, columnParts, stages;
  /// First column of the slice and, of this warp, first row of its tokens and
  /// its place across.
  Value firstColumn, warpRow, warpAcross;
  Value queries, keys, values, scores, stateCopy, decays;
  Value stagedQueries, stagedKeys, stagedValues;
  /// Of the tile that is computed.
  Value stage;
  SmallVector<Value> state;
};

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_LIGHTNINGMATRIX_H
