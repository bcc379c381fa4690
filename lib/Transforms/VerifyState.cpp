//===- VerifyState.cpp - states are linear --------------------------------===//
//
// Rejects programs that read a state stale, twice, never or in another batch.
//
//===----------------------------------------------------------------------===//

#include "VerifyState.h"
#include "minimax/Transforms/Passes.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_VERIFYSTATE
#include "minimax/Transforms/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

bool minimax::isSameValue(Value lhs, Value rhs) {
  if (lhs == rhs)
    return true;
  auto left = dyn_cast<OpResult>(lhs), right = dyn_cast<OpResult>(rhs);
  return left && right && left.getResultNumber() == right.getResultNumber() &&
         isMemoryEffectFree(left.getOwner()) &&
         OperationEquivalence::isEquivalentTo(
             left.getOwner(), right.getOwner(),
             OperationEquivalence::exactValueMatch,
             /*markEquivalent=*/nullptr, OperationEquivalence::IgnoreLocations);
}

SmallVector<unsigned> minimax::getStateIndices(TypeRange types) {
  SmallVector<unsigned> indices;
  for (auto [index, type] : llvm::enumerate(types))
    if (isState(type))
      indices.push_back(index);
  return indices;
}

namespace {
struct VerifyStatePass : minimax::impl::VerifyStateBase<VerifyStatePass> {
  using VerifyStateBase::VerifyStateBase;

  /// Runs `check` on every function, so that one run reports all errors.
  LogicalResult checkAll(LogicalResult (*check)(func::FuncOp)) {
    LogicalResult result = success();
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (failed(check(func)))
        result = failure();
    return result;
  }

  void runOnOperation() override {
    // A path is followed from consumer to consumer: linear states come first.
    if (failed(checkAll(checkLinearStates)))
      return signalPassFailure();
    LogicalResult flow = checkAll(checkStateFlow);
    if (failed(checkBatches(getOperation())) || failed(flow))
      signalPassFailure();
  }
};
} // namespace
