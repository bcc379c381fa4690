//===- SortCopiesGPU.h - token copies in the order of experts ---*- C++ -*-===//
//
// The part of minimax.permute that decides where rows go.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_GPU_SORTCOPIESGPU_H
#define MINIMAX_LIB_CODEGEN_GPU_SORTCOPIESGPU_H

#include "GPUKernelBuilder.h"

namespace mlir::minimax {

/// What a sort of token copies by expert reads and writes: `experts` [T, k], of
/// i32; `offsets` [E + 1], where each expert's copies begin; `rows` [T, k],
/// where each copy goes; `sources` [T * k], the token of each sorted copy, or
/// null.
struct CopyOrder {
  Value experts, offsets, rows, sources;
};

/// Launches the sort as kernel `name`. First its block does what `choose`
/// emits, which may write the experts.
void emitSortCopies(GPUKernelBuilder &kb, StringRef name,
                    const CopyOrder &order,
                    function_ref<void()> choose = nullptr);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_SORTCOPIESGPU_H
