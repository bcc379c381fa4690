//===- core_batcher_test.cc - continuous batching -------------------------===//
//
// Many prompts in few slots give what each gives alone.
//
//===----------------------------------------------------------------------===//
#include "core/batcher.h"
#include "core_test_util.h"

namespace minimax::runtime {

using Tokens = std::vector<int32_t>;
using BatcherTest = FakeModelTest;

// Greedy continuation by the reference, the stop token included.
static Tokens ExpectedTokens(Tokens history, int64_t limit, int32_t stop) {
  Tokens tokens;
  while (static_cast<int64_t>(tokens.size()) < limit) {
    tokens.push_back(ExpectedNext(history));
    history.push_back(tokens.back());
    if (tokens.back() == stop) break;
  }
  return tokens;
}

// Tokens 13 and 14 are traps of the fake model.
static bool HasTrap(const Tokens& tokens) {
  return std::any_of(tokens.begin(), tokens.end(),
                     [](int32_t token) { return token == 13 || token == 14; });
}

// Prompts of different lengths whose continuation is harmless.
static std::vector<Tokens> MakePrompts(int64_t limit, int32_t stop) {
  std::vector<Tokens> prompts;
  for (int32_t i = 0; prompts.size() < 9; ++i) {
    Tokens prompt;
    for (int32_t k = 0; k <= i % 8; ++k) prompt.push_back((i * 7 + k * 5) % 13);
    if (!HasTrap(ExpectedTokens(prompt, limit, stop)))
      prompts.push_back(prompt);
  }
  return prompts;
}

TEST_F(BatcherTest, EverySequenceIsWhatItWouldBeAlone) {
  constexpr int32_t kStop = 6;
  constexpr int64_t kLimit = 6;
  const std::vector<Tokens> prompts = MakePrompts(kLimit, kStop);
  for (const int64_t slots : {1, 2, 4, 9}) {
    for (const int64_t chunk : {1, 3, 100}) {
      auto session = OpenSession(slots, 16);
      BatcherOptions options;
      options.max_new_tokens = kLimit;
      options.chunk = chunk;
      options.stop_tokens = {kStop};
      auto batcher = Batcher::Create(*session, options);
      ASSERT_TRUE(batcher.ok());
      std::vector<Tokens> streamed(prompts.size());
      batcher->set_on_token([&](int64_t sequence, int32_t token) {
        streamed[sequence].push_back(token);
      });
      for (const Tokens& prompt : prompts) {
        ASSERT_TRUE(batcher->Add(prompt).ok());
      }
      while (!batcher->done()) ASSERT_TRUE(batcher->Step().ok());
      for (size_t i = 0; i < prompts.size(); ++i) {
        const Tokens expected = ExpectedTokens(prompts[i], kLimit, kStop);
        const GeneratedSequence& sequence = batcher->sequences()[i];
        EXPECT_EQ(sequence.tokens, expected) << i;
        EXPECT_EQ(streamed[i], expected) << i;
        EXPECT_EQ(sequence.stopped, expected.back() == kStop);
      }
    }
  }
}

TEST_F(BatcherTest, SamplingDoesNotDependOnTheBatch) {
  BatcherOptions options;
  options.max_new_tokens = 5;
  options.sampler = {.temperature = 30, .top_k = 4, .top_p = 0.9, .seed = 1};
  std::vector<std::vector<Tokens>> results;
  for (const int64_t slots : {1, 3}) {
    auto session = OpenSession(slots, 16);
    auto batcher = Batcher::Create(*session, options);
    for (const int32_t first : {1, 2, 4}) {
      ASSERT_TRUE(batcher->Add({first, 7}).ok());
    }
    results.emplace_back();
    while (!batcher->done()) {
      // A drawn trap ends the batch; the seed above draws none.
      const auto step = batcher->Step();
      ASSERT_TRUE(step.ok()) << step.status();
    }
    for (const GeneratedSequence& sequence : batcher->sequences()) {
      results.back().push_back(sequence.tokens);
    }
  }
  EXPECT_EQ(results[0], results[1]);
}

TEST_F(BatcherTest, CountsTokens) {
  auto session = OpenSession(2, 16);
  BatcherOptions options;
  options.max_new_tokens = 2;
  options.chunk = 2;
  auto batcher = Batcher::Create(*session, options);
  ASSERT_TRUE(batcher->Add({1, 2, 3}).ok());
  BatchStep step = *batcher->Step();
  EXPECT_EQ(step.prompt_tokens, 2);
  EXPECT_EQ(step.new_tokens, 0);
  step = *batcher->Step();
  EXPECT_EQ(step.prompt_tokens, 1);
  EXPECT_EQ(step.new_tokens, 1);
  step = *batcher->Step();
  EXPECT_EQ(step.prompt_tokens, 0);
  EXPECT_EQ(step.new_tokens, 1);
  EXPECT_TRUE(batcher->done());
}

TEST_F(BatcherTest, NoNewTokensMeansNone) {
  auto session = OpenSession(1, 16);
  BatcherOptions options;
  options.max_new_tokens = 0;
  auto batcher = Batcher::Create(*session, options);
  ASSERT_TRUE(batcher->Add({1, 2, 3}).ok());
  ASSERT_TRUE(batcher->Step().ok());
  EXPECT_TRUE(batcher->done());
  EXPECT_TRUE(batcher->sequences()[0].tokens.empty());
}

TEST_F(BatcherTest, ReportsErrors) {
  auto session = OpenSession(1, 4);
  BatcherOptions options;
  options.chunk = 0;
  ExpectError(Batcher::Create(*session, options).status(),
              absl::StatusCode::kInvalidArgument, "chunk must be positive");
  options.chunk = 8;
  auto batcher = Batcher::Create(*session, options);
  ExpectError(batcher->Add({}).status(), absl::StatusCode::kInvalidArgument,
              "prompt 0 is empty");
  ASSERT_TRUE(batcher->Add({14}).ok());
  ExpectError(batcher->Step().status(), absl::StatusCode::kInternal,
              "sequence 0: cannot choose a token");
}

}  // namespace minimax::runtime
