//===- KernelPatterns.h - lowerings of ops to kernels -----------*- C++ -*-===//
//
// One pattern per op in buffer form; a new op adds its own.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_CPU_KERNELPATTERNS_H
#define MINIMAX_LIB_CODEGEN_CPU_KERNELPATTERNS_H

#include "KernelBuilder.h"
#include "minimax/Codegen/Common/LowerOps.h"
#include "minimax/Codegen/Common/SequenceBlocks.h"

namespace mlir::minimax {

/// Base of the patterns for CPUs.
template <typename OpTy>
struct KernelPattern : OpLowering<OpTy, KernelBuilder, CPUTarget> {
  using OpLowering<OpTy, KernelBuilder, CPUTarget>::OpLowering;
};

void populateAttentionKernels(RewritePatternSet &patterns,
                              const CPUTarget &target);
void populateCastKernels(RewritePatternSet &patterns, const CPUTarget &target);
void populateDenseKernels(RewritePatternSet &patterns, const CPUTarget &target);
void populateLightningKernels(RewritePatternSet &patterns,
                              const CPUTarget &target);
void populateMatmulKernels(RewritePatternSet &patterns,
                           const CPUTarget &target);
void populateMoEKernels(RewritePatternSet &patterns, const CPUTarget &target);
void populateSamplingKernels(RewritePatternSet &patterns,
                             const CPUTarget &target);

/// Calls `body(sequence, item)` for all sequences and items 0 .. count-1 (heads
/// or groups of heads), in parallel.
void forEachSequence(KernelBuilder &kb, Value cuSeqlens, int64_t count,
                     function_ref<void(Value, Value)> body);

/// Emits the rotation of one head's row: `dim` values of `input` at
/// `inputIndices` (their last index is added) to `output`, at `position`.
void emitRope(KernelBuilder &kb, Value position, int64_t dim, int64_t rotary,
              double theta, Value scale,
              function_ref<Value(Value column, Value mask)> read,
              function_ref<void(Value value, Value column, Value mask)> write);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_CPU_KERNELPATTERNS_H
