//===- GPUKernelPatterns.h - lowerings of ops to GPU kernels ----*- C++ -*-===//
//
// One pattern per op in buffer form; a new op adds its own.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_GPU_GPUKERNELPATTERNS_H
#define MINIMAX_LIB_CODEGEN_GPU_GPUKERNELPATTERNS_H

#include "GPUKernelBuilder.h"
#include "minimax/Codegen/Common/LowerOps.h"
#include "minimax/Codegen/Common/SequenceBlocks.h"

namespace mlir::minimax {

/// Base of the patterns for GPUs.
template <typename OpTy>
struct GPUKernelPattern : OpLowering<OpTy, GPUKernelBuilder, GPUTarget> {
  using OpLowering<OpTy, GPUKernelBuilder, GPUTarget>::OpLowering;
};

void populateAttentionGPUKernels(RewritePatternSet &patterns,
                                 const GPUTarget &target);
void populateCastGPUKernels(RewritePatternSet &patterns,
                            const GPUTarget &target);
void populateDenseGPUKernels(RewritePatternSet &patterns,
                             const GPUTarget &target);
void populateLightningGPUKernels(RewritePatternSet &patterns,
                                 const GPUTarget &target);
void populateLightningStateGPUKernels(RewritePatternSet &patterns,
                                      const GPUTarget &target);
void populateMatmulGPUKernels(RewritePatternSet &patterns,
                              const GPUTarget &target);
void populateMoEGPUKernels(RewritePatternSet &patterns,
                           const GPUTarget &target);
void populateNormGPUKernels(RewritePatternSet &patterns,
                            const GPUTarget &target);
void populateRopeGPUKernels(RewritePatternSet &patterns,
                            const GPUTarget &target);
void populateSamplingGPUKernels(RewritePatternSet &patterns,
                                const GPUTarget &target);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_GPUKERNELPATTERNS_H
