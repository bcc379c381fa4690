//===- LowerOps.h - from ops in buffer form to kernels ----------*- C++ -*-===//
//
// The step from L2 to L3 that all targets share: one pattern per op, each op
// lowered once, errors for what has no lowering.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_CODEGEN_COMMON_LOWEROPS_H
#define MINIMAX_CODEGEN_COMMON_LOWEROPS_H

#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::minimax {

/// The runtime's function that is told where an op begins (abi.h).
constexpr StringRef kBeginOp = "mmrt_begin_op";

/// Base of the patterns: `lower` emits the op's code before it with a builder
/// that knows the target.
template <typename OpTy, typename BuilderTy, typename TargetTy>
struct OpLowering : OpRewritePattern<OpTy> {
  OpLowering(MLIRContext *context, const TargetTy &target)
      : OpRewritePattern<OpTy>(context), target(target) {}

  virtual LogicalResult lower(OpTy op, BuilderTy &kb) const = 0;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const final {
    if (op->getNumResults() != 0)
      return rewriter.notifyMatchFailure(op, "op is in value form");
    BuilderTy kb(op.getLoc(), rewriter, target);
    if (failed(lower(op, kb)))
      return failure();
    rewriter.eraseOp(op);
    return success();
  }

  TargetTy target;
};

/// Reports a weight of the product `op` that is not packed; `rank` is that of
/// packed weights in f32.
LogicalResult verifyPacked(Operation *op, Value weight, int64_t rank);

/// Lowers every compute op of `module` by `patterns`, with a call of
/// mmrt_begin_op before each that `minimax-number-ops` has numbered. Reports
/// activations that are not f32 and ops without a lowering; `device` ("CPU",
/// "GPU") is for messages.
LogicalResult lowerOps(ModuleOp module, RewritePatternSet &&patterns,
                       StringRef device);

} // namespace mlir::minimax

#endif // MINIMAX_CODEGEN_COMMON_LOWEROPS_H
