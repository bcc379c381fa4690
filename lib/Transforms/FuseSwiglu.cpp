//===- FuseSwiglu.cpp - SwiGLU into the experts' first product ------------===//
//
// Lets minimax.grouped_matmul pair its columns, so that it writes half as many.
//
//===----------------------------------------------------------------------===//

#include "FusionUtils.h"
#include "minimax/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_FUSESWIGLU
#include "minimax/Transforms/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

namespace {
/// swiglu(grouped_matmul(x, w)) -> grouped_matmul(x, w) activation = swiglu
struct FuseSwigluIntoGroupedMatmul : OpRewritePattern<SwigluOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(SwigluOp op,
                                PatternRewriter &rewriter) const override {
    auto product = getFusibleProducer<GroupedMatmulOp>(op.getInput(), op);
    if (!product || product.getActivation() != Activation::none)
      return rewriter.notifyMatchFailure(op, "no plain product of its own");
    if (!isUnrounded(op.getResult()))
      return rewriter.notifyMatchFailure(op, "result of another type");
    // Plain panels keep the halves apart: packing comes after this fusion.
    if (cast<ShapedType>(product.getWeight().getType()).getRank() != 3)
      return rewriter.notifyMatchFailure(op, "weight is packed already");
    rewriter.replaceOpWithNewOp<GroupedMatmulOp>(
        op, op.getResult().getType(), product.getInput(), product.getWeight(),
        product.getOffsets(), product.getRows(), ValueRange{},
        Activation::swiglu);
    rewriter.eraseOp(product);
    return success();
  }
};
} // namespace

void minimax::populateFuseSwigluPatterns(RewritePatternSet &patterns) {
  patterns.add<FuseSwigluIntoGroupedMatmul>(patterns.getContext());
}

namespace {
struct FuseSwigluPass : minimax::impl::FuseSwigluBase<FuseSwigluPass> {
  using FuseSwigluBase::FuseSwigluBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateFuseSwigluPatterns(patterns);
    if (failed(
            applyPatternsAndFoldGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
