//===- SamplingModels.cpp - reference of the choice of tokens -------------===//
//
// Sorts, where kernels search.
//
//===----------------------------------------------------------------------===//

#include "Models.h"
#include <cmath>
#include <numeric>

namespace mlir::minimax {

namespace {
/// How a row's token is chosen.
struct Choice {
  double temperature;
  int64_t topK;
  double topP, uniform;
};
} // namespace

/// The tokens that may be drawn, best first; `weights` by token.
static SmallVector<int64_t>
keep(ArrayRef<double> weights, ArrayRef<double> logits, const Choice &choice) {
  SmallVector<int64_t> tokens(logits.size());
  std::iota(tokens.begin(), tokens.end(), 0);
  llvm::stable_sort(
      tokens, [&](int64_t a, int64_t b) { return logits[a] > logits[b]; });
  if (choice.topK > 0 && choice.topK < static_cast<int64_t>(tokens.size()))
    tokens.truncate(choice.topK);
  if (choice.topP >= 1)
    return tokens;
  double total = 0, sum = 0;
  for (int64_t token : tokens)
    total += weights[token];
  size_t kept = 0;
  while (kept < tokens.size() && (kept == 0 || sum < choice.topP * total))
    sum += weights[tokens[kept++]];
  tokens.truncate(kept);
  return tokens;
}

static int64_t sampleRow(ArrayRef<double> logits, const Choice &choice) {
  if (llvm::any_of(logits, [](double logit) { return std::isnan(logit); }))
    return -1;
  int64_t best = llvm::max_element(logits) - logits.begin();
  if (std::isinf(logits[best]))
    return -1;
  if (choice.temperature < 0x1p-64 || choice.topK == 1)
    return best;
  SmallVector<double> weights;
  for (double logit : logits) {
    double x = (logit - logits[best]) / choice.temperature;
    weights.push_back(x * M_LOG2E < -120 ? 0 : std::exp(x));
  }
  SmallVector<int64_t> kept = keep(weights, logits, choice);
  llvm::sort(kept);
  double total = 0, sum = 0;
  for (int64_t token : kept)
    total += weights[token];
  int64_t last = best;
  for (int64_t token : kept) {
    if (weights[token] == 0)
      continue;
    last = token;
    sum += weights[token];
    if (sum > choice.uniform * total)
      break;
  }
  return last;
}

static LogicalResult evaluateOp(SampleOp op, ReferenceFrame &frame) {
  ReferenceTensor logits = frame.read(op.getLogits());
  ReferenceTensor temperatures = frame.read(op.getTemperatures());
  ReferenceTensor topK = frame.read(op.getTopK());
  ReferenceTensor topP = frame.read(op.getTopP());
  ReferenceTensor uniforms = frame.read(op.getUniforms());
  int64_t rows = logits.size(0), columns = logits.size(1);
  ReferenceTensor result = frame.makeResult(op, 0, {rows});
  for (int64_t n = 0; n < rows; ++n)
    result.ints()[n] =
        sampleRow(ArrayRef(logits.floats() + n * columns, columns),
                  {temperatures.floats()[n], topK.ints()[n], topP.floats()[n],
                   uniforms.floats()[n]});
  return frame.finish(op, result);
}

void attachSamplingModels(MLIRContext *context) {
  attachReferenceModels<SampleOp>(context);
}

} // namespace mlir::minimax
