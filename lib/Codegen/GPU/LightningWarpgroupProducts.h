//===- LightningWarpgroupProducts.h - Hopper's tokens and state -*- C++ -*-===//
//
// Declared for its two halves: what computes outputs and what keeps the state.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_GPU_LIGHTNINGWARPGROUPPRODUCTS_H
#define MINIMAX_LIB_CODEGEN_GPU_LIGHTNINGWARPGROUPPRODUCTS_H

#include "LightningWarpgroups.h"
#include "MatrixTiles.h"

namespace mlir::minimax {

/// A warpgroup that computes. Sums of 64 x 64 are vectors of 32 f32: of each 8
/// columns a thread has the elements of MatrixTiles' sums.
class LightningProducts : LightningBlock {
public:
  explicit LightningProducts(const LightningBlock &block)
      : LightningBlock(block), tiles(kb) {}

  void emit();

private:
  static constexpr int64_t kSums = 32, kSide = MatrixTiles::kSide,
                           kColumns = MatrixTiles::kColumns;

  void findPlace();
  Value emitStage(Value number, Value state);

  // Products, asynchronous: one group for each call of `multiply`.
  using Place = function_ref<SmallVector<Value>(int64_t)>;
  /// Starts adding `left`, fragments of 64 x 16 each, by the tiles of 16 x 64
  /// (with `transpose` as they lie) whose places in `tile` are `at(i)`.
  Value multiply(ArrayRef<Value> left, Value sums, Value tile, bool transpose,
                 Place at);
  /// The same by 64 columns of `tile`, whose rows from `prefix` on are the
  /// inner dimension.
  Value multiplyRows(ArrayRef<Value> left, Value sums, Value tile,
                     ArrayRef<Value> prefix);
  /// Waits until at most so many groups are under way.
  void await(int64_t groups);
  Value zeroSums();

  // Fragments.
  Value loadFragment(Value tile, SmallVector<Value> prefix, Value atRow,
                     Value chunk, bool transpose);
  SmallVector<Value> loadQueries(Value stage);
  SmallVector<Value> loadDecayedKeys(Value stage, int64_t half, Value count);
  SmallVector<Value> weighScores(Value scores);
  /// e^(-s n) and e^(-s (n - 1)) for `place` = n + 64.
  Value decaysAt(Value place);

  // Outputs: `own`, and `past` by the decay of its row.
  void storeOutputs(Value own, Value past, Value stage, Value first,
                    Value count);
  void storePairs(ArrayRef<Value> sums, Value first, Value count);
  void stageOutputs(ArrayRef<Value> sums, Value stage, Value first,
                    Value count);

  // The state (LightningWarpgroupState.cpp).
  using VisitState = function_ref<void(int64_t sum, Value atRow, Value column)>;
  /// Calls `visit` for the first of each pair of neighbours of the thread.
  void forEachPair(Value firstRow, VisitState visit);
  Value loadState();
  void storeState(Value state);
  /// Rounds the state to copy `half` of stage `number`.
  void copyState(Value state, Value number, int64_t half);
  /// The state as it has decayed after `count` tokens.
  Value decayState(Value state, Value count);
  /// Starts adding the tokens of a half to the decayed state.
  Value advanceState(Value decayed, Value stage, int64_t half, Value count);
  void ifKeepsRows(function_ref<void()> body);

  MatrixTiles tiles;
  /// Which of the warpgroups that compute; first token of the warp and first
  /// token of the thread in a half; panel and first row of the thread in the
  /// state.
  Value consumer, warp, firstRow, row, statePanel, stateRow;
  /// Decays of the state up to this thread's tokens.
  Value upperDecay, lowerDecay;
};

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_LIGHTNINGWARPGROUPPRODUCTS_H
