//===- AttentionMatrix.cpp - softmax attention on matrix units ------------===//
//
// As AttentionPrefill.cpp, with products of bf16: each of 8 warps has 16 rows,
// whose scores, exponentials and outputs never leave its registers. Tiles of
// keys and values lie in two stages: while one is multiplied, the next is
// copied, from caches of bf16 asynchronously.
//
// Roofline: 4 D flops in bf16 for each row and key, of which a causal tile
// drops what is beyond its last row only; 128 rows share what is read of keys
// and values, 128 flops for a byte of a bf16 cache. Beside 4 D flops there is
// one exponential for each row and key.
//
//===----------------------------------------------------------------------===//

#include "AttentionGPU.h"
#include "MatrixTiles.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kSide = MatrixTiles::kSide,
                         kColumns = MatrixTiles::kColumns;
static constexpr int64_t kWarps = 8, kRows = kWarps * kSide, kTileKeys = 64,
                         kStages = 2;
/// Widest heads whose outputs and queries fit the registers of a thread.
static constexpr int64_t kMostColumns = 128;

namespace {
class MatrixBlock {
public:
  MatrixBlock(GPUKernelBuilder &kb, const AttentionGPUOperands &operands,
              const AttentionRows &rows);
  void emit(const Rotation &rotation);

private:
  /// Of the thread's two rows in its warp's 16: g and g + 8.
  struct Sums {
    Value maxima[2], norms[2];
    SmallVector<Value> outputs;
  };

  void copyTile(Value key);
  void copyPool(Value pool, Value tile, Value key, Value stage);
  void copyRounded(Value pool, Value tile, Value key, Value stage);
  SmallVector<Value> emitKeyTile(Value key, ArrayRef<Value> fragments,
                                 ValueRange carried);
  SmallVector<Value> emitScores(ArrayRef<Value> fragments, Value stage);
  void emitSoftmax(MutableArrayRef<Value> scores, Value key, Sums &sums);
  void storeRows(const Sums &sums);
  static Sums split(ValueRange values);
  static SmallVector<Value> join(const Sums &sums);
  Value rowAt(int64_t half) {
    return kb.add(firstRow, kb.add(tiles.row(), kb.index(8 * half)));
  }
  Value stageOf(Value key) {
    Value number = kb.div(kb.sub(key, rows.range.begin), kb.index(kTileKeys));
    return kb.rem(number, kb.index(kStages));
  }

  GPUKernelBuilder &kb;
  const AttentionGPUOperands &ops;
  const AttentionRows &rows;
  MatrixTiles tiles;
  int64_t dim;
  /// keys and values: [stage, key, column].
  Value queries, keys, values, firstRow;
};
} // namespace

MatrixBlock::MatrixBlock(GPUKernelBuilder &kb,
                         const AttentionGPUOperands &operands,
                         const AttentionRows &rows)
    : kb(kb), ops(operands), rows(rows), tiles(kb), dim(operands.dim()) {
  queries = tiles.tile({kRows, dim});
  keys = tiles.tile({kStages, kTileKeys, dim});
  values = tiles.tile({kStages, kTileKeys, dim});
  firstRow = kb.mul(kb.warp(), kb.index(kSide));
}

void MatrixBlock::emit(const Rotation &rotation) {
  copyTile(rows.range.begin);
  rows.loadQueries(rotation, queries, kRows, Team::ofBlock(kb));
  kb.barrier();
  SmallVector<Value> fragments;
  for (int64_t depth = 0; depth < dim; depth += kSide)
    fragments.push_back(
        tiles.left({queries, firstRow, kb.index(depth), Value()}));
  Value none = kb.f32(kNoScore), zero = kb.f32(0);
  Sums start{{none, none}, {zero, zero}, tiles.zeros(dim / kColumns)};
  storeRows(split(kb.loopCarry(rows.range.begin, rows.range.end, kTileKeys,
                               join(start), [&](Value key, ValueRange carried) {
                                 return emitKeyTile(key, fragments, carried);
                               })));
}

MatrixBlock::Sums MatrixBlock::split(ValueRange values) {
  return {{values[0], values[1]},
          {values[2], values[3]},
          SmallVector<Value>(values.drop_front(4))};
}
SmallVector<Value> MatrixBlock::join(const Sums &sums) {
  SmallVector<Value> values = {sums.maxima[0], sums.maxima[1], sums.norms[0],
                               sums.norms[1]};
  values.append(sums.outputs);
  return values;
}

//===----------------------------------------------------------------------===//
// Keys and values
//===----------------------------------------------------------------------===//

/// Starts copying the keys from `key` on, if there are any.
void MatrixBlock::copyTile(Value key) {
  kb.ifThen(kb.less(key, rows.range.end), [&] {
    Value stage = stageOf(key);
    copyPool(ops.keys, keys, key, stage);
    copyPool(ops.values, values, key, stage);
  });
  kb.create<NVVM::CpAsyncCommitGroupOp>();
}

void MatrixBlock::copyPool(Value pool, Value tile, Value key, Value stage) {
  if (cast<MemRefType>(pool.getType()).getElementType().isF32())
    return copyRounded(pool, tile, key, stage);
  tiles.forEachPiece(
      kTileKeys, dim, kColumns, [&](int64_t, Value row, Value column) {
        Value position = kb.add(key, row);
        kb.create<minimax_gpu::CopyAsyncOp>(
            pool,
            ValueRange{kb.add(rows.firstPlace, position), rows.group, column},
            tile, ValueRange{stage, row, column},
            kb.less(position, rows.range.end));
      });
}

void MatrixBlock::copyRounded(Value pool, Value tile, Value key, Value stage) {
  constexpr int64_t width = 4;
  Value last = kb.sub(rows.range.end, kb.index(1));
  tiles.forEachPiece(
      kTileKeys, dim, width, [&](int64_t, Value row, Value column) {
        Value position = kb.add(key, row);
        // What lies outside is read where something is, and dropped.
        Value place = kb.add(rows.firstPlace, kb.minimum(position, last));
        Value four = kb.loadVector(pool, {place, rows.group, column}, width);
        Value inside = kb.less(position, rows.range.end);
        SmallVector<Value> elements;
        for (int64_t i = 0; i < width; ++i)
          elements.push_back(kb.create<arith::SelectOp>(
              inside, tiles.extract(four, i), kb.f32(0)));
        tiles.storeFour(elements, {tile, row, column, stage});
      });
}

//===----------------------------------------------------------------------===//
// Products and softmax
//===----------------------------------------------------------------------===//

SmallVector<Value> MatrixBlock::emitKeyTile(Value key,
                                            ArrayRef<Value> fragments,
                                            ValueRange carried) {
  kb.create<NVVM::CpAsyncWaitGroupOp>(0);
  // Also says that all have read the stage that is filled next.
  kb.barrier();
  copyTile(kb.add(key, kb.index(kTileKeys)));
  Value stage = stageOf(key);
  SmallVector<Value> scores = emitScores(fragments, stage);
  Sums sums = split(carried);
  emitSoftmax(scores, key, sums);
  for (int64_t first = 0; first < kTileKeys; first += kSide) {
    int64_t n = first / kColumns;
    Value weights = tiles.leftFrom(scores[n], scores[n + 1]);
    for (int64_t column = 0; column < dim; column += kSide)
      tiles.multiplyAdd(
          weights,
          tiles.right({values, kb.index(first), kb.index(column), stage}),
          MutableArrayRef(sums.outputs).slice(column / kColumns, 2));
  }
  return join(sums);
}

SmallVector<Value> MatrixBlock::emitScores(ArrayRef<Value> fragments,
                                           Value stage) {
  SmallVector<Value> scores = tiles.zeros(kTileKeys / kColumns);
  for (auto [i, query] : llvm::enumerate(fragments))
    for (int64_t first = 0; first < kTileKeys; first += kSide)
      tiles.multiplyAdd(query,
                        tiles.rightTransposed({keys, kb.index(first),
                                               kb.index(i * kSide), stage}),
                        MutableArrayRef(scores).slice(first / kColumns, 2));
  return scores;
}

/// Turns a tile's scores into exponentials; scales what came before. A thread's
/// norm sums its own columns only. Hidden scores are minus infinity and maxima
/// finite, so that their exponentials are 0.
void MatrixBlock::emitSoftmax(MutableArrayRef<Value> scores, Value key,
                              Sums &sums) {
  Value hidden = kb.f32(-std::numeric_limits<double>::infinity());
  auto larger = [&](Value a, Value b) -> Value {
    return kb.create<arith::MaxNumFOp>(a, b);
  };
  SmallVector<SmallVector<Value>> elements(scores.size(),
                                           SmallVector<Value>(4));
  Value factors[2];
  for (int64_t half = 0; half < 2; ++half) {
    // This thread's columns from here on are hidden, in small integers.
    Value limit = kb.create<arith::IndexCastOp>(
        kb.getI32Type(),
        kb.sub(kb.sub(rows.seenBy(rowAt(half)), key), tiles.column()));
    Value largest = sums.maxima[half];
    for (auto [n, score] : llvm::enumerate(scores))
      for (int64_t i = 0; i < 2; ++i) {
        Value column = kb.create<arith::ConstantIntOp>(n * kColumns + i, 32);
        Value seen =
            kb.create<arith::CmpIOp>(arith::CmpIPredicate::slt, column, limit);
        Value &element = elements[n][2 * half + i];
        element = kb.create<arith::SelectOp>(
            seen, tiles.extract(score, 2 * half + i), hidden);
        largest = larger(largest, element);
      }
    Value maximum = tiles.reduceQuad(largest, larger);
    factors[half] =
        emitExp2(kb, kb.create<arith::SubFOp>(sums.maxima[half], maximum));
    sums.maxima[half] = maximum;
    Value norm = kb.create<arith::MulFOp>(sums.norms[half], factors[half]);
    for (auto &four : elements)
      for (int64_t i = 0; i < 2; ++i) {
        Value &element = four[2 * half + i];
        element = emitExp2(kb, kb.create<arith::SubFOp>(element, maximum));
        norm = kb.create<arith::AddFOp>(norm, element);
      }
    sums.norms[half] = norm;
  }
  for (auto [score, four] : llvm::zip_equal(scores, elements))
    score = tiles.sumsFrom(four);
  Value scale =
      tiles.sumsFrom({factors[0], factors[0], factors[1], factors[1]});
  for (Value &output : sums.outputs)
    output = kb.create<arith::MulFOp>(output, scale);
}

void MatrixBlock::storeRows(const Sums &sums) {
  for (int64_t half = 0; half < 2; ++half) {
    Value norm =
        tiles.reduceQuad(sums.norms[half], [&](Value a, Value b) -> Value {
          return kb.create<arith::AddFOp>(a, b);
        });
    RowEnd end(kb, sums.maxima[half], norm);
    rows.ifExists(rowAt(half), [&](Value row, Value head) {
      for (auto [n, output] : llvm::enumerate(sums.outputs)) {
        auto normed = [&, output = output](int64_t i) -> Value {
          return kb.create<arith::MulFOp>(tiles.extract(output, 2 * half + i),
                                          end.factor);
        };
        tiles.storeOutputs(
            normed(0), normed(1), ops.output,
            {row, head, kb.add(tiles.column(), kb.index(n * kColumns))});
      }
      if (ops.lse)
        kb.ifThen(kb.equal(tiles.column(), kb.index(0)), [&] {
          kb.store(end.lse, ops.lse, {row, head});
        });
    });
  }
}

bool minimax::fitsAttentionMatrix(const AttentionGPUOperands &operands) {
  int64_t dim = operands.dim();
  return dim % kSide == 0 && dim <= kMostColumns &&
         MatrixTiles::hasChunks(operands.output) &&
         MatrixTiles::hasChunks(operands.keys) &&
         MatrixTiles::hasChunks(operands.values);
}

void minimax::emitAttentionMatrix(GPUKernelBuilder &kb,
                                  const AttentionGPUOperands &operands) {
  launchAttentionRows(kb, operands, "attention_prefill_matrix", kRows,
                      kWarps * GPUKernelBuilder::kWarp,
                      [&](const AttentionRows &rows, const Rotation &rotation) {
                        MatrixBlock(kb, operands, rows).emit(rotation);
                      });
}
