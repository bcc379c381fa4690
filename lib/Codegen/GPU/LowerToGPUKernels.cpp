//===- LowerToGPUKernels.cpp - ops in buffer form to GPU kernels ----------===//
//
// The step from L2 to L3 on GPUs: each op becomes launches of kernels.
//
//===----------------------------------------------------------------------===//

#include "GPUKernelPatterns.h"
#include "minimax/Codegen/GPU/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_LOWERTOGPUKERNELS
#include "minimax/Codegen/GPU/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

namespace {
struct LowerToGPUKernelsPass
    : minimax::impl::LowerToGPUKernelsBase<LowerToGPUKernelsPass> {
  using LowerToGPUKernelsBase::LowerToGPUKernelsBase;

  void runOnOperation() override {
    FailureOr<GPUTarget> target = GPUTarget::get(getOperation(), arch);
    if (failed(target))
      return signalPassFailure();
    target->tensorCores = tensorCores;
    target->warpgroups = warpgroups;
    RewritePatternSet patterns(&getContext());
    populateAttentionGPUKernels(patterns, *target);
    populateCastGPUKernels(patterns, *target);
    populateDenseGPUKernels(patterns, *target);
    populateLightningGPUKernels(patterns, *target);
    populateMatmulGPUKernels(patterns, *target);
    populateMoEGPUKernels(patterns, *target);
    populateNormGPUKernels(patterns, *target);
    populateRopeGPUKernels(patterns, *target);
    populateSamplingGPUKernels(patterns, *target);
    if (failed(lowerOps(getOperation(), std::move(patterns), "GPU")))
      signalPassFailure();
  }
};
} // namespace
