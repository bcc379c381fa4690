//===- ProductRowsSums.h - sums of products of few rows ---------*- C++ -*-===//
//
// What becomes of the sums that lanes have: those of a block's warps meet in
// shared memory, those of a cluster's blocks in that of its first one.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_GPU_PRODUCTROWSSUMS_H
#define MINIMAX_LIB_CODEGEN_GPU_PRODUCTROWSSUMS_H

#include "ProductGPU.h"

namespace mlir::minimax {

/// Columns of a block of a product of few rows, its warps.
constexpr int64_t kRowsColumns = kPanelWidth / 2, kRowsWarps = 8;

/// Sums of up to `mostRows` rows for half a panel. All threads of a block, and
/// all blocks of a cluster, call all of it for the same rows.
class ProductRowsSums {
public:
  /// `half`: which half of the panel, `end`: where the rows end, `rank`: which
  /// of `shares` shares of the inner dimension the block has.
  ProductRowsSums(GPUKernelBuilder &kb, const GPUProduct &product,
                  const Panel &panel, Value half, Value end, Value rank,
                  int64_t shares, int64_t mostRows);

  /// Comes before the first sum of some rows: the cluster's blocks have begun,
  /// and what their first one has had is stored.
  void begin();
  /// Column in the panel of column `place` of the block.
  Value panelColumn(Value place);
  /// This warp's sum for row `row` and column `column` of the block.
  void store(Value sum, Value row, Value column);
  /// Stores rows `first` and on of the output, at most `count`.
  void finish(Value first, int64_t count);

private:
  Value sumWarps(Value row, Value column);
  Value sumShares(Value row, Value column);
  void meet(int64_t count);
  void storeRows(Value first, int64_t count);

  GPUKernelBuilder &kb;
  const GPUProduct &product;
  Panel panel;
  Value half, end, rank;
  int64_t shares;
  /// [warp, row, column of the block]; in a cluster's first block also
  /// [share, row, column].
  Value partial, met;
};

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_PRODUCTROWSSUMS_H
