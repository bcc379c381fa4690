//===- Transpose.cpp - square tiles transposed and summed in registers ----===//
//
// Interleaves of neighbouring rows within 128-bit blocks, then exchanges of
// whole blocks: every step is one shuffle instruction on x86-64.
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"

using namespace mlir;
using namespace mlir::minimax;

/// f32 values of a 128-bit block.
static constexpr int64_t kBlock = 4;

/// In each block, alternates units of `unit` values of `a` and `b`, from the
/// block's lower or upper half.
static Value interleave(KernelBuilder &kb, Value a, Value b, int64_t unit,
                        bool upper) {
  int64_t lanes = kb.target.lanes;
  SmallVector<int64_t> order;
  for (int64_t block = 0; block < lanes; block += kBlock)
    for (int64_t place = 0; place < kBlock / 2; place += unit)
      for (int64_t source : {int64_t(0), lanes})
        for (int64_t i = 0; i < unit; ++i)
          order.push_back(source + block + (upper ? kBlock / 2 : 0) + place +
                          i);
  return kb.create<vector::ShuffleOp>(a, b, order);
}

/// The blocks of `a`, then those of `b`, of even or odd number.
static Value pickBlocks(KernelBuilder &kb, Value a, Value b, int64_t parity) {
  SmallVector<int64_t> order;
  for (int64_t block = parity; block < 2 * kb.target.lanes / kBlock; block += 2)
    for (int64_t i = 0; i < kBlock; ++i)
      order.push_back(block * kBlock + i);
  return kb.create<vector::ShuffleOp>(a, b, order);
}

/// Vectors of blocks a[i][j] become b[j][i], for a power of two of vectors.
static SmallVector<Value> transposeBlocks(KernelBuilder &kb,
                                          ArrayRef<Value> rows) {
  if (rows.size() == 1)
    return SmallVector<Value>(rows);
  SmallVector<Value> result(rows.size());
  for (int64_t parity : {0, 1}) {
    SmallVector<Value> half;
    for (size_t i = 0; i < rows.size(); i += 2)
      half.push_back(pickBlocks(kb, rows[i], rows[i + 1], parity));
    for (auto [i, row] : llvm::enumerate(transposeBlocks(kb, half)))
      result[2 * i + parity] = row;
  }
  return result;
}

SmallVector<Value> KernelBuilder::transpose(ArrayRef<Value> rows) {
  int64_t count = target.lanes, groups = count / kBlock;
  SmallVector<Value> pairs(count), quads(count), result(count);
  for (int64_t i = 0; i < count; i += 2)
    for (int64_t upper : {0, 1})
      pairs[i + upper] = interleave(*this, rows[i], rows[i + 1], 1, upper);
  for (int64_t i = 0; i < count; i += kBlock)
    for (int64_t half : {0, 1})
      for (int64_t upper : {0, 1})
        quads[i + 2 * half + upper] =
            interleave(*this, pairs[i + half], pairs[i + half + 2], 2, upper);
  // quads[4 g + c] holds in block b column 4 b + c of rows 4 g .. 4 g + 3.
  for (int64_t column = 0; column < kBlock; ++column) {
    SmallVector<Value> blocks;
    for (int64_t group = 0; group < groups; ++group)
      blocks.push_back(quads[kBlock * group + column]);
    for (auto [block, row] : llvm::enumerate(transposeBlocks(*this, blocks)))
      result[kBlock * block + column] = row;
  }
  return result;
}

Value KernelBuilder::sumLanes(ArrayRef<Value> rows) {
  SmallVector<Value> level(rows);
  auto halve = [&](function_ref<Value(Value, Value, bool)> pick) {
    SmallVector<Value> next;
    for (size_t i = 0; i < level.size(); i += 2)
      next.push_back(create<arith::AddFOp>(pick(level[i], level[i + 1], false),
                                           pick(level[i], level[i + 1], true)));
    level = next;
  };
  for (int64_t unit : {1, 2})
    halve([&](Value a, Value b, bool upper) {
      return interleave(*this, a, b, unit, upper);
    });
  while (level.size() > 1)
    halve([&](Value a, Value b, bool odd) {
      return pickBlocks(*this, a, b, odd);
    });
  return level[0];
}
