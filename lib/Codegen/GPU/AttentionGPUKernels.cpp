#include "GPUKernelPatterns.h"
using namespace mlir;
using namespace mlir::minimax;
void minimax::populateAttentionGPUKernels(RewritePatternSet &patterns,
                                          const GPUTarget &target) {}
