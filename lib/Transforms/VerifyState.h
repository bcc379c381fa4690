//===- VerifyState.h - the checks of minimax-verify-state -------*- C++ -*-===//
//
// Three independent checks of typed states, each in a file of its own.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_TRANSFORMS_VERIFYSTATE_H
#define MINIMAX_LIB_TRANSFORMS_VERIFYSTATE_H

#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::minimax {

/// True for the types whose values are linear.
inline bool isState(Type type) {
  return isa<LightningStateType, KVCacheType>(type);
}

/// True if both are the same value or results of the same computation, so that
/// two slices of one operand name one batch.
bool isSameValue(Value lhs, Value rhs);

/// The results or operands of `types` that are states, by position.
SmallVector<unsigned> getStateIndices(TypeRange types);

/// Fails unless each state in `func` is consumed exactly once on every path.
LogicalResult checkLinearStates(func::FuncOp func);

/// Fails unless `func` returns each state it takes in its own place and, in an
/// entry, no op reads a state before the slots of its batch are begun or
/// restored. Needs linear states in the whole module.
LogicalResult checkStateFlow(func::FuncOp func);

/// Fails unless every `cu_seqlens` in a function of `module` goes with one
/// `slots` and one `positions`, and these with it.
LogicalResult checkBatches(ModuleOp module);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_TRANSFORMS_VERIFYSTATE_H
