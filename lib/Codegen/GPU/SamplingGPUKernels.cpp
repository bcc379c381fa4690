//===- SamplingGPUKernels.cpp - choice of tokens --------------------------===//
//
// A block for each row, a thread for each column. Roofline: SampleRow.cpp; one
// multiprocessor reads about 64 bytes a cycle, so a pass over a row of 200 064
// logits takes some 7 us.
//
//===----------------------------------------------------------------------===//

#include "GPUKernelPatterns.h"
#include "minimax/Codegen/Common/SampleRow.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kThreads = 1024;

namespace {
class BlockReducer : public RowReducer {
public:
  BlockReducer(GPUKernelBuilder &kb, Value logits, Value row)
      : kb(kb), logits(logits), row(row) {}

  Value reduce(Kind kind, Value begin, Value end, Term term) override {
    bool isSum = kind == Kind::Sum;
    Value identity =
        kb.f32(isSum ? 0 : -std::numeric_limits<double>::infinity());
    Value mine = kb.loopCarry(
        kb.add(begin, kb.thread()), end, kb.threads(), {identity},
        [&](Value column, ValueRange carried) -> SmallVector<Value> {
          Value value = term(kb.load(logits, {row, column}), kb.number(column));
          if (isSum)
            return {kb.create<arith::AddFOp>(carried[0], value)};
          return {kb.create<arith::MaxNumFOp>(carried[0], value)};
        })[0];
    Value all = isSum ? kb.blockSum(mine) : kb.blockMax(mine);
    kb.barrier();
    return all;
  }

private:
  GPUKernelBuilder &kb;
  Value logits, row;
};

struct LowerSample : GPUKernelPattern<SampleOp> {
  using GPUKernelPattern::GPUKernelPattern;
  LogicalResult lower(SampleOp op, GPUKernelBuilder &kb) const override {
    kb.launch("sample", {kb.size(op.getLogits(), 0)}, kThreads, [&] {
      Value row = kb.block();
      BlockReducer reducer(kb, op.getLogits(), row);
      Value token = emitSampleRow(kb, op, row, reducer);
      kb.ifThen(kb.equal(kb.thread(), kb.index(0)),
                [&] { kb.storeIndex(token, op.getOuts()[0], {row}); });
    });
    return success();
  }
};
} // namespace

void minimax::populateSamplingGPUKernels(RewritePatternSet &patterns,
                                         const GPUTarget &target) {
  patterns.add<LowerSample>(patterns.getContext(), target);
}
