//===- FuseResidual.cpp - residual sum into the branch before it ----------===//
//
// Lets minimax.linear and minimax.unpermute add the skip connection.
//
//===----------------------------------------------------------------------===//

#include "FusionUtils.h"
#include "minimax/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_FUSERESIDUAL
#include "minimax/Transforms/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

/// Why `op` cannot move into its branch whatever makes that branch; null if it
/// can.
static const char *rejectResidual(ResidualOp op) {
  if (!op.getResult())
    return "buffer form";
  if (op.getCoefficient())
    return "a mix by coefficient is no scaled sum";
  if (op.getBranch().getType() != op.getResult().getType() ||
      op.getSkip().getType() != op.getResult().getType())
    return "operands of another type";
  return nullptr;
}

namespace {
/// residual(s, linear(x, w)) -> linear(x, w) residual(s)
struct FuseResidualIntoLinear : OpRewritePattern<ResidualOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ResidualOp op,
                                PatternRewriter &rewriter) const override {
    if (const char *reason = rejectResidual(op))
      return rewriter.notifyMatchFailure(op, reason);
    auto linear = getFusibleProducer<LinearOp>(op.getBranch(), op);
    if (!linear || linear.getResidual())
      return rewriter.notifyMatchFailure(op, "no linear with room for it");
    APFloat beta = op.getBeta() * linear.getBeta();
    rewriter.replaceOpWithNewOp<LinearOp>(
        op, op.getResult().getType(), linear.getInput(), linear.getWeight(),
        op.getSkip(), ValueRange{}, linear.getActivation(), op.getAlpha(),
        beta);
    rewriter.eraseOp(linear);
    return success();
  }
};

/// residual(s, unpermute(u, rows, w)) -> unpermute(u, rows, w) residual(s)
struct FuseResidualIntoUnpermute : OpRewritePattern<ResidualOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ResidualOp op,
                                PatternRewriter &rewriter) const override {
    if (const char *reason = rejectResidual(op))
      return rewriter.notifyMatchFailure(op, reason);
    auto unpermute = getFusibleProducer<UnpermuteOp>(op.getBranch(), op);
    if (!unpermute || unpermute.getResidual())
      return rewriter.notifyMatchFailure(op, "no unpermute with room for it");
    APFloat beta = op.getBeta() * unpermute.getBeta();
    rewriter.replaceOpWithNewOp<UnpermuteOp>(
        op, op.getResult().getType(), unpermute.getInput(), unpermute.getRows(),
        unpermute.getWeights(), op.getSkip(), ValueRange{}, op.getAlpha(),
        beta);
    rewriter.eraseOp(unpermute);
    return success();
  }
};
} // namespace

void minimax::populateFuseResidualPatterns(RewritePatternSet &patterns) {
  patterns.add<FuseResidualIntoLinear, FuseResidualIntoUnpermute>(
      patterns.getContext());
}

namespace {
struct FuseResidualPass : minimax::impl::FuseResidualBase<FuseResidualPass> {
  using FuseResidualBase::FuseResidualBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateFuseResidualPatterns(patterns);
    if (failed(
            applyPatternsAndFoldGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
