//===- step_cost_test.cc - what an op costs in a step ---------------------===//
//
// Quantities of a small step, counted by hand.
//
//===----------------------------------------------------------------------===//
#include "formats/step_cost.h"

#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace minimax::runtime {

// A prompt of 5 tokens, a token at position 7, nothing, and 3 tokens from 2.
static constexpr SequencePart kStep[] = {{0, 5}, {7, 1}, {4, 0}, {2, 3}};

static int64_t ValueOf(absl::string_view quantity) {
  const std::optional<CostTerm> term = ParseCostTerm(quantity, 1);
  return term ? EvaluateCost({*term}, kStep) : -1;
}

TEST(StepCostTest, QuantitiesOfAStep) {
  EXPECT_EQ(ValueOf("1"), 1);
  EXPECT_EQ(ValueOf("T"), 9);
  EXPECT_EQ(ValueOf("N"), 4);
  EXPECT_EQ(ValueOf("active"), 3);
  EXPECT_EQ(ValueOf("starting"), 1);
  // 1+2+3+4+5, 8, 3+4+5.
  EXPECT_EQ(ValueOf("keys"), 35);
  EXPECT_EQ(ValueOf("cached"), 5 + 8 + 5);
  // Chunks of 2: 1+2 1+2 1, 1, 1+2 1.
  EXPECT_EQ(ValueOf("pairs(2)"), 7 + 1 + 4);
  EXPECT_EQ(ValueOf("chunks(2)"), 3 + 1 + 2);
  EXPECT_EQ(ValueOf("experts(16,2)"), 16);
  EXPECT_EQ(ValueOf("experts(32,2)"), 18);
}

TEST(StepCostTest, SharesOfTheKeysAddUp) {
  // Shares of ceil(5/2) = 3, 4 and 3 positions.
  EXPECT_EQ(ValueOf("keys(0,2)"), (1 + 2 + 3 + 3 + 3) + 4 + (3 + 3 + 3));
  EXPECT_EQ(ValueOf("keys(1,2)"), (1 + 2) + 4 + (1 + 2));
  EXPECT_EQ(ValueOf("cached(0,2)"), 3 + 4 + 3);
  EXPECT_EQ(ValueOf("cached(1,2)"), 2 + 4 + 2);
  // More shares than positions: the last ones are empty.
  EXPECT_EQ(ValueOf("cached(7,8)"), 1);
}

TEST(StepCostTest, SumsAndTextForms) {
  const CostSum sum = {*ParseCostTerm("T", 10), *ParseCostTerm("1", 3)};
  EXPECT_EQ(EvaluateCost(sum, kStep), 93);
  EXPECT_EQ(EvaluateCost({}, kStep), 0);
  for (const char* text : {"1", "T", "keys", "keys(0,2)", "pairs(64)",
                           "experts(32,2)", "starting"}) {
    EXPECT_EQ(QuantityName(*ParseCostTerm(text, 1)), text);
  }
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(EvaluateCost({*ParseCostTerm("T", kMost)}, kStep), kMost);
}

TEST(StepCostTest, RefusesOtherTexts) {
  for (const char* text :
       {"", "t", "T(1)", "pairs", "pairs()", "pairs(0)", "pairs(-1)",
        "pairs(1,2)", "keys(1)", "keys(1,0)", "experts(1)", "experts(1,2,3)",
        "chunks(64", "chunks(99999999999)"}) {
    EXPECT_FALSE(ParseCostTerm(text, 1).has_value()) << text;
  }
}

}  // namespace minimax::runtime
