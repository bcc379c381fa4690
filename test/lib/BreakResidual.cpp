//===- BreakResidual.cpp - a pass that is wrong on purpose ----------------===//
//
// What --check-each-pass must find: scales the branch of every residual.
//
//===----------------------------------------------------------------------===//

#include "TestPasses.h"
#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;
using namespace mlir::minimax;

namespace {
struct BreakResidualPass
    : PassWrapper<BreakResidualPass, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(BreakResidualPass)

  BreakResidualPass() = default;
  BreakResidualPass(const BreakResidualPass &other) : PassWrapper(other) {}

  StringRef getArgument() const override {
    return "test-minimax-break-residual";
  }
  StringRef getDescription() const override {
    return "scale the branch of every residual, which is wrong";
  }

  void runOnOperation() override {
    getOperation().walk([&](ResidualOp op) {
      APFloat beta = op.getBeta();
      op.setBeta(APFloat(beta.convertToDouble() * factor));
    });
  }

  Option<double> factor{*this, "factor", llvm::cl::init(1.5),
                        llvm::cl::desc("what beta is multiplied by")};
};
} // namespace

void minimax::registerBreakResidualPass() {
  PassRegistration<BreakResidualPass>();
}
