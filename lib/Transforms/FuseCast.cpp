//===- FuseCast.cpp - rounding to bf16 where values are made --------------===//
//
// Lets the producer of activations round them itself, or copies fewer bytes of
// rows by rounding first. Which numbers a product reads does not change.
//
//===----------------------------------------------------------------------===//

#include "FusionUtils.h"
#include "minimax/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_FUSECAST
#include "minimax/Transforms/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

/// Casts to integers need the whole row first; they stay.
static bool castsToBF16(CastOp op) {
  return op.getResult() && getElementTypeOrSelf(op.getResult()).isBF16();
}

namespace {
/// cast(f(x)) -> f(x) with a bf16 result
template <typename OpTy>
struct FuseCastIntoProducer : OpRewritePattern<CastOp> {
  using OpRewritePattern<CastOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(CastOp op,
                                PatternRewriter &rewriter) const override {
    auto producer = getFusibleProducer<OpTy>(op.getInput(), op);
    if (!producer || producer->getNumResults() != 1 || !castsToBF16(op))
      return rewriter.notifyMatchFailure(op, "no f32 producer of its own");
    auto from = cast<ShapedType>(op.getInput().getType());
    auto to = cast<ShapedType>(op.getResult().getType());
    if (from.getDimSize(1) != to.getDimSize(1))
      return rewriter.notifyMatchFailure(op, "the cast pads rows");
    rewriter.modifyOpInPlace(producer,
                             [&] { producer.getResult().setType(to); });
    rewriter.replaceOp(op, producer.getResult());
    return success();
  }
};

/// cast(joined heads of f(x)) -> joined heads of f(x) with a bf16 output
template <typename OpTy> struct FuseCastIntoHeads : OpRewritePattern<CastOp> {
  using OpRewritePattern<CastOp>::OpRewritePattern;

  LogicalResult matchAndRewrite(CastOp op,
                                PatternRewriter &rewriter) const override {
    auto join = getFusibleProducer<tensor::CollapseShapeOp>(op.getInput(), op);
    if (!join || !castsToBF16(op))
      return rewriter.notifyMatchFailure(op, "no joined heads of its own");
    auto producer = getFusibleProducer<OpTy>(join.getSrc(), join);
    if (!producer)
      return rewriter.notifyMatchFailure(op, "no f32 producer of its own");
    auto to = cast<ShapedType>(op.getResult().getType());
    if (join.getResultType().getDimSize(1) != to.getDimSize(1))
      return rewriter.notifyMatchFailure(op, "the cast pads rows");
    rewriter.modifyOpInPlace(producer, [&] {
      producer->getResult(0).setType(
          join.getSrcType().clone(to.getElementType()));
    });
    rewriter.replaceOpWithNewOp<tensor::CollapseShapeOp>(
        op, to, producer->getResult(0), join.getReassociation());
    rewriter.eraseOp(join);
    return success();
  }
};

/// A norm that more than the cast reads writes both.
struct RoundBesideNorm : OpRewritePattern<CastOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(CastOp op,
                                PatternRewriter &rewriter) const override {
    auto norm = op.getInput().getDefiningOp<RmsNormOp>();
    if (!norm || norm->getBlock() != op->getBlock() || !castsToBF16(op) ||
        op.getInput() != norm.getResult() || !isUnrounded(norm.getResult()))
      return rewriter.notifyMatchFailure(op, "no f32 norm");
    auto to = cast<RankedTensorType>(op.getResult().getType());
    if (to.getDimSize(1) !=
        cast<ShapedType>(op.getInput().getType()).getDimSize(1))
      return rewriter.notifyMatchFailure(op, "the cast pads rows");
    if (norm->getNumResults() == 2) {
      rewriter.replaceOp(op, norm->getResult(1));
      return success();
    }
    if (norm.getResult().hasOneUse())
      return rewriter.notifyMatchFailure(op, "nothing else reads the norm");
    rewriter.setInsertionPoint(norm);
    auto both = rewriter.create<RmsNormOp>(
        norm.getLoc(), TypeRange{norm.getResult().getType(), to},
        norm.getInput(), norm.getWeight(), norm.getGate(), ValueRange{},
        norm.getEps());
    rewriter.replaceOp(op, both->getResult(1));
    rewriter.replaceOp(norm, both->getResult(0));
    return success();
  }
};

/// cast(permute(x)) -> permute(cast(x)): each row is rounded once, not once for
/// each of its copies, and the copies have half the bytes.
struct RoundBeforePermute : OpRewritePattern<CastOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(CastOp op,
                                PatternRewriter &rewriter) const override {
    auto permute = getFusibleProducer<PermuteOp>(op.getInput(), op);
    if (!permute || !castsToBF16(op) || !isUnrounded(permute.getInput()))
      return rewriter.notifyMatchFailure(op, "no f32 permute of its own");
    auto to = cast<RankedTensorType>(op.getResult().getType());
    auto from = cast<RankedTensorType>(permute.getInput().getType());
    auto narrow = RankedTensorType::get({from.getDimSize(0), to.getDimSize(1)},
                                        to.getElementType());
    // Not between the choice of experts and the permutation, which GPUs fuse.
    rewriter.setInsertionPointAfterValue(permute.getInput());
    auto rounded = rewriter.create<CastOp>(op.getLoc(), narrow,
                                           permute.getInput(), ValueRange{});
    rewriter.modifyOpInPlace(permute, [&] {
      permute.getInputMutable().assign(rounded.getResult());
      permute.getResult(0).setType(to);
    });
    rewriter.replaceOp(op, permute.getResult(0));
    return success();
  }
};
} // namespace

void minimax::populateFuseCastPatterns(RewritePatternSet &patterns) {
  patterns.add<FuseCastIntoProducer<RmsNormOp>, FuseCastIntoProducer<SwigluOp>,
               FuseCastIntoProducer<LinearOp>,
               FuseCastIntoProducer<GroupedMatmulOp>,
               FuseCastIntoHeads<AttentionMergeOp>,
               FuseCastIntoHeads<AttentionOp>,
               FuseCastIntoHeads<LightningAttentionOp>,
               FuseCastIntoHeads<ChunkOutputOp>, RoundBesideNorm,
               RoundBeforePermute>(patterns.getContext());
}

namespace {
struct FuseCastPass : minimax::impl::FuseCastBase<FuseCastPass> {
  using FuseCastBase::FuseCastBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateFuseCastPatterns(patterns);
    if (failed(
            applyPatternsAndFoldGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
