#include "GPUKernelPatterns.h"
using namespace mlir;
using namespace mlir::minimax;
void minimax::populateMatmulGPUKernels(RewritePatternSet &patterns,
                                       const GPUTarget &target) {}
