//===- AttentionWarpgroupRows.cpp - attend in registers of warpgroups -----===//
//
// The warpgroups that multiply. A thread has parts of two rows, g and g + 8 of
// its warp's 16: of every 8 columns of a product the columns 2t and 2t + 1
// (g = lane / 4, t = lane % 4).
//
//===----------------------------------------------------------------------===//

#include "AttentionWarpgroups.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::minimax;

/// Registers of a thread that multiplies.
static constexpr int32_t kMultiplyRegisters = 232;
/// The hardware barrier of the warpgroups that multiply.
static constexpr int64_t kConsumerBarrier = 1;
static constexpr int64_t kSide = MatrixTiles::kSide,
                         kColumns = MatrixTiles::kColumns;

namespace {
class AttentionProducts : AttentionWarpgroups {
public:
  explicit AttentionProducts(const AttentionWarpgroups &block)
      : AttentionWarpgroups(block), matrix(kb), softmax(block, matrix) {}

  void emit(const Rotation &rotation);

private:
  /// What is carried: also the weights of the last tile, whose values are not
  /// yet in the outputs.
  struct Sums {
    ScoreRows rows;
    Value outputs;
    SmallVector<Value> weights;
  };

  void loadQueries(const Rotation &rotation);
  void begin(ValueRange pieces);
  Value startScores(Value tile);
  Value startOutputs(const Sums &sums, Value tile);
  void awaitProducts(int64_t underWay, Value piece);
  Sums emitTile(Value tile, Sums sums);
  void storeRows(const Sums &sums);

  static Sums split(ValueRange values);
  static SmallVector<Value> join(const Sums &sums);
  Value zeros(int64_t columns);
  Value scaled(Value outputs, const RowPair &ofRows);
  Value keysOf(Value tile) { return kb.mul(tile, kb.index(2)); }
  Value valuesOf(Value tile) { return kb.add(keysOf(tile), kb.index(1)); }

  MatrixTiles matrix;
  AttentionSoftmax softmax;
  /// The queries of the warp's rows, 16 columns each.
  SmallVector<Value> fragments;
};
} // namespace

void AttentionProducts::emit(const Rotation &rotation) {
  kb.create<NVVM::SetMaxRegisterOp>(kMultiplyRegisters,
                                    NVVM::SetMaxRegisterAction::increase);
  loadQueries(rotation);
  Value first = kb.index(0), one = kb.index(1);
  Sums sums{ScoreRows(kb), zeros(dim()), {}};
  begin(keysOf(first));
  Value scores = startScores(first);
  awaitProducts(0, keysOf(first));
  Exponentials exponentials = softmax.emit(scores, first, sums.rows);
  sums.weights = softmax.round(exponentials);
  sums = split(kb.loopCarry(one, tiles, 1, join(sums),
                            [&](Value tile, ValueRange carried) {
                              return join(emitTile(tile, split(carried)));
                            }));
  Value last = kb.sub(tiles, one);
  begin(valuesOf(last));
  sums.outputs = startOutputs(sums, last);
  kb.create<NVVM::WgmmaWaitGroupSyncOp>(0);
  storeRows(sums);
}

void AttentionProducts::loadQueries(const Rotation &rotation) {
  constexpr int64_t threads = kConsumers * kThreads;
  Value thread = kb.sub(kb.thread(), kb.index(kThreads));
  rows.loadQueries(rotation, queries, kRows, {thread, threads});
  auto word = [&](int64_t value) {
    return kb.create<arith::ConstantIntOp>(value, 32);
  };
  kb.create<NVVM::BarrierOp>(word(kConsumerBarrier), word(threads));
  Value first = softmax.firstRow();
  for (int64_t depth = 0; depth < dim(); depth += kSide)
    fragments.push_back(
        matrix.left({queries, first, kb.index(depth), Value()}));
}

AttentionProducts::Sums AttentionProducts::split(ValueRange values) {
  return {ScoreRows({values[0], values[1]}, {values[2], values[3]}), values[4],
          SmallVector<Value>(values.drop_front(5))};
}
SmallVector<Value> AttentionProducts::join(const Sums &sums) {
  SmallVector<Value> values = {sums.rows.maxima[0], sums.rows.maxima[1],
                               sums.rows.norms[0], sums.rows.norms[1],
                               sums.outputs};
  values.append(sums.weights);
  return values;
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

Value AttentionProducts::zeros(int64_t columns) {
  auto type = VectorType::get({columns / 2}, kb.getF32Type());
  return kb.create<arith::ConstantOp>(kb.getZeroAttr(type));
}

/// Waits for pieces; from here on products may be started.
void AttentionProducts::begin(ValueRange pieces) {
  for (Value piece : pieces)
    wait(full, piece, parityOf(piece));
  kb.create<NVVM::WgmmaFenceAlignedOp>();
}

/// Starts the product of the queries by the keys of a tile.
Value AttentionProducts::startScores(Value tile) {
  Value stage = stageOf(keysOf(tile)), zero = kb.index(0);
  Value scores = zeros(kTileKeys);
  for (auto [i, fragment] : llvm::enumerate(fragments)) {
    int64_t depth = i * kSide;
    scores = kb.create<minimax_gpu::WgmmaOp>(
        scores.getType(), fragment, ring,
        ValueRange{stage, kb.index(depth / kSwizzledColumns), zero,
                   kb.index(depth % kSwizzledColumns)},
        scores, /*transpose=*/false);
  }
  kb.create<NVVM::WgmmaGroupSyncAlignedOp>();
  return scores;
}

/// Starts adding the weighted values of a tile.
Value AttentionProducts::startOutputs(const Sums &sums, Value tile) {
  Value stage = stageOf(valuesOf(tile)), zero = kb.index(0);
  Value outputs = sums.outputs;
  for (auto [i, weights] : llvm::enumerate(sums.weights))
    outputs = kb.create<minimax_gpu::WgmmaOp>(
        outputs.getType(), weights, ring,
        ValueRange{stage, zero, kb.index(i * kSide), zero}, outputs,
        /*transpose=*/true);
  kb.create<NVVM::WgmmaGroupSyncAlignedOp>();
  return outputs;
}

/// Waits until no more groups of products are under way and says that `piece`
/// has been used.
void AttentionProducts::awaitProducts(int64_t underWay, Value piece) {
  kb.create<NVVM::WgmmaWaitGroupSyncOp>(underWay);
  kb.ifThen(kb.equal(kb.lane(), kb.index(0)), [&] { arrive(empty, piece); });
}

AttentionProducts::Sums AttentionProducts::emitTile(Value tile, Sums sums) {
  Value before = kb.sub(tile, kb.index(1));
  begin({keysOf(tile), valuesOf(before)});
  Value scores = startScores(tile);
  sums.outputs = startOutputs(sums, before);
  awaitProducts(1, keysOf(tile));
  Exponentials exponentials = softmax.emit(scores, tile, sums.rows);
  awaitProducts(0, valuesOf(before));
  // Only now: registers of factors do not change beside a product.
  sums.weights = softmax.round(exponentials);
  sums.outputs = scaled(sums.outputs, exponentials.factors);
  return sums;
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

/// Outputs times a factor for each of the two rows.
Value AttentionProducts::scaled(Value outputs, const RowPair &ofRows) {
  SmallVector<Value> factors;
  for (int64_t i = 0; i < dim() / 2; ++i)
    factors.push_back(ofRows[i / 2 % 2]);
  return kb.create<arith::MulFOp>(
      outputs, kb.create<vector::FromElementsOp>(outputs.getType(), factors));
}

void AttentionProducts::storeRows(const Sums &sums) {
  for (int64_t half = 0; half < 2; ++half) {
    auto add = [&](Value a, Value b) -> Value {
      return kb.create<arith::AddFOp>(a, b);
    };
    Value norm = matrix.reduceQuad(sums.rows.norms[half], add);
    RowEnd end(kb, sums.rows.maxima[half], norm);
    auto normed = [&](int64_t i) -> Value {
      return kb.create<arith::MulFOp>(matrix.extract(sums.outputs, i),
                                      end.factor);
    };
    rows.ifExists(softmax.rowAt(half), [&](Value row, Value head) {
      for (int64_t i = 2 * half; i < dim() / 2; i += 4)
        matrix.storeOutputs(
            normed(i), normed(i + 1), ops.output,
            {row, head, kb.add(matrix.column(), kb.index(i / 4 * kColumns))});
      if (ops.lse)
        kb.ifThen(kb.equal(matrix.column(), kb.index(0)), [&] {
          kb.store(end.lse, ops.lse, {row, head});
        });
    });
  }
}

void minimax::emitAttentionProducts(const AttentionWarpgroups &block,
                                    const Rotation &rotation) {
  AttentionProducts(block).emit(rotation);
}
