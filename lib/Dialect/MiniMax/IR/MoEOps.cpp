//===- MoEOps.cpp - mixture of experts ------------------------------------===//
//
// Verifiers and decomposition C.
//
//===----------------------------------------------------------------------===//

#include "VerifyUtils.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"

using namespace mlir;
using namespace mlir::minimax;

LogicalResult MoeOp::verify() {
  if (failed(verifyForm(*this, 2)))
    return failure();
  // C1: E, h and F agree.
  int64_t experts = sizeOf(getRouter(), 0), hidden = sizeOf(getRouter(), 1);
  if (failed(expectSize(*this, "'input' columns to match 'router':", hidden,
                        sizeOf(getInput(), 1))) ||
      failed(expectSize(*this, "experts of 'gate_up' to match 'router':",
                        experts, sizeOf(getGateUp(), 0))) ||
      failed(expectSize(*this, "experts of 'down' to match 'router':", experts,
                        sizeOf(getDown(), 0))) ||
      failed(expectSize(*this, "columns of 'gate_up' to match 'router':",
                        hidden, sizeOf(getGateUp(), 2))) ||
      failed(expectSize(*this, "rows of 'down' to match 'router':", hidden,
                        sizeOf(getDown(), 1))) ||
      failed(expectSize(*this, "rows of 'gate_up' twice the columns of 'down':",
                        2 * sizeOf(getDown(), 2), sizeOf(getGateUp(), 1))))
    return failure();
  // C2: as many choices as there are experts at most.
  int64_t topK = getTopK();
  if (topK < 1 || topK > experts)
    return emitOpError() << "expected 'top_k' in [1, " << experts
                         << "], but got " << topK;
  // C3: one column of experts per choice.
  return expectSize(*this, "one column of experts per choice:", topK,
                    sizeOf(getDestinations(*this)[1], 1));
}

FailureOr<SmallVector<Value>> MoeOp::decompose(OpBuilder &builder) {
  if (getNumResults() == 0)
    return failure();
  Location loc = getLoc();
  Type f32 = builder.getF32Type(), i32 = builder.getI32Type();
  int64_t experts = sizeOf(getRouter(), 0), hidden = sizeOf(getInput(), 1);
  int64_t ffn = sizeOf(getDown(), 2), topK = getTopK();
  int64_t tokens = sizeOf(getInput(), 0);
  int64_t copies = ShapedType::isDynamic(tokens) ? tokens : tokens * topK;
  auto tensor = [](ArrayRef<int64_t> shape, Type type) {
    return RankedTensorType::get(shape, type);
  };

  auto logits = builder.create<LinearOp>(
      loc, tensor({tokens, experts}, f32), getInput(), getRouter(), Value(),
      ValueRange{}, Activation::none, APFloat(1.0), APFloat(1.0));
  auto route = builder.create<RouteOp>(
      loc, TypeRange{tensor({tokens, topK}, f32), tensor({tokens, topK}, i32)},
      logits.getResult(), ValueRange{});
  auto permute = builder.create<PermuteOp>(
      loc,
      TypeRange{tensor({copies, hidden}, f32), tensor({experts + 1}, i32),
                tensor({tokens, topK}, i32)},
      getInput(), route.getResult(1), ValueRange{});
  auto product = [&](Value input, Value weight, int64_t columns) -> Value {
    return builder
        .create<GroupedMatmulOp>(loc, tensor({copies, columns}, f32), input,
                                 weight, permute.getResult(1), Value(),
                                 ValueRange{}, Activation::none)
        .getResult();
  };
  Value gateUp = product(permute.getResult(0), getGateUp(), 2 * ffn);
  auto inner = builder.create<SwigluOp>(loc, tensor({copies, ffn}, f32), gateUp,
                                        ValueRange{});
  Value down = product(inner.getResult(), getDown(), hidden);
  auto result = builder.create<UnpermuteOp>(
      loc, getResult(0).getType(), down, permute.getResult(2),
      route.getResult(0), Value(), ValueRange{}, APFloat(1.0), APFloat(1.0));
  return SmallVector<Value>{result.getResult(), route.getResult(1)};
}

LogicalResult RouteOp::verify() {
  if (failed(verifyForm(*this, 2)))
    return failure();
  SmallVector<Value> destinations = getDestinations(*this);
  int64_t experts = sizeOf(getLogits(), 1), topK = sizeOf(destinations[0], 1);
  // C1: as many choices as there are experts at most.
  if (topK < 1 || topK > experts)
    return emitOpError() << "expected a choice of 1 to " << experts
                         << " experts, but got " << topK;
  // C2: one expert per weight.
  return expectSize(*this, "as many experts as weights:", topK,
                    sizeOf(destinations[1], 1));
}

/// As many as there are copies of `tokens` tokens.
static OpFoldResult countCopies(OpBuilder &builder, Location loc,
                                OpFoldResult tokens, Value experts) {
  return affine::makeComposedFoldedAffineApply(
      builder, loc, builder.getAffineDimExpr(0) * sizeOf(experts, 1), {tokens});
}

OpFoldResult PermuteOp::getLeadingDim(OpBuilder &builder, unsigned result) {
  OpFoldResult tokens = detail::getDim(builder, getLoc(), getInput(), 0);
  return result != 0 ? tokens
                     : countCopies(builder, getLoc(), tokens, getExperts());
}

OpFoldResult SortCopiesOp::getLeadingDim(OpBuilder &builder, unsigned result) {
  OpFoldResult tokens = detail::getDim(builder, getLoc(), getExperts(), 0);
  return result != 2 ? tokens
                     : countCopies(builder, getLoc(), tokens, getExperts());
}

LogicalResult SortCopiesOp::verify() {
  if (failed(verifyForm(*this, 3)))
    return failure();
  // C1: one row number per copy.
  return expectSize(
      *this, "columns of 'rows' to match 'experts':", sizeOf(getExperts(), 1),
      sizeOf(getDestinations(*this)[1], 1));
}

LogicalResult PermuteOp::verify() {
  if (failed(verifyForm(*this, 3)))
    return failure();
  SmallVector<Value> destinations = getDestinations(*this);
  // C1: one row number per copy.
  if (failed(expectSize(*this, "columns of 'rows' to match 'experts':",
                        sizeOf(getExperts(), 1), sizeOf(destinations[2], 1))))
    return failure();
  // C2: whole rows move.
  return expectSize(*this,
                    "permuted columns to match 'input':", sizeOf(getInput(), 1),
                    sizeOf(destinations[0], 1));
}

LogicalResult SwigluOp::verify() {
  if (failed(verifyForm(*this, 1)))
    return failure();
  // C1: two columns in for one out.
  return expectSize(*this, "'input' columns twice the result's:",
                    2 * sizeOf(getDestinations(*this)[0], 1),
                    sizeOf(getInput(), 1));
}

OpFoldResult UnpermuteOp::getLeadingDim(OpBuilder &builder, unsigned) {
  return detail::getDim(builder, getLoc(), getRows(), 0);
}

LogicalResult UnpermuteOp::verify() {
  if (failed(verifyForm(*this, 1)))
    return failure();
  // C1: one weight per copy.
  if (failed(expectSize(*this, "columns of 'weights' to match 'rows':",
                        sizeOf(getRows(), 1), sizeOf(getWeights(), 1))))
    return failure();
  // C2: widths.
  int64_t width = sizeOf(getInput(), 1);
  if (getResidual() &&
      failed(expectSize(*this, "'residual' columns to match 'input':", width,
                        sizeOf(getResidual(), 1))))
    return failure();
  return expectSize(*this, "result columns to match 'input':", width,
                    sizeOf(getDestinations(*this)[0], 1));
}
