//===- FusePermute.cpp - products that gather their rows ------------------===//
//
// Lets a grouped product read the rows of tokens where they are: their copies
// in the order of experts need not exist.
//
//===----------------------------------------------------------------------===//

#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "minimax/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_FUSEPERMUTE
#include "minimax/Transforms/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

namespace {
/// grouped_matmul(permute(x)) -> grouped_matmul(x) rows(sources)
struct FusePermuteIntoGroupedMatmul : OpRewritePattern<GroupedMatmulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(GroupedMatmulOp op,
                                PatternRewriter &rewriter) const override {
    auto permute = op.getInput().getDefiningOp<PermuteOp>();
    if (!permute || permute->getNumResults() == 0 ||
        op.getInput() != permute.getResult(0) || !op.getInput().hasOneUse() ||
        permute->getBlock() != op->getBlock())
      return rewriter.notifyMatchFailure(op, "no copies of its own");
    auto copies = cast<RankedTensorType>(op.getInput().getType());
    rewriter.setInsertionPoint(permute);
    auto sort = rewriter.create<SortCopiesOp>(
        permute.getLoc(),
        TypeRange{permute.getResult(1).getType(),
                  permute.getResult(2).getType(),
                  RankedTensorType::get({copies.getDimSize(0)},
                                        rewriter.getI32Type())},
        permute.getExperts(), ValueRange{});
    rewriter.modifyOpInPlace(op, [&] {
      op.getInputMutable().assign(permute.getInput());
      op.getRowsMutable().assign(sort.getResult(2));
    });
    rewriter.replaceAllUsesWith(permute.getResult(1), sort.getResult(0));
    rewriter.replaceAllUsesWith(permute.getResult(2), sort.getResult(1));
    rewriter.eraseOp(permute);
    return success();
  }
};

struct FusePermutePass : minimax::impl::FusePermuteBase<FusePermutePass> {
  using FusePermuteBase::FusePermuteBase;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FusePermuteIntoGroupedMatmul>(&getContext());
    if (failed(
            applyPatternsAndFoldGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
