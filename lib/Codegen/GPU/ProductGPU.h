//===- ProductGPU.h - products with packed weights on GPUs ------*- C++ -*-===//
//
// What the kernels of dense and grouped products share: which rows meet which
// panel of weights, and what becomes of a sum.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_GPU_PRODUCTGPU_H
#define MINIMAX_LIB_CODEGEN_GPU_PRODUCTGPU_H

#include "GPUKernelBuilder.h"
#include "minimax/Dialect/MiniMax/IR/MiniMax.h"

namespace mlir::minimax {

/// Rows `first` .. `end` of a product, which meet the weight `matrix`.
struct RowTile {
  Value matrix, first, end;
};

/// A panel of the weight: its number in its matrix and among all matrices.
struct Panel {
  Value inMatrix, number;
};

/// A dense product, or a grouped one if it has offsets. Its weight is packed
/// and of shape [panels of all matrices, steps (and scales), 64(, 2)]; a step
/// is one value of the inner dimension in f32, else two.
struct GPUProduct {
  Value input, weight, output, residual, offsets;
  /// The row of the input for each of the output; null if they are the same.
  Value inputRows;
  Activation activation = Activation::none;
  double alpha = 1, beta = 1;
  StringRef name;
  /// Rows of the output, known to the host.
  Value rows;
  /// Matrices of the weight and panels of each.
  int64_t matrices = 1, panels = 0;

  Type inputElement() const;
  Type weightElement() const;
  /// Whether weights are int8, with scales behind them, and whether they meet
  /// 16-bit integers, not bf16.
  bool quantized() const { return weightElement().isInteger(8); }
  bool integers() const { return inputElement().isInteger(16); }
  bool pairs() const { return weightElement().isBF16() || quantized(); }
  bool swiglu() const { return activation == Activation::swiglu; }
  /// Steps of the inner dimension.
  int64_t steps() const;
  /// Values of a row of the input, without scales.
  int64_t depth() const;
  /// Columns of the output that a panel yields.
  int64_t panelColumns() const {
    return swiglu() ? kPanelWidth / 2 : kPanelWidth;
  }

  // On the host.
  /// How many tiles of `size` rows there are at most.
  Value countTiles(GPUKernelBuilder &kb, int64_t size) const;

  // In a kernel.
  /// Tile `number` of `size` rows; may be empty if rows are grouped.
  RowTile tile(GPUKernelBuilder &kb, Value number, int64_t size) const;
  Panel panel(GPUKernelBuilder &kb, Value matrix, Value inMatrix) const;
  /// Where the input has what row `row` of the output needs.
  Value inputRow(GPUKernelBuilder &kb, Value row) const;
  /// The scale of an input row's integers in group `group`.
  Value inputScale(GPUKernelBuilder &kb, Value row, Value group) const;
  /// Stores what `row`'s sum for column `column` of a panel becomes, if the
  /// output has that column; with swiglu `column` is a gate's and `up` the sum
  /// of its partner.
  void finish(GPUKernelBuilder &kb, const Panel &panel, Value row, Value column,
              Value sum, Value up) const;

private:
  Value scaled(GPUKernelBuilder &kb, const Panel &panel, Value column,
               Value sum) const;
};

/// Attribute of a module for a GPU that has not kMultiprocessors: how many it
/// has (minimax-compile --multiprocessors).
constexpr StringRef kMultiprocessorsAttr = "minimax.multiprocessors";
/// How many multiprocessors the GPU has that the op is lowered for.
int64_t countMultiprocessors(GPUKernelBuilder &kb);

/// What a kernel for few rows has to read: tiles of the output; parts that the
/// inner dimension of one is cut into, how many of them a block takes at once,
/// and bytes of the weight in each; how many blocks a multiprocessor has at
/// once if each computes several tiles (0: they compute one each).
struct ProductWork {
  int64_t tiles, parts, partsAtOnce, partBytes, residentBlocks = 0;
};
/// How many blocks of a cluster best share the inner dimension of each tile.
int64_t chooseShares(GPUKernelBuilder &kb, const ProductWork &work);
/// What this block of its cluster has of `parts` parts of the inner dimension.
struct DepthShare {
  Value rank, begin, end;
};
DepthShare findShare(GPUKernelBuilder &kb, int64_t parts, int64_t shares);

/// The weights that a block of a product of few rows reads first: steps from
/// `firstStep` on, at least `leastSteps`, of the panel with this number, `half`
/// of its columns. `blocks`: of the launch, `residentBlocks`: that a
/// multiprocessor can have at once.
struct EarlyWeights {
  Value panel, half, firstStep;
  int64_t leastSteps, blocks, residentBlocks;
};
/// Starts to bring weights of a dense product into the L2 cache, where the GPU
/// can (sm_90a). Comes before all accesses of memory: the kernel waits for
/// those before it behind this (minimax-overlap-launches).
void prefetchWeights(GPUKernelBuilder &kb, const GPUProduct &product,
                     const EarlyWeights &early);

/// Kernels for few rows for each matrix: each block takes half a panel, its
/// warps share the inner dimension, so that weights stream at full bandwidth.
/// Where that makes too few blocks, several share a tile's inner dimension.
void emitProductRows(GPUKernelBuilder &kb, const GPUProduct &product);
/// Kernels of 64 rows by a panel through shared memory, for all types.
void emitProductTiles(GPUKernelBuilder &kb, const GPUProduct &product);
/// Kernels of 128 rows by two panels on matrix units, for bf16 by bf16 or int8.
void emitProductMatrix(GPUKernelBuilder &kb, const GPUProduct &product);
/// Whether the next takes the product: bf16 by bf16 or int8, and rows of the
/// input are whole chunks of copies and no shorter than a tile.
bool fitsWarpgroups(const GPUProduct &product);
/// What a block of warpgroups computes: rows, a multiple of 16, by one panel,
/// whose inner dimension its warpgroups share, or by two, one for each; how
/// many blocks share the inner dimension.
struct WarpgroupTile {
  int64_t rows, panels, shares = 1;
};
/// Kernels of tiles on Hopper's matrix units. Where tiles of few rows are too
/// few, several blocks share the inner dimension of each.
void emitProductWarpgroups(GPUKernelBuilder &kb, const GPUProduct &product,
                           WarpgroupTile tile);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_PRODUCTGPU_H
