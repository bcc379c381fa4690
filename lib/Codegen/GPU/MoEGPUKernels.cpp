//===- MoEGPUKernels.cpp - routing and permutation of tokens --------------===//
//
// Top-k choice, a warp for each token, for few tokens in the block that sorts
// their copies by expert; copies of rows in that order, or the order alone for
// products that gather rows; weighted sum back. Counts stay on the device.
// Roofline: bytes of the rows, read and written once.
//
//===----------------------------------------------------------------------===//

#include "GPUKernelPatterns.h"
#include "SortCopiesGPU.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kThreads = 256;
/// Tokens whose experts one block chooses: two for each of its warps.
static constexpr int64_t kFewTokens = 64;

//===----------------------------------------------------------------------===//
// Choice
//===----------------------------------------------------------------------===//

namespace {
/// A logit and its expert, an i32.
struct Choice {
  Value logit, expert;
};
} // namespace

static Value compare(GPUKernelBuilder &kb, arith::CmpFPredicate predicate,
                     Value a, Value b) {
  return kb.create<arith::CmpFOp>(predicate, a, b);
}

/// Whether `a` comes before `b`: higher logits first, then lower experts.
static Value comesBefore(GPUKernelBuilder &kb, const Choice &a,
                         const Choice &b) {
  Value lower =
      kb.create<arith::CmpIOp>(arith::CmpIPredicate::slt, a.expert, b.expert);
  Value tied = compare(kb, arith::CmpFPredicate::OEQ, a.logit, b.logit);
  return kb.create<arith::OrIOp>(
      compare(kb, arith::CmpFPredicate::OGT, a.logit, b.logit),
      kb.create<arith::AndIOp>(tied, lower));
}

static Choice choose(GPUKernelBuilder &kb, Value condition, const Choice &a,
                     const Choice &b) {
  return {kb.create<arith::SelectOp>(condition, a.logit, b.logit),
          kb.create<arith::SelectOp>(condition, a.expert, b.expert)};
}

/// The first choice of a row that comes after `previous`.
static Choice nextChoice(GPUKernelBuilder &kb, Value logits, Value row,
                         const Choice &previous) {
  constexpr double infinity = std::numeric_limits<float>::infinity();
  Value none =
      kb.create<arith::ConstantIntOp>(std::numeric_limits<int32_t>::max(), 32);
  SmallVector<Value> found = kb.carryLane(
      kb.index(dimOf(logits, 1)), {kb.f32(-infinity), none},
      [&](Value expert, ValueRange best) -> SmallVector<Value> {
        Choice here{kb.load(logits, {row, expert}),
                    kb.create<arith::IndexCastOp>(kb.getI32Type(), expert)};
        Choice known{best[0], best[1]};
        Value take = kb.create<arith::AndIOp>(comesBefore(kb, previous, here),
                                              comesBefore(kb, here, known));
        Choice better = choose(kb, take, here, known);
        return {better.logit, better.expert};
      });
  Choice best{found[0], found[1]};
  for (int64_t mask = 1; mask < kb.kWarp; mask *= 2) {
    Choice other{kb.shuffleXor(best.logit, mask),
                 kb.shuffleXor(best.expert, mask)};
    best = choose(kb, comesBefore(kb, other, best), other, best);
  }
  // Where nothing compares, as among NaN, any expert will do.
  Value missing =
      kb.create<arith::CmpIOp>(arith::CmpIPredicate::eq, best.expert, none);
  best.expert = kb.create<arith::SelectOp>(
      missing, kb.create<arith::ConstantIntOp>(0, 32), best.expert);
  return best;
}

/// A warp's part of routing: choices and weights of token `row`.
static void routeRow(GPUKernelBuilder &kb, RouteOp op, Value row) {
  Value weights = op.getOuts()[0], experts = op.getOuts()[1];
  Choice choice{kb.f32(std::numeric_limits<float>::infinity()),
                kb.create<arith::ConstantIntOp>(-1, 32)};
  Value isFirst = kb.equal(kb.lane(), kb.index(0)), largest, sum;
  SmallVector<Value> exponentials;
  for (int64_t j = 0; j < dimOf(weights, 1); ++j) {
    choice = nextChoice(kb, op.getLogits(), row, choice);
    largest = largest ? largest : choice.logit;
    Value e = kb.exp(kb.create<arith::SubFOp>(choice.logit, largest));
    sum = sum ? kb.create<arith::AddFOp>(sum, e).getResult() : e;
    exponentials.push_back(e);
    kb.ifThen(isFirst, [&] {
      kb.store(choice.expert, experts, {row, kb.index(j)});
    });
  }
  kb.ifThen(isFirst, [&] {
    for (auto [j, e] : llvm::enumerate(exponentials))
      kb.store(kb.create<arith::DivFOp>(e, sum), weights, {row, kb.index(j)});
  });
}

/// A warp for each token, in many blocks.
static void emitRoute(GPUKernelBuilder &kb, RouteOp op) {
  int64_t warps = kThreads / kb.kWarp;
  Value rows = kb.size(op.getLogits(), 0);
  kb.launch("route", {kb.ceilDiv(rows, warps)}, kThreads, [&] {
    Value row = kb.add(kb.mul(kb.block(), kb.index(warps)), kb.warp());
    kb.ifThen(kb.less(row, rows), [&] { routeRow(kb, op, row); });
  });
}

/// Whether `op` neither reads nor writes memory; telling the runtime which op
/// begins does not.
static bool leavesMemory(Operation *op) {
  auto call = dyn_cast<func::CallOp>(op);
  return isMemoryEffectFree(op) || (call && call.getCallee() == kBeginOp);
}

static CopyOrder orderOf(PermuteOp op) {
  return {op.getExperts(), op.getOuts()[1], op.getOuts()[2], Value()};
}
static CopyOrder orderOf(SortCopiesOp op) {
  return {op.getExperts(), op.getOuts()[0], op.getOuts()[1], op.getOuts()[2]};
}

/// The op that chooses `experts` right before `sort`, or null.
static RouteOp findRoute(Operation *sort, Value experts) {
  Operation *op = sort->getPrevNode();
  while (op && leavesMemory(op))
    op = op->getPrevNode();
  auto route = dyn_cast_or_null<RouteOp>(op);
  bool chooses =
      route && route->getNumResults() == 0 && route.getOuts()[1] == experts;
  return chooses ? route : RouteOp();
}

namespace {
struct LowerRoute : GPUKernelPattern<RouteOp> {
  using GPUKernelPattern::GPUKernelPattern;
  LogicalResult lower(RouteOp op, GPUKernelBuilder &kb) const override {
    Value experts = op.getOuts()[1];
    for (Operation *user : experts.getUsers())
      if (isa<PermuteOp, SortCopiesOp>(user) && findRoute(user, experts) == op)
        return failure(); // becomes part of the sort's kernels
    emitRoute(kb, op);
    return success();
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Permutation
//===----------------------------------------------------------------------===//

/// A block for each token and part of its row.
static void emitCopies(GPUKernelBuilder &kb, PermuteOp op) {
  Value input = op.getInput(), permuted = op.getOuts()[0],
        rows = op.getOuts()[2];
  int64_t topK = dimOf(rows, 1), columns = dimOf(permuted, 1);
  kb.launch("permute_copy",
            {kb.size(rows, 0), kb.index(llvm::divideCeil(columns, kThreads))},
            kThreads, [&] {
              Value row = kb.block(0);
              Value column =
                  kb.add(kb.mul(kb.block(1), kb.index(kThreads)), kb.thread());
              kb.ifThen(kb.less(column, kb.index(columns)), [&] {
                Value value =
                    kb.create<memref::LoadOp>(input, ValueRange{row, column});
                for (int64_t j = 0; j < topK; ++j) {
                  Value place = kb.loadIndex(rows, {row, kb.index(j)});
                  kb.store(value, permuted, {place, column});
                }
              });
            });
}
static void emitCopies(GPUKernelBuilder &, SortCopiesOp) {} // products gather

namespace {
/// minimax.permute and minimax.sort_copies
template <typename OpTy> struct LowerSort : GPUKernelPattern<OpTy> {
  using GPUKernelPattern<OpTy>::GPUKernelPattern;
  LogicalResult lower(OpTy op, GPUKernelBuilder &kb) const override {
    emitSortCopies(kb, "permute_sort", orderOf(op));
    emitCopies(kb, op);
    return success();
  }
};

/// Of few tokens the block that sorts their copies chooses the experts too.
template <typename OpTy> struct LowerRouteAndSort : OpRewritePattern<OpTy> {
  LowerRouteAndSort(MLIRContext *context, const GPUTarget &target)
      : OpRewritePattern<OpTy>(context, /*benefit=*/2), target(target) {}

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    RouteOp route =
        op->getNumResults() == 0 ? findRoute(op, op.getExperts()) : RouteOp();
    if (!route)
      return rewriter.notifyMatchFailure(op, "no route right before it");
    GPUKernelBuilder kb(op.getLoc(), rewriter, target);
    Value tokens = kb.size(route.getLogits(), 0);
    auto routeAll = [&] {
      kb.loop(kb.warp(), tokens, kb.threads() / kb.kWarp,
              [&](Value row) { routeRow(kb, route, row); });
    };
    kb.ifElse(
        kb.less(tokens, kb.index(kFewTokens + 1)),
        [&] { emitSortCopies(kb, "route_sort", orderOf(op), routeAll); },
        [&] {
          emitRoute(kb, route);
          emitSortCopies(kb, "permute_sort", orderOf(op));
        });
    emitCopies(kb, op);
    rewriter.eraseOp(op);
    rewriter.eraseOp(route);
    return success();
  }

  GPUTarget target;
};

struct LowerUnpermute : GPUKernelPattern<UnpermuteOp> {
  using GPUKernelPattern::GPUKernelPattern;
  LogicalResult lower(UnpermuteOp op, GPUKernelBuilder &kb) const override {
    Value output = op.getOuts()[0], rows = op.getRows();
    int64_t columns = dimOf(output, 1);
    kb.launch(
        "unpermute",
        {kb.size(output, 0), kb.index(llvm::divideCeil(columns, kThreads))},
        kThreads, [&] {
          Value row = kb.block(0);
          Value column =
              kb.add(kb.mul(kb.block(1), kb.index(kThreads)), kb.thread());
          kb.ifThen(kb.less(column, kb.index(columns)), [&] {
            Value sum = kb.f32(0);
            for (int64_t j = 0; j < dimOf(rows, 1); ++j) {
              Value place = kb.loadIndex(rows, {row, kb.index(j)});
              sum = kb.fma(kb.load(op.getWeights(), {row, kb.index(j)}),
                           kb.load(op.getInput(), {place, column}), sum);
            }
            sum = kb.create<arith::MulFOp>(
                sum, kb.f32(op.getBeta().convertToDouble()));
            if (op.getResidual())
              sum = kb.fma(kb.f32(op.getAlpha().convertToDouble()),
                           kb.load(op.getResidual(), {row, column}), sum);
            kb.store(sum, output, {row, column});
          });
        });
    return success();
  }
};
} // namespace

void minimax::populateMoEGPUKernels(RewritePatternSet &patterns,
                                    const GPUTarget &target) {
  patterns.add<LowerRoute, LowerSort<PermuteOp>, LowerSort<SortCopiesOp>,
               LowerRouteAndSort<PermuteOp>, LowerRouteAndSort<SortCopiesOp>,
               LowerUnpermute>(patterns.getContext(), target);
}
