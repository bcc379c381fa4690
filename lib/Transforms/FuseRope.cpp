//===- FuseRope.cpp - rotation into softmax attention ---------------------===//
//
// Lets minimax.attention rotate queries as it loads and keys as it stores them.
//
//===----------------------------------------------------------------------===//

#include "FusionUtils.h"
#include "minimax/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_FUSEROPE
#include "minimax/Transforms/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

namespace {
/// attention(rope(q), rope(k), v) -> attention(q, k, v) theta rotary_dim
struct FuseRopeIntoAttention : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(AttentionOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getRotaryDim() != 0)
      return rewriter.notifyMatchFailure(op, "rotates already");
    auto query = getFusibleProducer<RopeOp>(op.getQuery(), op);
    auto key = getFusibleProducer<RopeOp>(op.getKey(), op);
    if (!query || !key)
      return rewriter.notifyMatchFailure(op, "no ropes of its own");
    if (query.getTheta() != key.getTheta() ||
        query.getRotaryDim() != key.getRotaryDim())
      return rewriter.notifyMatchFailure(op, "ropes of different angles");
    if (query.getPositions() != op.getPositions() ||
        key.getPositions() != op.getPositions())
      return rewriter.notifyMatchFailure(op, "ropes of other positions");
    if (!isUnrounded(query.getInput()) || !isUnrounded(key.getInput()))
      return rewriter.notifyMatchFailure(op, "operands of another type");
    rewriter.modifyOpInPlace(op, [&] {
      op.getQueryMutable().assign(query.getInput());
      op.getKeyMutable().assign(key.getInput());
      op.setThetaAttr(query.getThetaAttr());
      op.setRotaryDimAttr(query.getRotaryDimAttr());
    });
    rewriter.eraseOp(query);
    rewriter.eraseOp(key);
    return success();
  }
};
} // namespace

void minimax::populateFuseRopePatterns(RewritePatternSet &patterns) {
  patterns.add<FuseRopeIntoAttention>(patterns.getContext());
}

namespace {
struct FuseRopePass : minimax::impl::FuseRopeBase<FuseRopePass> {
  using FuseRopeBase::FuseRopeBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateFuseRopePatterns(patterns);
    if (failed(
            applyPatternsAndFoldGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
