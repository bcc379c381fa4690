//===- likelihood.cc - log-probabilities from logits ----------------------===//
//
// Implements a stable log-softmax per row.
//
//===----------------------------------------------------------------------===//
#include "likelihood.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace minimax::run {

namespace {

struct Rows {
  const float* logits;
  int64_t vocab;
  const int32_t* targets;
  double* results;
};

}  // namespace

static double RowLikelihood(const float* row, int64_t vocab, int32_t target) {
  const double largest = *std::max_element(row, row + vocab);
  double sum = 0;
  for (int64_t i = 0; i < vocab; ++i) sum += std::exp(row[i] - largest);
  return std::log(sum) + largest - row[target];
}

double SumNegativeLogLikelihood(runtime::Context& context, const float* logits,
                                int64_t vocab,
                                absl::Span<const int32_t> targets) {
  std::vector<double> results(targets.size());
  Rows rows{logits, vocab, targets.data(), results.data()};
  context.ParallelFor(
      [](void* captures, int64_t r) {
        const Rows& rows = *static_cast<const Rows*>(captures);
        rows.results[r] = RowLikelihood(rows.logits + r * rows.vocab,
                                        rows.vocab, rows.targets[r]);
      },
      &rows, static_cast<int64_t>(targets.size()));
  double sum = 0;
  for (const double result : results) sum += result;
  return sum;
}

}  // namespace minimax::run
