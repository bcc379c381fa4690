//===- ProductEarly.cpp - weights that are on their way early -------------===//
//
// What a block of a dense product reads first does not depend on the kernels
// before: while these still run, the block brings its first weights into the L2
// cache and only then waits for them. The memory is busy in the gap between two
// kernels, and the first loads find what they need.
//
//===----------------------------------------------------------------------===//

#include "ProductGPU.h"

using namespace mlir;
using namespace mlir::minimax;

/// What a multiprocessor reads in 2 us, about the gap between two kernels:
/// 4.8 TB/s (H200) for 132 of them.
static constexpr int64_t kEarlyBytes = 72 * 1024;

void minimax::prefetchWeights(GPUKernelBuilder &kb, const GPUProduct &product,
                              const EarlyWeights &early) {
  if (!kb.target.hopper || product.offsets)
    return;
  int64_t stepBytes = kPanelWidth * (product.quantized() ? 2 : 4);
  // As many of the blocks as a multiprocessor has at once.
  int64_t sharing = std::clamp<int64_t>(
      llvm::divideCeil(early.blocks, countMultiprocessors(kb)), 1,
      early.residentBlocks);
  // The blocks of a panel's halves read the same steps: each takes some.
  int64_t steps =
      std::min(kEarlyBytes / sharing / stepBytes, early.leastSteps / 2);
  if (steps < 1)
    return;
  Value step = kb.add(early.firstStep, kb.mul(early.half, kb.index(steps)));
  SmallVector<Value> place = {early.panel, step, kb.index(0)};
  if (product.pairs())
    place.push_back(kb.index(0));
  kb.ifThen(kb.equal(kb.thread(), kb.index(0)), [&] {
    kb.create<minimax_gpu::PrefetchOp>(product.weight, place,
                                       steps * stepBytes);
  });
}
