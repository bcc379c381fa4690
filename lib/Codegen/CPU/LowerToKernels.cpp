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
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_LOWERTOKERNELS
#include "minimax/Codegen/CPU/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

/// Activations that kernels compute with are f32; weights, tables and rounded
/// inputs of products may be narrower.
static LogicalResult verifyActivations(ComputeOpInterface op) {
  for (OpOperand &out : op.getOutsMutable()) {
    Type element = cast<MemRefType>(out.get().getType()).getElementType();
    if (isa<CastOp>(op) || !isa<FloatType>(element) || element.isF32())
      continue;
    return op->emitOpError() << "expected f32 activations on CPU, but got "
                             << out.get().getType();
  }
  return success();
}

/// Calls mmrt_begin_op before every op that `minimax-number-ops` has numbered;
/// `minimax-lower-entries` adds the context.
static void markOps(ModuleOp module) {
  SmallVector<ComputeOpInterface> ops;
  module.walk([&](ComputeOpInterface op) {
    if (op->hasAttr("minimax.op"))
      ops.push_back(op);
  });
  if (ops.empty())
    return;
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  auto begin = builder.create<func::FuncOp>(
      module.getLoc(), kBeginOp,
      builder.getFunctionType(builder.getI64Type(), {}));
  begin.setPrivate();
  for (ComputeOpInterface op : ops) {
    builder.setInsertionPoint(op);
    Value number = builder.create<arith::ConstantOp>(
        op.getLoc(), op->getAttrOfType<IntegerAttr>("minimax.op"));
    builder.create<func::CallOp>(op.getLoc(), begin, number);
  }
}

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
    auto checked = getOperation().walk([](ComputeOpInterface op) {
      return failed(verifyActivations(op)) ? WalkResult::interrupt()
                                           : WalkResult::advance();
    });
    if (checked.wasInterrupted())
      return signalPassFailure();

    markOps(getOperation());
    RewritePatternSet patterns(&getContext());
    populateAttentionKernels(patterns, *cpu);
    populateCastKernels(patterns, *cpu);
    populateDenseKernels(patterns, *cpu);
    populateLightningKernels(patterns, *cpu);
    populateMatmulKernels(patterns, *cpu);
    populateMoEKernels(patterns, *cpu);
    walkAndApply(std::move(patterns));
  }

private:
  /// Lowers each op once; the code it becomes is not revisited.
  void walkAndApply(RewritePatternSet &&patterns) {
    SmallVector<Operation *> ops;
    getOperation().walk([&](ComputeOpInterface op) { ops.push_back(op); });
    FrozenRewritePatternSet frozen(std::move(patterns));
    GreedyRewriteConfig config;
    config.strictMode = GreedyRewriteStrictness::ExistingOps;
    // A pattern that gives its reason needs no second error.
    bool reported = false;
    ScopedDiagnosticHandler handler(&getContext(), [&](Diagnostic &diagnostic) {
      reported |= diagnostic.getSeverity() == DiagnosticSeverity::Error;
      return failure();
    });
    if (failed(applyOpPatternsAndFold(ops, frozen, config)) || reported)
      return signalPassFailure();
    auto remaining = getOperation().walk([](ComputeOpInterface op) {
      op->emitOpError("expected a lowering to CPU kernels");
      return WalkResult::interrupt();
    });
    if (remaining.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
