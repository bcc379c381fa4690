//===- DenseOps.cpp - verifiers of the dense ops --------------------------===//
//
// Embedding, norms, projections, elementwise ops and the head.
//
//===----------------------------------------------------------------------===//

#include "VerifyUtils.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::minimax;

/// Fails unless `value` has the width of `like`.
static LogicalResult expectWidth(Operation *op, StringRef name, Value value,
                                 int64_t width) {
  return expectSize(op,
                    (Twine("'") + name + "' to have this many columns:").str(),
                    width, sizeOf(value, -1));
}

static LogicalResult expectSameType(Operation *op, StringRef name, Value value,
                                    StringRef likeName, Value like) {
  auto got = cast<ShapedType>(value.getType());
  auto want = cast<ShapedType>(like.getType());
  if (succeeded(verifyCompatibleShape(got.getShape(), want.getShape())) &&
      got.getElementType() == want.getElementType())
    return success();
  return op->emitOpError() << "expected '" << name << "' to have the type of '"
                           << likeName << "' (" << want << "), but got " << got;
}

LogicalResult EmbeddingOp::verify() {
  if (failed(verifyForm(*this, 1)))
    return failure();
  // C1: the table's width.
  return expectWidth(*this, "result", getDestinations(*this)[0],
                     sizeOf(getTable(), 1));
}

LogicalResult RmsNormOp::verify() {
  SmallVector<Value> results = getDestinations(*this);
  if (failed(verifyForm(*this, results.size() == 2 ? 2 : 1)))
    return failure();
  // C1: one weight per column.
  if (failed(expectSize(*this, "one 'weight' value per column:",
                        sizeOf(getInput(), 1), sizeOf(getWeight(), 0))))
    return failure();
  // C2: the gate matches.
  auto input = cast<ShapedType>(getInput().getType());
  if (getGate() && failed(verifyCompatibleShape(getGate().getType(), input)))
    return emitOpError() << "expected 'gate' to have the shape of 'input' ("
                         << input << "), but got " << getGate().getType();
  // C3: eps keeps the root away from zero.
  if (getEps().convertToDouble() <= 0)
    return emitOpError() << "expected a positive 'eps', but got "
                         << getEps().convertToDouble();
  // C4: the results' width.
  for (Value result : results)
    if (failed(expectWidth(*this, "result", result, sizeOf(getInput(), 1))))
      return failure();
  // C5: one for residuals, one for products.
  if (results.size() == 1 || (getElementTypeOrSelf(results[0]).isF32() &&
                              getElementTypeOrSelf(results[1]).isBF16()))
    return success();
  return emitOpError() << "expected results of f32 and bf16, but got "
                       << getElementTypeOrSelf(results[0]) << " and "
                       << getElementTypeOrSelf(results[1]);
}

/// Checks K and N of a product with a packed weight; `columns` is the width
/// that `N` must equal.
static LogicalResult verifyPackedProduct(Operation *op, Value input,
                                         Value weight, int64_t columns) {
  Type element = getElementTypeOrSelf(weight.getType());
  Type inputElement = getElementTypeOrSelf(input.getType());
  bool quantized = element.isInteger(8), integers = inputElement.isInteger(16);
  if (quantized ? !integers && !inputElement.isBF16() : integers)
    return op->emitOpError()
           << "expected an 'input' of i16 or bf16 with a packed 'weight' of "
              "i8, and none of i16 with another, but got "
           << inputElement << " and " << element;
  bool pairs = quantized || element.isBF16();
  int64_t width = sizeOf(input, 1);
  int64_t rows = sizeOf(weight, pairs ? -3 : -2) - (quantized ? kScaleRows : 0);
  int64_t depth = rows * (pairs ? 2 : 1);
  int64_t want = integers ? getCastWidth(depth, inputElement) : depth;
  if (width != want && !(pairs && !quantized && width + 1 == depth))
    return op->emitOpError()
           << "expected 'input' columns to match 'weight': " << want
           << ", but got " << width;
  int64_t panels = sizeOf(weight, pairs ? -4 : -3);
  if (int64_t(llvm::divideCeil(columns, kPanelWidth)) == panels)
    return success();
  return op->emitOpError() << "expected result columns that fill " << panels
                           << " panels of 'weight', but got " << columns;
}

/// Checks K and N of a product with a plain or packed weight; `columns` is the
/// width that `N` must equal.
static LogicalResult verifyProduct(Operation *op, Value input, Value weight,
                                   int64_t plainRank, int64_t columns) {
  auto type = cast<ShapedType>(weight.getType());
  Type stored = type.getElementType();
  bool pairs = stored.isBF16() || stored.isInteger(8);
  if (type.getRank() == plainRank + (pairs ? 2 : 1))
    return verifyPackedProduct(op, input, weight, columns);
  if (type.getRank() != plainRank || stored.isInteger(8))
    return op->emitOpError()
           << "expected a plain or packed 'weight', but got " << type;
  int64_t depth = sizeOf(weight, -1), width = sizeOf(input, 1);
  Type element = getElementTypeOrSelf(input.getType());
  bool unpadded = width == depth && !element.isInteger(16);
  if (!unpadded && failed(expectSize(op, "'input' columns to match 'weight':",
                                     getCastWidth(depth, element), width)))
    return failure();
  return expectSize(op, "result columns to match the rows of 'weight':",
                    sizeOf(weight, -2), columns);
}

LogicalResult LinearOp::verify() {
  if (failed(verifyForm(*this, 1)))
    return failure();
  Value result = getDestinations(*this)[0];
  // C1, C2, C5: K and N.
  if (failed(
          verifyProduct(*this, getInput(), getWeight(), 2, sizeOf(result, 1))))
    return failure();
  // C3: the residual has the result's width.
  if (getResidual() &&
      failed(expectWidth(*this, "residual", getResidual(), sizeOf(result, 1))))
    return failure();
  // C4: no pairing activation.
  if (getActivation() == Activation::swiglu)
    return emitOpError() << "expected an elementwise 'activation', but got "
                            "swiglu";
  return success();
}

LogicalResult LmHeadOp::verify() {
  if (failed(verifyForm(*this, 1)))
    return failure();
  // C1, C2: K and V.
  return verifyProduct(*this, getInput(), getWeight(), 2,
                       sizeOf(getDestinations(*this)[0], 1));
}

LogicalResult ActivationOp::verify() {
  // C1: elementwise functions only.
  if (getKind() != Activation::silu && getKind() != Activation::sigmoid)
    return emitOpError() << "expected 'kind' silu or sigmoid, but got "
                         << stringifyActivation(getKind());
  if (failed(verifyForm(*this, 1)))
    return failure();
  // C2: the result's width.
  return expectWidth(*this, "result", getDestinations(*this)[0],
                     sizeOf(getInput(), 1));
}

LogicalResult GateOp::verify() {
  // C1: factors of one type.
  if (failed(verifyForm(*this, 1)) ||
      failed(expectSameType(*this, "rhs", getRhs(), "lhs", getLhs())))
    return failure();
  // C2: the result's width.
  return expectWidth(*this, "result", getDestinations(*this)[0],
                     sizeOf(getLhs(), 1));
}

LogicalResult ResidualOp::verify() {
  if (failed(verifyForm(*this, 1)))
    return failure();
  // C1: one type.
  if (failed(expectSameType(*this, "branch", getBranch(), "skip", getSkip())))
    return failure();
  // C2: one coefficient per token.
  if (getCoefficient() &&
      failed(expectWidth(*this, "coefficient", getCoefficient(), 1)))
    return failure();
  // C3: the result's width.
  return expectWidth(*this, "result", getDestinations(*this)[0],
                     sizeOf(getSkip(), 1));
}

LogicalResult CastOp::verify() {
  if (failed(verifyForm(*this, 1)))
    return failure();
  // C1: bf16 or i16, even width, room for scales.
  Value result = getDestinations(*this)[0];
  Type element = getElementTypeOrSelf(result.getType());
  if (!element.isBF16() && !element.isInteger(16))
    return emitOpError() << "expected a bf16 or i16 result, but got "
                         << result.getType();
  return expectWidth(*this, "result", result,
                     getCastWidth(sizeOf(getInput(), 1), element));
}

OpFoldResult LastRowsOp::getLeadingDim(OpBuilder &builder, unsigned) {
  return minimax::getSequenceCount(builder, getLoc(), getCuSeqlens());
}

LogicalResult LastRowsOp::verify() {
  if (failed(verifyForm(*this, 1)))
    return failure();
  // C1: the result's width.
  return expectWidth(*this, "result", getDestinations(*this)[0],
                     sizeOf(getInput(), 1));
}

OpFoldResult GroupedMatmulOp::getLeadingDim(OpBuilder &builder, unsigned) {
  return detail::getDim(builder, getLoc(), getRows() ? getRows() : getInput(),
                        0);
}

LogicalResult GroupedMatmulOp::verify() {
  if (failed(verifyForm(*this, 1)))
    return failure();
  // C4: the activations that make sense for experts.
  bool swiglu = getActivation() == Activation::swiglu;
  if (!swiglu && getActivation() != Activation::none)
    return emitOpError() << "expected 'activation' none or swiglu, but got "
                         << stringifyActivation(getActivation());
  // C1: one more offset than experts.
  if (failed(expectSize(*this, "one 'offsets' value more than experts:",
                        sizeOf(getWeight(), 0) + 1, sizeOf(getOffsets(), 0))))
    return failure();
  Value result = getDestinations(*this)[0];
  // C6: one row of the input for each of the result.
  if (getRows() && failed(expectSize(*this, "one value of 'rows' per row:",
                                     sizeOf(result, 0), sizeOf(getRows(), 0))))
    return failure();
  // C2, C3, C5: K and N.
  int64_t columns = sizeOf(result, 1);
  return verifyProduct(*this, getInput(), getWeight(), 3,
                       swiglu ? 2 * columns : columns);
}
