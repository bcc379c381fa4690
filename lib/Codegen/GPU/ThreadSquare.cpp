//===- ThreadSquare.cpp - products of tiles by squares of threads ---------===//
//
// Roofline: a step in depth of a thread that has r x c elements reads r + c
// words of shared memory for r * c fused multiplications. With 4 x 4 the reads
// bound it, at half the peak.
//
//===----------------------------------------------------------------------===//

#include "ThreadSquare.h"

using namespace mlir;
using namespace mlir::minimax;

ThreadSquare::ThreadSquare(GPUKernelBuilder &kb) : kb(kb) {
  assert(kb.threads() == kThreads && "expected a square of threads");
  row = kb.div(kb.thread(), kb.index(kSide));
  column = kb.rem(kb.thread(), kb.index(kSide));
}

Value ThreadSquare::rowAt(int64_t r) const {
  return kb.add(row, kb.index(r * kSide));
}
Value ThreadSquare::columnAt(int64_t c) const {
  return kb.add(column, kb.index(c * kSide));
}

void ThreadSquare::forEach(int64_t rows, int64_t columns, Visit visit) const {
  for (int64_t r = 0; r < rows / kSide; ++r)
    for (int64_t c = 0; c < columns / kSide; ++c)
      visit(r * (columns / kSide) + c, rowAt(r), columnAt(c));
}

SmallVector<Value> ThreadSquare::zeros(int64_t rows, int64_t columns) const {
  return SmallVector<Value>(rows / kSide * (columns / kSide), kb.f32(0));
}

SmallVector<Value> ThreadSquare::multiply(ArrayRef<Value> sums, int64_t columns,
                                          Value depth, Element left,
                                          Element right) const {
  int64_t across = columns / kSide, down = sums.size() / across;
  auto step = [&](Value k, ValueRange old) -> SmallVector<Value> {
    SmallVector<Value> a, b, next;
    for (int64_t r = 0; r < down; ++r)
      a.push_back(left(rowAt(r), k));
    for (int64_t c = 0; c < across; ++c)
      b.push_back(right(k, columnAt(c)));
    for (int64_t r = 0; r < down; ++r)
      for (int64_t c = 0; c < across; ++c)
        next.push_back(kb.fma(a[r], b[c], old[r * across + c]));
    return next;
  };
  return kb.loopCarry(kb.index(0), depth, 1, sums, step);
}

Value ThreadSquare::reduceRow(Value value,
                              function_ref<Value(Value, Value)> combine) const {
  Value warp = kb.create<arith::ConstantIntOp>(GPUKernelBuilder::kWarp, 32);
  for (int64_t step = kSide / 2; step > 0; step /= 2) {
    Value distance = kb.create<arith::ConstantIntOp>(step, 32);
    auto other =
        kb.create<gpu::ShuffleOp>(value, distance, warp, gpu::ShuffleMode::XOR);
    value = combine(value, other.getShuffleResult());
  }
  return value;
}
Value ThreadSquare::rowSum(Value value) const {
  return reduceRow(value, [&](Value a, Value b) -> Value {
    return kb.create<arith::AddFOp>(a, b);
  });
}
Value ThreadSquare::rowMax(Value value) const {
  return reduceRow(value, [&](Value a, Value b) -> Value {
    return kb.create<arith::MaxNumFOp>(a, b);
  });
}

void ThreadSquare::fill(Value tile, int64_t width, Value count, Value columns,
                        Element element) const {
  Value one = kb.index(1), wide = kb.index(width);
  kb.forEachThread(kb.index(dimOf(tile, 0) * width), [&](Value place) {
    Value i = kb.div(place, wide), j = kb.rem(place, wide);
    Value inside =
        kb.create<arith::AndIOp>(kb.less(i, count), kb.less(j, columns));
    // What lies outside is read where something is, and dropped.
    Value value = element(kb.minimum(i, kb.sub(count, one)),
                          kb.minimum(j, kb.sub(columns, one)));
    value = kb.create<arith::SelectOp>(inside, value, kb.f32(0));
    kb.store(value, tile, {i, j});
  });
}
