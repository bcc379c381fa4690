//===- WarpgroupProducts.cpp - multiply Hopper's products -----------------===//
//
// The warpgroups that multiply, each by a panel of its own or by its half of
// every stage of one panel. Row 16w + g + 8h of A is column 16w + 2g + h of
// the panel. Lanes whose t is odd read the columns of such a pair in the other
// order; then the 32 words that a warp reads at once meet the 16 banks of its
// columns twice, which is as good as rows of 64 words allow.
//
//===----------------------------------------------------------------------===//

#include "SmallIntegers.h"
#include "WarpgroupSums.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kMmaDepth = 16;

namespace {
class WarpgroupProducts : WarpgroupBlock {
public:
  explicit WarpgroupProducts(const WarpgroupBlock &block)
      : WarpgroupBlock(block) {}

  void emit() {
    if (movesRegisters())
      kb.create<NVVM::SetMaxRegisterOp>(multiplyRegisters(),
                                        NVVM::SetMaxRegisterAction::increase);
    findPlace();
    schedule.forEachTile(countDepth(),
                         [&](const WarpgroupPlace &place) { emitTile(place); });
  }

private:
  /// Tiles with half of their rows at most, as the last one of an expert may
  /// be, take half of the products.
  void emitTile(const WarpgroupPlace &place) {
    WarpgroupSums outputs(*this, {consumer, warp, quarter, column});
    outputs.begin();
    auto emit = [&](int64_t count) {
      outputs.finish(place, count, multiplyStages(place.filled, count));
    };
    if (!halves())
      return emit(tileRows);
    Value count = kb.sub(place.rows.end, place.rows.first);
    kb.ifElse(
        kb.less(kb.index(tileRows / 2), count), [&] { emit(tileRows); },
        [&] { emit(tileRows / 2); });
  }

  void findPlace() {
    consumer = kb.sub(kb.div(kb.thread(), kb.index(kWarpgroup)), kb.index(1));
    warp = kb.rem(kb.warp(), kb.index(kWarpgroup / kb.kWarp));
    group = kb.div(kb.lane(), kb.index(4));
    quarter = kb.rem(kb.lane(), kb.index(4));
    column = kb.add(kb.mul(warp, kb.index(16)), kb.mul(group, kb.index(2)));
    // Steps that a lane reads are the same of four.
    Value chunk = kb.div(column, kb.index(kInt8Chunk));
    swizzledColumn =
        kb.add(kb.mul(swizzleInt8(kb, quarter, chunk), kb.index(kInt8Chunk)),
               kb.rem(column, kb.index(kInt8Chunk)));
    swaps = kb.rem(quarter, kb.index(2));
    panel = sharesDepth() ? kb.index(0) : consumer;
    firstDepth =
        sharesDepth() ? kb.mul(consumer, kb.index(ownDepth())) : kb.index(0);
  }

  /// Values of a stage's inner dimension that a warpgroup multiplies.
  int64_t ownDepth() const {
    return sharesDepth() ? kStageDepth / kConsumers : kStageDepth;
  }

  /// Words of the panel for columns `column` and the next at `step`.
  std::array<Value, 2> weightWords(Value stage, Value step) {
    if (product.quantized()) {
      Value bytes = kb.loadVector(
          weights, {stage, panel, step, swizzledColumn, kb.index(0)}, 4);
      Value word = kb.create<vector::BitCastOp>(
          VectorType::get({1}, kb.getI32Type()), bytes);
      return bytesToBF16(
          kb, kb.create<vector::ExtractOp>(word, ArrayRef<int64_t>{0}));
    }
    auto load = [&](Value at) {
      return kb.create<memref::LoadOp>(weights,
                                       ValueRange{stage, panel, step, at});
    };
    Value one = load(kb.add(column, swaps));
    Value other = load(kb.add(column, kb.sub(kb.index(1), swaps)));
    Value swapped = kb.equal(swaps, kb.index(1));
    return {kb.create<arith::SelectOp>(swapped, other, one),
            kb.create<arith::SelectOp>(swapped, one, other)};
  }

  Value weightFragment(Value stage, int64_t depth) {
    Value step = kb.add(kb.div(firstDepth, kb.index(2)),
                        kb.add(quarter, kb.index(depth / 2)));
    auto [low, nextLow] = weightWords(stage, step);
    auto [high, nextHigh] =
        weightWords(stage, kb.add(step, kb.index(kMmaDepth / 4)));
    return kb.create<vector::FromElementsOp>(
        VectorType::get({4}, kb.getI32Type()),
        ValueRange{low, nextLow, high, nextHigh});
  }

  /// One lane of each warp says that filling `number` has been used.
  void release(Value number, Value isUsed) {
    Value isSignal =
        kb.create<arith::AndIOp>(isUsed, kb.equal(kb.lane(), kb.index(0)));
    kb.ifThen(isSignal, [&] { arrive(empty, number); });
  }

  Value multiplyStage(Value filled, Value depth, Value sum) {
    Value number = kb.add(filled, depth), zero = kb.index(0);
    Value stage = stageOf(number);
    kb.create<minimax_gpu::MbarrierWaitOp>(full, stage, parityOf(number));
    SmallVector<Value> fragments;
    for (int64_t k = 0; k < ownDepth(); k += kMmaDepth)
      fragments.push_back(weightFragment(stage, k));
    kb.create<NVVM::WgmmaFenceAlignedOp>();
    for (auto [i, fragment] : llvm::enumerate(fragments))
      sum = kb.create<minimax_gpu::WgmmaOp>(
          sum.getType(), fragment, inputs,
          ValueRange{stage, zero, kb.add(firstDepth, kb.index(i * kMmaDepth))},
          sum);
    kb.create<NVVM::WgmmaGroupSyncAlignedOp>();
    kb.create<NVVM::WgmmaWaitGroupSyncOp>(1);
    // The products of the stage before are done.
    release(kb.sub(number, kb.index(1)), kb.less(zero, depth));
    return sum;
  }

  /// Sums of the first `count` rows of a tile.
  Value multiplyStages(Value filled, int64_t count) {
    auto type = VectorType::get({count / 2}, kb.getF32Type());
    Value zero = kb.create<arith::ConstantOp>(kb.getZeroAttr(type));
    Value sum = kb.loopCarry(kb.index(0), countDepth(), 1, {zero},
                             [&](Value depth, ValueRange carried) {
                               return SmallVector<Value>{
                                   multiplyStage(filled, depth, carried[0])};
                             })[0];
    kb.create<NVVM::WgmmaWaitGroupSyncOp>(0);
    release(kb.sub(kb.add(filled, countDepth()), kb.index(1)),
            kb.create<arith::ConstantIntOp>(1, 1));
    return sum;
  }

  /// This thread's warpgroup among those that multiply, warp in it, lane / 4,
  /// lane % 4, first column, and whether it reads that column second (1).
  Value consumer, warp, group, quarter, column, swaps;
  /// Where a stage of int8 has that column.
  Value swizzledColumn;
  /// Its panel in the block, and what it multiplies first of a stage.
  Value panel, firstDepth;
};
} // namespace

void minimax::emitWarpgroupProducts(const WarpgroupBlock &block) {
  WarpgroupProducts(block).emit();
}
