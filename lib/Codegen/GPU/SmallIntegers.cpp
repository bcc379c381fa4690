//===- SmallIntegers.cpp - numbers of 8 bits as floats --------------------===//
//
// A byte becomes the mantissa of a float whose exponent makes the byte's unit
// 1; subtracting what the exponent adds is exact. A conversion instruction
// (I2F) has a quarter of the rate of these.
//
//===----------------------------------------------------------------------===//

#include "SmallIntegers.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace mlir::minimax;

static Value word(GPUKernelBuilder &kb, uint32_t value) {
  return kb.create<arith::ConstantOp>(
      kb.getIntegerAttr(kb.getI32Type(), APInt(32, value)));
}

/// Bytes of `low` (numbers 0 to 3) and `high` (4 to 7) by the nibbles of
/// `selector`, the lowest first.
static Value permuteBytes(GPUKernelBuilder &kb, Value low, Value high,
                          uint32_t selector) {
  return kb
      .create<LLVM::CallIntrinsicOp>(
          TypeRange{kb.getI32Type()}, kb.getStringAttr("llvm.nvvm.prmt"),
          ValueRange{low, high, word(kb, selector)}, LLVM::FastmathFlagsAttr())
      .getResult(0);
}

std::array<Value, 4> minimax::widenBytes(GPUKernelBuilder &kb, Value bytes) {
  // 2^23 + 128 + n, for n + 128 is not negative.
  Value shifted = kb.create<arith::XOrIOp>(bytes, word(kb, 0x80808080));
  std::array<Value, 4> numbers;
  for (uint32_t i = 0; i < 4; ++i) {
    Value bits = permuteBytes(kb, shifted, word(kb, 0x4b000000), 0x7440 | i);
    numbers[i] = kb.create<arith::SubFOp>(
        kb.create<arith::BitcastOp>(kb.getF32Type(), bits),
        kb.f32(8388608 + 128));
  }
  return numbers;
}

std::array<Value, 2> minimax::bytesToBF16(GPUKernelBuilder &kb, Value bytes) {
  auto pair = VectorType::get({2}, kb.getBF16Type());
  auto asPair = [&](Value bits) -> Value {
    return kb.create<LLVM::BitcastOp>(pair, bits);
  };
  Value one = asPair(word(kb, 0x3f803f80));
  std::array<Value, 2> pairs;
  for (uint32_t i = 0; i < 2; ++i) {
    // The lower 7 bits of n behind 128, and 128 or, if n is negative, 256.
    Value bits =
        permuteBytes(kb, bytes, word(kb, 0x43434343), 0x4140 + i * 0x0202);
    Value above = kb.create<arith::AndIOp>(bits, word(kb, 0xff7fff7f));
    Value below = kb.create<arith::OrIOp>(
        kb.create<arith::AndIOp>(bits, word(kb, 0xff80ff80)),
        word(kb, 0x80008000));
    Value number =
        kb.create<LLVM::CallIntrinsicOp>(
              TypeRange{pair}, kb.getStringAttr("llvm.nvvm.fma.rn.bf16x2"),
              ValueRange{asPair(above), one, asPair(below)},
              LLVM::FastmathFlagsAttr())
            .getResult(0);
    pairs[i] = kb.create<LLVM::BitcastOp>(kb.getI32Type(), number);
  }
  return pairs;
}
