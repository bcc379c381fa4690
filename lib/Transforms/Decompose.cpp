//===- Decompose.cpp - replace whole ops by their parts -------------------===//
//
// Applies DecomposableOpInterface to experts and, on request, to attention.
//
//===----------------------------------------------------------------------===//

#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "minimax/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_DECOMPOSE
#include "minimax/Transforms/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

namespace {
struct DecomposePass : minimax::impl::DecomposeBase<DecomposePass> {
  using DecomposeBase::DecomposeBase;

  bool isWanted(Operation *op) {
    if (isa<LightningAttentionOp>(op))
      return lightningAttention;
    if (isa<AttentionOp>(op))
      return attention;
    return true;
  }

  void runOnOperation() override {
    SmallVector<DecomposableOpInterface> ops;
    getOperation().walk([&](DecomposableOpInterface op) {
      if (isWanted(op))
        ops.push_back(op);
    });
    for (DecomposableOpInterface op : ops) {
      OpBuilder builder(op);
      FailureOr<SmallVector<Value>> parts = op.decompose(builder);
      if (failed(parts))
        continue;
      op->replaceAllUsesWith(*parts);
      op->erase();
    }
  }
};
} // namespace
