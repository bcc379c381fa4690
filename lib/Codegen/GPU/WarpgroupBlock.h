//===- WarpgroupBlock.h - a block of Hopper's products ----------*- C++ -*-===//
//
// What the warpgroups of a block share: the ring of stages and its barriers,
// and which tiles the block computes.
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
/// Columns of int8 in 16 bytes of a step, and where chunk `chunk` of these
/// lies: as the four steps that a warp reads at once lie in a stage, their
/// words for its columns would meet the same 8 banks.
constexpr int64_t kInt8Chunk = 8;
inline Value swizzleInt8(GPUKernelBuilder &kb, Value step, Value chunk) {
  Value key = kb.mul(kb.rem(step, kb.index(4)), kb.index(2));
  return kb.create<arith::XOrIOp>(chunk, key);
}
/// A row of sums in shared memory, padded so that the words of a fragment
/// meet no bank twice.
constexpr int64_t kSumStride = kPanelWidth + 4;
/// Stages that the inner dimension fills.
inline int64_t countDepthStages(const GPUProduct &product) {
  return llvm::divideCeil(product.steps(), kStageSteps);
}

/// A tile of the output: its rows, its first panel in its matrix, and how many
/// stages the block has filled for the tiles before it.
struct WarpgroupPlace {
  RowTile rows;
  Value firstPanel, filled;
};

/// Which tiles a block computes: every so many of all, as many as there are
/// blocks, or clusters of them that share each tile's inner dimension. The
/// order is that of WarpgroupSchedule.cpp.
class WarpgroupSchedule {
public:
  WarpgroupSchedule(GPUKernelBuilder &kb, const GPUProduct &product,
                    const WarpgroupTile &tile);

  // On the host.
  /// How many tiles there are at most.
  Value countMost() const;

  // In a kernel.
  /// Finds where the tiles of each matrix begin; all threads call it, and a
  /// barrier comes behind it.
  void prepare();
  /// Calls `body` for every tile of this block, of which each fills `stages`
  /// stages; whole warps call it. Returns the stages of all tiles.
  Value forEachTile(Value stages,
                    function_ref<void(const WarpgroupPlace &)> body) const;

private:
  /// Tiles of columns.
  int64_t columnTiles() const;
  Value countMatrixTiles(Value matrix);
  Value findMatrix(Value number) const;
  WarpgroupPlace place(Value number) const;

  GPUKernelBuilder &kb;
  const GPUProduct &product;
  WarpgroupTile tile;
  /// [matrices + 1]: tiles of the matrices before; none of a dense product.
  Value begins;
};

/// One block of a product of warpgroups (ProductWarpgroupsGPU.cpp).
struct WarpgroupBlock {
  GPUKernelBuilder &kb;
  const GPUProduct &product;
  const WarpgroupSchedule &schedule;
  /// Rows and panels of a tile, blocks that share its inner dimension, stages
  /// of the ring.
  int64_t tileRows, panels, shares, stages;
  /// What the block has of the stages that a tile's inner dimension fills.
  DepthShare share;
  /// [stage, row, k], swizzled; [stage, panel, step, column], a word for a
  /// step, or, of int8, [stage, panel, step, column, part], swizzled; and
  /// [warpgroup, row, column] of some rows' sums; [share, row, column] of the
  /// sums that the blocks of a cluster have given to this one.
  Value inputs, weights, sums, met;
  /// Barriers of each stage: what fills it has landed, what it held is used.
  Value full, empty;

  /// Whether the warpgroups share the one panel's inner dimension.
  bool sharesDepth() const { return panels == 1; }
  /// Whether the warpgroup that copies gives registers to those that multiply;
  /// smaller tiles need none, and two of their blocks fit a multiprocessor.
  bool movesRegisters() const { return tileRows > 64; }
  /// Registers of a thread that copies, and of one that multiplies; 504 for one
  /// of the former and two of the latter. Copying int8 takes more addresses.
  int32_t copyRegisters() const { return copiesBulks() ? 56 : 72; }
  int32_t multiplyRegisters() const { return (504 - copyRegisters()) / 2; }
  /// Whether panels come by bulk copies, as they lie in memory.
  bool copiesBulks() const { return !product.quantized(); }
  /// Groups of copies under way. A stage is filled that the warpgroups which
  /// multiply free when they have begun with the next one: that one must be
  /// full by then.
  int64_t ahead() const { return stages - 2; }
  /// Whether a tile with few rows is multiplied as half of one.
  bool halves() const { return tileRows > 64; }
  /// Rows whose sums go through shared memory at a time.
  int64_t sumRows() const { return movesRegisters() ? 32 : 16; }
  /// Stages that the block's share of the inner dimension fills.
  Value countDepth() const { return kb.sub(share.end, share.begin); }
  /// The stage of filling `number`, counted over all tiles of the block.
  Value stageOf(Value number) const { return kb.rem(number, kb.index(stages)); }
  /// The parity of the phase of `full` that ends when filling `number` is done.
  Value parityOf(Value number) const {
    return kb.rem(kb.div(number, kb.index(stages)), kb.index(2));
  }
  void arrive(Value barriers, Value number) const {
    kb.create<minimax_gpu::MbarrierArriveOp>(barriers, stageOf(number),
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
