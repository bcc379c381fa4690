//===- SortCopiesGPU.h - token copies in the order of experts ---*- C++ -*-===//
//
// The part of minimax.permute that decides where rows go.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_GPU_SORTCOPIESGPU_H
#define MINIMAX_LIB_CODEGEN_GPU_SORTCOPIESGPU_H

#include "GPUKernelBuilder.h"

namespace mlir::minimax {

/// Launches the sort as kernel `name`: from `experts` [T, k], i32, to `rows`
/// [T, k], where each copy goes, and `offsets` [E + 1], where each expert's
/// copies begin. First its block does what `choose` emits, which may write
/// `experts`.
void emitSortCopies(GPUKernelBuilder &kb, StringRef name, Value experts,
                    Value offsets, Value rows,
                    function_ref<void()> choose = nullptr);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_SORTCOPIESGPU_H
