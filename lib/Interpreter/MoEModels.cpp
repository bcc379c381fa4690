//===- MoEModels.cpp - references of the experts --------------------------===//
//
// The whole layer token by token, and its parts (SPEC 2.6, 4.2).
//
//===----------------------------------------------------------------------===//

#include "Models.h"
#include <cmath>

namespace mlir::minimax {

/// Chooses the `topK` largest of `logits`, lower index first on ties, and their
/// softmax weights renormalised over the choice.
static void choose(const double *logits, int64_t experts, int64_t topK,
                   int64_t *chosen, double *weights) {
  auto all = llvm::seq<int64_t>(0, experts);
  SmallVector<int64_t> order(all.begin(), all.end());
  llvm::sort(order, [&](int64_t a, int64_t b) {
    return logits[a] > logits[b] || (logits[a] == logits[b] && a < b);
  });
  double sum = 0;
  for (int64_t j = 0; j < topK; ++j) {
    chosen[j] = order[j];
    weights[j] = std::exp(logits[order[j]] - logits[order[0]]);
    sum += weights[j];
  }
  for (int64_t j = 0; j < topK; ++j)
    weights[j] /= sum;
}

/// out = weight * input for a `[rows, columns]` weight.
static void multiply(const double *weight, const double *input, double *out,
                     int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; ++r) {
    out[r] = 0;
    for (int64_t c = 0; c < columns; ++c)
      out[r] += weight[r * columns + c] * input[c];
  }
}

static LogicalResult evaluateOp(MoeOp op, ReferenceFrame &frame) {
  ReferenceTensor input = frame.read(op.getInput());
  ReferenceTensor router = frame.read(op.getRouter());
  ReferenceTensor gateUp = frame.read(op.getGateUp());
  ReferenceTensor down = frame.read(op.getDown());
  int64_t rows = input.size(0), hidden = input.size(1), topK = op.getTopK();
  int64_t experts = router.size(0), ffn = down.size(2);
  ReferenceTensor result = frame.makeResult(op, 0, {rows, hidden});
  ReferenceTensor chosen = frame.makeResult(op, 1, {rows, topK});
  std::vector<double> logits(experts), weights(topK), both(2 * ffn),
      out(hidden);
  for (int64_t t = 0; t < rows; ++t) {
    const double *x = input.floats() + t * hidden;
    multiply(router.floats(), x, logits.data(), experts, hidden);
    int64_t *best = chosen.ints() + t * topK;
    choose(logits.data(), experts, topK, best, weights.data());
    for (int64_t j = 0; j < topK; ++j) {
      multiply(gateUp.floats() + best[j] * 2 * ffn * hidden, x, both.data(),
               2 * ffn, hidden);
      for (int64_t f = 0; f < ffn; ++f)
        both[f] = applyActivation(Activation::silu, both[f]) * both[ffn + f];
      multiply(down.floats() + best[j] * hidden * ffn, both.data(), out.data(),
               hidden, ffn);
      for (int64_t c = 0; c < hidden; ++c)
        result.floats()[t * hidden + c] += weights[j] * out[c];
    }
  }
  return frame.finish(op, {result, chosen});
}

static LogicalResult evaluateOp(RouteOp op, ReferenceFrame &frame) {
  ReferenceTensor logits = frame.read(op.getLogits());
  Value destination =
      op.getNumResults() ? Value(op.getResult(0)) : Value(op.getOuts()[0]);
  int64_t rows = logits.size(0), experts = logits.size(1);
  int64_t topK = cast<ShapedType>(destination.getType()).getDimSize(1);
  ReferenceTensor weights = frame.makeResult(op, 0, {rows, topK});
  ReferenceTensor chosen = frame.makeResult(op, 1, {rows, topK});
  for (int64_t t = 0; t < rows; ++t)
    choose(logits.floats() + t * experts, experts, topK,
           chosen.ints() + t * topK, weights.floats() + t * topK);
  return frame.finish(op, {weights, chosen});
}

/// Fills offsets and rows of the copies of `choices` in the order of experts;
/// calls `place(token, row)` for each.
static LogicalResult sortCopies(Operation *op, const ReferenceTensor &choices,
                                ReferenceTensor &offsets, ReferenceTensor &rows,
                                function_ref<void(int64_t, int64_t)> place) {
  int64_t experts = offsets.getNumElements() - 1;
  int64_t copies = choices.getNumElements(), next = 0;
  for (int64_t e = 0; e < experts; ++e) {
    for (int64_t copy = 0; copy < copies; ++copy) {
      if (choices.ints()[copy] != e)
        continue;
      place(copy / choices.size(1), next);
      rows.ints()[copy] = next++;
    }
    offsets.ints()[e + 1] = next;
  }
  if (next != copies)
    return op->emitOpError() << "expected 'experts' in [0, " << experts
                             << "), but " << copies - next << " lie outside";
  return success();
}

/// Values of the offsets that `op` makes as its result `number`.
template <typename OpTy> static int64_t countOffsets(OpTy op, unsigned number) {
  Value destination = op.getNumResults() ? Value(op.getResult(number))
                                         : Value(op.getOuts()[number]);
  return cast<ShapedType>(destination.getType()).getDimSize(0);
}

static LogicalResult evaluateOp(PermuteOp op, ReferenceFrame &frame) {
  ReferenceTensor input = frame.read(op.getInput());
  ReferenceTensor choices = frame.read(op.getExperts());
  int64_t width = input.size(1);
  ReferenceTensor permuted =
      frame.makeResult(op, 0, {choices.getNumElements(), width});
  ReferenceTensor offsets = frame.makeResult(op, 1, {countOffsets(op, 1)});
  ReferenceTensor rows = frame.makeResult(op, 2, choices.getShape());
  if (failed(sortCopies(op, choices, offsets, rows,
                        [&](int64_t token, int64_t row) {
                          std::copy_n(input.floats() + token * width, width,
                                      permuted.floats() + row * width);
                        })))
    return failure();
  return frame.finish(op, {permuted, offsets, rows});
}

static LogicalResult evaluateOp(SortCopiesOp op, ReferenceFrame &frame) {
  ReferenceTensor choices = frame.read(op.getExperts());
  ReferenceTensor offsets = frame.makeResult(op, 0, {countOffsets(op, 0)});
  ReferenceTensor rows = frame.makeResult(op, 1, choices.getShape());
  ReferenceTensor sources = frame.makeResult(op, 2, {choices.getNumElements()});
  if (failed(sortCopies(
          op, choices, offsets, rows,
          [&](int64_t token, int64_t row) { sources.ints()[row] = token; })))
    return failure();
  return frame.finish(op, {offsets, rows, sources});
}

static LogicalResult evaluateOp(SwigluOp op, ReferenceFrame &frame) {
  ReferenceTensor input = frame.read(op.getInput());
  int64_t rows = input.size(0), width = input.size(1) / 2;
  ReferenceTensor result = frame.makeResult(op, 0, {rows, width});
  for (int64_t t = 0; t < rows; ++t)
    for (int64_t c = 0; c < width; ++c) {
      const double *row = input.floats() + 2 * t * width;
      result.floats()[t * width + c] =
          applyActivation(Activation::silu, row[c]) * row[width + c];
    }
  return frame.finish(op, result);
}

static LogicalResult evaluateOp(UnpermuteOp op, ReferenceFrame &frame) {
  ReferenceTensor input = frame.read(op.getInput());
  ReferenceTensor rows = frame.read(op.getRows());
  ReferenceTensor weights = frame.read(op.getWeights());
  ReferenceTensor residual;
  if (op.getResidual())
    residual = frame.read(op.getResidual());
  double alpha = op.getAlpha().convertToDouble();
  double beta = op.getBeta().convertToDouble();
  int64_t tokens = rows.size(0), topK = rows.size(1), width = input.size(1);
  ReferenceTensor result = frame.makeResult(op, 0, {tokens, width});
  for (int64_t t = 0; t < tokens; ++t)
    for (int64_t c = 0; c < width; ++c) {
      double sum = 0;
      for (int64_t j = t * topK; j < (t + 1) * topK; ++j) {
        int64_t row = rows.ints()[j];
        if (row < 0 || row >= input.size(0))
          return op.emitOpError() << "expected 'rows' below " << input.size(0)
                                  << ", but got " << row;
        sum += weights.floats()[j] * input.floats()[row * width + c];
      }
      double skip =
          op.getResidual() ? alpha * residual.floats()[t * width + c] : 0.0;
      result.floats()[t * width + c] = skip + beta * sum;
    }
  return frame.finish(op, result);
}

void attachMoEModels(MLIRContext *context) {
  attachReferenceModels<MoeOp, PermuteOp, RouteOp, SortCopiesOp, SwigluOp,
                        UnpermuteOp>(context);
}

} // namespace mlir::minimax
