//===- LowerToKernels.cpp - ops in buffer form to CPU kernels -------------===//
//
// The step from L2 to L3 on CPUs: loops over rows, heads and panels, spread
// over workers by scf.forall, with vector code inside.
//
//===----------------------------------------------------------------------===//

#include "KernelPatterns.h"
#include "minimax/Codegen/CPU/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_LOWERTOKERNELS
#include "minimax/Codegen/CPU/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

namespace {
struct LowerToKernelsPass
    : minimax::impl::LowerToKernelsBase<LowerToKernelsPass> {
  using LowerToKernelsBase::LowerToKernelsBase;

  void runOnOperation() override {
    FailureOr<CPUTarget> cpu = CPUTarget::get(target);
    if (failed(cpu)) {
      getOperation().emitError()
          << "expected 'target' x86-64-v3, x86-64-v4 or znver4, but got "
          << target;
      return signalPassFailure();
    }
    cpu->deterministic = deterministic;
    RewritePatternSet patterns(&getContext());
    populateAttentionKernels(patterns, *cpu);
    populateCastKernels(patterns, *cpu);
    populateDenseKernels(patterns, *cpu);
    populateLightningKernels(patterns, *cpu);
    populateMatmulKernels(patterns, *cpu);
    populateMoEKernels(patterns, *cpu);
    populateSamplingKernels(patterns, *cpu);
    if (failed(lowerOps(getOperation(), std::move(patterns), "CPU")))
      signalPassFailure();
  }
};
} // namespace
