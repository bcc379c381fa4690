//===- Integers.cpp - vectors of small integers ---------------------------===//
//
// Rounding f32 to integers of 8 and 16 bits, and the scales among them.
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::minimax;

/// `vector`'s bits in lanes of `element`.
static Value castBits(KernelBuilder &kb, Value vector, Type element) {
  auto type = cast<VectorType>(vector.getType());
  int64_t lanes = type.getNumElements() * type.getElementTypeBitWidth() /
                  element.getIntOrFloatBitWidth();
  return kb.create<vector::BitCastOp>(VectorType::get({lanes}, element),
                                      vector);
}

Value KernelBuilder::largestMagnitude(Value memref, Value row, Value first,
                                      int64_t columns) {
  // Magnitudes order like their bits; a NaN is above all numbers and stays.
  VectorType words = vectorType(getI32Type());
  auto splatWord = [&](int32_t value) -> Value {
    return create<arith::ConstantOp>(
        DenseElementsAttr::get(words, APInt(32, value)));
  };
  Value magnitude = splatWord(0x7fffffff);
  Value most = carryVectors(
      columns, splatWord(0), [&](Value column, Value mask, Value carried) {
        Value numbers = loadVector(memref, {row, add(first, column)}, mask);
        Value bits = create<arith::BitcastOp>(words, numbers);
        return create<arith::MaxSIOp>(carried,
                                      create<arith::AndIOp>(bits, magnitude))
            .getResult();
      });
  return create<arith::BitcastOp>(
      getF32Type(),
      create<vector::ReductionOp>(vector::CombiningKind::MAXSI, most));
}

Value KernelBuilder::toIntegers(Value numbers, int64_t limit, Type element) {
  // Written as comparisons, both bounds are one instruction and stop NaN.
  auto bound = [&](arith::CmpFPredicate predicate, double at) {
    Value edge = splat(at);
    Value inside = create<arith::CmpFOp>(predicate, numbers, edge);
    numbers = create<arith::SelectOp>(inside, numbers, edge);
  };
  numbers = create<math::RoundEvenOp>(numbers);
  bound(arith::CmpFPredicate::OGT, -static_cast<double>(limit));
  bound(arith::CmpFPredicate::OLT, static_cast<double>(limit));
  Value words = create<arith::FPToSIOp>(vectorType(getI32Type()), numbers);
  return create<arith::TruncIOp>(vectorType(element), words);
}

void KernelBuilder::storeScale(Value scale, Value memref, ValueRange indices) {
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  Value vector =
      create<vector::BroadcastOp>(VectorType::get({1}, getF32Type()), scale);
  create<vector::StoreOp>(castBits(*this, vector, element), memref, indices);
}

Value KernelBuilder::loadScales(Value memref, ValueRange indices,
                                int64_t count) {
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  auto type =
      VectorType::get({count * 32 / element.getIntOrFloatBitWidth()}, element);
  Value bits = create<vector::LoadOp>(type, memref, indices);
  Value scales = castBits(*this, bits, getF32Type());
  return count == 1 ? create<vector::ExtractOp>(scales, ArrayRef<int64_t>{0})
                          .getResult()
                    : scales;
}

Value KernelBuilder::dotIntegers(Value acc, Value a, Value b) {
  VectorType words = vectorType(getI32Type());
  auto call = [&](StringRef name, ValueRange operands) -> Value {
    return create<LLVM::CallIntrinsicOp>(TypeRange{words}, getStringAttr(name),
                                         operands, LLVM::FastmathFlagsAttr())
        .getResult(0);
  };
  if (target.integerDot)
    return call("llvm.x86.avx512.vpdpwssd.512",
                {acc, castBits(*this, a, getI32Type()),
                 castBits(*this, b, getI32Type())});
  Value sums = call(target.lanes == 16 ? "llvm.x86.avx512.pmaddw.d.512"
                                       : "llvm.x86.avx2.pmadd.wd",
                    {a, b});
  return create<arith::AddIOp>(acc, sums);
}
