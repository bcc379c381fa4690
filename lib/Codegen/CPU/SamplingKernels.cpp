//===- SamplingKernels.cpp - choice of tokens -----------------------------===//
//
// A worker for each row, a lane for each column. Roofline: SampleRow.cpp.
//
//===----------------------------------------------------------------------===//

#include "KernelPatterns.h"
#include "minimax/Codegen/Common/SampleRow.h"

using namespace mlir;
using namespace mlir::minimax;

namespace {
class VectorReducer : public RowReducer {
public:
  VectorReducer(KernelBuilder &kb, Value logits, Value row)
      : kb(kb), logits(logits), row(row) {}

  Value reduce(Kind kind, Value begin, Value end, Term term) override {
    bool isSum = kind == Kind::Sum;
    Value identity =
        kb.splat(isSum ? 0 : -std::numeric_limits<double>::infinity());
    auto add = [&](Value column, Value mask, Value sum) -> Value {
      Value value =
          term(kb.loadVector(logits, {row, column}, mask), numbersFrom(column));
      if (mask)
        value = kb.create<arith::SelectOp>(mask, value, identity);
      if (isSum)
        return kb.create<arith::AddFOp>(sum, value);
      return kb.create<arith::MaximumFOp>(sum, value);
    };
    Value lanes = kb.index(kb.target.lanes);
    Value whole = kb.mul(kb.div(kb.sub(end, begin), lanes), lanes);
    Value tail = kb.add(begin, whole);
    Value sum = kb.loopCarry(
        begin, tail, kb.target.lanes, {identity},
        [&](Value column, ValueRange carried) -> SmallVector<Value> {
          return {add(column, {}, carried[0])};
        })[0];
    sum = add(tail, kb.mask(kb.sub(end, tail)), sum);
    return isSum ? kb.reduceAdd(sum) : kb.reduceMax(sum);
  }

private:
  /// Numbers of the columns of a vector, in f32.
  Value numbersFrom(Value column) {
    SmallVector<float> steps;
    for (int64_t lane = 0; lane < kb.target.lanes; ++lane)
      steps.push_back(lane);
    Value lanes = kb.create<arith::ConstantOp>(DenseElementsAttr::get(
        kb.vectorType(kb.getF32Type()), ArrayRef<float>(steps)));
    return kb.create<arith::AddFOp>(kb.broadcast(kb.number(column)), lanes);
  }

  KernelBuilder &kb;
  Value logits, row;
};

struct LowerSample : KernelPattern<SampleOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(SampleOp op, KernelBuilder &kb) const override {
    kb.parallel(kb.size(op.getLogits(), 0), [&](Value row) {
      VectorReducer reducer(kb, op.getLogits(), row);
      kb.storeIndex(emitSampleRow(kb, op, row, reducer), op.getOuts()[0],
                    {row});
    });
    return success();
  }
};
} // namespace

void minimax::populateSamplingKernels(RewritePatternSet &patterns,
                                      const CPUTarget &target) {
  patterns.add<LowerSample>(patterns.getContext(), target);
}
