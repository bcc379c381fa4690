#include "GPUKernelPatterns.h"
using namespace mlir;
using namespace mlir::minimax;
void minimax::populateMoEGPUKernels(RewritePatternSet &patterns,
                                    const GPUTarget &target) {}
