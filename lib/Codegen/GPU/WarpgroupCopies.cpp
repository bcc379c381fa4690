//===- WarpgroupCopies.cpp - fill the ring of Hopper's products -----------===//
//
// The warpgroup that copies: panels as they lie in memory, one bulk copy for
// each; panels of int8 and rows of the input, wherever these are, by chunks to
// their swizzled places, with zeros for rows beyond the tile. Groups of chunks
// land in order; each is made visible to wgmma and reported while the next are
// under way, those of the next tile too.
//
//===----------------------------------------------------------------------===//

#include "WarpgroupBlock.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::minimax;

namespace {
class WarpgroupCopies : WarpgroupBlock {
public:
  explicit WarpgroupCopies(const WarpgroupBlock &block)
      : WarpgroupBlock(block) {}

  void emit() {
    if (movesRegisters())
      kb.create<NVVM::SetMaxRegisterOp>(copyRegisters(),
                                        NVVM::SetMaxRegisterAction::decrease);
    Value count = schedule.forEachTile(
        countDepth(), [&](const WarpgroupPlace &place) { copyTile(place); });
    if (shares == 1)
      reportLast(count, count);
  }

private:
  void copyTile(const WarpgroupPlace &place) {
    if (shares > 1)
      kb.arriveAtCluster();
    kb.loop(kb.index(0), countDepth(), 1, [&](Value depth) {
      Value number = kb.add(place.filled, depth);
      copyStage(place, kb.add(share.begin, depth), number);
      report(number, shares > 1 ? depth : number);
    });
    if (shares == 1)
      return;
    // Those who multiply meet the cluster's other blocks.
    reportLast(kb.add(place.filled, countDepth()), countDepth());
    kb.waitForCluster();
    kb.arriveAtCluster();
    kb.waitForCluster();
  }

  /// Reports what is under way behind filling `number`, of which `count` have
  /// begun since all was reported.
  void reportLast(Value number, Value count) {
    kb.loop(kb.index(0), kb.index(ahead()), 1,
            [&](Value i) { report(kb.add(number, i), kb.add(count, i)); });
  }

  /// Ends the group of filling `number` and reports the one that has landed, if
  /// of the `count` before it there are so many.
  void report(Value number, Value count) {
    kb.create<NVVM::CpAsyncCommitGroupOp>();
    kb.create<NVVM::CpAsyncWaitGroupOp>(ahead());
    // wgmma reads what threads have written only behind such a fence.
    kb.create<NVVM::FenceProxyOp>(
        NVVM::ProxyKindAttr::get(kb.getContext(),
                                 NVVM::ProxyKind::async_shared),
        NVVM::SharedSpaceAttr::get(kb.getContext(),
                                   NVVM::SharedSpace::shared_cta));
    kb.ifThen(kb.less(kb.index(ahead() - 1), count),
              [&] { arrive(full, kb.sub(number, kb.index(ahead()))); });
  }

  /// Filling `number`: stage `depth` of the inner dimension.
  void copyStage(const WarpgroupPlace &place, Value depth, Value number) {
    Value stage = stageOf(number);
    Value parity = kb.sub(kb.index(1), parityOf(number));
    kb.create<minimax_gpu::MbarrierWaitOp>(empty, stage, parity);
    Value step = kb.minimum(kb.mul(depth, kb.index(kStageSteps)),
                            kb.index(product.steps() - kStageSteps));
    if (copiesBulks())
      kb.ifThen(kb.equal(kb.thread(), kb.index(0)),
                [&] { copyWeights(place, stage, step); });
    else
      copyBytes(place, stage, step);
    copyInputs(place.rows, depth, stage, kb.mul(step, kb.index(2)));
  }

  void copyWeights(const WarpgroupPlace &place, Value stage, Value step) {
    kb.create<minimax_gpu::MbarrierArriveOp>(
        full, stage, kb.getI64IntegerAttr(panels * stagePanelBytes(product)));
    Value zero = kb.index(0);
    for (int64_t i = 0; i < panels; ++i) {
      SmallVector<Value> from = {panelAt(place, i), step, zero, zero};
      SmallVector<Value> to = {stage, kb.index(i), zero, zero};
      kb.create<minimax_gpu::BulkCopyOp>(product.weight, from, weights, to,
                                         full, stage, stagePanelBytes(product));
    }
  }

  /// Panel `i` of the tile. Beyond the last one it is copied again, and its
  /// sums are dropped.
  Value panelAt(const WarpgroupPlace &place, int64_t i) {
    Value inMatrix = kb.minimum(kb.add(place.firstPanel, kb.index(i)),
                                kb.index(product.panels - 1));
    return product.panel(kb, place.rows.matrix, inMatrix).number;
  }

  /// Steps of int8 panels; eight threads copy one.
  void copyBytes(const WarpgroupPlace &place, Value stage, Value step) {
    constexpr int64_t chunks = kPanelWidth / kInt8Chunk;
    Value own = kb.div(kb.thread(), kb.index(chunks));
    Value chunk = kb.rem(kb.thread(), kb.index(chunks));
    Value from = kb.mul(chunk, kb.index(kInt8Chunk)), zero = kb.index(0);
    Value to = kb.mul(swizzleInt8(kb, own, chunk), kb.index(kInt8Chunk));
    for (int64_t i = 0; i < panels; ++i) {
      Value panel = panelAt(place, i);
      for (int64_t at = 0; at < kStageSteps; at += kWarpgroup / chunks) {
        Value local = kb.add(own, kb.index(at));
        kb.create<minimax_gpu::CopyAsyncOp>(
            product.weight, ValueRange{panel, kb.add(step, local), from, zero},
            weights, ValueRange{stage, kb.index(i), local, to, zero}, Value());
      }
    }
  }

  /// Values from `first` on of the tile's rows; eight threads copy a row.
  void copyInputs(const RowTile &rows, Value depth, Value stage, Value first) {
    Value chunks = kb.index(kSwizzledChunks);
    Value row = kb.div(kb.thread(), chunks);
    Value chunk = kb.rem(kb.thread(), chunks);
    Value place =
        kb.mul(swizzleChunk(kb, row, chunk), kb.index(kSwizzledChunk));
    Value k = kb.add(first, kb.mul(chunk, kb.index(kSwizzledChunk)));
    Value isNew =
        kb.less(kb.mul(depth, kb.index(kStageDepth)), kb.add(k, kb.index(1)));
    for (int64_t i = 0; i < tileRows; i += kWarpgroup / kSwizzledChunks) {
      Value local = kb.add(row, kb.index(i));
      Value from = kb.add(rows.first, local);
      Value inside = kb.create<arith::AndIOp>(kb.less(from, rows.end), isNew);
      if (product.inputRows)
        from = product.inputRow(
            kb, kb.minimum(from, kb.sub(rows.end, kb.index(1))));
      kb.create<minimax_gpu::CopyAsyncOp>(
          product.input, ValueRange{from, k}, inputs,
          ValueRange{stage, local, place}, inside);
    }
  }
};
} // namespace

void minimax::emitWarpgroupCopies(const WarpgroupBlock &block) {
  WarpgroupCopies(block).emit();
}
