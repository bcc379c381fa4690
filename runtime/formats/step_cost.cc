//===- step_cost.cc - what an op costs in a step --------------------------===//
//
// Text forms and values of a step's quantities.
//
//===----------------------------------------------------------------------===//
#include "formats/step_cost.h"

#include <algorithm>
#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace minimax::runtime {

namespace {

// Wide enough for a term; only the sum is brought back to 64 bits.
using Wide = __int128;

struct QuantityText {
  QuantityKind kind;
  absl::string_view name;
  // Numbers of parameters that it may have.
  int fewest;
  int most;
};

constexpr QuantityText kTexts[] = {
    {QuantityKind::kOne, "1", 0, 0},
    {QuantityKind::kTokens, "T", 0, 0},
    {QuantityKind::kSequences, "N", 0, 0},
    {QuantityKind::kActive, "active", 0, 0},
    {QuantityKind::kStarting, "starting", 0, 0},
    {QuantityKind::kKeys, "keys", 0, 2},
    {QuantityKind::kCached, "cached", 0, 2},
    {QuantityKind::kPairs, "pairs", 1, 1},
    {QuantityKind::kChunks, "chunks", 1, 1},
    {QuantityKind::kExperts, "experts", 2, 2},
};

}  // namespace

std::string QuantityName(const CostTerm& term) {
  std::string name;
  for (const QuantityText& text : kTexts) {
    if (text.kind == term.kind) name = std::string(text.name);
  }
  if (term.second != 0) {
    return absl::StrCat(name, "(", term.first, ",", term.second, ")");
  }
  return term.first != 0 ? absl::StrCat(name, "(", term.first, ")") : name;
}

// Reads "(a)" or "(a,b)"; parameters are divisors and must be positive, but for
// the first of two, which may be 0.
static bool ReadParameters(absl::string_view text, CostTerm& term) {
  if (!absl::ConsumePrefix(&text, "(") || !absl::ConsumeSuffix(&text, ")")) {
    return false;
  }
  const std::vector<absl::string_view> numbers = absl::StrSplit(text, ',');
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
  if (numbers.size() > 2 || !absl::SimpleAtoi(numbers[0], &term.first) ||
      (numbers.size() == 2 && !absl::SimpleAtoi(numbers[1], &term.second))) {
    return false;
  }
  const int64_t last = numbers.size() == 2 ? term.second : term.first;
  return term.first >= 0 && last > 0 && term.first <= kMost && last <= kMost;
}

std::optional<CostTerm> ParseCostTerm(absl::string_view quantity,
                                      int64_t coefficient) {
  const size_t open = std::min(quantity.find('('), quantity.size());
  CostTerm term;
  term.coefficient = coefficient;
  const absl::string_view parameters = quantity.substr(open);
  if (!parameters.empty() && !ReadParameters(parameters, term)) {
    return std::nullopt;
  }
  const int count = parameters.empty() ? 0 : term.second != 0 ? 2 : 1;
  for (const QuantityText& text : kTexts) {
    if (text.name != quantity.substr(0, open)) continue;
    if (count < text.fewest || count > text.most) return std::nullopt;
    if (text.most == 2 && count == 1) return std::nullopt;
    term.kind = text.kind;
    return term;
  }
  return std::nullopt;
}

// 1 + 2 + .. + n.
static Wide Triangle(Wide n) { return n * (n + 1) / 2; }

// Positions below `bound` that the tokens of `part` see, summed over tokens:
// the token at position p sees min(p + 1, bound).
static Wide SeenBelow(const SequencePart& part, Wide bound) {
  const Wide first = part.first_position;
  const Wide end = first + part.tokens;
  const Wide turn = std::clamp<Wide>(bound, first, end);
  return Triangle(turn) - Triangle(first) + (end - turn) * bound;
}

static Wide OfPart(const CostTerm& term, const SequencePart& part) {
  if (part.tokens == 0) return 0;
  const Wide end = Wide{part.first_position} + part.tokens;
  const Wide chunk = std::max<int64_t>(term.first, 1);
  const Wide splits = std::max<int64_t>(term.second, 1);
  const Wide share = (end + splits - 1) / splits;
  const Wide lower = std::min<Wide>(term.first * share, end);
  const Wide upper = std::min<Wide>(lower + share, end);
  switch (term.kind) {
    case QuantityKind::kActive:
      return 1;
    case QuantityKind::kStarting:
      return part.first_position == 0 ? 1 : 0;
    case QuantityKind::kKeys:
      return SeenBelow(part, upper) - SeenBelow(part, lower);
    case QuantityKind::kCached:
      return upper - lower;
    case QuantityKind::kPairs:
      return part.tokens / chunk * Triangle(chunk) +
             Triangle(part.tokens % chunk);
    case QuantityKind::kChunks:
      return (part.tokens + chunk - 1) / chunk;
    default:
      return 0;
  }
}

static Wide Evaluate(const CostTerm& term,
                     absl::Span<const SequencePart> sequences) {
  Wide tokens = 0;
  Wide sum = 0;
  for (const SequencePart& part : sequences) {
    tokens += part.tokens;
    sum += OfPart(term, part);
  }
  switch (term.kind) {
    case QuantityKind::kOne:
      return 1;
    case QuantityKind::kTokens:
      return tokens;
    case QuantityKind::kSequences:
      return static_cast<Wide>(sequences.size());
    case QuantityKind::kExperts:
      return std::min<Wide>(term.first, term.second * tokens);
    default:
      return sum;
  }
}

int64_t EvaluateCost(const CostSum& sum,
                     absl::Span<const SequencePart> sequences) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  Wide total = 0;
  for (const CostTerm& term : sum) {
    const Wide quantity = std::min<Wide>(Evaluate(term, sequences), kMost);
    total =
        std::clamp<Wide>(total + quantity * term.coefficient, -kMost, kMost);
  }
  return static_cast<int64_t>(total);
}

}  // namespace minimax::runtime
