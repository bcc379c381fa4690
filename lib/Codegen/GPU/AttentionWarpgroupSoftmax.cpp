//===- AttentionWarpgroupSoftmax.cpp - softmax in registers ---------------===//
//
// Scores of a warpgroup's product: of every 8 keys from 8 j on a thread has, in
// elements 4 j to 4 j + 3, keys 2t and 2t + 1 of row g and the same of row
// g + 8 (g = lane / 4, t = lane % 4). Those of 16 keys, rounded, lie as a left
// factor needs them.
//
// Roofline: an exponential for each row and key, 16 in a cycle of a
// multiprocessor, beside about five other operations.
//
//===----------------------------------------------------------------------===//

#include "AttentionWarpgroups.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kColumns = MatrixTiles::kColumns;
/// Elements of a thread.
static constexpr int64_t kElements = AttentionWarpgroups::kTileKeys / 2;

/// Which of the thread's rows an element belongs to.
static int64_t halfOf(int64_t element) { return element / 2 % 2; }

Value AttentionSoftmax::firstRow() const {
  Value thread = kb.sub(kb.thread(), kb.index(AttentionWarpgroups::kThreads));
  return kb.mul(kb.div(thread, kb.index(kb.kWarp)),
                kb.index(MatrixTiles::kSide));
}
Value AttentionSoftmax::rowAt(int64_t half) const {
  return kb.add(firstRow(), kb.add(matrix.row(), kb.index(8 * half)));
}

/// Scores with minus infinity for keys that their row does not see.
Value AttentionSoftmax::hide(Value scores, Value tile) const {
  Value hidden = kb.f32(-std::numeric_limits<double>::infinity());
  Value limits[2];
  for (int64_t half = 0; half < 2; ++half) {
    Value seen = block.rows.seenBy(rowAt(half));
    // This thread's columns from here on are hidden, in small integers.
    limits[half] = kb.create<arith::IndexCastOp>(
        kb.getI32Type(),
        kb.sub(kb.sub(seen, block.firstKey(tile)), matrix.column()));
  }
  SmallVector<Value> elements;
  for (int64_t i = 0; i < kElements; ++i) {
    Value column =
        kb.create<arith::ConstantIntOp>(i / 4 * kColumns + i % 2, 32);
    Value seen = kb.create<arith::CmpIOp>(arith::CmpIPredicate::slt, column,
                                          limits[halfOf(i)]);
    elements.push_back(
        kb.create<arith::SelectOp>(seen, matrix.extract(scores, i), hidden));
  }
  return kb.create<vector::FromElementsOp>(scores.getType(), elements);
}

/// The same, for most tiles without a comparison: all rows see all keys.
Value AttentionSoftmax::hideUnseen(Value scores, Value tile) const {
  Value end = block.firstKey(kb.add(tile, kb.index(1)));
  Value seen = block.rows.seenBy(kb.index(0));
  auto choice = kb.create<scf::IfOp>(
      kb.less(seen, end),
      [&](OpBuilder &builder, Location loc) {
        OpBuilder::InsertionGuard guard(kb);
        kb.setInsertionPointToEnd(builder.getInsertionBlock());
        kb.create<scf::YieldOp>(hide(scores, tile));
      },
      [&](OpBuilder &builder, Location loc) {
        builder.create<scf::YieldOp>(loc, scores);
      });
  return choice.getResult(0);
}

/// Combines neighbours, then what they have become, and so on.
static Value reduceTree(SmallVector<Value> values,
                        function_ref<Value(Value, Value)> combine) {
  while (values.size() > 1) {
    for (size_t i = 0; i < values.size() / 2; ++i)
      values[i] = combine(values[2 * i], values[2 * i + 1]);
    values.truncate(values.size() / 2);
  }
  return values.front();
}

/// Maxima are finite, so that exponentials of hidden scores are 0.
Exponentials AttentionSoftmax::emit(Value scores, Value tile,
                                    ScoreRows &rows) const {
  Value seen = hideUnseen(scores, tile);
  SmallVector<Value> ofRow[2];
  for (int64_t i = 0; i < kElements; ++i)
    ofRow[halfOf(i)].push_back(matrix.extract(seen, i));
  auto larger = [&](Value a, Value b) -> Value {
    return kb.create<arith::MaxNumFOp>(a, b);
  };
  Exponentials result;
  result.elements.resize(kElements);
  for (int64_t half = 0; half < 2; ++half) {
    Value before = rows.maxima[half];
    Value largest = larger(before, reduceTree(ofRow[half], larger));
    Value maximum = matrix.reduceQuad(largest, larger);
    Value factor = emitExp2(kb, kb.create<arith::SubFOp>(before, maximum));
    Value norm = kb.create<arith::MulFOp>(rows.norms[half], factor);
    for (auto [i, score] : llvm::enumerate(ofRow[half])) {
      Value weight = emitExp2(kb, kb.create<arith::SubFOp>(score, maximum));
      norm = kb.create<arith::AddFOp>(norm, weight);
      result.elements[i / 2 * 4 + 2 * half + i % 2] = weight;
    }
    rows.maxima[half] = maximum;
    rows.norms[half] = norm;
    result.factors[half] = factor;
  }
  return result;
}

SmallVector<Value>
AttentionSoftmax::round(const Exponentials &exponentials) const {
  SmallVector<Value> weights;
  for (int64_t i = 0; i < kElements; i += kColumns) {
    ArrayRef<Value> eight = ArrayRef(exponentials.elements).slice(i, kColumns);
    weights.push_back(matrix.leftFrom(matrix.sumsFrom(eight.take_front(4)),
                                      matrix.sumsFrom(eight.take_back(4))));
  }
  return weights;
}
