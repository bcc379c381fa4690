//===- CastGPUKernels.cpp - activations in 16 bits ------------------------===//
//
// Rows of activations to bf16, a thread for each element, or to integers and
// their scales, a warp for each group. Roofline: bytes read and written.
//
//===----------------------------------------------------------------------===//

#include "GPUKernelPatterns.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kThreads = 256;

/// Rounds to nearest within +-32767; NaN becomes the lower bound.
static Value toInteger(GPUKernelBuilder &kb, Value number) {
  auto bound = [&](arith::CmpFPredicate predicate, double at) {
    Value inside = kb.create<arith::CmpFOp>(predicate, number, kb.f32(at));
    number = kb.create<arith::SelectOp>(inside, number, kb.f32(at));
  };
  number = kb.create<math::RoundEvenOp>(number);
  bound(arith::CmpFPredicate::OGT, -32767);
  bound(arith::CmpFPredicate::OLT, 32767);
  Value word = kb.create<arith::FPToSIOp>(kb.getI32Type(), number);
  return kb.create<arith::TruncIOp>(kb.getI16Type(), word);
}

/// The largest magnitude of a warp's values, or NaN if one of them is.
static Value largestMagnitude(GPUKernelBuilder &kb, ArrayRef<Value> values) {
  // Magnitudes order like their bits; a NaN is above all numbers.
  Value most = kb.create<arith::ConstantIntOp>(0, 32);
  Value magnitude = kb.create<arith::ConstantIntOp>(0x7fffffff, 32);
  for (Value value : values) {
    Value bits = kb.create<arith::BitcastOp>(kb.getI32Type(), value);
    most = kb.create<arith::MaxSIOp>(most,
                                     kb.create<arith::AndIOp>(bits, magnitude));
  }
  for (int64_t mask = 1; mask < kb.kWarp; mask *= 2)
    most = kb.create<arith::MaxSIOp>(most, kb.shuffleXor(most, mask));
  return kb.create<arith::BitcastOp>(kb.getF32Type(), most);
}

/// The two halves of a scale, the lower one first.
static void storeScale(GPUKernelBuilder &kb, Value scale, Value output,
                       Value row, Value place) {
  Value bits = kb.create<arith::BitcastOp>(kb.getI32Type(), scale);
  Value upper =
      kb.create<arith::ShRUIOp>(bits, kb.create<arith::ConstantIntOp>(16, 32));
  SmallVector<Value> halves = {bits, upper};
  for (auto [offset, half] : llvm::enumerate(halves))
    kb.store(kb.create<arith::TruncIOp>(kb.getI16Type(), half), output,
             {row, kb.add(place, kb.index(offset))});
}

/// One group of a row: read once, kept in registers.
static void castGroup(GPUKernelBuilder &kb, Value input, Value output,
                      Value row, Value group) {
  int64_t columns = dimOf(input, 1), even = llvm::alignTo(columns, 2);
  Value first = kb.add(kb.mul(group, kb.index(kGroupDepth)), kb.lane());
  SmallVector<Value> values, places;
  for (int64_t i = 0; i < kGroupDepth; i += kb.kWarp) {
    Value column = kb.add(first, kb.index(i));
    Value inside = kb.less(column, kb.index(columns));
    Value here = kb.minimum(column, kb.index(columns - 1));
    places.push_back(column);
    values.push_back(kb.create<arith::SelectOp>(
        inside, kb.load(input, {row, here}), kb.f32(0)));
  }
  Value most = largestMagnitude(kb, values);
  // Below this, the factor could overflow.
  Value isSmall = kb.create<arith::CmpFOp>(arith::CmpFPredicate::OLT, most,
                                           kb.f32(0x1p-112));
  Value factor = kb.create<arith::SelectOp>(
      isSmall, kb.f32(0), kb.create<arith::DivFOp>(kb.f32(32767), most));
  // The zero that pads an odd row is one of the values too.
  for (auto [place, value] : llvm::zip_equal(places, values))
    kb.ifThen(kb.less(place, kb.index(even)),
              [&, place = place, value = value] {
                kb.store(toInteger(kb, kb.create<arith::MulFOp>(value, factor)),
                         output, {row, place});
              });
  kb.ifThen(kb.equal(kb.lane(), kb.index(0)), [&] {
    Value scale = kb.create<arith::DivFOp>(most, kb.f32(32767));
    storeScale(kb, scale, output, row,
               kb.add(kb.index(even), kb.mul(group, kb.index(2))));
  });
}

static void castToIntegers(GPUKernelBuilder &kb, Value input, Value output) {
  int64_t warps = kThreads / kb.kWarp;
  Value groups = kb.index(llvm::divideCeil(dimOf(input, 1), kGroupDepth));
  Value count = kb.mul(kb.size(output, 0), groups);
  kb.launch("cast_integers", {kb.ceilDiv(count, warps)}, kThreads, [&] {
    Value place = kb.add(kb.mul(kb.block(), kb.index(warps)), kb.warp());
    kb.ifThen(kb.less(place, count), [&] {
      castGroup(kb, input, output, kb.div(place, groups),
                kb.rem(place, groups));
    });
  });
}

static void castToBF16(GPUKernelBuilder &kb, Value input, Value output) {
  int64_t columns = dimOf(input, 1), even = dimOf(output, 1);
  Value count = kb.mul(kb.size(output, 0), kb.index(even));
  kb.launch("cast_bf16", {kb.ceilDiv(count, kThreads)}, kThreads, [&] {
    Value place = kb.add(kb.mul(kb.block(), kb.index(kThreads)), kb.thread());
    kb.ifThen(kb.less(place, count), [&] {
      Value row = kb.div(place, kb.index(even));
      Value column = kb.rem(place, kb.index(even));
      Value here = kb.minimum(column, kb.index(columns - 1));
      Value value = kb.load(input, {row, here});
      if (columns != even)
        value = kb.create<arith::SelectOp>(kb.less(column, kb.index(columns)),
                                           value, kb.f32(0));
      kb.store(value, output, {row, column});
    });
  });
}

namespace {
struct LowerCast : GPUKernelPattern<CastOp> {
  using GPUKernelPattern::GPUKernelPattern;
  LogicalResult lower(CastOp op, GPUKernelBuilder &kb) const override {
    Value input = op.getInput(), output = op.getOuts()[0];
    if (cast<MemRefType>(output.getType()).getElementType().isInteger(16))
      castToIntegers(kb, input, output);
    else
      castToBF16(kb, input, output);
    return success();
  }
};
} // namespace

void minimax::populateCastGPUKernels(RewritePatternSet &patterns,
                                     const GPUTarget &target) {
  patterns.add<LowerCast>(patterns.getContext(), target);
}
