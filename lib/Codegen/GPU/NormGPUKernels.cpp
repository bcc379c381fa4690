//===- NormGPUKernels.cpp - root-mean-square norms ------------------------===//
//
// A block for each row. Its threads take four neighbouring columns at a time
// and keep them, while they sum squares, for the product: all of the row is
// under way at once, and read once. Rows that are too long or no whole runs of
// four are read twice, the second time from cache.
//
// Roofline: the bytes of the input, its gate and both results, each once.
//
//===----------------------------------------------------------------------===//

#include "GPUKernelPatterns.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kThreads = 256;
/// Neighbours that a thread takes at a time, and how often at most.
static constexpr int64_t kRun = 4, kMostRuns = 8;

namespace {
/// Emits one row of a norm.
class NormRow {
public:
  NormRow(GPUKernelBuilder &kb, RmsNormOp op)
      : kb(kb), op(op), columns(dimOf(op.getInput(), 1)),
        run(keepsRow() ? kRun : 1) {}

  void emit() {
    row = kb.block();
    if (!keepsRow())
      return emitTwice();
    Value squares = kb.f32(0);
    for (int64_t first = 0; first < runs(); first += kThreads) {
      Value inside = kb.less(runAt(first), kb.index(runs()));
      Value at = kb.minimum(runAt(first), kb.index(runs() - 1));
      kept.push_back(kb.loadRun(op.getInput(), {row, columnOf(at)}, run));
      Value sum = kb.f32(0);
      for (Value x : kept.back())
        sum = kb.fma(x, x, sum);
      sum = kb.create<arith::SelectOp>(inside, sum, kb.f32(0));
      squares = kb.create<arith::AddFOp>(squares, sum);
    }
    Value factor = factorOf(squares);
    for (auto [i, values] : llvm::enumerate(kept)) {
      Value place = runAt(i * kThreads);
      kb.ifThen(kb.less(place, kb.index(runs())),
                [&, &values = values] { finish(place, values, factor); });
    }
  }

private:
  /// Whether threads keep the row in registers.
  bool keepsRow() {
    auto hasRuns = [](Value memref) {
      return GPUKernelBuilder::hasRuns(memref, kRun);
    };
    return hasRuns(op.getInput()) && (!op.getGate() || hasRuns(op.getGate())) &&
           llvm::all_of(op.getOuts(), hasRuns) &&
           columns <= kThreads * kRun * kMostRuns;
  }

  int64_t runs() const { return columns / run; }
  /// This thread's run of those from `first` on.
  Value runAt(int64_t first) { return kb.add(kb.thread(), kb.index(first)); }
  Value columnOf(Value place) { return kb.mul(place, kb.index(run)); }

  void emitTwice() {
    Value squares =
        kb.carryThread(kb.index(columns), {kb.f32(0)},
                       [&](Value column, ValueRange sum) -> SmallVector<Value> {
                         Value x = kb.load(op.getInput(), {row, column});
                         return {kb.fma(x, x, sum[0])};
                       })[0];
    Value factor = factorOf(squares);
    kb.forEachThread(kb.index(columns), [&](Value column) {
      finish(column, kb.load(op.getInput(), {row, column}), factor);
    });
  }

  /// What the row is multiplied by, from this thread's sum of squares.
  Value factorOf(Value squares) {
    Value mean =
        kb.create<arith::DivFOp>(kb.blockSum(squares), kb.f32(double(columns)));
    return kb.rsqrt(
        kb.create<arith::AddFOp>(mean, kb.f32(op.getEps().convertToDouble())));
  }

  /// Stores what run `place` of the row becomes.
  void finish(Value place, ArrayRef<Value> values, Value factor) {
    Value column = columnOf(place);
    SmallVector<Value> results, gates;
    if (op.getGate())
      gates = kb.loadRun(op.getGate(), {row, column}, run);
    for (auto [i, x] : llvm::enumerate(values)) {
      // A weight may lie in a checkpoint, aligned to its elements alone.
      Value weight = kb.load(op.getWeight(), {kb.add(column, kb.index(i))});
      Value y = kb.create<arith::MulFOp>(x, factor);
      y = kb.create<arith::MulFOp>(y, weight);
      if (op.getGate())
        y = kb.create<arith::MulFOp>(y, gates[i]);
      results.push_back(y);
    }
    for (Value output : op.getOuts())
      kb.storeRun(results, output, {row, column});
  }

  GPUKernelBuilder &kb;
  RmsNormOp op;
  int64_t columns, run;
  Value row;
  /// This thread's runs of the row.
  SmallVector<SmallVector<Value>> kept;
};

struct LowerRmsNorm : GPUKernelPattern<RmsNormOp> {
  using GPUKernelPattern::GPUKernelPattern;
  LogicalResult lower(RmsNormOp op, GPUKernelBuilder &kb) const override {
    kb.launch("rms_norm", {kb.size(op.getInput(), 0)}, kThreads,
              [&] { NormRow(kb, op).emit(); });
    return success();
  }
};
} // namespace

void minimax::populateNormGPUKernels(RewritePatternSet &patterns,
                                     const GPUTarget &target) {
  patterns.add<LowerRmsNorm>(patterns.getContext(), target);
}
