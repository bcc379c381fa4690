//===- ProductSteps.cpp - the inner loop of products ----------------------===//
//
// f32 by f32, bf16 pairs with or without an instruction for them, int8 pairs as
// bf16, and 16-bit integers by int8.
//
//===----------------------------------------------------------------------===//

#include "ProductSteps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace mlir::minimax;

SmallVector<Value> ProductSteps::emit(const ProductTile &tile, Value k,
                                      ValueRange acc) {
  if (kind.integers())
    return integers(tile, k, acc);
  return kind.pairs() ? pairs(tile, k, acc) : single(tile, k, acc);
}

SmallVector<Value> ProductSteps::weightIndices(Value panel, Value k,
                                               Value column) {
  SmallVector<Value> indices = {panel, k, column};
  if (kind.pairs())
    indices.push_back(kb.index(0));
  return indices;
}

Value ProductSteps::at(Value column, int64_t t) {
  return kb.add(column, kb.index(t * kb.target.lanes));
}

SmallVector<Value> ProductSteps::single(const ProductTile &tile, Value k,
                                        ValueRange acc) {
  int64_t vectors = kb.target.tileVectors;
  SmallVector<Value> columns, next;
  for (int64_t t = 0; t < vectors; ++t)
    columns.push_back(kb.loadVector(
        weight, weightIndices(tile.panel, k, at(tile.column, t))));
  for (int64_t r = 0; r < tile.rows; ++r) {
    Value x = kb.broadcast(kb.load(input, {kb.add(tile.row, kb.index(r)), k}));
    for (auto [t, column] : llvm::enumerate(columns))
      next.push_back(kb.fma(x, column, acc[r * vectors + t]));
  }
  return next;
}

SmallVector<Value> ProductSteps::pairs(const ProductTile &tile, Value k,
                                       ValueRange acc) {
  int64_t vectors = kb.target.tileVectors;
  SmallVector<Value> columns, next(acc);
  for (int64_t t = 0; t < vectors; ++t)
    columns.push_back(
        loadPairs(weightIndices(tile.panel, k, at(tile.column, t))));
  bool dot = kind.input.isBF16() && kb.target.bf16Dot;
  SmallVector<std::pair<Value, Value>> halves;
  if (!dot)
    for (Value column : columns)
      halves.push_back(widenPair(column));
  for (int64_t r = 0; r < tile.rows; ++r) {
    Value inputRow = kb.add(tile.row, kb.index(r));
    if (dot) {
      Value x = inputPair(inputRow, k);
      for (auto [t, column] : llvm::enumerate(columns)) {
        Value &sum = next[r * vectors + t];
        sum = dotProduct(sum, x, column);
      }
      continue;
    }
    auto [even, odd] = inputHalves(inputRow, k);
    for (auto [t, half] : llvm::enumerate(halves)) {
      Value &sum = next[r * vectors + t];
      sum = kb.fma(odd, half.second, kb.fma(even, half.first, sum));
    }
  }
  return next;
}

SmallVector<Value> ProductSteps::integers(const ProductTile &tile, Value k,
                                          ValueRange acc) {
  int64_t vectors = kb.target.tileVectors, numbers = 2 * kb.target.lanes;
  SmallVector<Value> columns, next;
  for (int64_t t = 0; t < vectors; ++t) {
    Value bytes = kb.create<vector::LoadOp>(
        VectorType::get({numbers}, kb.getI8Type()), weight,
        weightIndices(tile.panel, k, at(tile.column, t)));
    columns.push_back(kb.create<arith::ExtSIOp>(
        VectorType::get({numbers}, kb.getI16Type()), bytes));
  }
  for (int64_t r = 0; r < tile.rows; ++r) {
    Value x = inputPair(kb.add(tile.row, kb.index(r)), k);
    for (auto [t, column] : llvm::enumerate(columns))
      next.push_back(kb.dotIntegers(acc[r * vectors + t], x, column));
  }
  return next;
}

Value ProductSteps::loadPairs(ValueRange indices) {
  int64_t lanes = kb.target.lanes;
  auto pairs = VectorType::get({2 * lanes}, kb.getBF16Type());
  if (!kind.quantized())
    return kb.create<vector::LoadOp>(pairs, weight, indices);
  Value bytes = kb.create<vector::LoadOp>(
      VectorType::get({2 * lanes}, kb.getI8Type()), weight, indices);
  Value both = kb.create<vector::BitCastOp>(
      VectorType::get({lanes}, kb.getI16Type()), bytes);
  VectorType words = kb.vectorType(kb.getI32Type());
  auto constant = [&](uint32_t value) -> Value {
    return kb.create<arith::ConstantOp>(
        DenseElementsAttr::get(words, APInt(32, value)));
  };
  // Numbers of 8 bits fill the upper half of an f32.
  auto upperHalf = [&](Value number) -> Value {
    Value wide = kb.create<arith::SIToFPOp>(kb.vectorType(), number);
    return kb.create<arith::BitcastOp>(words, wide);
  };
  Value signedPair = kb.create<arith::ExtSIOp>(words, both);
  Value odd = upperHalf(kb.create<arith::ShRSIOp>(signedPair, constant(8)));
  Value shifted = kb.create<arith::ShLIOp>(signedPair, constant(24));
  Value even = upperHalf(kb.create<arith::ShRSIOp>(shifted, constant(24)));
  Value low = kb.create<arith::ShRUIOp>(even, constant(16));
  return kb.create<vector::BitCastOp>(pairs, kb.create<arith::OrIOp>(low, odd));
}

std::pair<Value, Value> ProductSteps::widenPair(Value pairs) {
  VectorType words = kb.vectorType(kb.getI32Type());
  Value bits = kb.create<vector::BitCastOp>(words, pairs);
  auto constant = [&](uint32_t value) -> Value {
    return kb.create<arith::ConstantOp>(
        DenseElementsAttr::get(words, APInt(32, value)));
  };
  Value even = kb.create<arith::ShLIOp>(bits, constant(16));
  Value odd = kb.create<arith::AndIOp>(bits, constant(0xffff0000u));
  return {kb.create<arith::BitcastOp>(kb.vectorType(), even),
          kb.create<arith::BitcastOp>(kb.vectorType(), odd)};
}

Value ProductSteps::inputPair(Value row, Value k) {
  auto pair = VectorType::get({2}, kind.input);
  Value two = kb.create<vector::LoadOp>(
      pair, input, ValueRange{row, kb.mul(k, kb.index(2))});
  Value word = kb.create<vector::ExtractOp>(
      kb.create<vector::BitCastOp>(VectorType::get({1}, kb.getI32Type()), two),
      ArrayRef<int64_t>{0});
  Value words = kb.broadcast(word);
  return kb.create<vector::BitCastOp>(
      VectorType::get({2 * kb.target.lanes}, kind.input), words);
}

std::pair<Value, Value> ProductSteps::inputHalves(Value row, Value k) {
  if (kind.input.isBF16())
    return widenPair(inputPair(row, k));
  Value even = kb.mul(k, kb.index(2));
  Value odd = kb.add(even, kb.index(1));
  // The weight's padding is zero, but beyond the row there may be anything.
  if (kind.oddDepth)
    odd = kb.minimum(odd, kb.sub(kb.size(input, 1), kb.index(1)));
  return {kb.broadcast(kb.load(input, {row, even})),
          kb.broadcast(kb.load(input, {row, odd}))};
}

Value ProductSteps::dotProduct(Value sum, Value x, Value column) {
  return kb
      .create<LLVM::CallIntrinsicOp>(
          TypeRange{kb.vectorType()},
          kb.getStringAttr("llvm.x86.avx512bf16.dpbf16ps.512"),
          ValueRange{sum, x, column}, LLVM::FastmathFlagsAttr())
      .getResult(0);
}
