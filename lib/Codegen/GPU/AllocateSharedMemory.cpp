//===- AllocateSharedMemory.cpp - shared memory of kernels ----------------===//
//
// Offsets within a block's shared memory, and how much each launch asks for.
//
//===----------------------------------------------------------------------===//

#include "GPUKernelBuilder.h"
#include "minimax/Codegen/GPU/Passes.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_ALLOCATESHAREDMEMORY
#include "minimax/Codegen/GPU/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

/// Places the buffers of a kernel one after the other; returns their bytes.
static int64_t placeBuffers(gpu::GPUFuncOp kernel) {
  int64_t end = 0;
  kernel.walk([&](minimax_gpu::SharedMemoryOp op) {
    auto type = cast<MemRefType>(op.getResult().getType());
    int64_t begin = llvm::alignTo(end, op.getAlignment());
    op.setOffset(begin);
    end = begin + llvm::divideCeil(
                      type.getNumElements() * type.getElementTypeBitWidth(), 8);
  });
  return end;
}

namespace {
struct AllocateSharedMemoryPass
    : minimax::impl::AllocateSharedMemoryBase<AllocateSharedMemoryPass> {
  using AllocateSharedMemoryBase::AllocateSharedMemoryBase;

  void runOnOperation() override {
    FailureOr<GPUTarget> target = GPUTarget::get(getOperation(), arch);
    if (failed(target))
      return signalPassFailure();
    DenseMap<StringAttr, int64_t> bytes;
    auto placed = getOperation().walk([&](gpu::GPUFuncOp kernel) {
      int64_t size = placeBuffers(kernel);
      bytes[kernel.getNameAttr()] = size;
      if (size <= target->sharedBytes)
        return WalkResult::advance();
      kernel.emitError() << "kernel '" << kernel.getName() << "' needs " << size
                         << " bytes of shared memory, but a block on "
                         << target->name << " has at most "
                         << target->sharedBytes
                         << "; use smaller tiles or heads";
      return WalkResult::interrupt();
    });
    if (placed.wasInterrupted())
      return signalPassFailure();
    getOperation().walk([&](gpu::LaunchFuncOp launch) {
      OpBuilder builder(launch);
      Value size = builder.create<arith::ConstantIntOp>(
          launch.getLoc(), bytes.lookup(launch.getKernelName()), 32);
      launch.getDynamicSharedMemorySizeMutable().assign(size);
    });
  }
};
} // namespace
