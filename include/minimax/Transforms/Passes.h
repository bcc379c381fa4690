//===- Passes.h - target-independent passes ---------------------*- C++ -*-===//
//
// Declarations of the passes on levels L0 to L2.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TRANSFORMS_PASSES_H
#define MINIMAX_TRANSFORMS_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir {
class DialectRegistry;
class RewritePatternSet;
} // namespace mlir

namespace mlir::minimax {

#define GEN_PASS_DECL
#include "minimax/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "minimax/Transforms/Passes.h.inc"

/// Attaches BufferizableOpInterface models: an op with a value form becomes the
/// same op in buffer form.
void registerBufferizationModels(DialectRegistry &registry);

} // namespace mlir::minimax

#endif // MINIMAX_TRANSFORMS_PASSES_H
