//===- batcher.cc - generating for many prompts at once -------------------===//
//
// Implements continuous batching over a session's slots.
//
//===----------------------------------------------------------------------===//
#include "core/batcher.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/annotate.h"
#include "formats/status_macros.h"

namespace minimax::runtime {

absl::StatusOr<Batcher> Batcher::Create(Session& session,
                                        const BatcherOptions& options) {
  MMRT_RETURN_IF_ERROR(ValidateSamplerOptions(options.sampler));
  if (options.chunk < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("chunk must be positive, got ", options.chunk));
  }
  if (options.max_new_tokens < 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "max-new-tokens must not be negative, got ", options.max_new_tokens));
  }
  return Batcher(session, options);
}

absl::StatusOr<int64_t> Batcher::Add(std::vector<int32_t> prompt) {
  const int64_t index = static_cast<int64_t>(sequences_.size());
  if (prompt.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "prompt ", index, " is empty: there is nothing to continue"));
  }
  sequences_.emplace_back();
  sequences_.back().prompt = std::move(prompt);
  return index;
}

absl::Status Batcher::Admit() {
  const size_t slots = static_cast<size_t>(session_->options().slots);
  while (admitted_ < sequences_.size() && active_.size() < slots) {
    MMRT_ASSIGN_OR_RETURN(const int32_t slot, session_->AddSequence());
    active_.push_back(
        {admitted_, slot, 0, Sampler(options_.sampler, admitted_)});
    ++admitted_;
  }
  return absl::OkStatus();
}

void Batcher::PlanStep(BatchStep& result) {
  steps_.clear();
  for (Active& active : active_) {
    const GeneratedSequence& sequence = sequences_[active.sequence];
    absl::Span<const int32_t> tokens =
        absl::MakeConstSpan(sequence.prompt).subspan(active.prefilled);
    if (tokens.empty()) {
      tokens = absl::MakeConstSpan(sequence.tokens).last(1);
    } else {
      tokens = tokens.first(std::min<size_t>(tokens.size(), options_.chunk));
      active.prefilled += tokens.size();
      result.prompt_tokens += static_cast<int64_t>(tokens.size());
    }
    steps_.push_back({active.slot, tokens});
  }
}

absl::Status Batcher::Advance(Active& active, absl::Span<const float> logits,
                              BatchStep& result) {
  GeneratedSequence& sequence = sequences_[active.sequence];
  if (active.prefilled < sequence.prompt.size()) return absl::OkStatus();
  const auto full = [&] {
    return static_cast<int64_t>(sequence.tokens.size()) >=
           options_.max_new_tokens;
  };
  sequence.done = full();
  if (sequence.done) return absl::OkStatus();
  absl::StatusOr<int32_t> token = active.sampler.Sample(logits);
  MMRT_RETURN_IF_ERROR(
      Annotate(token.status(), absl::StrCat("sequence ", active.sequence)));
  sequence.tokens.push_back(*token);
  ++result.new_tokens;
  const std::vector<int32_t>& stops = options_.stop_tokens;
  sequence.stopped =
      std::find(stops.begin(), stops.end(), *token) != stops.end();
  sequence.done = sequence.stopped || full();
  if (on_token_) on_token_(static_cast<int64_t>(active.sequence), *token);
  return absl::OkStatus();
}

absl::Status Batcher::Retire() {
  for (const Active& active : active_) {
    if (!sequences_[active.sequence].done) continue;
    MMRT_RETURN_IF_ERROR(session_->RemoveSequence(active.slot));
    ++done_;
  }
  active_.erase(std::remove_if(active_.begin(), active_.end(),
                               [this](const Active& active) {
                                 return sequences_[active.sequence].done;
                               }),
                active_.end());
  return absl::OkStatus();
}

absl::StatusOr<BatchStep> Batcher::Step() {
  BatchStep result;
  MMRT_RETURN_IF_ERROR(Admit());
  PlanStep(result);
  MMRT_ASSIGN_OR_RETURN(const Logits logits, session_->Step(steps_));
  for (size_t i = 0; i < active_.size(); ++i) {
    MMRT_RETURN_IF_ERROR(
        Advance(active_[i], logits.row(static_cast<int64_t>(i)), result));
  }
  MMRT_RETURN_IF_ERROR(Retire());
  return result;
}

}  // namespace minimax::runtime
