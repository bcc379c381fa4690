//===- SetArithmetic.cpp - choose f32 or bf16 products --------------------===//
//
// Rounds the activations that enter products to bf16; lets attention do so
// inside.
//
//===----------------------------------------------------------------------===//

#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "minimax/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_SETARITHMETIC
#include "minimax/Transforms/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

/// Router logits decide discretely and stay f32.
static bool feedsRouter(Operation *op) {
  return llvm::any_of(op->getUsers(), llvm::IsaPred<RouteOp>);
}

/// Lets targets round inside of attention.
static void allowRounding(Operation *op) {
  llvm::TypeSwitch<Operation *>(op)
      .Case<LightningAttentionOp, ChunkStateOp, ChunkOutputOp, AttentionOp,
            AttentionPartialOp>(
          [](auto attention) { attention.setBf16Products(true); });
}

namespace {
struct SetArithmeticPass : minimax::impl::SetArithmeticBase<SetArithmeticPass> {
  using SetArithmeticBase::SetArithmeticBase;

  /// Rounded activations, so that products of one input share its copy.
  DenseMap<Value, Value> rounded;

  Value round(OpBuilder &builder, Value input) {
    Value &result = rounded[input];
    if (result)
      return result;
    auto type = cast<RankedTensorType>(input.getType());
    auto narrow = RankedTensorType::get(
        {type.getDimSize(0),
         static_cast<int64_t>(llvm::alignTo(type.getDimSize(1), 2))},
        builder.getBF16Type());
    builder.setInsertionPointAfterValue(input);
    result = builder.create<CastOp>(input.getLoc(), narrow, input, ValueRange{})
                 .getResult();
    return result;
  }

  void runOnOperation() override {
    if (dtype == "f32")
      return;
    if (dtype != "bf16") {
      getOperation().emitError()
          << "expected 'dtype' f32 or bf16, but got " << dtype;
      return signalPassFailure();
    }
    rounded.clear();
    OpBuilder builder(&getContext());
    getOperation().walk([&](Operation *op) {
      allowRounding(op);
      bool product = isa<LinearOp>(op) && !feedsRouter(op);
      if (!product && !isa<GroupedMatmulOp>(op))
        return;
      Value input = op->getOperand(0);
      auto type = dyn_cast<RankedTensorType>(input.getType());
      if (type && type.getElementType().isF32())
        op->setOperand(0, round(builder, input));
    });
  }
};
} // namespace
