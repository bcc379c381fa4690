//===- RopeGPUKernels.cpp - rotary position embedding ---------------------===//
//
// Roofline: every value is read and written once, bound by memory; sine and
// cosine of an angle are about 40 f64 operations for two values, which GPUs
// with full f64 rate hide.
//
//===----------------------------------------------------------------------===//

#include "RopeGPUKernels.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kThreads = 256;

Rotation::Rotation(GPUKernelBuilder &kb, int64_t dim, int64_t rotary,
                   double theta)
    : kb(kb), dim(dim), rotary(rotary) {
  if (rotary > 0)
    table = getRopeFrequencies(kb, rotary, theta);
}

void Rotation::emit(Value item, Value position, Read read, Write write) const {
  Value half = kb.index(rotary / 2);
  auto pass = [&] {
    Value column = kb.add(item, half);
    write(read(column), column);
  };
  if (rotary == 0)
    return pass();
  auto rotate = [&] {
    Value place = kb.create<arith::SIToFPOp>(kb.getF32Type(), position);
    Value angle = kb.create<arith::MulFOp>(place, kb.load(table, {item}));
    auto [sine, cosine] = kb.sinCos(angle);
    Value upper = kb.add(item, half);
    Value x = read(item), y = read(upper);
    Value minus = kb.create<arith::NegFOp>(y);
    write(kb.fma(x, cosine, kb.create<arith::MulFOp>(minus, sine)), item);
    write(kb.fma(y, cosine, kb.create<arith::MulFOp>(x, sine)), upper);
  };
  if (items() == rotary / 2)
    return rotate();
  kb.ifElse(kb.less(item, half), rotate, pass);
}

namespace {
struct LowerRope : GPUKernelPattern<RopeOp> {
  using GPUKernelPattern::GPUKernelPattern;
  LogicalResult lower(RopeOp op, GPUKernelBuilder &kb) const override {
    Value input = op.getInput(), output = op.getOuts()[0];
    int64_t heads = dimOf(input, 1), dim = dimOf(input, 2);
    Rotation rotation(kb, dim, op.getRotaryDim(),
                      op.getTheta().convertToDouble());
    Value items = kb.index(rotation.items());
    // Neighbouring threads have neighbouring items of one head.
    Value count =
        kb.mul(kb.size(output, 0), kb.index(heads * rotation.items()));
    kb.launch("rope", {kb.ceilDiv(count, kThreads)}, kThreads, [&] {
      Value place = kb.add(kb.mul(kb.block(), kb.index(kThreads)), kb.thread());
      kb.ifThen(kb.less(place, count), [&] {
        Value item = kb.rem(place, items), rest = kb.div(place, items);
        Value head = kb.rem(rest, kb.index(heads));
        Value row = kb.div(rest, kb.index(heads));
        Value position =
            kb.create<memref::LoadOp>(op.getPositions(), ValueRange{row});
        rotation.emit(
            item, position,
            [&](Value column) {
              return kb.load(input, {row, head, column});
            },
            [&](Value value, Value column) {
              kb.store(value, output, {row, head, column});
            });
      });
    });
    return success();
  }
};
} // namespace

void minimax::populateRopeGPUKernels(RewritePatternSet &patterns,
                                     const GPUTarget &target) {
  patterns.add<LowerRope>(patterns.getContext(), target);
}
