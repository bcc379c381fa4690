//===- FuseNormGate.cpp - elementwise gate into the norm before it --------===//
//
// Lets minimax.rms_norm multiply by the gate of lightning attention's output.
//
//===----------------------------------------------------------------------===//

#include "FusionUtils.h"
#include "minimax/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_FUSENORMGATE
#include "minimax/Transforms/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

namespace {
/// gate(g, rms_norm(x)) -> rms_norm(x) gate(g), operands in either order
struct FuseGateIntoRmsNorm : OpRewritePattern<GateOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(GateOp op,
                                PatternRewriter &rewriter) const override {
    auto norm = getFusibleProducer<RmsNormOp>(op.getRhs(), op);
    Value gate = op.getLhs();
    if (!norm || norm.getGate()) {
      norm = getFusibleProducer<RmsNormOp>(op.getLhs(), op);
      gate = op.getRhs();
    }
    if (!norm || norm.getGate() || norm->getNumResults() != 1)
      return rewriter.notifyMatchFailure(op, "no ungated norm of its own");
    if (gate.getType() != norm.getInput().getType() ||
        op.getResult().getType() != norm.getResult().getType())
      return rewriter.notifyMatchFailure(op, "operands of another type");
    rewriter.replaceOpWithNewOp<RmsNormOp>(op, op.getResult().getType(),
                                           norm.getInput(), norm.getWeight(),
                                           gate, ValueRange{}, norm.getEps());
    rewriter.eraseOp(norm);
    return success();
  }
};
} // namespace

void minimax::populateFuseNormGatePatterns(RewritePatternSet &patterns) {
  patterns.add<FuseGateIntoRmsNorm>(patterns.getContext());
}

namespace {
struct FuseNormGatePass : minimax::impl::FuseNormGateBase<FuseNormGatePass> {
  using FuseNormGateBase::FuseNormGateBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateFuseNormGatePatterns(patterns);
    if (failed(
            applyPatternsAndFoldGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
