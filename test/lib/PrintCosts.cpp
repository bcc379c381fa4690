//===- PrintCosts.cpp - shows what ops cost -------------------------------===//
//
// A remark with FLOPs and bytes on every op that has a cost. Every dynamic size
// counts as T.
//
//===----------------------------------------------------------------------===//

#include "TestPasses.h"
#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;
using namespace mlir::minimax;

namespace {
struct PrintCostsPass
    : PassWrapper<PrintCostsPass, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(PrintCostsPass)

  StringRef getArgument() const override { return "test-minimax-print-costs"; }
  StringRef getDescription() const override {
    return "remark on the FLOPs and bytes of every op";
  }

  void runOnOperation() override {
    getOperation().walk([](CostOpInterface op) {
      OpCost cost = op.getCost(
          [](Value, int64_t) { return CostTerm{StepQuantity::Tokens, 1}; });
      op->emitRemark() << "flops " << cost.flops.str() << "; bytes "
                       << cost.bytes.str();
    });
  }
};
} // namespace

void minimax::registerPrintCostsPass() { PassRegistration<PrintCostsPass>(); }
