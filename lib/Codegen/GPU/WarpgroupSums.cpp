//===- WarpgroupSums.cpp - store the sums of Hopper's products ------------===//
//
// A thread's sums are of two columns for many rows of the output. They go
// through shared memory, some rows at a time, from where warps store whole
// rows; the ring is being filled for the next tile meanwhile.
//
// If the blocks of a cluster share the inner dimension, row r of the tile is
// that of block r % S, to which the others give their sums for it; it adds them
// in the order of the blocks. All threads of the cluster meet twice for each
// tile, those that copy too.
//
//===----------------------------------------------------------------------===//

#include "WarpgroupSums.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::minimax;

/// Hardware barrier of these warpgroups, or of the first one; 0 is that of the
/// whole block.
static constexpr int64_t kConsumerBarrier = 1;

void WarpgroupSums::begin() {
  if (shares > 1)
    kb.arriveAtCluster();
}

void WarpgroupSums::finish(const WarpgroupPlace &place, int64_t count,
                           Value sum) {
  if (shares > 1)
    kb.waitForCluster();
  const RowTile &rows = place.rows;
  for (int64_t begin = 0; begin < count; begin += sumRows()) {
    Value from = kb.add(rows.first, kb.index(begin));
    kb.ifThen(kb.less(from, rows.end), [&] {
      // All have stored what was there.
      syncSums();
      putSums(sum, begin);
      syncSums();
      Value last = kb.minimum(kb.sub(rows.end, from), kb.index(sumRows()));
      forEachRow(last, [&](Value row) {
        if (shares > 1)
          return giveRow(row, begin);
        storeRow(place, kb.add(from, row),
                 [&](Value at) { return sumAt(row, at); });
      });
    });
  }
  if (shares > 1)
    storeMet(place);
}

void WarpgroupSums::sync(Value barrier, int64_t threads) {
  auto word = [&](Value value) {
    return kb.create<arith::IndexCastOp>(kb.getI32Type(), value);
  };
  kb.create<NVVM::BarrierOp>(word(barrier), word(kb.index(threads)));
}

/// Waits for those who share `sums` with this warpgroup.
void WarpgroupSums::syncSums() {
  if (sharesDepth())
    return sync(kb.index(kConsumerBarrier), kConsumers * kWarpgroup);
  sync(kb.add(thread.consumer, kb.index(kConsumerBarrier)), kWarpgroup);
}

/// Puts the sums of rows `begin` and on where others see them. Those of 8 rows
/// of the input lie 4 to a thread: by column, then row.
void WarpgroupSums::putSums(Value sum, int64_t begin) {
  auto type = VectorType::get({2}, kb.getF32Type());
  auto element = [&](int64_t i) -> Value {
    return kb.create<vector::ExtractOp>(sum, ArrayRef<int64_t>{i});
  };
  for (int64_t first = 0; first < sumRows(); first += 8)
    for (int64_t i = 0; i < 2; ++i) {
      Value row =
          kb.add(kb.mul(thread.quarter, kb.index(2)), kb.index(first + i));
      int64_t at = (begin + first) / 2 + i;
      Value pair = kb.create<vector::FromElementsOp>(
          type, ValueRange{element(at), element(at + 2)});
      kb.storeVector(pair, sums, {thread.consumer, row, thread.column});
    }
}

/// Calls `body` for those of `count` rows that this warp has.
void WarpgroupSums::forEachRow(Value count, function_ref<void(Value)> body) {
  Value first = thread.warp;
  int64_t warps = kWarpgroup / kb.kWarp;
  if (sharesDepth()) {
    first = kb.add(kb.mul(thread.consumer, kb.index(warps)), first);
    warps *= kConsumers;
  }
  kb.loop(first, count, warps, body);
}

/// The block's sum for column `at` of the warpgroup's panel.
Value WarpgroupSums::sumAt(Value row, Value at) {
  if (!sharesDepth())
    return kb.load(sums, {thread.consumer, row, at});
  return kb.create<arith::AddFOp>(kb.load(sums, {kb.index(0), row, at}),
                                  kb.load(sums, {kb.index(1), row, at}));
}

/// A warp gives the sums of row `row`, behind `begin` others, to its block.
void WarpgroupSums::giveRow(Value row, int64_t begin) {
  Value inTile = kb.add(row, kb.index(begin)), blocks = kb.index(shares);
  Value there = kb.clusterMemory(met, kb.rem(inTile, blocks));
  Value place = kb.div(inTile, blocks);
  for (int64_t first = 0; first < kPanelWidth; first += kb.kWarp) {
    Value at = kb.add(kb.lane(), kb.index(first));
    kb.store(sumAt(row, at), there, {share.rank, place, at});
  }
}

/// The cluster's sum for column `at` of the panel.
Value WarpgroupSums::metSumAt(Value row, Value at) {
  Value sum = kb.load(met, {kb.index(0), row, at});
  for (int64_t other = 1; other < shares; ++other)
    sum =
        kb.create<arith::AddFOp>(sum, kb.load(met, {kb.index(other), row, at}));
  return sum;
}

/// A warp stores row `target` of the output, of which `sumOf` gives the sum of
/// a column of the panel.
void WarpgroupSums::storeRow(const WarpgroupPlace &place, Value target,
                             function_ref<Value(Value)> sumOf) {
  Value own = sharesDepth() ? kb.index(0) : thread.consumer;
  Panel panel =
      product.panel(kb, place.rows.matrix, kb.add(place.firstPanel, own));
  Value lane = kb.lane();
  Value partner = kb.add(lane, kb.index(kPanelWidth / 2));
  if (product.swiglu())
    return product.finish(kb, panel, target, lane, sumOf(lane), sumOf(partner));
  for (Value at : {lane, partner})
    product.finish(kb, panel, target, at, sumOf(at), Value());
}

/// Stores this block's rows when all have given it their sums.
void WarpgroupSums::storeMet(const WarpgroupPlace &place) {
  kb.arriveAtCluster();
  kb.waitForCluster();
  const RowTile &rows = place.rows;
  Value own = kb.sub(kb.sub(rows.end, rows.first), share.rank);
  Value count = kb.div(kb.add(own, kb.index(shares - 1)), kb.index(shares));
  forEachRow(count, [&](Value row) {
    Value inTile = kb.add(kb.mul(row, kb.index(shares)), share.rank);
    storeRow(place, kb.add(rows.first, inTile),
             [&](Value at) { return metSumAt(row, at); });
  });
}
