//===- AttentionPrefill.cpp - softmax attention of tiles of rows ----------===//
//
// A block has a tile of rows, tokens x query heads that share one head of keys,
// and walks the keys they see in tiles, with running maximum m, sum l and
// output o of each row in registers (SPEC 2.5, 4.7):
//
//   s = q K^T;  m' = max(m, max s);  e = exp(s - m')
//   l = exp(m - m') l + sum e;  o = exp(m - m') o + e V
//
// Roofline: 4 D flops in f32 for each row and key, in products that shared
// memory bounds (ThreadSquare.cpp); keys and values are read once for all rows
// of a tile, 16 flops or more for a byte that comes from beyond it.
//
//===----------------------------------------------------------------------===//

#include "AttentionGPU.h"
#include "ThreadSquare.h"

using namespace mlir;
using namespace mlir::minimax;

/// Rows and keys of a tile. With 32 keys of 128 columns two blocks fit a
/// processor of any GPU.
static constexpr int64_t kRows = 64, kTileKeys = 32;

static constexpr int64_t kSide = ThreadSquare::kSide;

namespace {
/// Attention of one tile of rows.
class PrefillBlock {
public:
  PrefillBlock(GPUKernelBuilder &kb, const AttentionGPUOperands &operands,
               const AttentionRows &rows);
  void emit(const Rotation &rotation);

private:
  /// Maxima, norms and outputs of the thread's rows.
  struct Sums {
    SmallVector<Value> maxima, norms, outputs;
  };

  SmallVector<Value> emitKeyTile(Value key, ValueRange carried);
  void emitSoftmax(ArrayRef<Value> products, Value key, Sums &sums);
  void storeRows(Sums sums);
  Sums split(ValueRange values) const;
  static SmallVector<Value> join(const Sums &sums);

  GPUKernelBuilder &kb;
  const AttentionGPUOperands &ops;
  const AttentionRows &rows;
  ThreadSquare square;
  int64_t dim, paddedDim, down;
  Value queries, keys, values, weights;
};
} // namespace

PrefillBlock::PrefillBlock(GPUKernelBuilder &kb,
                           const AttentionGPUOperands &operands,
                           const AttentionRows &rows)
    : kb(kb), ops(operands), rows(rows), square(kb), dim(operands.dim()),
      paddedDim(llvm::alignTo(dim, kSide)), down(kRows / kSide) {
  // Rows of an odd number of words: a column's words lie in different banks.
  queries = kb.shared({kRows, dim | 1});
  keys = kb.shared({kTileKeys, dim | 1});
  values = kb.shared({kTileKeys, paddedDim});
  weights = kb.shared({kRows, kTileKeys + 1});
}

void PrefillBlock::emit(const Rotation &rotation) {
  rows.loadQueries(rotation, queries, kRows, Team::ofBlock(kb));
  Sums start{SmallVector<Value>(down, kb.f32(kNoScore)),
             SmallVector<Value>(down, kb.f32(0)),
             square.zeros(kRows, paddedDim)};
  storeRows(split(kb.loopCarry(rows.range.begin, rows.range.end, kTileKeys,
                               join(start), [&](Value key, ValueRange carried) {
                                 return emitKeyTile(key, carried);
                               })));
}

PrefillBlock::Sums PrefillBlock::split(ValueRange values) const {
  Sums sums;
  sums.maxima.assign(values.begin(), values.begin() + down);
  sums.norms.assign(values.begin() + down, values.begin() + 2 * down);
  sums.outputs.assign(values.begin() + 2 * down, values.end());
  return sums;
}
SmallVector<Value> PrefillBlock::join(const Sums &sums) {
  SmallVector<Value> values = sums.maxima;
  values.append(sums.norms);
  values.append(sums.outputs);
  return values;
}

SmallVector<Value> PrefillBlock::emitKeyTile(Value key, ValueRange carried) {
  Value tileKeys = kb.minimum(kb.index(kTileKeys), kb.sub(rows.range.end, key));
  auto fill = [&](Value tile, int64_t width, Value pool) {
    square.fill(tile, width, tileKeys, kb.index(dim), [&](Value j, Value d) {
      return kb.load(pool,
                     {kb.add(kb.add(rows.firstPlace, key), j), rows.group, d});
    });
  };
  // Until here the tile before is read.
  kb.barrier();
  fill(keys, dim, ops.keys);
  fill(values, paddedDim, ops.values);
  kb.barrier();
  SmallVector<Value> products = square.multiply(
      square.zeros(kRows, kTileKeys), kTileKeys, kb.index(dim),
      [&](Value r, Value d) {
        return kb.load(queries, {r, d});
      },
      [&](Value d, Value j) {
        return kb.load(keys, {j, d});
      });
  Sums sums = split(carried);
  emitSoftmax(products, key, sums);
  kb.barrier();
  sums.outputs = square.multiply(
      sums.outputs, paddedDim, kb.index(kTileKeys),
      [&](Value r, Value j) {
        return kb.load(weights, {r, j});
      },
      [&](Value j, Value d) {
        return kb.load(values, {j, d});
      });
  return join(sums);
}

/// From a tile's scores to exponentials in `weights`; scales what came before.
/// A thread's norm sums its own columns only.
void PrefillBlock::emitSoftmax(ArrayRef<Value> products, Value key,
                               Sums &sums) {
  int64_t across = kTileKeys / kSide, columns = paddedDim / kSide;
  for (int64_t r = 0; r < down; ++r) {
    Value seen = rows.seenBy(square.rowAt(r));
    SmallVector<Value> visible, scores;
    Value largest = kb.f32(kNoScore);
    for (int64_t c = 0; c < across; ++c) {
      visible.push_back(kb.less(kb.add(key, square.columnAt(c)), seen));
      scores.push_back(kb.create<arith::SelectOp>(
          visible[c], products[r * across + c], kb.f32(kNoScore)));
      largest = kb.create<arith::MaxNumFOp>(largest, scores[c]);
    }
    Value maximum =
        kb.create<arith::MaxNumFOp>(sums.maxima[r], square.rowMax(largest));
    Value factor =
        emitExp2(kb, kb.create<arith::SubFOp>(sums.maxima[r], maximum));
    Value norm = kb.create<arith::MulFOp>(sums.norms[r], factor);
    for (int64_t c = 0; c < across; ++c) {
      Value e = emitExp2(kb, kb.create<arith::SubFOp>(scores[c], maximum));
      e = kb.create<arith::SelectOp>(visible[c], e, kb.f32(0));
      norm = kb.create<arith::AddFOp>(norm, e);
      kb.store(e, weights, {square.rowAt(r), square.columnAt(c)});
    }
    sums.maxima[r] = maximum;
    sums.norms[r] = norm;
    for (int64_t c = 0; c < columns; ++c)
      sums.outputs[r * columns + c] =
          kb.create<arith::MulFOp>(sums.outputs[r * columns + c], factor);
  }
}

void PrefillBlock::storeRows(Sums sums) {
  int64_t columns = paddedDim / kSide;
  for (int64_t r = 0; r < down; ++r) {
    RowEnd end(kb, sums.maxima[r], square.rowSum(sums.norms[r]));
    rows.ifExists(square.rowAt(r), [&](Value row, Value head) {
      for (int64_t c = 0; c < columns; ++c)
        kb.ifThen(kb.less(square.columnAt(c), kb.index(dim)), [&] {
          Value value = kb.create<arith::MulFOp>(sums.outputs[r * columns + c],
                                                 end.factor);
          kb.store(value, ops.output, {row, head, square.columnAt(c)});
        });
      if (ops.lse)
        kb.ifThen(kb.equal(square.columnAt(0), kb.index(0)), [&] {
          kb.store(end.lse, ops.lse, {row, head});
        });
    });
  }
}

void minimax::emitAttentionPrefill(GPUKernelBuilder &kb,
                                   const AttentionGPUOperands &operands) {
  launchAttentionRows(kb, operands, "attention_prefill", kRows,
                      ThreadSquare::kThreads,
                      [&](const AttentionRows &rows, const Rotation &rotation) {
                        PrefillBlock(kb, operands, rows).emit(rotation);
                      });
}
