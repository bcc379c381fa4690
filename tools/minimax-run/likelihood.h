//===- likelihood.h - log-probabilities from logits -------------*- C++ -*-===//
//
// Negative log-likelihood of given tokens, in double precision.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_TOOLS_MINIMAX_RUN_LIKELIHOOD_H
#define MINIMAX_TOOLS_MINIMAX_RUN_LIKELIHOOD_H

#include <cstdint>

#include "absl/types/span.h"
#include "core/context.h"

namespace minimax::run {

/// Sum over rows of -log softmax(row)[target]; row `r` of `logits` (each
/// `vocab` values) predicts `targets[r]`. Rows run on `context`'s workers and
/// are added in order, so the sum does not depend on their number.
double SumNegativeLogLikelihood(runtime::Context& context, const float* logits,
                                int64_t vocab,
                                absl::Span<const int32_t> targets);

}  // namespace minimax::run

#endif  // MINIMAX_TOOLS_MINIMAX_RUN_LIKELIHOOD_H
