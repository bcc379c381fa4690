//===- LightningMatrixState.cpp - the state on matrix units ---------------===//
//
// The state of lightning attention in the registers of a block's warps.
//
// Roofline: 2 D N flops a token and slice of N columns in bf16, on keys and
// values that are in shared memory anyway; see LightningMatrix.cpp.
//
//===----------------------------------------------------------------------===//

#include "LightningMatrix.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kSide = MatrixTiles::kSide,
                         kColumns = MatrixTiles::kColumns;

/// Calls `visit` for each pair of neighbours that the thread has: elements
/// 2 * half and on of a vector of sums, at a row and column of the slice.
void LightningMatrix::forEachState(VisitState visit) const {
  int64_t across = columns / kColumns;
  for (int64_t part = 0; part < rowParts; ++part) {
    WarpPart rows = stateRows(part);
    for (int64_t c = 0; c < across; ++c)
      for (int64_t half = 0; half < 2; ++half)
        visit(part * across + c, half,
              kb.add(kb.add(rows.first, tiles.row()), kb.index(half * 8)),
              kb.add(tiles.column(), kb.index(c * kColumns)), rows.active);
  }
}

void LightningMatrix::clearState() {
  state = tiles.zeros(rowParts * columns / kColumns);
}

void LightningMatrix::loadState(const LightningPlace &from) {
  clearState();
  SmallVector<Value> pair;
  forEachState([&](int64_t sums, int64_t half, Value row, Value column, Value) {
    // What lies outside is read where something is, and not stored again.
    Value inside = kb.minimum(kb.add(firstColumn, column), kb.index(dim - 2));
    Value two =
        kb.loadVector(from.memref, {from.first, from.second, row, inside}, 2);
    pair.append({tiles.extract(two, 0), tiles.extract(two, 1)});
    if (half == 0)
      return;
    state[sums] = tiles.sumsFrom(pair);
    pair.clear();
  });
}

void LightningMatrix::storeState(const LightningPlace &to) {
  forEachState([&](int64_t sums, int64_t half, Value row, Value column,
                   Value active) {
    Value place = kb.add(firstColumn, column);
    Value inside =
        kb.create<arith::AndIOp>(active, kb.less(place, kb.index(dim)));
    Value two = kb.create<vector::ShuffleOp>(
        state[sums], state[sums], ArrayRef<int64_t>{2 * half, 2 * half + 1});
    kb.ifThen(inside, [&] {
      kb.storeVector(two, to.memref, {to.first, to.second, row, place});
    });
  });
}

/// Rounds the state to where the queries meet it.
void LightningMatrix::copyState(ValueRange sums) {
  forEachState(
      [&](int64_t place, int64_t half, Value row, Value column, Value active) {
        kb.ifThen(active, [&] {
          tiles.storePair(tiles.extract(sums[place], 2 * half),
                          tiles.extract(sums[place], 2 * half + 1),
                          {stateCopy, row, column, Value()});
        });
      });
}

/// Keys of 16 tokens from `token` on, transposed, rows of the state from `row`
/// on, as they have decayed when token `last` of the tile has come.
Value LightningMatrix::decayedKeys(Value token, Value row, Value last) {
  SmallVector<Value> factors;
  for (int64_t j : {0, 1, 8, 9}) {
    Value distance =
        kb.sub(last, kb.add(kb.add(token, kb.index(j)), tiles.column()));
    factors.push_back(decayAt(kb.maximum(distance, kb.index(0))));
  }
  return tiles.scaleColumns(tiles.leftTransposed({keys, token, row, stage}),
                            factors);
}

SmallVector<Value> LightningMatrix::emitState(ValueRange carried, Value count) {
  int64_t across = columns / kColumns;
  Value carry = decayAt(count), last = kb.sub(count, kb.index(1));
  SmallVector<Value> sums;
  for (Value old : carried)
    sums.push_back(scaleAll(old, carry));
  for (int64_t token = 0; token < kTokens; token += kSide) {
    Value j = kb.index(token);
    SmallVector<Value> left;
    for (int64_t part = 0; part < rowParts; ++part)
      left.push_back(decayedKeys(j, stateRows(part).first, last));
    for (int64_t c = 0; c < across; c += 2) {
      auto right = tiles.right({values, j, kb.index(c * kColumns), stage});
      for (auto [part, key] : llvm::enumerate(left))
        tiles.multiplyAdd(key, right,
                          MutableArrayRef(sums).slice(part * across + c, 2));
    }
  }
  return sums;
}
