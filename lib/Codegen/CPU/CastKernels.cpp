//===- CastKernels.cpp - activations in 16 bits ---------------------------===//
//
// Rows of activations to bf16, or to integers and their scales: two passes over
// a group, the second from cache. Roofline: bytes read and written.
//
//===----------------------------------------------------------------------===//

#include "KernelPatterns.h"

using namespace mlir;
using namespace mlir::minimax;

static int64_t columnsOf(Value memref) {
  return cast<MemRefType>(memref.getType()).getShape().back();
}

namespace {
struct LowerCast : KernelPattern<CastOp> {
  using KernelPattern::KernelPattern;

  /// Columns `first` .. `first + count` of a row, which share a scale.
  static void castGroup(KernelBuilder &kb, Value input, Value output, Value row,
                        Value first, int64_t count, Value scalePlace) {
    Value most = kb.largestMagnitude(input, row, first, count);
    // Below this, the factor could overflow.
    Value isSmall = kb.create<arith::CmpFOp>(arith::CmpFPredicate::OLT, most,
                                             kb.f32(0x1p-112));
    Value factor = kb.create<arith::SelectOp>(
        isSmall, kb.f32(0), kb.create<arith::DivFOp>(kb.f32(32767), most));
    Value scale = kb.create<arith::DivFOp>(most, kb.f32(32767));
    kb.storeScale(scale, output, {row, scalePlace});
    Value factors = kb.broadcast(factor);
    kb.forEachVector(count, [&](Value column, Value mask) {
      Value place = kb.add(first, column);
      Value number = kb.create<arith::MulFOp>(
          kb.loadVector(input, {row, place}, mask), factors);
      kb.storeVector(kb.toIntegers(number, 32767, kb.getI16Type()), output,
                     {row, place}, mask);
    });
  }

  static void castToIntegers(KernelBuilder &kb, Value input, Value output,
                             Value row) {
    int64_t columns = columnsOf(input), even = llvm::alignTo(columns, 2);
    int64_t whole = columns / kGroupDepth;
    kb.loop(kb.index(0), kb.index(whole), 1, [&](Value group) {
      Value scale = kb.add(kb.index(even), kb.mul(group, kb.index(2)));
      castGroup(kb, input, output, row, kb.mul(group, kb.index(kGroupDepth)),
                kGroupDepth, scale);
    });
    if (int64_t rest = columns % kGroupDepth)
      castGroup(kb, input, output, row, kb.index(whole * kGroupDepth), rest,
                kb.index(even + 2 * whole));
  }

  LogicalResult lower(CastOp op, KernelBuilder &kb) const override {
    Value input = op.getInput(), output = op.getOuts()[0];
    Type element = cast<MemRefType>(output.getType()).getElementType();
    int64_t columns = columnsOf(input);
    kb.parallelRows(kb.size(output, 0), [&](Value row) {
      if (element.isInteger(16))
        castToIntegers(kb, input, output, row);
      else
        kb.forEachVector(columns, [&](Value column, Value mask) {
          kb.storeVector(kb.loadVector(input, {row, column}, mask), output,
                         {row, column}, mask);
        });
      if (columns % 2 != 0)
        kb.store(kb.create<arith::ConstantOp>(kb.getZeroAttr(element)), output,
                 {row, kb.index(columns)});
    });
    return success();
  }
};
} // namespace

void minimax::populateCastKernels(RewritePatternSet &patterns,
                                  const CPUTarget &target) {
  patterns.add<LowerCast>(patterns.getContext(), target);
}
