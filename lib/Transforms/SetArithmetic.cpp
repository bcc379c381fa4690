//===- SetArithmetic.cpp - choose f32 or bf16 products --------------------===//
//
// Rounds the activations that enter products to bf16, and those that leave them
// where models in bf16 do; lets attention do so inside.
//
//===----------------------------------------------------------------------===//

#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "minimax/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
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

/// Whether an `OpTy` makes the f32 rows `value` for one reader, and a cast need
/// not pad them.
template <typename OpTy> static bool hasOneReader(Value value) {
  if (!value || !value.getDefiningOp<OpTy>() || !value.hasOneUse())
    return false;
  auto type = cast<RankedTensorType>(value.getType());
  return type.getElementType().isF32() && type.getDimSize(1) % 2 == 0;
}

/// Whether all that read the heads `op` makes take them in bf16.
static bool feedsLightning(SplitHeadsOp op) {
  return llvm::all_of(
      op->getUsers(),
      llvm::IsaPred<LightningAttentionOp, ChunkStateOp, ChunkOutputOp>);
}

static bool feedsAttention(tensor::ExpandShapeOp op) {
  return llvm::all_of(op->getUsers(), llvm::IsaPred<AttentionOp>);
}

/// Whether `value` joins heads that lightning attention puts out in f32.
static bool joinsLightning(Value value) {
  auto join = value.getDefiningOp<tensor::CollapseShapeOp>();
  return join && join.getSrc().hasOneUse() &&
         isa_and_nonnull<LightningAttentionOp, ChunkOutputOp>(
             join.getSrc().getDefiningOp());
}

/// The operands of `op` that models in bf16 round between what makes them and
/// `op`, their one reader: heads of both kinds of attention, what lightning
/// attention puts out, its gate, and what experts put out. Residuals, router
/// logits and those of the head are f32.
static SmallVector<OpOperand *> findRounded(Operation *op) {
  SmallVector<OpOperand *> found;
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](SplitHeadsOp split) {
        if (hasOneReader<LinearOp>(split.getInput()) && feedsLightning(split))
          found.push_back(&split.getInputMutable());
      })
      .Case([&](tensor::ExpandShapeOp split) {
        if (hasOneReader<LinearOp>(split.getSrc()) && feedsAttention(split))
          found.push_back(&split.getSrcMutable());
      })
      .Case([&](RmsNormOp norm) {
        if (hasOneReader<tensor::CollapseShapeOp>(norm.getInput()) &&
            joinsLightning(norm.getInput()))
          found.push_back(&norm.getInputMutable());
        if (hasOneReader<LinearOp>(norm.getGate()))
          found.push_back(&*norm.getGateMutable().begin());
      })
      .Case([&](UnpermuteOp unpermute) {
        if (hasOneReader<GroupedMatmulOp>(unpermute.getInput()))
          found.push_back(&unpermute.getInputMutable());
      });
  return found;
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
      for (OpOperand *operand : findRounded(op)) {
        operand->set(round(builder, operand->get()));
        // Heads are views of what is split.
        if (isa<SplitHeadsOp, tensor::ExpandShapeOp>(op))
          for (Value heads : op->getResults())
            heads.setType(cast<RankedTensorType>(heads.getType())
                              .clone(builder.getBF16Type()));
      }
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
