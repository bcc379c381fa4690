//===- MoEKernels.cpp - routing and permutation of tokens -----------------===//
//
// Top-k choice, sort by expert, weighted sum back. Memory bound: each row is
// read and written once; counting is one pass over the choices.
//
//===----------------------------------------------------------------------===//

#include "KernelPatterns.h"

using namespace mlir;
using namespace mlir::minimax;

static int64_t columnsOf(Value memref) {
  return cast<MemRefType>(memref.getType()).getShape().back();
}

/// The best (logit, expert) that comes after `previous` in the order of falling
/// logits and rising experts. All values as (f32, index).
static SmallVector<Value> nextBest(KernelBuilder &kb, Value logits, Value row,
                                   Value previousLogit, Value previousExpert) {
  SmallVector<Value> inits = {kb.f32(-std::numeric_limits<float>::infinity()),
                              kb.index(0),
                              kb.create<arith::ConstantIntOp>(0, 1)};
  return kb.loopCarry(
      kb.index(0), kb.index(columnsOf(logits)), 1, inits,
      [&](Value expert, ValueRange best) -> SmallVector<Value> {
        using arith::CmpFPredicate;
        Value logit = kb.load(logits, {row, expert});
        auto compare = [&](CmpFPredicate predicate, Value a, Value b) -> Value {
          return kb.create<arith::CmpFOp>(predicate, a, b);
        };
        Value tied = kb.create<arith::AndIOp>(
            compare(CmpFPredicate::OEQ, logit, previousLogit),
            kb.less(previousExpert, expert));
        Value allowed = kb.create<arith::OrIOp>(
            compare(CmpFPredicate::OLT, logit, previousLogit), tied);
        // The first candidate always wins, so that -inf can be chosen too.
        Value isNew = kb.create<arith::XOrIOp>(
            best[2], kb.create<arith::ConstantIntOp>(1, 1));
        Value better = kb.create<arith::OrIOp>(
            isNew, compare(CmpFPredicate::OGT, logit, best[0]));
        Value take = kb.create<arith::AndIOp>(allowed, better);
        return {kb.create<arith::SelectOp>(take, logit, best[0]),
                kb.create<arith::SelectOp>(take, expert, best[1]),
                kb.create<arith::OrIOp>(take, best[2])};
      });
}

namespace {
struct LowerRoute : KernelPattern<RouteOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(RouteOp op, KernelBuilder &kb) const override {
    Value logits = op.getLogits(), weights = op.getOuts()[0],
          experts = op.getOuts()[1];
    int64_t topK = columnsOf(weights);
    kb.parallelRows(kb.size(logits, 0), [&](Value row) {
      Value logit = kb.f32(std::numeric_limits<float>::infinity());
      Value expert = kb.index(-1), largest, sum;
      SmallVector<Value> exponentials;
      for (int64_t choice = 0; choice < topK; ++choice) {
        SmallVector<Value> best = nextBest(kb, logits, row, logit, expert);
        logit = best[0];
        expert = best[1];
        largest = largest ? largest : logit;
        Value e = kb.exp(kb.create<arith::SubFOp>(logit, largest));
        sum = sum ? kb.create<arith::AddFOp>(sum, e).getResult() : e;
        exponentials.push_back(e);
        kb.storeIndex(expert, experts, {row, kb.index(choice)});
      }
      for (auto [choice, e] : llvm::enumerate(exponentials))
        kb.store(kb.create<arith::DivFOp>(e, sum), weights,
                 {row, kb.index(choice)});
    });
    return success();
  }
};

struct LowerPermute : KernelPattern<PermuteOp> {
  using KernelPattern::KernelPattern;

  /// offsets[e+1] = number of copies for experts 0 .. e; offsets[0] = 0.
  static void emitCounts(KernelBuilder &kb, Value experts, Value offsets) {
    int64_t numExperts = cast<MemRefType>(offsets.getType()).getDimSize(0) - 1;
    Value zero = kb.index(0), one = kb.index(1);
    kb.loop(zero, kb.index(numExperts + 1), 1,
            [&](Value e) { kb.storeIndex(zero, offsets, {e}); });
    forEachCopy(kb, experts, [&](Value row, Value choice) {
      Value slot = kb.add(kb.loadIndex(experts, {row, choice}), one);
      kb.storeIndex(kb.add(kb.loadIndex(offsets, {slot}), one), offsets,
                    {slot});
    });
    kb.loop(zero, kb.index(numExperts), 1, [&](Value e) {
      Value next = kb.add(e, one);
      Value sum =
          kb.add(kb.loadIndex(offsets, {e}), kb.loadIndex(offsets, {next}));
      kb.storeIndex(sum, offsets, {next});
    });
  }

  static void forEachCopy(KernelBuilder &kb, Value experts,
                          function_ref<void(Value, Value)> body) {
    kb.loop(kb.index(0), kb.size(experts, 0), 1, [&](Value row) {
      kb.loop(kb.index(0), kb.index(columnsOf(experts)), 1,
              [&](Value choice) { body(row, choice); });
    });
  }

  LogicalResult lower(PermuteOp op, KernelBuilder &kb) const override {
    Value experts = op.getExperts(), permuted = op.getOuts()[0],
          offsets = op.getOuts()[1], rows = op.getOuts()[2];
    // One tile: the sort is sequential and short beside the products.
    kb.parallel(kb.index(1), [&](Value) {
      emitCounts(kb, experts, offsets);
      int64_t numExperts =
          cast<MemRefType>(offsets.getType()).getDimSize(0) - 1;
      Value cursor = kb.scratch({numExperts}, kb.getI32Type());
      kb.loop(kb.index(0), kb.index(numExperts), 1, [&](Value e) {
        kb.storeIndex(kb.loadIndex(offsets, {e}), cursor, {e});
      });
      forEachCopy(kb, experts, [&](Value row, Value choice) {
        Value expert = kb.loadIndex(experts, {row, choice});
        Value place = kb.loadIndex(cursor, {expert});
        kb.storeIndex(place, rows, {row, choice});
        kb.storeIndex(kb.add(place, kb.index(1)), cursor, {expert});
      });
    });
    kb.parallelRows(kb.size(experts, 0), [&](Value row) {
      for (int64_t choice = 0; choice < columnsOf(experts); ++choice) {
        Value place = kb.loadIndex(rows, {row, kb.index(choice)});
        kb.forEachVector(columnsOf(permuted), [&](Value column, Value mask) {
          kb.storeVector(kb.loadVector(op.getInput(), {row, column}, mask),
                         permuted, {place, column}, mask);
        });
      }
    });
    return success();
  }
};

struct LowerUnpermute : KernelPattern<UnpermuteOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(UnpermuteOp op, KernelBuilder &kb) const override {
    Value output = op.getOuts()[0], rows = op.getRows();
    int64_t topK = columnsOf(rows);
    Value alpha = kb.splat(op.getAlpha().convertToDouble());
    Value beta = kb.splat(op.getBeta().convertToDouble());
    kb.parallelRows(kb.size(output, 0), [&](Value row) {
      SmallVector<Value> places, weights;
      for (int64_t choice = 0; choice < topK; ++choice) {
        places.push_back(kb.loadIndex(rows, {row, kb.index(choice)}));
        weights.push_back(
            kb.broadcast(kb.load(op.getWeights(), {row, kb.index(choice)})));
      }
      kb.forEachVector(columnsOf(output), [&](Value column, Value mask) {
        Value sum = kb.splat(0);
        for (auto [place, weight] : llvm::zip(places, weights))
          sum = kb.fma(
              weight, kb.loadVector(op.getInput(), {place, column}, mask), sum);
        sum = kb.create<arith::MulFOp>(sum, beta);
        if (op.getResidual())
          sum = kb.fma(
              alpha, kb.loadVector(op.getResidual(), {row, column}, mask), sum);
        kb.storeVector(sum, output, {row, column}, mask);
      });
    });
    return success();
  }
};
} // namespace

void minimax::populateMoEKernels(RewritePatternSet &patterns,
                                 const CPUTarget &target) {
  patterns.add<LowerRoute, LowerPermute, LowerUnpermute>(patterns.getContext(),
                                                         target);
}
