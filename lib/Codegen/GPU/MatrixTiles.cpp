//===- MatrixTiles.cpp - small products on matrix units -------------------===//
//
// Rows of a tile are a multiple of 32 bytes and 16 bytes of padding: the 8 rows
// that a phase of ldmatrix reads begin in 8 different groups of 4 banks. Unlike
// a swizzle this leaves the distance of two fragments constant, so that
// addresses cost one register for each tile.
//
// Roofline: a load feeds two products on the right, one on the left; with r x c
// products of a warp, (2 r + c) / (2 r c) loads for each.
//
//===----------------------------------------------------------------------===//

#include "MatrixTiles.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::minimax;

MatrixTiles::MatrixTiles(GPUKernelBuilder &kb) : kb(kb) {
  Value lane = kb.lane(), eight = kb.index(8), sixteen = kb.index(16);
  columnLast = {kb.rem(lane, sixteen), kb.mul(kb.div(lane, sixteen), eight)};
  Value inner = kb.rem(kb.div(lane, eight), kb.index(2));
  rowLast = {kb.add(kb.mul(kb.div(lane, sixteen), eight), kb.rem(lane, eight)),
             kb.mul(inner, eight)};
  group = kb.div(lane, kb.index(4));
  twice = kb.mul(kb.rem(lane, kb.index(4)), kb.index(2));
}

bool MatrixTiles::hasChunks(Value memref) {
  auto type = cast<MemRefType>(memref.getType());
  Type element = type.getElementType();
  if (!element.isF32() && !element.isBF16())
    return false;
  int64_t chunk = 128 / element.getIntOrFloatBitWidth(), offset;
  SmallVector<int64_t> strides;
  if (failed(getStridesAndOffset(type, strides, offset)))
    return false;
  auto whole = [&](int64_t distance) {
    return !ShapedType::isDynamic(distance) && distance % chunk == 0;
  };
  return strides.back() == 1 && whole(offset) &&
         llvm::all_of(ArrayRef(strides).drop_back(), whole) &&
         whole(type.getShape().back());
}

int64_t MatrixTiles::tileBytes(int64_t rows, int64_t columns) {
  return rows * (columns + kColumns) * 2;
}

Value MatrixTiles::tile(ArrayRef<int64_t> shape) {
  assert(shape.back() % kSide == 0 && "expected whole fragments");
  SmallVector<int64_t> padded(shape);
  padded.back() += kColumns;
  return kb.shared(padded, kb.getBF16Type());
}

void MatrixTiles::forEachPiece(int64_t rows, int64_t columns, int64_t width,
                               Visit visit) {
  int64_t threads = kb.threads(), across = columns / width;
  int64_t pieces = rows * across;
  for (int64_t first = 0; first < pieces; first += threads) {
    Value place = kb.add(kb.thread(), kb.index(first));
    Value row = kb.div(place, kb.index(across));
    Value piece = kb.rem(place, kb.index(across));
    if (threads % across == 0) {
      // All pieces of a thread are in one column.
      row = kb.add(kb.div(kb.thread(), kb.index(across)),
                   kb.index(first / across));
      piece = kb.rem(kb.thread(), kb.index(across));
    }
    auto emit = [&] {
      visit(first / threads, row, kb.mul(piece, kb.index(width)));
    };
    if (first + threads <= pieces)
      emit();
    else
      kb.ifThen(kb.less(place, kb.index(pieces)), emit);
  }
}

static SmallVector<Value> indicesOf(const MatrixTiles::Place &at, Value row,
                                    Value column) {
  SmallVector<Value> indices = {row, column};
  if (at.stage)
    indices.insert(indices.begin(), at.stage);
  return indices;
}

Value MatrixTiles::load(const Place &at, const Lanes &lanes, bool transpose) {
  auto type = VectorType::get({4}, kb.getI32Type());
  return kb.create<minimax_gpu::LoadMatrixOp>(
      type, at.tile,
      indicesOf(at, kb.add(lanes.row, at.row), kb.add(lanes.column, at.column)),
      transpose);
}

MatrixTiles::Pair MatrixTiles::halves(Value words) {
  auto half = [&](int64_t first) -> Value {
    return kb.create<vector::ShuffleOp>(words, words,
                                        ArrayRef<int64_t>{first, first + 1});
  };
  return {half(0), half(2)};
}

Value MatrixTiles::multiplyAdd(Value left, Value right, Value sums) {
  return kb.create<minimax_gpu::MmaOp>(sums.getType(), left, right, sums);
}
void MatrixTiles::multiplyAdd(Value left, const Pair &right,
                              MutableArrayRef<Value> sums) {
  for (int64_t half = 0; half < 2; ++half)
    sums[half] = multiplyAdd(left, right[half], sums[half]);
}

SmallVector<Value> MatrixTiles::zeros(int64_t count) {
  auto type = VectorType::get({4}, kb.getF32Type());
  Value zero = kb.create<arith::ConstantOp>(kb.getZeroAttr(type));
  return SmallVector<Value>(count, zero);
}
Value MatrixTiles::extract(Value sums, int64_t element) {
  return kb.create<vector::ExtractOp>(sums, ArrayRef<int64_t>{element});
}
Value MatrixTiles::sumsFrom(ArrayRef<Value> elements) {
  auto type = VectorType::get({4}, kb.getF32Type());
  return kb.create<vector::FromElementsOp>(type, elements);
}

Value MatrixTiles::reduceQuad(Value value,
                              function_ref<Value(Value, Value)> combine) {
  for (int64_t mask : {1, 2})
    value = combine(value, kb.shuffleXor(value, mask));
  return value;
}

Value MatrixTiles::pack(Value low, Value high) {
  return kb.roundPair(low, high);
}

Value MatrixTiles::leftFrom(Value low, Value high) {
  SmallVector<Value> words;
  for (Value sums : {low, high})
    for (int64_t half : {0, 2}) {
      Value pair = pack(extract(sums, half), extract(sums, half + 1));
      words.push_back(kb.create<LLVM::BitcastOp>(kb.getI32Type(), pair));
    }
  return kb.create<vector::FromElementsOp>(
      VectorType::get({4}, kb.getI32Type()), words);
}

Value MatrixTiles::scaleColumns(Value left, ArrayRef<Value> factors) {
  Type i32 = kb.getI32Type(), f32 = kb.getF32Type();
  Value shift = kb.create<arith::ConstantIntOp>(16, i32);
  Value upper = kb.create<arith::ConstantIntOp>(0xffff0000, i32);
  SmallVector<Value> words;
  for (int64_t w = 0; w < 4; ++w) {
    Value word = extract(left, w);
    auto scaled = [&](Value bits, Value factor) -> Value {
      return kb.create<arith::MulFOp>(kb.create<arith::BitcastOp>(f32, bits),
                                      factor);
    };
    const Value *pair = &factors[w / 2 * 2];
    Value both = pack(scaled(kb.create<arith::ShLIOp>(word, shift), pair[0]),
                      scaled(kb.create<arith::AndIOp>(word, upper), pair[1]));
    words.push_back(kb.create<LLVM::BitcastOp>(i32, both));
  }
  return kb.create<vector::FromElementsOp>(left.getType(), words);
}

void MatrixTiles::storePair(Value low, Value high, const Place &at) {
  kb.storeVector(pack(low, high), at.tile, indicesOf(at, at.row, at.column));
}

void MatrixTiles::storeOutputs(Value low, Value high, Value memref,
                               ValueRange indices) {
  auto type = VectorType::get({2}, kb.getF32Type());
  bool isRounded = cast<MemRefType>(memref.getType()).getElementType().isBF16();
  Value both =
      isRounded
          ? pack(low, high)
          : kb.create<vector::FromElementsOp>(type, ValueRange{low, high});
  kb.storeVector(both, memref, indices);
}

void MatrixTiles::storeFour(ArrayRef<Value> values, const Place &at) {
  Value four = kb.create<vector::ShuffleOp>(pack(values[0], values[1]),
                                            pack(values[2], values[3]),
                                            ArrayRef<int64_t>{0, 1, 2, 3});
  kb.storeVector(four, at.tile, indicesOf(at, at.row, at.column));
}
