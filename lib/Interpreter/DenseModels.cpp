//===- DenseModels.cpp - references of tokenwise ops ----------------------===//
//
// Embedding, norms, elementwise ops, rope (SPEC 2.1 to 2.5).
//
//===----------------------------------------------------------------------===//

#include "Models.h"
#include <cmath>

namespace mlir::minimax {

static LogicalResult evaluateOp(EmbeddingOp op, ReferenceFrame &frame) {
  SmallVector<int64_t> tokens = readIntegers(frame, op.getTokens());
  ReferenceTensor table = frame.read(op.getTable());
  int64_t width = table.size(1);
  int64_t count = tokens.size();
  ReferenceTensor result = frame.makeResult(op, 0, {count, width});
  for (auto [row, token] : llvm::enumerate(tokens)) {
    if (token < 0 || token >= table.size(0))
      return op.emitOpError() << "expected a token below " << table.size(0)
                              << ", but got " << token;
    std::copy_n(table.floats() + token * width, width,
                result.floats() + row * width);
  }
  return frame.finish(op, result);
}

static LogicalResult evaluateOp(RmsNormOp op, ReferenceFrame &frame) {
  ReferenceTensor input = frame.read(op.getInput());
  ReferenceTensor weight = frame.read(op.getWeight());
  ReferenceTensor gate;
  if (op.getGate())
    gate = frame.read(op.getGate());
  int64_t rows = input.size(0), width = input.size(1);
  double eps = op.getEps().convertToDouble();
  ReferenceTensor result = frame.makeResult(op, 0, {rows, width});
  for (int64_t t = 0; t < rows; ++t) {
    const double *x = input.floats() + t * width;
    double square = 0;
    for (int64_t c = 0; c < width; ++c)
      square += x[c] * x[c];
    double scale = 1 / std::sqrt(square / width + eps);
    for (int64_t c = 0; c < width; ++c) {
      double factor = op.getGate() ? gate.floats()[t * width + c] : 1.0;
      result.floats()[t * width + c] =
          factor * weight.floats()[c] * (x[c] * scale);
    }
  }
  SmallVector<ReferenceTensor> results = {result};
  if (op->getNumResults() == 2 || op.getOuts().size() == 2) {
    results.push_back(frame.makeResult(op, 1, {rows, width}));
    results[1].copyFrom(result);
  }
  return frame.finish(op, results);
}

static LogicalResult evaluateOp(ActivationOp op, ReferenceFrame &frame) {
  ReferenceTensor input = frame.read(op.getInput());
  ReferenceTensor result = frame.makeResult(op, 0, input.getShape());
  for (int64_t i = 0, e = input.getNumElements(); i < e; ++i)
    result.floats()[i] = applyActivation(op.getKind(), input.floats()[i]);
  return frame.finish(op, result);
}

static LogicalResult evaluateOp(GateOp op, ReferenceFrame &frame) {
  ReferenceTensor lhs = frame.read(op.getLhs());
  ReferenceTensor rhs = frame.read(op.getRhs());
  ReferenceTensor result = frame.makeResult(op, 0, lhs.getShape());
  for (int64_t i = 0, e = lhs.getNumElements(); i < e; ++i)
    result.floats()[i] = lhs.floats()[i] * rhs.floats()[i];
  return frame.finish(op, result);
}

static LogicalResult evaluateOp(ResidualOp op, ReferenceFrame &frame) {
  ReferenceTensor skip = frame.read(op.getSkip());
  ReferenceTensor branch = frame.read(op.getBranch());
  ReferenceTensor coefficient;
  if (op.getCoefficient())
    coefficient = frame.read(op.getCoefficient());
  double alpha = op.getAlpha().convertToDouble();
  double beta = op.getBeta().convertToDouble();
  int64_t rows = skip.size(0), width = skip.size(1);
  ReferenceTensor result = frame.makeResult(op, 0, {rows, width});
  for (int64_t t = 0; t < rows; ++t) {
    double a = alpha, b = beta;
    if (op.getCoefficient()) {
      a *= 1 - coefficient.floats()[t];
      b *= coefficient.floats()[t];
    }
    for (int64_t i = t * width; i < (t + 1) * width; ++i)
      result.floats()[i] = a * skip.floats()[i] + b * branch.floats()[i];
  }
  return frame.finish(op, result);
}

static LogicalResult evaluateOp(CastOp op, ReferenceFrame &frame) {
  ReferenceTensor input = frame.read(op.getInput());
  int64_t rows = input.size(0), width = input.size(1);
  Value destination =
      op.getResult() ? Value(op.getResult()) : Value(op.getOuts()[0]);
  Type element = getElementTypeOrSelf(destination.getType());
  int64_t padded = getCastWidth(width, element);
  ReferenceTensor result = frame.makeResult(op, 0, {rows, padded});
  for (int64_t t = 0; t < rows; ++t)
    if (element.isInteger(16))
      castToIntegers(input.floats() + t * width, width,
                     result.ints() + t * padded);
    else
      std::copy_n(input.floats() + t * width, width,
                  result.floats() + t * padded);
  return frame.finish(op, result);
}

static LogicalResult evaluateOp(LastRowsOp op, ReferenceFrame &frame) {
  ReferenceTensor input = frame.read(op.getInput());
  FailureOr<StepLayout> layout = readStepLayout(
      op, frame, input.size(0), op.getCuSeqlens(), Value(), Value());
  if (failed(layout))
    return failure();
  int64_t width = input.size(1), count = layout->getNumSequences();
  ReferenceTensor result = frame.makeResult(op, 0, {count, width});
  for (int64_t n = 0; n < count; ++n)
    if (int64_t end = layout->cuSeqlens[n + 1]; end > layout->cuSeqlens[n])
      std::copy_n(input.floats() + (end - 1) * width, width,
                  result.floats() + n * width);
  return frame.finish(op, result);
}

static LogicalResult evaluateOp(RopeOp op, ReferenceFrame &frame) {
  ReferenceTensor input = frame.read(op.getInput());
  SmallVector<int64_t> positions = readIntegers(frame, op.getPositions());
  ReferenceTensor result = frame.makeResult(op, 0, input.getShape());
  result.copyFrom(input);
  int64_t heads = input.size(1), dim = input.size(2);
  for (int64_t t = 0; t < input.size(0); ++t)
    for (int64_t h = 0; h < heads; ++h)
      rotateHead(result.floats() + (t * heads + h) * dim, positions[t],
                 op.getTheta().convertToDouble(), op.getRotaryDim());
  return frame.finish(op, result);
}

static LogicalResult evaluateOp(SplitHeadsOp op, ReferenceFrame &frame) {
  ReferenceTensor input = frame.read(op.getInput());
  auto type = cast<RankedTensorType>(op.getQuery().getType());
  int64_t rows = input.size(0), heads = type.getDimSize(1);
  int64_t dim = type.getDimSize(2), width = 3 * heads * dim;
  bool perHead = op.getPacking() == HeadPacking::per_head;
  for (auto [part, result] : llvm::enumerate(op->getResults())) {
    ReferenceTensor tensor(type.getElementType(), {rows, heads, dim});
    for (int64_t t = 0; t < rows; ++t)
      for (int64_t h = 0; h < heads; ++h) {
        int64_t column =
            perHead ? (h * 3 + part) * dim : (part * heads + h) * dim;
        std::copy_n(input.floats() + t * width + column, dim,
                    tensor.floats() + (t * heads + h) * dim);
      }
    frame.set(result, tensor);
  }
  return success();
}

void attachDenseModels(MLIRContext *context) {
  attachReferenceModels<ActivationOp, CastOp, EmbeddingOp, GateOp, LastRowsOp,
                        ResidualOp, RmsNormOp, RopeOp, SplitHeadsOp>(context);
}

} // namespace mlir::minimax
