//===- AttentionTiles.cpp - tiles of softmax attention --------------------===//
//
// Roofline: 4 D flops for each pair of query and key. Compute bound for many
// rows: a tile's keys and values are copied once for up to kBlockRows rows.
//
//===----------------------------------------------------------------------===//

#include "AttentionTiles.h"
#include <numbers>
#include <numeric>

using namespace mlir;
using namespace mlir::minimax;

/// Rows of a block, if one token does not have more.
static constexpr int64_t kBlockRows = 256;

/// Vectors of a panel of keys or values.
static constexpr int64_t kPanelVectors = 2;

int64_t AttentionKernel::blockTokens(const AttentionOperands &operands) {
  int64_t heads = dimOf(operands.query, 1) / dimOf(operands.keys, 2);
  return std::max<int64_t>(1, kBlockRows / heads);
}

AttentionKernel::AttentionKernel(KernelBuilder &kb,
                                 const AttentionOperands &operands)
    : kb(kb), ops(operands), dim(dimOf(operands.query, 2)),
      heads(dimOf(operands.query, 1) / dimOf(operands.keys, 2)),
      tokens(blockTokens(operands)), tileRows(kb.target.lanes == 16 ? 8 : 6),
      panelColumns(kPanelVectors * kb.target.lanes),
      paddedDim(llvm::alignTo(dim, panelColumns)) {
  int64_t maxRows =
      llvm::alignTo(tokens * heads, std::lcm(tileRows, kb.target.lanes));
  queries = kb.scratch({maxRows, paddedDim});
  sums = kb.scratch({maxRows, paddedDim});
  scores = kb.scratch({maxRows, kTileKeys});
  maxima = kb.scratch({maxRows});
  factors = kb.scratch({maxRows});
  norms = kb.scratch({maxRows, kb.target.lanes});
  transposed = kb.scratch({kTileKeys / panelColumns, paddedDim, panelColumns});
  items = kb.scratch({paddedDim / panelColumns, kTileKeys, panelColumns});
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

void AttentionKernel::forEachRowTile(function_ref<void(Value, int64_t)> body) {
  if (!oneToken)
    return kb.loop(kb.index(0), rows, tileRows,
                   [&](Value row) { body(row, tileRows); });
  int64_t whole = heads / tileRows * tileRows;
  if (whole)
    kb.loop(kb.index(0), kb.index(whole), tileRows,
            [&](Value row) { body(row, tileRows); });
  if (whole != heads)
    body(kb.index(whole), heads - whole);
}

/// Calls `body(panel, vectors)`; the last panel may have fewer vectors.
void AttentionKernel::forEachPanel(int64_t columns,
                                   function_ref<void(Value, int64_t)> body) {
  int64_t whole = columns / panelColumns;
  if (whole)
    kb.loop(kb.index(0), kb.index(whole), 1,
            [&](Value panel) { body(panel, kPanelVectors); });
  if (int64_t rest = columns % panelColumns)
    body(kb.index(whole), llvm::divideCeil(rest, kb.target.lanes));
}

void AttentionKernel::forEachRow(function_ref<void(Value)> body) {
  kb.loop(kb.index(0), rows, 1, body);
}

SmallVector<Value> AttentionKernel::panelAt(Value row, Value column) {
  Value columns = kb.index(panelColumns);
  return {kb.div(column, columns), row, kb.rem(column, columns)};
}

Value AttentionKernel::at(Value column, int64_t vector) const {
  return kb.add(column, kb.index(vector * kb.target.lanes));
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

void AttentionKernel::emit(const SequenceBlock &block, Value group) {
  Value count = kb.sub(block.end, block.first);
  auto emitFor = [&](bool one) {
    oneToken = one;
    rows = one ? kb.index(heads) : kb.mul(count, kb.index(heads));
    emitBlock(block, group);
  };
  kb.ifElse(
      kb.equal(count, kb.index(1)), [&] { emitFor(true); },
      [&] { emitFor(false); });
}

void AttentionKernel::emitBlock(const SequenceBlock &block, Value group) {
  this->group = group;
  slot = kb.loadIndex(ops.slots, {block.sequence});
  firstRow = block.first;
  firstPosition = kb.loadIndex(ops.positions, {block.first});
  Value last =
      kb.loadIndex(ops.cuSeqlens, {kb.add(block.sequence, kb.index(1))});
  Value total = kb.add(firstPosition, kb.sub(last, block.first));
  Value share = kb.ceilDiv(total, ops.splits);
  Value begin = kb.mul(share, kb.index(ops.split));
  Value causal = kb.add(firstPosition, kb.sub(block.end, block.first));
  Value end = kb.minimum(kb.add(begin, share), causal);
  forEachRow([&](Value r) { prepareRow(r); });
  kb.loop(begin, end, kTileKeys, [&](Value key) { emitKeyTile(key, end); });
  forEachRow([&](Value r) { finishRow(r); });
}

/// Rotates and scales a query row, for exponentials of base 2; clears its sums.
void AttentionKernel::prepareRow(Value r) {
  Value row = kb.add(firstRow, kb.div(r, kb.index(heads)));
  Value head =
      kb.add(kb.mul(group, kb.index(heads)), kb.rem(r, kb.index(heads)));
  Value position = kb.create<memref::LoadOp>(ops.positions, ValueRange{row});
  emitRope(
      kb, position, dim, ops.rotary, ops.theta,
      kb.f32(ops.scale * std::numbers::log2e),
      [&](Value column, Value mask) {
        return kb.loadVector(ops.query, {row, head, column}, mask);
      },
      [&](Value value, Value column, Value mask) {
        kb.storeVector(value, queries, {r, column}, mask);
      });
  kb.forEachVector(dim, [&](Value column, Value) {
    kb.storeVector(kb.splat(0), sums, {r, column});
  });
  kb.storeVector(kb.splat(0), norms, {r, kb.index(0)});
  kb.store(kb.f32(kNoScore), maxima, {r});
}

void AttentionKernel::finishRow(Value r) {
  Value row = kb.add(firstRow, kb.div(r, kb.index(heads)));
  Value head =
      kb.add(kb.mul(group, kb.index(heads)), kb.rem(r, kb.index(heads)));
  // In the order of lanes, in every copy of this code.
  Value norm = kb.create<vector::ReductionOp>(
      vector::CombiningKind::ADD, kb.loadVector(norms, {r, kb.index(0)}));
  Value empty =
      kb.create<arith::CmpFOp>(arith::CmpFPredicate::OEQ, norm, kb.f32(0));
  Value divisor = kb.create<arith::SelectOp>(empty, kb.f32(1), norm);
  Value factor = kb.broadcast(kb.create<arith::DivFOp>(kb.f32(1), divisor));
  kb.forEachVector(dim, [&](Value column, Value mask) {
    Value value =
        kb.create<arith::MulFOp>(kb.loadVector(sums, {r, column}), factor);
    kb.storeVector(value, ops.output, {row, head, column}, mask);
  });
  if (!ops.lse)
    return;
  Value lse =
      kb.fma(kb.load(maxima, {r}), kb.f32(std::numbers::ln2), kb.log(divisor));
  Value none = kb.f32(-std::numeric_limits<float>::infinity());
  kb.store(kb.create<arith::SelectOp>(empty, none, lse), ops.lse, {row, head});
}

//===----------------------------------------------------------------------===//
// Tiles of keys
//===----------------------------------------------------------------------===//

void AttentionKernel::emitKeyTile(Value key, Value end) {
  Value count = kb.minimum(kb.index(kTileKeys), kb.sub(end, key));
  bool direct = oneToken && !kb.target.deterministic;
  if (direct) {
    emitDecodeScores(key, count);
  } else {
    packKeys(key, count);
    emitScores(count);
  }
  // Every row sees a whole tile that the first one sees.
  Value last = kb.add(key, kb.index(kTileKeys));
  Value first = kb.minimum(kb.add(firstPosition, kb.index(1)), end);
  kb.ifElse(
      kb.less(first, last), [&] { emitSoftmax(key, count, true); },
      [&] { emitSoftmax(key, count, false); });
  if (direct)
    return emitDecodeValues(key, count);
  packValues(key, count);
  emitValues(count);
}

/// Rows that are missing in a last square repeat the last one.
void AttentionKernel::packKeys(Value key, Value count) {
  Value last = kb.sub(count, kb.index(1)), columns = kb.index(panelColumns);
  kb.loop(kb.index(0), count, kb.target.lanes, [&](Value first) {
    kb.forEachVector(dim, [&](Value column, Value mask) {
      SmallVector<Value> square;
      for (int64_t j = 0; j < kb.target.lanes; ++j) {
        Value row = kb.minimum(kb.add(first, kb.index(j)), last);
        if (oneToken)
          prefetch(ops.keys, kb.add(key, row), column, kb.target.lanes);
        square.push_back(kb.loadVector(
            ops.keys, {slot, kb.add(key, row), group, column}, mask));
      }
      for (auto [i, keys] : llvm::enumerate(kb.transpose(square)))
        kb.storeVector(keys, transposed,
                       {kb.div(first, columns), kb.add(column, kb.index(i)),
                        kb.rem(first, columns)});
    });
  });
}

void AttentionKernel::packValues(Value key, Value count) {
  kb.loop(kb.index(0), count, 1, [&](Value j) {
    kb.forEachVector(dim, [&](Value column, Value mask) {
      if (oneToken)
        prefetch(ops.values, kb.add(key, j), column, kb.target.lanes);
      Value value = kb.loadVector(ops.values,
                                  {slot, kb.add(key, j), group, column}, mask);
      kb.storeVector(value, items, panelAt(j, column));
    });
  });
}

void AttentionKernel::emitScores(Value count) {
  kb.loop(kb.index(0), kb.ceilDiv(count, panelColumns), 1, [&](Value panel) {
    Value column = kb.mul(panel, kb.index(panelColumns));
    forEachRowTile([&](Value row, int64_t rowCount) {
      SmallVector<Value> acc(rowCount * kPanelVectors, kb.splat(0));
      acc = kb.contract(
          kb.index(0), kb.index(dim), acc, rowCount, kPanelVectors,
          [&](Value d, int64_t r) {
            return kb.load(queries, {kb.add(row, kb.index(r)), d});
          },
          [&](Value d, int64_t t) {
            return kb.loadVector(transposed, {panel, d, at(kb.index(0), t)});
          });
      for (int64_t r = 0; r < rowCount; ++r)
        for (int64_t t = 0; t < kPanelVectors; ++t)
          kb.storeVector(acc[r * kPanelVectors + t], scores,
                         {kb.add(row, kb.index(r)), at(column, t)});
    });
  });
}

/// sums = factors * sums + exponentials * values.
void AttentionKernel::emitValues(Value count) {
  forEachPanel(dim, [&](Value panel, int64_t vectors) {
    Value column = kb.mul(panel, kb.index(panelColumns));
    forEachRowTile([&](Value row, int64_t rowCount) {
      SmallVector<Value> acc;
      for (int64_t r = 0; r < rowCount; ++r) {
        Value i = kb.add(row, kb.index(r));
        Value factor = kb.broadcast(kb.load(factors, {i}));
        for (int64_t t = 0; t < vectors; ++t)
          acc.push_back(kb.create<arith::MulFOp>(
              kb.loadVector(sums, {i, at(column, t)}), factor));
      }
      acc = kb.contract(
          kb.index(0), count, acc, rowCount, vectors,
          [&](Value j, int64_t r) {
            return kb.load(scores, {kb.add(row, kb.index(r)), j});
          },
          [&](Value j, int64_t t) {
            return kb.loadVector(items, {panel, j, at(kb.index(0), t)});
          });
      for (int64_t r = 0; r < rowCount; ++r)
        for (int64_t t = 0; t < vectors; ++t)
          kb.storeVector(acc[r * vectors + t], sums,
                         {kb.add(row, kb.index(r)), at(column, t)});
    });
  });
}
