//===- WeightsToArguments.cpp - pass weights to entries as arguments ------===//
//
// A compiled entry receives its weights; it does not hold them.
//
//===----------------------------------------------------------------------===//

#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "minimax/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_WEIGHTSTOARGUMENTS
#include "minimax/Transforms/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

namespace {
struct WeightsToArgumentsPass
    : minimax::impl::WeightsToArgumentsBase<WeightsToArgumentsPass> {
  using WeightsToArgumentsBase::WeightsToArgumentsBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (!function->hasAttr("minimax.entry"))
      return;
    Builder builder(&getContext());
    llvm::StringMap<BlockArgument> arguments;
    SmallVector<GetWeightOp> ops(function.getOps<GetWeightOp>());
    for (GetWeightOp op : ops) {
      BlockArgument &argument = arguments[op.getName()];
      if (!argument) {
        unsigned index = function.getNumArguments();
        auto attributes = builder.getDictionaryAttr(
            {builder.getNamedAttr("bufferization.writable",
                                  builder.getBoolAttr(false)),
             builder.getNamedAttr("minimax.name",
                                  builder.getStringAttr(op.getName())),
             builder.getNamedAttr("minimax.weight", builder.getUnitAttr())});
        function.insertArgument(index, op.getType(), attributes, op.getLoc());
        argument = function.getArgument(index);
      }
      op.replaceAllUsesWith(Value(argument));
      op.erase();
    }
  }
};
} // namespace
