//===- LightningTile.h - lightning attention in a block ---------*- C++ -*-===//
//
// The tiles that all evaluations of lightning attention on GPUs are made of.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_GPU_LIGHTNINGTILE_H
#define MINIMAX_LIB_CODEGEN_GPU_LIGHTNINGTILE_H

#include "ThreadSquare.h"

namespace mlir::minimax {

/// One head's view of the operands, [T, H, D]. Without a query nothing is put
/// out.
struct LightningView {
  Value query, key, value, output, head;
};

/// Where a D x D state lives: a memref with two leading indices.
struct LightningPlace {
  Value memref, first, second;
};

/// Lightning attention of one head on a slice of the value columns, with the
/// slice of its state in shared memory, C tokens at a time. With row numbers i
/// and j in the tile and m rows in it (SPEC 2.4.1):
///
///   O_i = e^(-s(i+1)) q_i S + sum_{j<=i} e^(-s(i-j)) (q_i . k_j) v_j
///   S   = e^(-s m) S + sum_j e^(-s(m-1-j)) transpose(k_j) v_j
///
/// Decays come from a table of e^(-s n), never from quotients of decays.
class LightningTile {
public:
  /// Value columns of a slice, and slices, of heads of `dim` columns.
  static int64_t sliceColumns(int64_t dim);
  static int64_t countSlices(int64_t dim);

  /// Inside of a launch of ThreadSquare::kThreads threads: takes shared memory
  /// for slice `slice` of a head. Without `hasOutput` there are no queries.
  LightningTile(GPUKernelBuilder &kb, int64_t dim, Value slice, bool hasOutput);

  // In this order, by all threads of the block:
  /// Fills the table for a head that decays by `slope` a token.
  void setSlope(Value slope);
  void clearState();
  void loadState(const LightningPlace &from);
  /// Tokens `begin` .. `end`. Of their last tile the state is not computed
  /// unless `keepsState`.
  void emitTokens(const LightningView &head, Value begin, Value end,
                  bool keepsState);
  void storeState(const LightningPlace &to);

private:
  void emitTile(const LightningView &head, Value first, Value count);
  void emitScores();
  void emitOutputs(const LightningView &head, Value first, Value count);
  void emitState(Value count);
  Value decayAt(Value tokens) { return kb.load(decays, {tokens}); }

  GPUKernelBuilder &kb;
  ThreadSquare square;
  int64_t dim, paddedDim, columns, tokens;
  /// First column of the slice, and how many it has.
  Value firstColumn, countColumns;
  Value queries, keys, values, scores, state, decays;
};

/// e^(-slope * tokens).
Value emitDecay(GPUKernelBuilder &kb, Value slope, Value tokens);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_LIGHTNINGTILE_H
