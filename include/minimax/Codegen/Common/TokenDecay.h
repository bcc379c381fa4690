//===- TokenDecay.h - a state's decay, token by token -----------*- C++ -*-===//
//
// A state of lightning attention that decays once a token:
//
//   S = exp(-s) S + k v                                      (SPEC 2.4 (6))
//
// Rounding exp(-s) is an error of up to 3e-8 that compounds over the 1/s tokens
// that the state remembers. Where s is small the change of S is added instead:
// S + (exp(-s) - 1) S + k v, as many instructions.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_CODEGEN_COMMON_TOKENDECAY_H
#define MINIMAX_CODEGEN_COMMON_TOKENDECAY_H

#include "minimax/Codegen/Common/LoopBuilder.h"

namespace mlir::minimax {

/// What S is multiplied by, and whether the product is added to S.
struct TokenDecay {
  Value factor, isChange;
};

/// The decay for a slope >= 0, an f32.
TokenDecay emitTokenDecay(LoopBuilder &kb, Value slope);

/// The next `state`, a scalar or vector as `key` and `value`; the decay is of
/// scalars or of vectors too.
Value emitDecayed(LoopBuilder &kb, const TokenDecay &decay, Value state,
                  Value key, Value value);

} // namespace mlir::minimax

#endif // MINIMAX_CODEGEN_COMMON_TOKENDECAY_H
