//===- SampleRow.cpp - choose a token of a row of logits ------------------===//
//
// Without a sort: thresholds are found by bisection over the bits of f32, ids
// by bisection over halves of the row, both by sums that only grow.
//
// Roofline: greedy choice reads the row twice, a draw four times, top-k and
// top-p 34 times more each; a row of 200 064 logits (0.8 MB) stays in the cache
// nearest to who works on it but for the first reading.
//
//===----------------------------------------------------------------------===//

#include "minimax/Codegen/Common/SampleRow.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <numbers>

using namespace mlir;
using namespace mlir::minimax;

static constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// Its inverse, times log2(e), is finite.
static constexpr double kLeastTemperature = 0x1p-64;

namespace {
using arith::CmpFPredicate;
using Kind = RowReducer::Kind;

/// The tokens that may be drawn: those above the threshold, and those equal to
/// it up to a last column. All f32.
struct Kept {
  Value threshold, last;
};

class RowSampler {
public:
  RowSampler(LoopBuilder &b, SampleOp op, Value row, RowReducer &reducer)
      : b(b), op(op), row(row), reducer(reducer),
        columns(dimOf(op.getLogits(), 1)) {}
  Value emit();

private:
  Value draw();
  Kept keepTopK(Kept all, Value topK);
  Kept keepTopP(Kept kept, Value topP);
  Value weightOf(Value logit);
  Value isKept(const Kept &kept, Value logit, Value column);
  Value sum(RowReducer::Term term) {
    return reducer.reduce(Kind::Sum, b.index(0), b.index(columns), term);
  }
  /// The largest f32 such that the terms of logits no smaller reach `target`.
  Value findThreshold(Value target, RowReducer::Term term);
  /// The first column whose running sum of terms exceeds `rest`; if rounding
  /// leaves none, the last whose term is positive.
  Value findColumn(Value rest, RowReducer::Term term);
  Kept branch(Value condition, Kept otherwise, function_ref<Kept()> then);

  // `like` is a scalar or a vector; so is what these give.
  Value spread(Value scalar, Value like);
  Value compare(CmpFPredicate predicate, Value value, Value scalar) {
    return b.create<arith::CmpFOp>(predicate, value, spread(scalar, value));
  }
  Value one(Value condition, Value value, double otherwise = 0) {
    return b.create<arith::SelectOp>(condition, value,
                                     spread(b.f32(otherwise), value));
  }
  Value count(Value condition, Value like) {
    return one(condition, spread(b.f32(1), like));
  }

  LoopBuilder &b;
  SampleOp op;
  Value row;
  RowReducer &reducer;
  int64_t columns;
  Value largest, scale;
};
} // namespace

Value RowSampler::spread(Value scalar, Value like) {
  auto vector = dyn_cast<VectorType>(like.getType());
  if (!vector)
    return scalar;
  return b.create<vector::BroadcastOp>(vector.clone(scalar.getType()), scalar);
}

/// exp((logit - largest) / temperature), or 0 if that is less than 2^-120.
Value RowSampler::weightOf(Value logit) {
  Value distance = b.create<arith::SubFOp>(logit, spread(largest, logit));
  Value x = b.create<arith::MulFOp>(distance, spread(scale, logit));
  return one(compare(CmpFPredicate::OGE, x, b.f32(-120)), b.exp2(x));
}

Value RowSampler::isKept(const Kept &kept, Value logit, Value column) {
  Value tied = b.create<arith::AndIOp>(
      compare(CmpFPredicate::OEQ, logit, kept.threshold),
      compare(CmpFPredicate::OLE, column, kept.last));
  return b.create<arith::OrIOp>(
      compare(CmpFPredicate::OGT, logit, kept.threshold), tied);
}

/// The f32 whose place in the order of all f32 is `key`, an i32: negative ones
/// fall with the bits of their magnitude.
static Value floatAt(LoopBuilder &b, Value key) {
  Value zero = b.create<arith::ConstantIntOp>(0, 32);
  Value flipped = b.create<arith::XOrIOp>(
      key, b.create<arith::ConstantIntOp>(0x7fffffff, 32));
  Value negative =
      b.create<arith::CmpIOp>(arith::CmpIPredicate::slt, key, zero);
  Value bits = b.create<arith::SelectOp>(negative, flipped, key);
  return b.create<arith::BitcastOp>(b.getF32Type(), bits);
}

Value RowSampler::findThreshold(Value target, RowReducer::Term term) {
  // Keys of minus infinity, which all reach, and of plus infinity, which none
  // reaches; as i64, so that their difference fits.
  Value lower = b.index(-2139095041), upper = b.index(0x7f800000);
  auto step = [&](Value, ValueRange bounds) -> SmallVector<Value> {
    Value half =
        b.create<arith::ShRSIOp>(b.add(bounds[0], bounds[1]), b.index(1));
    Value value = floatAt(
        b, b.create<arith::IndexCastOp>(b.getI32Type(), half).getResult());
    Value reached = sum([&](Value logit, Value column) {
      return one(compare(CmpFPredicate::OGE, logit, value),
                 term(logit, column));
    });
    Value enough = b.create<arith::CmpFOp>(CmpFPredicate::OGE, reached, target);
    return {b.create<arith::SelectOp>(enough, half, bounds[0]),
            b.create<arith::SelectOp>(enough, bounds[1], half)};
  };
  Value key = b.loopCarry(b.index(0), b.index(32), 1, {lower, upper}, step)[0];
  return floatAt(b,
                 b.create<arith::IndexCastOp>(b.getI32Type(), key).getResult());
}

Value RowSampler::findColumn(Value rest, RowReducer::Term term) {
  auto step = [&](Value, ValueRange state) -> SmallVector<Value> {
    Value begin = state[0], end = state[1], rest = state[2];
    Value middle = b.div(b.add(begin, end), b.index(2));
    Value left = reducer.reduce(Kind::Sum, begin, middle, term);
    Value right = reducer.reduce(Kind::Sum, middle, end, term);
    Value beyond = b.create<arith::AndIOp>(
        b.create<arith::CmpFOp>(CmpFPredicate::OGE, rest, left),
        b.create<arith::CmpFOp>(CmpFPredicate::OGT, right, b.f32(0)));
    return {b.create<arith::SelectOp>(beyond, middle, begin),
            b.create<arith::SelectOp>(beyond, end, middle),
            b.create<arith::SelectOp>(
                beyond, b.create<arith::SubFOp>(rest, left), rest)};
  };
  int64_t steps = llvm::Log2_64_Ceil(columns);
  return b.loopCarry(b.index(0), b.index(steps), 1,
                     {b.index(0), b.index(columns), rest}, step)[0];
}

Kept RowSampler::branch(Value condition, Kept otherwise,
                        function_ref<Kept()> then) {
  auto branch = b.create<scf::IfOp>(TypeRange{b.getF32Type(), b.getF32Type()},
                                    condition, true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  Kept kept = then();
  b.create<scf::YieldOp>(ValueRange{kept.threshold, kept.last});
  b.setInsertionPointToStart(branch.elseBlock());
  b.create<scf::YieldOp>(ValueRange{otherwise.threshold, otherwise.last});
  return {branch.getResult(0), branch.getResult(1)};
}

Kept RowSampler::keepTopK(Kept all, Value topK) {
  Value wanted = b.create<arith::AndIOp>(b.less(b.index(0), topK),
                                         b.less(topK, b.index(columns)));
  return branch(wanted, all, [&] {
    Value k = b.number(topK);
    Value threshold = findThreshold(
        k, [&](Value logit, Value) { return spread(b.f32(1), logit); });
    Value above = sum([&](Value logit, Value) {
      return count(compare(CmpFPredicate::OGT, logit, threshold), logit);
    });
    // The last that fits is the first with as many before it.
    Value before =
        b.create<arith::SubFOp>(b.create<arith::SubFOp>(k, above), b.f32(1));
    Value last = findColumn(before, [&](Value logit, Value) {
      return count(compare(CmpFPredicate::OEQ, logit, threshold), logit);
    });
    return Kept{threshold, b.number(last)};
  });
}

Kept RowSampler::keepTopP(Kept kept, Value topP) {
  Value wanted = b.create<arith::CmpFOp>(CmpFPredicate::OLT, topP, b.f32(1));
  return branch(wanted, kept, [&] {
    auto weight = [&](Value logit, Value column) {
      return one(isKept(kept, logit, column), weightOf(logit));
    };
    Value target = b.create<arith::MulFOp>(topP, sum(weight));
    Value threshold = findThreshold(target, weight);
    Value above = sum([&](Value logit, Value column) {
      return one(compare(CmpFPredicate::OGT, logit, threshold),
                 weight(logit, column));
    });
    // Tokens of equal weight are needed until the target is reached.
    Value missing = b.create<arith::SubFOp>(target, above);
    Value needed = b.create<arith::DivFOp>(missing, weightOf(threshold));
    // Rounded up; the last of them is the first with one less before it.
    Value whole = b.create<math::RoundEvenOp>(needed);
    Value tooFew = b.create<arith::CmpFOp>(CmpFPredicate::OLT, whole, needed);
    Value before = b.create<arith::SelectOp>(
        tooFew, whole, b.create<arith::SubFOp>(whole, b.f32(1)));
    Value last = findColumn(before, [&](Value logit, Value column) {
      Value tied =
          b.create<arith::AndIOp>(compare(CmpFPredicate::OEQ, logit, threshold),
                                  isKept(kept, logit, column));
      return count(tied, logit);
    });
    return Kept{threshold, b.number(last)};
  });
}

Value RowSampler::draw() {
  scale = b.create<arith::DivFOp>(b.f32(std::numbers::log2e),
                                  b.load(op.getTemperatures(), {row}));
  Kept kept{b.f32(-kInfinity), b.f32(double(columns))};
  kept = keepTopK(kept, b.loadIndex(op.getTopK(), {row}));
  kept = keepTopP(kept, b.load(op.getTopP(), {row}));
  auto weight = [&](Value logit, Value column) {
    return one(isKept(kept, logit, column), weightOf(logit));
  };
  Value rest =
      b.create<arith::MulFOp>(b.load(op.getUniforms(), {row}), sum(weight));
  return findColumn(rest, weight);
}

Value RowSampler::emit() {
  Value begin = b.index(0), end = b.index(columns);
  // A NaN counts as infinite: such rows have no token.
  largest = reducer.reduce(Kind::Max, begin, end, [&](Value logit, Value) {
    Value isNumber = b.create<arith::CmpFOp>(CmpFPredicate::ORD, logit, logit);
    return one(isNumber, logit, kInfinity);
  });
  Value finite = b.create<arith::AndIOp>(
      b.create<arith::CmpFOp>(CmpFPredicate::OLT, largest, b.f32(kInfinity)),
      b.create<arith::CmpFOp>(CmpFPredicate::OGT, largest, b.f32(-kInfinity)));
  Value greedy = b.create<arith::OrIOp>(
      b.create<arith::CmpFOp>(CmpFPredicate::OLT,
                              b.load(op.getTemperatures(), {row}),
                              b.f32(kLeastTemperature)),
      b.equal(b.loadIndex(op.getTopK(), {row}), b.index(1)));
  Value drawn = b.create<arith::AndIOp>(
      finite,
      b.create<arith::XOrIOp>(greedy, b.create<arith::ConstantIntOp>(1, 1)));
  auto choice = b.create<scf::IfOp>(TypeRange{b.getIndexType()}, drawn, true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(choice.thenBlock());
  b.create<scf::YieldOp>(draw());
  b.setInsertionPointToStart(choice.elseBlock());
  // The smallest column, as the largest of the negative numbers.
  Value first =
      reducer.reduce(Kind::Max, begin, end, [&](Value logit, Value column) {
        return one(compare(CmpFPredicate::OEQ, logit, largest),
                   b.create<arith::NegFOp>(column), -kInfinity);
      });
  Value token = b.create<arith::FPToSIOp>(
      b.getI32Type(), b.create<arith::NegFOp>(
                          b.create<arith::SelectOp>(finite, first, b.f32(1))));
  b.create<scf::YieldOp>(
      b.create<arith::IndexCastOp>(b.getIndexType(), token).getResult());
  b.setInsertionPointAfter(choice);
  return choice.getResult(0);
}

Value minimax::emitSampleRow(LoopBuilder &builder, SampleOp op, Value row,
                             RowReducer &reducer) {
  return RowSampler(builder, op, row, reducer).emit();
}
