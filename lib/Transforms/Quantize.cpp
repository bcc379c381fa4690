//===- Quantize.cpp - weights as small integers ---------------------------===//
//
// Rounds weights to int8 and the activations that meet them to 16 bits, unless
// minimax-set-arithmetic does.
//
//===----------------------------------------------------------------------===//

#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "minimax/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_QUANTIZE
#include "minimax/Transforms/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

/// Whether `op` decides something: a router, or a shared expert's coefficient.
static bool decides(LinearOp op) {
  return llvm::any_of(op->getUses(), [&](OpOperand &use) {
    auto residual = dyn_cast<ResidualOp>(use.getOwner());
    return isa<RouteOp>(use.getOwner()) ||
           (residual && residual.getCoefficient() == use.get());
  });
}

/// The value that goes through integers and back.
static Value roundWeight(OpBuilder &builder, Location loc, Value weight) {
  auto type = cast<RankedTensorType>(weight.getType());
  auto scales =
      RankedTensorType::get(type.getShape().drop_back(), builder.getF32Type());
  auto quantize = builder.create<QuantizeOp>(
      loc, type.clone(builder.getI8Type()), scales, weight);
  return builder.create<DequantizeOp>(loc, type.clone(builder.getF32Type()),
                                      quantize.getQuantized(),
                                      quantize.getScale());
}

namespace {
struct QuantizePass : minimax::impl::QuantizeBase<QuantizePass> {
  using QuantizeBase::QuantizeBase;

  void runOnOperation() override {
    if (scheme != "w8a16")
      return fail("scheme", "w8a16", scheme);
    if (scope != "experts" && scope != "all")
      return fail("scope", "experts or all", scope);
    if (activations != "i16" && activations != "bf16")
      return fail("activations", "i16 or bf16", activations);
    rounded.clear();
    SmallVector<Operation *> products;
    getOperation().walk([&](Operation *op) {
      auto linear = dyn_cast<LinearOp>(op);
      bool dense = linear && scope == "all" && !decides(linear);
      if (dense || isa<GroupedMatmulOp>(op))
        products.push_back(op);
    });
    for (Operation *op : products)
      quantize(op, isa<GroupedMatmulOp>(op) ? 3 : 2);
  }

private:
  void fail(StringRef option, StringRef want, StringRef got) {
    getOperation().emitError() << "expected '" << option << "' " << want
                               << ", but got '" << got << "'";
    signalPassFailure();
  }

  void quantize(Operation *op, int64_t plainRank) {
    auto input = dyn_cast<RankedTensorType>(op->getOperand(0).getType());
    auto weight = dyn_cast<RankedTensorType>(op->getOperand(1).getType());
    if (!input || !input.getElementType().isF32() || !weight ||
        weight.getRank() != plainRank)
      return;
    OpBuilder builder(op);
    op->setOperand(1, roundWeight(builder, op->getLoc(), op->getOperand(1)));
    if (activations == "i16")
      op->setOperand(0, roundInput(builder, op->getOperand(0)));
  }

  /// `input` in 16-bit integers, one copy for all products that read it.
  Value roundInput(OpBuilder &builder, Value input) {
    Value &result = rounded[input];
    if (result)
      return result;
    auto type = cast<RankedTensorType>(input.getType());
    Type element = builder.getI16Type();
    auto narrow = RankedTensorType::get(
        {type.getDimSize(0), getCastWidth(type.getDimSize(1), element)},
        element);
    builder.setInsertionPointAfterValue(input);
    result = builder.create<CastOp>(input.getLoc(), narrow, input, ValueRange{})
                 .getResult();
    return result;
  }

  DenseMap<Value, Value> rounded;
};
} // namespace
