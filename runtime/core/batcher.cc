//===- batcher.cc - generating for many prompts at once -------------------===//
//
// Implements continuous batching over a session's slots.
//
//===----------------------------------------------------------------------===//
#include "core/batcher.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
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

bool Batcher::IsFull(const GeneratedSequence& sequence) const {
  return static_cast<int64_t>(sequence.tokens.size()) >=
         options_.max_new_tokens;
}

// Whether the step that is planned ends at a place where a token is chosen.
bool Batcher::WantsToken(const Active& active) const {
  const GeneratedSequence& sequence = sequences_[active.sequence];
  return active.prefilled == sequence.prompt.size() && !IsFull(sequence);
}

// Runs the step; returns a token for each sequence, 0 if it wants none.
absl::StatusOr<std::vector<int32_t>> Batcher::ChooseTokens() {
  std::vector<int32_t> tokens(active_.size());
  if (session_->samples()) {
    std::vector<SampleParameters> parameters(active_.size());
    for (size_t i = 0; i < active_.size(); ++i) {
      if (WantsToken(active_[i])) parameters[i] = active_[i].sampler.Next();
    }
    MMRT_ASSIGN_OR_RETURN(const absl::Span<const int32_t> chosen,
                          session_->Sample(steps_, parameters));
    absl::c_copy(chosen, tokens.begin());
    return tokens;
  }
  MMRT_ASSIGN_OR_RETURN(const Logits logits, session_->Step(steps_));
  for (size_t i = 0; i < active_.size(); ++i) {
    if (!WantsToken(active_[i])) continue;
    tokens[i] = active_[i].sampler.Sample(logits.row(static_cast<int64_t>(i)));
  }
  return tokens;
}

absl::Status Batcher::Advance(Active& active, int32_t token,
                              BatchStep& result) {
  GeneratedSequence& sequence = sequences_[active.sequence];
  if (active.prefilled < sequence.prompt.size()) return absl::OkStatus();
  sequence.done = IsFull(sequence);
  if (sequence.done) return absl::OkStatus();
  if (token < 0) {
    return absl::InternalError(absl::StrCat(
        "sequence ", active.sequence,
        ": cannot choose a token: the logits hold a NaN or no finite maximum"));
  }
  sequence.tokens.push_back(token);
  ++result.new_tokens;
  const std::vector<int32_t>& stops = options_.stop_tokens;
  sequence.stopped = absl::c_linear_search(stops, token);
  sequence.done = sequence.stopped || IsFull(sequence);
  if (on_token_) on_token_(static_cast<int64_t>(active.sequence), token);
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
  MMRT_ASSIGN_OR_RETURN(const std::vector<int32_t> tokens, ChooseTokens());
  for (size_t i = 0; i < active_.size(); ++i) {
    MMRT_RETURN_IF_ERROR(Advance(active_[i], tokens[i], result));
  }
  MMRT_RETURN_IF_ERROR(Retire());
  return result;
}

}  // namespace minimax::runtime
