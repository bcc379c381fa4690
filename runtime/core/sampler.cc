//===- sampler.cc - from logits to the next token -------------------------===//
//
// Implements greedy, temperature, top-k and top-p sampling.
//
//===----------------------------------------------------------------------===//
#include "core/sampler.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "absl/strings/str_cat.h"

namespace minimax::runtime {

absl::Status ValidateSamplerOptions(const SamplerOptions& options) {
  if (!(options.temperature >= 0) || std::isinf(options.temperature)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "temperature must be 0 or positive, got ", options.temperature));
  }
  if (options.top_k < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("top-k must be 0 or positive, got ", options.top_k));
  }
  if (!(options.top_p > 0 && options.top_p <= 1)) {
    return absl::InvalidArgumentError(
        absl::StrCat("top-p must be in (0, 1], got ", options.top_p));
  }
  return absl::OkStatus();
}

// The finalizer of SplitMix64 (Steele, Lea, Flood 2014).
static uint64_t Mix(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

Sampler::Sampler(const SamplerOptions& options, uint64_t stream)
    : options_(options), state_(Mix(Mix(options.seed) + stream)) {}

double Sampler::NextUniform() {
  state_ += 0x9e3779b97f4a7c15u;
  return static_cast<double>(Mix(state_) >> 11) * 0x1p-53;
}

SampleParameters Sampler::Next() {
  constexpr int64_t kMostTokens = std::numeric_limits<int32_t>::max();
  // Rounded down: f32 has fewer bits, and 1 must not come out.
  const double uniform = std::floor(NextUniform() * 0x1p24) * 0x1p-24;
  return {static_cast<float>(options_.temperature),
          static_cast<int32_t>(std::min(options_.top_k, kMostTokens)),
          static_cast<float>(options_.top_p), static_cast<float>(uniform)};
}

// Returns the index of the largest logit, the first of equals, or -1 if there
// is a NaN (or nothing at all).
static int64_t IndexOfLargest(absl::Span<const float> logits) {
  int64_t best = -1;
  for (size_t i = 0; i < logits.size(); ++i) {
    if (std::isnan(logits[i])) return -1;
    if (best < 0 || logits[i] > logits[best]) best = static_cast<int64_t>(i);
  }
  return best;
}

int32_t Sampler::Sample(absl::Span<const float> logits) {
  const int64_t largest = IndexOfLargest(logits);
  if (largest < 0 || std::isinf(logits[largest])) return -1;
  if (options_.temperature == 0 || options_.top_k == 1) {
    return static_cast<int32_t>(largest);
  }
  FillCandidates(logits, logits[largest]);
  KeepTopK();
  KeepTopP();
  return Draw();
}

void Sampler::FillCandidates(absl::Span<const float> logits, float largest) {
  candidates_.resize(logits.size());
  for (size_t i = 0; i < logits.size(); ++i) {
    const double distance = static_cast<double>(logits[i]) - largest;
    candidates_[i] = {std::exp(distance / options_.temperature),
                      static_cast<int32_t>(i)};
  }
}

bool Sampler::MoreLikely(const Candidate& a, const Candidate& b) {
  return a.weight != b.weight ? a.weight > b.weight : a.token < b.token;
}

void Sampler::KeepTopK() {
  const int64_t size = static_cast<int64_t>(candidates_.size());
  if (options_.top_k == 0 || options_.top_k >= size) return;
  const auto last = candidates_.begin() + options_.top_k;
  std::nth_element(candidates_.begin(), last, candidates_.end(), MoreLikely);
  candidates_.erase(last, candidates_.end());
  // In order of the ids again: what is drawn must not depend on how
  // nth_element shuffles.
  std::sort(
      candidates_.begin(), candidates_.end(),
      [](const Candidate& a, const Candidate& b) { return a.token < b.token; });
}

void Sampler::KeepTopP() {
  if (options_.top_p >= 1) return;
  double total = 0;
  for (const Candidate& candidate : candidates_) total += candidate.weight;
  // Tokens below this weight hold less than 1 - p together: the kept ones are
  // among the others, and few remain to sort.
  const double floor =
      (1 - options_.top_p) * total / static_cast<double>(candidates_.size());
  candidates_.erase(std::remove_if(candidates_.begin(), candidates_.end(),
                                   [floor](const Candidate& candidate) {
                                     return candidate.weight < floor;
                                   }),
                    candidates_.end());
  std::sort(candidates_.begin(), candidates_.end(), MoreLikely);
  double sum = 0;
  size_t kept = 0;
  while (kept < candidates_.size() && sum < options_.top_p * total) {
    sum += candidates_[kept++].weight;
  }
  candidates_.resize(std::max<size_t>(kept, 1));
}

int32_t Sampler::Draw() {
  double total = 0;
  for (const Candidate& candidate : candidates_) total += candidate.weight;
  double rest = NextUniform() * total;
  for (const Candidate& candidate : candidates_) {
    rest -= candidate.weight;
    if (rest < 0) return candidate.token;
  }
  // Rounding left a little: the last token that can be drawn at all.
  const auto last = std::find_if(
      candidates_.rbegin(), candidates_.rend(),
      [](const Candidate& candidate) { return candidate.weight > 0; });
  return last->token;
}

}  // namespace minimax::runtime
