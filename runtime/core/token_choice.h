//===- token_choice.h - tokens chosen by a program --------------*- C++ -*-===//
//
// Calls the entry "sample" of a program on the logits of its entry "step".
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CORE_TOKEN_CHOICE_H
#define MINIMAX_RUNTIME_CORE_TOKEN_CHOICE_H

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/context.h"
#include "core/entry_call.h"
#include "core/sampler.h"
#include "core/state_pools.h"
#include "core/weights.h"

namespace minimax::runtime {

/// The entry "sample", called again and again.
class TokenChoice {
 public:
  /// Prepares the entry; `weights` and `states` outlive the result.
  /// Unimplemented if the artifact has none, or one with other inputs or
  /// outputs than docs/Runtime.md describes.
  static absl::StatusOr<TokenChoice> Create(const Weights& weights,
                                            const StatePools& states,
                                            bool graphs);

  /// Chooses a token for each row of `logits`, on the weights' device, with one
  /// set of parameters a row; -1 where there is none. `dims` are those of the
  /// step; if it had no tokens, all are 0. Valid until the next call.
  absl::StatusOr<absl::Span<const int32_t>> Run(
      Context& context, const void* logits,
      absl::Span<const SampleParameters> parameters, DimValues dims,
      GrowingDeviceBuffer& arena);

 private:
  TokenChoice(EntryCall call, int64_t vocab)
      : call_(std::move(call)), vocab_(vocab) {}

  EntryCall call_;
  int64_t vocab_;
  // By row.
  std::vector<float> temperatures_;
  std::vector<int32_t> top_k_;
  std::vector<float> top_p_;
  std::vector<float> uniforms_;
};

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_CORE_TOKEN_CHOICE_H
