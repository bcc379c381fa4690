//===- OverlapLaunches.cpp - kernels wait for those before them -----------===//
//
// Where a kernel lets the one behind it begin, and where it waits.
//
//===----------------------------------------------------------------------===//

#include "GPUKernelBuilder.h"
#include "minimax/Codegen/GPU/Passes.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_OVERLAPLAUNCHES
#include "minimax/Codegen/GPU/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

/// The last op of the kernel's first block that is or holds a prefetch, or
/// null.
static Operation *findLastPrefetch(Block &entry) {
  Operation *last = nullptr;
  for (Operation &op : entry)
    if (op.walk([](minimax_gpu::PrefetchOp) {
            return WalkResult::interrupt();
          }).wasInterrupted())
      last = &op;
  return last;
}

/// Whether the op may come before the wait. Shared memory is the block's own,
/// but that it is asked for changes nothing.
static bool mayComeBefore(Operation *op) {
  return isa<minimax_gpu::PrefetchOp, minimax_gpu::SharedMemoryOp>(op) ||
         op->hasTrait<OpTrait::HasRecursiveMemoryEffects>() ||
         isMemoryEffectFree(op);
}

static LogicalResult addWait(gpu::GPUFuncOp kernel) {
  Block &entry = kernel.getBody().front();
  auto builder = OpBuilder::atBlockBegin(&entry);
  Operation *last = findLastPrefetch(entry);
  builder.create<minimax_gpu::LaunchDependentsOp>(kernel.getLoc());
  if (!last) {
    builder.create<minimax_gpu::WaitPrerequisitesOp>(kernel.getLoc());
    return success();
  }
  for (Operation *op = entry.front().getNextNode(); op != last->getNextNode();
       op = op->getNextNode()) {
    auto checked = op->walk([&](Operation *inner) {
      if (mayComeBefore(inner))
        return WalkResult::advance();
      inner->emitOpError() << "expected no access to memory before the last "
                              "prefetch of kernel '"
                           << kernel.getName() << "', which its wait follows";
      return WalkResult::interrupt();
    });
    if (checked.wasInterrupted())
      return failure();
  }
  builder.setInsertionPointAfter(last);
  builder.create<minimax_gpu::WaitPrerequisitesOp>(kernel.getLoc());
  return success();
}

namespace {
struct OverlapLaunchesPass
    : minimax::impl::OverlapLaunchesBase<OverlapLaunchesPass> {
  using OverlapLaunchesBase::OverlapLaunchesBase;

  void runOnOperation() override {
    FailureOr<GPUTarget> target = GPUTarget::get(getOperation(), arch);
    if (failed(target))
      return signalPassFailure();
    if (!target->hopper)
      return;
    for (auto kernels : getOperation().getOps<gpu::GPUModuleOp>())
      for (auto kernel : kernels.getOps<gpu::GPUFuncOp>())
        if (kernel.isKernel() && failed(addWait(kernel)))
          return signalPassFailure();
    getOperation().walk([&](gpu::LaunchFuncOp launch) {
      launch->setAttr(kWaits, UnitAttr::get(&getContext()));
    });
  }
};
} // namespace
