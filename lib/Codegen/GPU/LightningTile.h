//===- LightningTile.h - lightning attention in a block ---------*- C++ -*-===//
//
// The tiles that all evaluations of lightning attention on GPUs are made of.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_GPU_LIGHTNINGTILE_H
#define MINIMAX_LIB_CODEGEN_GPU_LIGHTNINGTILE_H

#include "ThreadSquare.h"
#include "minimax/Dialect/MiniMax/IR/MiniMax.h"

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

/// Tokens begin .. end of one head and a slice of its value columns: the work
/// of a block. Without `from` the state before them is zero; without `to` the
/// one after them is not kept.
struct LightningWork {
  LightningView head;
  Value slope, begin, end, slice;
  std::optional<LightningPlace> from, to;
};

/// Lightning attention of one head on a slice of the value columns, C tokens at
/// a time. With row numbers i and j in the tile and m rows in it (SPEC 2.4.1):
///
///   O_i = e^(-s(i+1)) q_i S + sum_{j<=i} e^(-s(i-j)) (q_i . k_j) v_j
///   S   = e^(-s m) S + sum_j e^(-s(m-1-j)) transpose(k_j) v_j
///
/// Decays come from a table of e^(-s n), never from quotients of decays.
class LightningTile {
public:
  static constexpr int64_t kThreads = ThreadSquare::kThreads;

  /// Value columns of a slice, and slices, of heads of `dim` columns.
  static int64_t sliceColumns(int64_t dim);
  static int64_t countSlices(int64_t dim);

  virtual ~LightningTile() = default;

  // In this order, by all threads of the block:
  /// Fills the table for a head that decays by `slope` a token.
  virtual void setSlope(Value slope) = 0;
  virtual void clearState() = 0;
  virtual void loadState(const LightningPlace &from) = 0;
  /// Tokens `begin` .. `end`. Of their last tile the state is not computed
  /// unless `keepsState`.
  virtual void emitTokens(const LightningView &head, Value begin, Value end,
                          bool keepsState) = 0;
  virtual void storeState(const LightningPlace &to) = 0;
};

/// What a tile is made for: heads of `dim` columns, slice `slice`, operands of
/// type `element`. Without `hasOutput` there are no queries.
struct LightningShape {
  int64_t dim;
  Value slice;
  Type element;
  bool hasOutput;
};

// Inside of a launch of LightningTile::kThreads threads; both take shared
// memory.
/// Products in f32.
std::unique_ptr<LightningTile> makeLightningSquare(GPUKernelBuilder &kb,
                                                   const LightningShape &shape);
/// Products in bf16 on matrix units.
std::unique_ptr<LightningTile> makeLightningMatrix(GPUKernelBuilder &kb,
                                                   const LightningShape &shape);

/// Whether matrix units can compute on `operands`, each [.., H, D], all f32 or
/// all bf16: D is a multiple of 16 whose tiles fit the target's shared memory.
bool fitsLightningMatrix(const GPUTarget &target, ArrayRef<Value> operands);

/// Launches the kernel for sequences of one token (LightningDecode.cpp).
void emitLightningDecode(GPUKernelBuilder &kb, LightningAttentionOp op);

/// Rows `begin` .. `end` of sequence `sequence` of a step.
std::pair<Value, Value> rowsOfSequence(GPUKernelBuilder &kb, Value cuSeqlens,
                                       Value sequence);

/// e^(-slope * tokens).
Value emitDecay(GPUKernelBuilder &kb, Value slope, Value tokens);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_LIGHTNINGTILE_H
