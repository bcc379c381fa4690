//===- NumberOps.cpp - numbers for the ops of a step ----------------------===//
//
// Gives every op the number under which profiles and the manifest know it.
//
//===----------------------------------------------------------------------===//

#include "minimax/Codegen/Common/Passes.h"
#include "minimax/Dialect/MiniMax/IR/MiniMax.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_NUMBEROPS
#include "minimax/Codegen/Common/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

namespace {
struct NumberOpsPass : minimax::impl::NumberOpsBase<NumberOpsPass> {
  using NumberOpsBase::NumberOpsBase;

  void runOnOperation() override {
    Builder builder(&getContext());
    int64_t next = 0;
    getOperation().walk([&](ComputeOpInterface op) {
      op->setAttr("minimax.op", builder.getI64IntegerAttr(next++));
    });
  }
};
} // namespace
