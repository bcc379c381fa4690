//===- FuseActivation.cpp - activation into the product before it ---------===//
//
// Lets minimax.linear apply the silu or sigmoid that reads its result.
//
//===----------------------------------------------------------------------===//

#include "FusionUtils.h"
#include "minimax/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_FUSEACTIVATION
#include "minimax/Transforms/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

namespace {
/// activation(linear(x, w)) -> linear(x, w) activation = ...
struct FuseActivationIntoLinear : OpRewritePattern<ActivationOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ActivationOp op,
                                PatternRewriter &rewriter) const override {
    auto linear = getFusibleProducer<LinearOp>(op.getInput(), op);
    if (!linear)
      return rewriter.notifyMatchFailure(op, "no linear of its own");
    if (op.getResult().getType() != linear.getResult().getType())
      return rewriter.notifyMatchFailure(op, "result of another type");
    // The residual is added after the activation, and so is beta applied.
    if (linear.getActivation() != Activation::none || linear.getResidual() ||
        !linear.getBeta().isExactlyValue(1.0))
      return rewriter.notifyMatchFailure(op, "linear has an epilogue already");
    rewriter.replaceOpWithNewOp<LinearOp>(op, op.getResult().getType(),
                                          linear.getInput(), linear.getWeight(),
                                          Value(), ValueRange{}, op.getKind(),
                                          linear.getAlpha(), linear.getBeta());
    rewriter.eraseOp(linear);
    return success();
  }
};
} // namespace

void minimax::populateFuseActivationPatterns(RewritePatternSet &patterns) {
  patterns.add<FuseActivationIntoLinear>(patterns.getContext());
}

namespace {
struct FuseActivationPass
    : minimax::impl::FuseActivationBase<FuseActivationPass> {
  using FuseActivationBase::FuseActivationBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateFuseActivationPatterns(patterns);
    if (failed(
            applyPatternsAndFoldGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
