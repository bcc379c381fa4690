//===- step_cost.h - what an op costs in a step -----------------*- C++ -*-===//
//
// FLOPs and bytes as sums over a step's quantities, as the manifest states them
// (docs/Runtime.md defines the quantities).
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_FORMATS_STEP_COST_H_
#define MINIMAX_RUNTIME_FORMATS_STEP_COST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace minimax::runtime {

/// What one sequence adds in a step.
struct SequencePart {
  /// Position of its first new token, or where it stands if it adds none.
  int64_t first_position = 0;
  int64_t tokens = 0;
};

/// A quantity of a step.
enum class QuantityKind : uint8_t {
  kOne,        // "1"
  kTokens,     // "T"
  kSequences,  // "N"
  kActive,     // "active": sequences that add a token
  kStarting,   // "starting": sequences that add the token of position 0
  kKeys,       // "keys", "keys(split,splits)": over all tokens, the positions
               // that it attends to
  kCached,     // "cached", "cached(split,splits)": over active sequences, the
               // positions in the cache after the step
  kPairs,      // "pairs(chunk)": over all tokens, its number within its chunk
  kChunks,     // "chunks(chunk)": chunks of all sequences
  kExperts,    // "experts(E,k)": min(E, k*T)
};

/// A quantity with its parameters, times a number.
struct CostTerm {
  QuantityKind kind = QuantityKind::kOne;
  int64_t first = 0;
  int64_t second = 0;
  int64_t coefficient = 0;

  friend bool operator==(const CostTerm& a, const CostTerm& b) {
    return a.kind == b.kind && a.first == b.first && a.second == b.second &&
           a.coefficient == b.coefficient;
  }
};

/// A sum of terms.
using CostSum = std::vector<CostTerm>;

/// The text form of a term's quantity, e.g. "pairs(64)".
std::string QuantityName(const CostTerm& term);

/// The term `coefficient` times the quantity with this text form; nothing for
/// an unknown text.
std::optional<CostTerm> ParseCostTerm(absl::string_view quantity,
                                      int64_t coefficient);

/// The value of `sum` in a step of `sequences`; the largest int64_t if it does
/// not fit.
int64_t EvaluateCost(const CostSum& sum,
                     absl::Span<const SequencePart> sequences);

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_FORMATS_STEP_COST_H_
