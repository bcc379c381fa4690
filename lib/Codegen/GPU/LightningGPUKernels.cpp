#include "GPUKernelPatterns.h"
using namespace mlir;
using namespace mlir::minimax;
void minimax::populateLightningGPUKernels(RewritePatternSet &patterns,
                                          const GPUTarget &target) {}
