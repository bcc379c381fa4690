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

/// Patterns of the fusion passes of the same names, for pipelines that apply
/// several at once. Each fuses an op into the producer that only it reads.
void populateFuseActivationPatterns(RewritePatternSet &patterns);
void populateFuseCastPatterns(RewritePatternSet &patterns);
void populateFuseNormGatePatterns(RewritePatternSet &patterns);
void populateFuseResidualPatterns(RewritePatternSet &patterns);
void populateFuseRopePatterns(RewritePatternSet &patterns);
void populateFuseSwigluPatterns(RewritePatternSet &patterns);

} // namespace mlir::minimax

#endif // MINIMAX_TRANSFORMS_PASSES_H
