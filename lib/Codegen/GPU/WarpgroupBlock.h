//===- WarpgroupBlock.h - a block of Hopper's products ----------*- C++ -*-===//
//
// What the warpgroups of a block share: the ring of stages and its barriers.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_GPU_WARPGROUPBLOCK_H
#define MINIMAX_LIB_CODEGEN_GPU_WARPGROUPBLOCK_H

#include "ProductGPU.h"
#include "SwizzledTile.h"

namespace mlir::minimax {

constexpr int64_t kWarpgroup = 128, kConsumers = 2;
/// What a stage holds: values of the inner dimension, steps.
constexpr int64_t kStageDepth = kSwizzledColumns, kStageSteps = kStageDepth / 2;
/// Bytes of a panel in a stage.
inline int64_t stagePanelBytes(const GPUProduct &product) {
  return kStageSteps * kPanelWidth * (product.quantized() ? 2 : 4);
}
/// A row of sums in shared memory, padded so that the words of a fragment
/// meet no bank twice.
constexpr int64_t kSumStride = kPanelWidth + 4;

/// One block of a product of warpgroups (ProductWarpgroupsGPU.cpp).
struct WarpgroupBlock {
  GPUKernelBuilder &kb;
  const GPUProduct &product;
  /// Rows and panels of the tile, stages of the ring.
  int64_t tileRows, panels, stages;
  RowTile rows;
  /// The block's first panel in its matrix.
  Value firstPanel;
  /// [stage, row, k], swizzled, and [stage, panel, step, word], a word for one
  /// column or, of int8, for two; in their place in the end [panel, row,
  /// column] of sums.
  Value inputs, weights, sums;
  /// Barriers of each stage: what fills it has landed, what it held is used.
  Value full, empty;

  /// Whether the warpgroups share the one panel's inner dimension.
  bool sharesDepth() const { return panels == 1; }
  /// Whether the warpgroup that copies gives registers to those that multiply;
  /// smaller tiles need none, and two of their blocks fit a multiprocessor.
  bool movesRegisters() const { return tileRows > 64; }
  /// Groups of copies under way. A stage is filled that the warpgroups which
  /// multiply free when they have begun with the next one: that one must be
  /// full by then.
  int64_t ahead() const { return stages - 2; }
  /// Stages that the inner dimension fills.
  int64_t depthTiles() const {
    return llvm::divideCeil(product.steps(), kStageSteps);
  }
  Value stageOf(Value tile) const { return kb.rem(tile, kb.index(stages)); }
  /// The parity of the phase of `full` that ends when tile `tile` is there.
  Value parityOf(Value tile) const {
    return kb.rem(kb.div(tile, kb.index(stages)), kb.index(2));
  }
  void arrive(Value barriers, Value tile) const {
    kb.create<minimax_gpu::MbarrierArriveOp>(barriers, stageOf(tile),
                                             IntegerAttr());
  }
};

/// Emits what the threads of the first warpgroup do: they fill the ring.
void emitWarpgroupCopies(const WarpgroupBlock &block);
/// Emits what the others do: they multiply, each by its panel or its half of
/// every stage, and store.
void emitWarpgroupProducts(const WarpgroupBlock &block);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_WARPGROUPBLOCK_H
