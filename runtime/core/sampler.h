//===- sampler.h - from logits to the next token ----------------*- C++ -*-===//
//
// Greedy choice and seeded sampling with temperature, top-k and top-p.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CORE_SAMPLER_H
#define MINIMAX_RUNTIME_CORE_SAMPLER_H

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"

namespace minimax::runtime {

/// How tokens are chosen. Applied in this order: temperature, top-k, top-p.
struct SamplerOptions {
  /// Divides the logits; 0 takes the largest logit and ignores the rest.
  double temperature = 0;
  /// Keeps the k most likely tokens; 0 keeps all.
  int64_t top_k = 0;
  /// Keeps the fewest most likely tokens whose probability reaches p.
  double top_p = 1;
  /// Seeds the random numbers; the same seed gives the same tokens.
  uint64_t seed = 0;
};

/// What a program's entry "sample" is given for one sequence; see
/// minimax.sample.
struct SampleParameters {
  float temperature = 0;
  int32_t top_k = 0;
  float top_p = 1;
  float uniform = 0;
};

/// Fails with InvalidArgument when a value is outside of its range.
absl::Status ValidateSamplerOptions(const SamplerOptions& options);

/// Chooses tokens for one sequence, or draws the random numbers for a program
/// that chooses them. The random numbers are SplitMix64 of the
/// seed and the stream, so a sequence's tokens do not depend on what else is
/// in its batch, nor on the standard library.
class Sampler {
 public:
  /// `stream` is the index of the sequence among those with the same seed.
  Sampler(const SamplerOptions& options, uint64_t stream);

  /// Returns a token of [0, logits.size()), or -1 if a logit is a NaN or none
  /// is finite. Equally likely tokens rank by id, lowest first.
  int32_t Sample(absl::Span<const float> logits);

  /// Parameters of the next token, for programs that choose it themselves.
  SampleParameters Next();

 private:
  struct Candidate {
    double weight;
    int32_t token;
  };

  static bool MoreLikely(const Candidate& a, const Candidate& b);
  double NextUniform();
  void FillCandidates(absl::Span<const float> logits, float largest);
  void KeepTopK();
  void KeepTopP();
  int32_t Draw();

  SamplerOptions options_;
  uint64_t state_;
  std::vector<Candidate> candidates_;
};

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_CORE_SAMPLER_H
