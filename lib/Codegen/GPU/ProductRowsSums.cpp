//===- ProductRowsSums.cpp - sums of products of few rows -----------------===//
//
// Sums of warps, then those of a cluster's blocks, which these put into the
// memory of the first one. It adds them in the order of the blocks, so that
// results do not depend on which comes first.
//
// Roofline: none of its own; 4 bytes for each output and block go from one
// multiprocessor to another.
//
//===----------------------------------------------------------------------===//

#include "ProductRowsSums.h"

using namespace mlir;
using namespace mlir::minimax;

ProductRowsSums::ProductRowsSums(GPUKernelBuilder &kb,
                                 const GPUProduct &product, const Panel &panel,
                                 Value half, Value end, Value rank,
                                 int64_t shares, int64_t mostRows)
    : kb(kb), product(product), panel(panel), half(half), end(end), rank(rank),
      shares(shares), partial(kb.shared({kRowsWarps, mostRows, kRowsColumns})) {
  if (shares > 1)
    met = kb.shared({shares, mostRows, kRowsColumns});
}

void ProductRowsSums::begin() {
  if (shares > 1)
    kb.arriveAtCluster();
}

Value ProductRowsSums::panelColumn(Value place) {
  Value width = kb.index(kRowsColumns);
  if (!product.swiglu())
    return kb.add(kb.mul(half, width), place);
  // Half of the gates and their partners.
  Value quarter = kb.index(kRowsColumns / 2);
  Value column = kb.add(kb.mul(half, quarter), kb.rem(place, quarter));
  return kb.add(column, kb.mul(kb.div(place, quarter), width));
}

void ProductRowsSums::store(Value sum, Value row, Value column) {
  kb.store(sum, partial, {kb.warp(), row, column});
}

void ProductRowsSums::finish(Value first, int64_t count) {
  kb.barrier();
  if (shares == 1)
    return storeRows(first, count);
  meet(count);
  kb.ifThen(kb.equal(rank, kb.index(0)), [&] { storeRows(first, count); });
}

/// Puts the block's sums where the cluster's first block sees them.
void ProductRowsSums::meet(int64_t count) {
  Value width = kb.index(kRowsColumns);
  kb.waitForCluster();
  Value there = kb.clusterMemory(met, kb.index(0));
  kb.forEachThread(kb.index(count * kRowsColumns), [&](Value place) {
    Value row = kb.div(place, width), column = kb.rem(place, width);
    kb.store(sumWarps(row, column), there, {rank, row, column});
  });
  kb.arriveAtCluster();
  kb.waitForCluster();
}

void ProductRowsSums::storeRows(Value first, int64_t count) {
  int64_t width = product.swiglu() ? kRowsColumns / 2 : kRowsColumns;
  auto sumAt = [&](Value row, Value column) {
    return shares > 1 ? sumShares(row, column) : sumWarps(row, column);
  };
  kb.forEachThread(kb.index(count * width), [&](Value place) {
    Value r = kb.div(place, kb.index(width));
    Value column = kb.rem(place, kb.index(width));
    Value row = kb.add(first, r);
    kb.ifThen(kb.less(row, end), [&] {
      Value up;
      if (product.swiglu())
        up = sumAt(r, kb.add(column, kb.index(width)));
      product.finish(kb, panel, row, panelColumn(column), sumAt(r, column), up);
    });
  });
}

Value ProductRowsSums::sumWarps(Value row, Value column) {
  Value sum = kb.f32(0);
  for (int64_t warp = 0; warp < kRowsWarps; ++warp)
    sum = kb.create<arith::AddFOp>(
        sum, kb.load(partial, {kb.index(warp), row, column}));
  return sum;
}

Value ProductRowsSums::sumShares(Value row, Value column) {
  Value sum = kb.load(met, {kb.index(0), row, column});
  for (int64_t share = 1; share < shares; ++share)
    sum = kb.create<arith::AddFOp>(
        sum, kb.load(met, {kb.index(share), row, column}));
  return sum;
}
