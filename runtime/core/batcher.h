//===- batcher.h - generating for many prompts at once ----------*- C++ -*-===//
//
// Continuous batching: prompts in pieces and single tokens share steps.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CORE_BATCHER_H
#define MINIMAX_RUNTIME_CORE_BATCHER_H

#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/sampler.h"
#include "core/session.h"

namespace minimax::runtime {

/// How sequences are generated.
struct BatcherOptions {
  /// New tokens of a sequence at most.
  int64_t max_new_tokens = std::numeric_limits<int64_t>::max();
  /// Prompt tokens that one sequence adds in one step at most.
  int64_t chunk = 2048;
  /// A sequence ends after any of these.
  std::vector<int32_t> stop_tokens;
  SamplerOptions sampler;
};

/// One prompt and what followed.
struct GeneratedSequence {
  std::vector<int32_t> prompt;
  /// New tokens, the stop token included.
  std::vector<int32_t> tokens;
  /// Whether the last token is a stop token.
  bool stopped = false;
  bool done = false;
};

/// What happened in one step.
struct BatchStep {
  /// Prompt tokens that were added.
  int64_t prompt_tokens = 0;
  /// Tokens that were chosen.
  int64_t new_tokens = 0;
};

/// Generates for any number of prompts on a session. Sequences take slots in
/// the order of the prompts as slots become free, and leave at a stop token or
/// at their limit. What a sequence's tokens are depends on its prompt, its
/// index and the options, not on the others.
class Batcher {
 public:
  /// Called for each new token, in order, with the sequence's index.
  using TokenFunction = std::function<void(int64_t sequence, int32_t token)>;

  /// `session` outlives the batcher. InvalidArgument for options out of range.
  static absl::StatusOr<Batcher> Create(Session& session,
                                        const BatcherOptions& options);

  /// Adds a prompt and returns its index. InvalidArgument if it is empty.
  absl::StatusOr<int64_t> Add(std::vector<int32_t> prompt);

  /// Runs one step for the sequences that have slots. Errors of the session
  /// end the whole batch.
  absl::StatusOr<BatchStep> Step();

  /// Whether all sequences are done.
  bool done() const { return done_ == sequences_.size(); }

  void set_on_token(TokenFunction function) { on_token_ = std::move(function); }
  const std::vector<GeneratedSequence>& sequences() const { return sequences_; }

 private:
  struct Active {
    size_t sequence;
    int32_t slot;
    size_t prefilled;
    Sampler sampler;
  };

  Batcher(Session& session, const BatcherOptions& options)
      : session_(&session), options_(options) {}

  absl::Status Admit();
  void PlanStep(BatchStep& result);
  absl::StatusOr<std::vector<int32_t>> ChooseTokens();
  absl::Status Advance(Active& active, int32_t token, BatchStep& result);
  bool IsFull(const GeneratedSequence& sequence) const;
  bool WantsToken(const Active& active) const;
  absl::Status Retire();

  Session* session_;
  BatcherOptions options_;
  TokenFunction on_token_;
  std::vector<GeneratedSequence> sequences_;
  std::vector<Active> active_;
  std::vector<SequenceStep> steps_;
  size_t admitted_ = 0;
  size_t done_ = 0;
};

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_CORE_BATCHER_H
