//===- LightningWarpgroupState.cpp - the state of Hopper's warpgroups -----===//
//
// 64 rows of a slice of the state in the registers of a warpgroup, and their
// copies in bf16. Of a state of 64 rows both warpgroups have all; the first one
// stores them.
//
// Roofline: see LightningWarpgroups.cpp; 8 D bytes a column for a sequence.
//
//===----------------------------------------------------------------------===//

#include "LightningWarpgroupProducts.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::minimax;

void LightningProducts::forEachPair(Value firstRow, VisitState visit) {
  for (int64_t j = 0; j < kTokens / kColumns; ++j)
    for (int64_t half = 0; half < 2; ++half)
      visit(4 * j + 2 * half, kb.add(firstRow, kb.index(half * kColumns)),
            kb.add(tiles.column(), kb.index(j * kColumns)));
}

void LightningProducts::ifKeepsRows(function_ref<void()> body) {
  if (panels() == kConsumers)
    return body();
  kb.ifThen(kb.equal(consumer, kb.index(0)), body);
}

Value LightningProducts::loadState() {
  const LightningPlace &from = *work.from;
  SmallVector<Value> sums;
  forEachPair(stateRow, [&](int64_t, Value atRow, Value column) {
    Value pair = kb.loadVector(
        from.memref,
        {from.first, from.second, atRow, kb.add(firstColumn, column)}, 2);
    sums.append({tiles.extract(pair, 0), tiles.extract(pair, 1)});
  });
  return kb.create<vector::FromElementsOp>(zeroSums().getType(), sums);
}

void LightningProducts::storeState(Value state) {
  ifKeepsRows([&] {
    forEachPair(stateRow, [&](int64_t sum, Value atRow, Value column) {
      Value pair = kb.create<vector::ShuffleOp>(
          state, state, ArrayRef<int64_t>{sum, sum + 1});
      kb.storeVector(pair, work.to->memref,
                     {work.to->first, work.to->second, atRow,
                      kb.add(firstColumn, column)});
    });
  });
}

void LightningProducts::copyState(Value state, Value number, int64_t half) {
  Value parity = kb.rem(number, kb.index(2));
  Value width = kb.index(kSwizzledChunk);
  ifKeepsRows([&] {
    forEachPair(stateRow, [&](int64_t sum, Value atRow, Value column) {
      Value place = swizzleChunk(kb, atRow, kb.div(column, width));
      kb.storeVector(
          tiles.pack(tiles.extract(state, sum), tiles.extract(state, sum + 1)),
          copies,
          {parity, kb.index(half), atRow,
           kb.add(kb.mul(place, width), tiles.column())});
    });
  });
}

Value LightningProducts::decayState(Value state, Value count) {
  Value carry = tiles.extract(decaysAt(kb.add(count, kb.index(kTokens))), 0);
  Value factors = kb.create<vector::BroadcastOp>(state.getType(), carry);
  return kb.create<arith::MulFOp>(state, factors);
}

Value LightningProducts::advanceState(Value decayed, Value stage, int64_t half,
                                      Value count) {
  SmallVector<Value> left = loadDecayedKeys(stage, half, count);
  return multiplyRows(left, decayed, values, {stage, kb.index(half)});
}
