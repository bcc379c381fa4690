//===- TokenDecay.cpp - a state's decay, token by token -------------------===//
//
// The factors of TokenDecay.h.
//
//===----------------------------------------------------------------------===//

#include "minimax/Codegen/Common/TokenDecay.h"

using namespace mlir;
using namespace mlir::minimax;

/// From which slope on a state forgets before an error compounds.
static constexpr double kSmallSlope = 0.5;

TokenDecay minimax::emitTokenDecay(LoopBuilder &kb, Value slope) {
  Value x = kb.create<arith::NegFOp>(slope);
  // (exp(x) - 1) / x, sum of x^n / (n + 1)!, to 3e-9 for small slopes.
  Value sum = kb.f32(1.0 / 40320);
  for (double factorial : {5040, 720, 120, 24, 6, 2, 1})
    sum = kb.fma(sum, x, kb.f32(1 / factorial));
  Value change = kb.create<arith::MulFOp>(x, sum);
  Value isSmall = kb.create<arith::CmpFOp>(arith::CmpFPredicate::OLT, slope,
                                           kb.f32(kSmallSlope));
  return {kb.create<arith::SelectOp>(isSmall, change, kb.exp(x)), isSmall};
}

Value minimax::emitDecayed(LoopBuilder &kb, const TokenDecay &decay,
                           Value state, Value key, Value value) {
  Value zero = kb.create<arith::ConstantOp>(kb.getZeroAttr(state.getType()));
  Value kept = kb.create<arith::SelectOp>(decay.isChange, state, zero);
  return kb.fma(decay.factor, state, kb.fma(key, value, kept));
}
