//===- AttentionDecode.cpp - softmax attention of a single token ----------===//
//
// A token that comes alone reads each key and value of its group once, as they
// lie in the cache, for all query heads: nothing is copied. Scores are sums
// over lanes, in another order than in tiles (AttentionTiles.cpp), which
// deterministic programs use instead.
//
// Roofline: 2 D elements of the cache a key and group of heads, bound by
// memory; 4 D flops for each of the group's heads.
//
//===----------------------------------------------------------------------===//

#include "AttentionTiles.h"

using namespace mlir;
using namespace mlir::minimax;

/// Sums that fit registers beside operands.
static int64_t sumsOf(const CPUTarget &target) {
  return target.lanes == 16 ? 16 : 8;
}

/// Asks for columns `column` .. `column + count` of a row of the next tile.
void AttentionKernel::prefetch(Value pool, Value row, Value column,
                               int64_t count) {
  int64_t bits = cast<MemRefType>(pool.getType()).getElementTypeBitWidth();
  Value next = kb.add(row, kb.index(kTileKeys));
  for (int64_t c = 0; c < count; c += 512 / bits)
    kb.create<memref::PrefetchOp>(
        pool, ValueRange{slot, next, group, kb.add(column, kb.index(c))},
        /*isWrite=*/false, /*localityHint=*/3, /*isDataCache=*/true);
}

/// Scores of all heads, so many at a time that a vector holds those of a few
/// keys.
void AttentionKernel::emitDecodeScores(Value key, Value count) {
  int64_t lanes = kb.target.lanes;
  for (int64_t first = 0; first < heads; first += lanes) {
    int64_t members = std::min(heads - first, lanes);
    int64_t width = lanes / llvm::PowerOf2Ceil(members);
    kb.loop(kb.index(0), count, width, [&](Value j) {
      emitDecodeScores(key, j, count, first, members, width);
    });
  }
}

void AttentionKernel::emitDecodeScores(Value key, Value j, Value count,
                                       int64_t first, int64_t members,
                                       int64_t width) {
  int64_t lanes = kb.target.lanes;
  Value last = kb.add(key, kb.sub(count, kb.index(1)));
  SmallVector<Value> places, acc(lanes, kb.splat(0));
  for (int64_t k = 0; k < width; ++k) {
    places.push_back(kb.minimum(kb.add(kb.add(key, j), kb.index(k)), last));
    prefetch(ops.keys, places[k], kb.index(0), dim);
  }
  for (int64_t column = 0; column < dim; column += lanes) {
    Value mask = dim - column < lanes ? kb.mask(dim - column) : Value();
    SmallVector<Value> keys;
    for (Value place : places)
      keys.push_back(kb.loadVector(
          ops.keys, {slot, place, group, kb.index(column)}, mask));
    for (int64_t h = 0; h < members; ++h) {
      Value query =
          kb.loadVector(queries, {kb.index(first + h), kb.index(column)}, mask);
      for (int64_t k = 0; k < width; ++k) {
        Value &sum = acc[h * width + k];
        sum = kb.fma(keys[k], query, sum);
      }
    }
  }
  Value sums = kb.sumLanes(acc);
  for (int64_t h = 0; h < members; ++h) {
    Value part = kb.create<vector::ExtractStridedSliceOp>(
        sums, ArrayRef<int64_t>{h * width}, ArrayRef<int64_t>{width},
        ArrayRef<int64_t>{1});
    kb.create<vector::StoreOp>(part, scores,
                               ValueRange{kb.index(first + h), j});
  }
}

/// sums = factors * sums + exponentials * values, for some heads and a few
/// columns at a time.
void AttentionKernel::emitDecodeValues(Value key, Value count) {
  int64_t lanes = kb.target.lanes;
  int64_t members = std::min<int64_t>(heads, sumsOf(kb.target) / 2);
  int64_t total = llvm::divideCeil(dim, lanes);
  int64_t vectors = std::min(total, sumsOf(kb.target) / members);
  for (int64_t head = 0; head < heads; head += members) {
    int64_t rowCount = std::min(members, heads - head);
    for (int64_t t = 0; t < total; t += vectors)
      emitDecodeValues(key, count, head, rowCount, t * lanes,
                       std::min(total - t, vectors));
  }
}

void AttentionKernel::emitDecodeValues(Value key, Value count, int64_t head,
                                       int64_t rowCount, int64_t column,
                                       int64_t vectors) {
  int64_t lanes = kb.target.lanes, width = vectors * lanes;
  auto columnOf = [&](int64_t t) { return kb.index(column + t * lanes); };
  auto row = [&](int64_t r) { return kb.index(head + r); };
  SmallVector<Value> acc;
  for (int64_t r = 0; r < rowCount; ++r) {
    Value factor = kb.broadcast(kb.load(factors, {row(r)}));
    for (int64_t t = 0; t < vectors; ++t)
      acc.push_back(kb.create<arith::MulFOp>(
          kb.loadVector(sums, {row(r), columnOf(t)}), factor));
  }
  // A pass over some columns asks for whole rows of its part of the next tile.
  int64_t passes = llvm::divideCeil(dim, width), pass = column / width;
  acc = kb.contract(
      kb.index(0), count, acc, rowCount, vectors,
      [&](Value j, int64_t r) {
        return kb.load(scores, {row(r), j});
      },
      [&](Value j, int64_t t) {
        if (t == 0 && head == 0) {
          Value part = kb.add(kb.index(pass * kTileKeys / passes),
                              kb.div(j, kb.index(passes)));
          prefetch(ops.values, kb.add(key, part),
                   kb.mul(kb.rem(j, kb.index(passes)), kb.index(width)), width);
        }
        int64_t left = dim - column - t * lanes;
        return kb.loadVector(ops.values,
                             {slot, kb.add(key, j), group, columnOf(t)},
                             left < lanes ? kb.mask(left) : Value());
      });
  for (int64_t r = 0; r < rowCount; ++r)
    for (int64_t t = 0; t < vectors; ++t)
      kb.storeVector(acc[r * vectors + t], sums, {row(r), columnOf(t)});
}
