//===- WarpgroupSchedule.cpp - which tiles a block computes ---------------===//
//
// As many blocks run as the GPU holds at once, and block b of n computes the
// tiles b, b + n, .. of all; the blocks of a cluster, which share the inner
// dimension, count as one. Tiles of a matrix of weights follow each other;
// those of up to eight tiles of rows by a tile of columns come together, then
// those of the next columns, then the next rows: what runs at one time reads
// about as much of the input as of the weight, and the input stays in the cache
// until its rows are done.
//
// How many rows meet each matrix is known on the device alone. A warp counts
// the tiles before each matrix; a tile finds its matrix by votes.
//
// Roofline: nothing is read but the offsets, once for each block.
//
//===----------------------------------------------------------------------===//

#include "WarpgroupBlock.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::minimax;

/// Tiles of rows that meet the same panels and run together.
static constexpr int64_t kNeighbours = 8;

WarpgroupSchedule::WarpgroupSchedule(GPUKernelBuilder &kb,
                                     const GPUProduct &product,
                                     const WarpgroupTile &tile)
    : kb(kb), product(product), tile(tile) {}

int64_t WarpgroupSchedule::columnTiles() const {
  return llvm::divideCeil(product.panels, tile.panels);
}

Value WarpgroupSchedule::countMost() const {
  return kb.mul(product.countTiles(kb, tile.rows), kb.index(columnTiles()));
}

/// Tiles of matrix `matrix`, none if it is beyond the last.
Value WarpgroupSchedule::countMatrixTiles(Value matrix) {
  Value here = kb.minimum(matrix, kb.index(product.matrices - 1));
  Value begin = kb.loadIndex(product.offsets, {here});
  Value end = kb.loadIndex(product.offsets, {kb.add(here, kb.index(1))});
  Value count = kb.mul(kb.ceilDiv(kb.sub(end, begin), tile.rows),
                       kb.index(columnTiles()));
  return kb.create<arith::SelectOp>(kb.less(matrix, kb.index(product.matrices)),
                                    count, kb.index(0));
}

/// Sums of `value`, an i32, over the lanes up to each.
static Value sumToLane(GPUKernelBuilder &kb, Value value) {
  for (int32_t distance = 1; distance < kb.kWarp; distance *= 2) {
    auto other = kb.create<gpu::ShuffleOp>(
        value, distance, static_cast<int32_t>(kb.kWarp), gpu::ShuffleMode::UP);
    Value sum = kb.create<arith::AddIOp>(value, other.getShuffleResult());
    value = kb.create<arith::SelectOp>(other.getValid(), sum, value);
  }
  return value;
}

void WarpgroupSchedule::prepare() {
  if (!product.offsets)
    return;
  begins = kb.shared({product.matrices + 1}, kb.getI32Type());
  Value none = kb.create<arith::ConstantIntOp>(0, 32);
  kb.ifThen(kb.equal(kb.warp(), kb.index(0)), [&] {
    kb.loopCarry(
        kb.index(0), kb.index(product.matrices + 1), kb.kWarp, {none},
        [&](Value first, ValueRange carried) -> SmallVector<Value> {
          Value matrix = kb.add(first, kb.lane());
          Value count = kb.create<arith::IndexCastOp>(kb.getI32Type(),
                                                      countMatrixTiles(matrix));
          Value sum =
              kb.create<arith::AddIOp>(sumToLane(kb, count), carried[0]);
          Value before = kb.create<arith::SubIOp>(sum, count);
          kb.ifThen(kb.less(matrix, kb.index(product.matrices + 1)), [&] {
            kb.create<memref::StoreOp>(before, begins, ValueRange{matrix});
          });
          Value last = kb.create<arith::ConstantIntOp>(kb.kWarp - 1, 32);
          Value width = kb.create<arith::ConstantIntOp>(kb.kWarp, 32);
          return {
              kb.create<gpu::ShuffleOp>(sum, last, width, gpu::ShuffleMode::IDX)
                  .getShuffleResult()};
        });
  });
}

/// The matrix of tile `number`: as many matrices end before it.
Value WarpgroupSchedule::findMatrix(Value number) const {
  return kb.loopCarry(
      kb.index(0), kb.index(product.matrices), kb.kWarp, {kb.index(0)},
      [&](Value first, ValueRange carried) -> SmallVector<Value> {
        Value matrix = kb.add(first, kb.lane());
        Value next =
            kb.minimum(kb.add(matrix, kb.index(1)), kb.index(product.matrices));
        Value end = kb.loadIndex(begins, {next});
        // The last one ends behind all tiles.
        Value ended = kb.less(end, kb.add(number, kb.index(1)));
        Value count = kb.create<math::CtPopOp>(kb.ballot(ended));
        return {kb.add(carried[0], kb.create<arith::IndexCastUIOp>(
                                       kb.getIndexType(), count))};
      })[0];
}

/// Quotient of two numbers of tiles, in 32 bits: GPUs divide longer ones by
/// whole subroutines.
static Value divideTiles(GPUKernelBuilder &kb, Value a, Value b) {
  auto narrow = [&](Value value) {
    return kb.create<arith::IndexCastUIOp>(kb.getI32Type(), value);
  };
  return kb.create<arith::IndexCastUIOp>(
      kb.getIndexType(),
      kb.create<arith::DivUIOp>(narrow(a), narrow(b)).getResult());
}

WarpgroupPlace WarpgroupSchedule::place(Value number) const {
  Value matrix = kb.index(0), begin = kb.index(0), end = product.rows;
  if (product.offsets) {
    matrix = findMatrix(number);
    number = kb.sub(number, kb.loadIndex(begins, {matrix}));
    begin = kb.loadIndex(product.offsets, {matrix});
    end = kb.loadIndex(product.offsets, {kb.add(matrix, kb.index(1))});
  }
  Value rowTiles = kb.ceilDiv(kb.sub(end, begin), tile.rows);
  Value together = kb.index(kNeighbours * columnTiles());
  Value before = kb.mul(kb.div(number, together), kb.index(kNeighbours));
  Value inside = kb.rem(number, together);
  Value neighbours =
      kb.minimum(kb.sub(rowTiles, before), kb.index(kNeighbours));
  Value columns = divideTiles(kb, inside, neighbours);
  Value rowTile = kb.add(before, kb.sub(inside, kb.mul(columns, neighbours)));
  Value first = kb.add(begin, kb.mul(rowTile, kb.index(tile.rows)));
  Value last = kb.minimum(kb.add(first, kb.index(tile.rows)), end);
  return {
      {matrix, first, last}, kb.mul(columns, kb.index(tile.panels)), Value()};
}

Value WarpgroupSchedule::forEachTile(
    Value stages, function_ref<void(const WarpgroupPlace &)> body) const {
  Value shares = kb.index(tile.shares);
  Value block = kb.div(kb.block(), shares);
  Value blocks = kb.div(kb.create<gpu::GridDimOp>(gpu::Dimension::x), shares);
  Value all = product.offsets
                  ? kb.loadIndex(begins, {kb.index(product.matrices)})
                  : kb.mul(kb.ceilDiv(product.rows, tile.rows),
                           kb.index(columnTiles()));
  // Rounded up; no block has a number beyond `blocks`.
  Value rest = kb.sub(kb.sub(kb.add(all, blocks), kb.index(1)), block);
  Value count = divideTiles(kb, rest, blocks);
  kb.loop(kb.index(0), count, 1, [&](Value i) {
    WarpgroupPlace here = place(kb.add(block, kb.mul(i, blocks)));
    here.filled = kb.mul(i, stages);
    body(here);
  });
  return kb.mul(count, stages);
}
