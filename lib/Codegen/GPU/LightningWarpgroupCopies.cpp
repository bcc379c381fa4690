//===- LightningWarpgroupCopies.cpp - tokens for Hopper's warpgroups ------===//
//
// The warpgroup that copies: queries, keys and a slice of the values of 128
// tokens to a stage while the other stage is computed, by chunks of 16 bytes to
// their swizzled places. Tokens that do not exist are zeros.
//
// Roofline: see LightningWarpgroups.cpp; 80 KiB are under way at once.
//
//===----------------------------------------------------------------------===//

#include "LightningWarpgroups.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::minimax;

/// Registers of a thread that copies.
static constexpr int32_t kCopyRegisters = 56;
/// Tokens that the warpgroup copies at once.
static constexpr int64_t kRows = LightningBlock::kWarpgroup / kSwizzledChunks;

namespace {
class LightningCopies : LightningBlock {
public:
  explicit LightningCopies(const LightningBlock &block)
      : LightningBlock(block) {}

  void emit() {
    kb.create<NVVM::SetMaxRegisterOp>(kCopyRegisters,
                                      NVVM::SetMaxRegisterAction::decrease);
    Value chunks = kb.index(kSwizzledChunks);
    row = kb.div(kb.thread(), chunks);
    Value chunk = kb.rem(kb.thread(), chunks);
    column = kb.mul(chunk, kb.index(kSwizzledChunk));
    place = kb.mul(swizzleChunk(kb, row, chunk), kb.index(kSwizzledChunk));
    kb.loop(kb.index(0), countStages(), 1, [&](Value number) {
      Value stage = stageOf(number);
      Value parity = kb.sub(kb.index(1), parityOf(number));
      kb.create<minimax_gpu::MbarrierWaitOp>(empty, stage, parity);
      for (int64_t half = 0; half < kConsumers; ++half)
        kb.loop(kb.index(0), kb.index(kTokens), kRows,
                [&](Value first) { copyRows(number, stage, half, first); });
      kb.create<NVVM::CpAsyncCommitGroupOp>();
      kb.create<NVVM::CpAsyncWaitGroupOp>(0);
      fenceWrites();
      kb.create<minimax_gpu::MbarrierArriveOp>(full, stage, IntegerAttr());
    });
  }

private:
  /// This thread's chunks of the row that it has among those from `first` on.
  void copyRows(Value number, Value stage, int64_t half, Value first) {
    Value local = kb.add(first, row);
    Value token =
        kb.add(kb.add(firstToken(number), kb.index(half * kTokens)), local);
    Value inside = kb.less(token, work.end);
    auto copy = [&](Value from, Value start, Value to, ArrayRef<Value> at) {
      kb.create<minimax_gpu::CopyAsyncOp>(
          from, ValueRange{token, work.head.head, kb.add(start, column)}, to,
          at, inside);
    };
    Value part = kb.index(half);
    for (int64_t panel = 0; panel < panels(); ++panel) {
      Value start = kb.index(panel * kSwizzledColumns);
      SmallVector<Value> at = {stage, part, kb.index(panel), local, place};
      copy(work.head.query, start, queries, at);
      copy(work.head.key, start, keys, at);
    }
    copy(work.head.value, firstColumn, values, {stage, part, local, place});
  }

  /// This thread's row among kRows, column of a panel, and where that lies.
  Value row, column, place;
};
} // namespace

void minimax::emitLightningCopies(const LightningBlock &block) {
  LightningCopies(block).emit();
}
