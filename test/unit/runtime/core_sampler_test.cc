//===- core_sampler_test.cc - choosing tokens -----------------------------===//
//
// Greedy ties, restrictions of the candidates, frequencies and determinism.
//
//===----------------------------------------------------------------------===//
#include <cmath>
#include <limits>

#include "core/sampler.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace minimax::runtime {

static const std::vector<float> kLogits = {std::log(1.f), std::log(4.f),
                                           std::log(3.f), std::log(2.f)};

// Returns how often each of the four tokens is drawn.
static std::vector<int> Draw(const SamplerOptions& options, int count) {
  std::vector<int> drawn(4);
  Sampler sampler(options, 0);
  for (int i = 0; i < count; ++i) ++drawn[sampler.Sample(kLogits)];
  return drawn;
}

TEST(SamplerTest, GreedyTakesTheFirstOfEquals) {
  Sampler sampler({}, 0);
  EXPECT_EQ(sampler.Sample({1, 5, 5, 2}), 1);
  EXPECT_EQ(sampler.Sample({-3}), 0);
  constexpr float kLowest = -std::numeric_limits<float>::infinity();
  EXPECT_EQ(sampler.Sample({kLowest, -7, kLowest}), 1);
}

TEST(SamplerTest, RejectsLogitsThatAreNotNumbers) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const float bad : {NAN, kInfinity}) {
    Sampler sampler({.temperature = 1}, 0);
    EXPECT_EQ(sampler.Sample({1, bad, 2}), -1);
  }
  Sampler sampler({}, 0);
  EXPECT_EQ(sampler.Sample({}), -1);
  EXPECT_EQ(sampler.Sample({-kInfinity, -kInfinity}), -1);
}

TEST(SamplerTest, FrequenciesFollowTheProbabilities) {
  const std::vector<int> drawn = Draw({.temperature = 1}, 100000);
  EXPECT_NEAR(drawn[0], 10000, 500);
  EXPECT_NEAR(drawn[1], 40000, 800);
  EXPECT_NEAR(drawn[2], 30000, 800);
  EXPECT_NEAR(drawn[3], 20000, 700);
}

TEST(SamplerTest, TemperatureSharpens) {
  // Squared weights: 1, 16, 9, 4 of 30.
  const std::vector<int> drawn = Draw({.temperature = 0.5}, 30000);
  EXPECT_NEAR(drawn[1], 16000, 500);
  EXPECT_NEAR(drawn[0], 1000, 150);
}

TEST(SamplerTest, TopKKeepsTheMostLikely) {
  const std::vector<int> drawn = Draw({.temperature = 1, .top_k = 2}, 7000);
  EXPECT_EQ(drawn[0] + drawn[3], 0);
  EXPECT_NEAR(drawn[1], 4000, 250);
  EXPECT_EQ(Draw({.temperature = 1, .top_k = 1}, 10)[1], 10);
  EXPECT_GT(Draw({.temperature = 1, .top_k = 99}, 1000)[0], 0);
}

TEST(SamplerTest, TopPKeepsTheFewestThatReachIt) {
  std::vector<int> drawn = Draw({.temperature = 1, .top_p = 0.65}, 7000);
  EXPECT_EQ(drawn[0] + drawn[3], 0);
  EXPECT_GT(drawn[2], 0);
  drawn = Draw({.temperature = 1, .top_p = 0.01}, 100);
  EXPECT_EQ(drawn[1], 100);
  drawn = Draw({.temperature = 1, .top_p = 0.95}, 5000);
  EXPECT_GT(drawn[0], 0);
}

TEST(SamplerTest, TheSeedAndTheStreamDecide) {
  const auto draw = [](uint64_t seed, uint64_t stream) {
    Sampler sampler({.temperature = 1, .seed = seed}, stream);
    std::vector<int32_t> tokens;
    for (int i = 0; i < 40; ++i) tokens.push_back(sampler.Sample(kLogits));
    return tokens;
  };
  EXPECT_EQ(draw(1, 0), draw(1, 0));
  EXPECT_NE(draw(1, 0), draw(2, 0));
  EXPECT_NE(draw(1, 0), draw(1, 1));
}

TEST(SamplerTest, GivesProgramsTheirParameters) {
  Sampler sampler(
      {.temperature = 0.5, .top_k = int64_t{1} << 40, .top_p = 0.25}, 3);
  double sum = 0;
  for (int i = 0; i < 10000; ++i) {
    const SampleParameters next = sampler.Next();
    EXPECT_EQ(next.temperature, 0.5f);
    EXPECT_EQ(next.top_k, std::numeric_limits<int32_t>::max());
    EXPECT_EQ(next.top_p, 0.25f);
    ASSERT_GE(next.uniform, 0);
    ASSERT_LT(next.uniform, 1);
    sum += next.uniform;
  }
  EXPECT_NEAR(sum / 10000, 0.5, 0.02);
}

TEST(SamplerTest, ChecksOptions) {
  const auto message = [](const SamplerOptions& options) {
    return std::string(ValidateSamplerOptions(options).message());
  };
  EXPECT_EQ(message({}), "");
  EXPECT_EQ(message({.temperature = -1}),
            "temperature must be 0 or positive, got -1");
  EXPECT_NE(message({.temperature = NAN}), "");
  EXPECT_EQ(message({.top_k = -1}), "top-k must be 0 or positive, got -1");
  EXPECT_EQ(message({.top_p = 0}), "top-p must be in (0, 1], got 0");
  EXPECT_NE(message({.top_p = 1.5}), "");
}

}  // namespace minimax::runtime
