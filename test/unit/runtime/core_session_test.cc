//===- core_session_test.cc - steps, slots and states ---------------------===//
//
// Any split and mix of sequences gives the same logits; wrong steps fail.
//
//===----------------------------------------------------------------------===//
#include <random>

#include "core/session.h"
#include "core_test_util.h"

namespace minimax::runtime {

using ::testing::ElementsAreArray;
using Tokens = std::vector<int32_t>;
using SessionTest = FakeModelTest;

TEST_F(SessionTest, PrefillInAnyChunksGivesTheSameLogits) {
  const Tokens tokens = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5};
  for (size_t chunk = 1; chunk <= tokens.size(); ++chunk) {
    auto session = OpenSession(1, 16);
    const int32_t slot = *session->AddSequence();
    absl::StatusOr<Logits> logits;
    for (size_t first = 0; first < tokens.size(); first += chunk) {
      logits = session->Step(
          {{slot, absl::MakeConstSpan(tokens).subspan(first, chunk)}});
      ASSERT_TRUE(logits.ok()) << logits.status();
    }
    EXPECT_THAT(logits->row(0), ElementsAreArray(ExpectedLogits(tokens)));
    EXPECT_EQ(*session->Position(slot), 11);
  }
}

// Random steps over random subsets of sequences, slots reused all the time.
TEST_F(SessionTest, RandomMixedBatchesMatchTheReference) {
  std::mt19937 random(7);
  auto session = OpenSession(4, 64);
  std::map<int32_t, Tokens> histories;
  for (int round = 0; round < 300; ++round) {
    if (histories.size() < 4 && random() % 2 == 0) {
      histories[*session->AddSequence()] = {};
    }
    std::vector<std::pair<int32_t, Tokens>> plan;
    for (const auto& [slot, history] : histories) {
      const size_t room = 64 - history.size();
      Tokens tokens(std::min<size_t>(random() % 6, room));
      for (int32_t& token : tokens) token = random() % 13;
      if (random() % 4 != 0) plan.emplace_back(slot, tokens);
    }
    std::shuffle(plan.begin(), plan.end(), random);
    std::vector<SequenceStep> steps;
    for (const auto& [slot, tokens] : plan) steps.push_back({slot, tokens});
    const auto logits = session->Step(steps);
    ASSERT_TRUE(logits.ok()) << logits.status();
    ASSERT_EQ(logits->rows, static_cast<int64_t>(plan.size()));
    for (size_t n = 0; n < plan.size(); ++n) {
      Tokens& history = histories[plan[n].first];
      history.insert(history.end(), plan[n].second.begin(),
                     plan[n].second.end());
      const auto expected = plan[n].second.empty() ? std::vector<float>(16)
                                                   : ExpectedLogits(history);
      EXPECT_THAT(logits->row(n), ElementsAreArray(expected));
    }
    if (!histories.empty() && random() % 3 == 0) {
      const int32_t slot = histories.begin()->first;
      ASSERT_TRUE(session->RemoveSequence(slot).ok());
      histories.erase(slot);
    }
  }
}

TEST_F(SessionTest, StepsWithoutTokensGiveZeros) {
  auto session = OpenSession(2, 8);
  const int32_t slot = *session->AddSequence();
  ASSERT_TRUE(session->Step({{slot, {1, 2}}}).ok());
  const auto logits = session->Step({{slot, {}}});
  ASSERT_TRUE(logits.ok());
  EXPECT_THAT(logits->row(0), ElementsAreArray(std::vector<float>(16)));
  EXPECT_EQ(session->Step({})->rows, 0);
  EXPECT_EQ(*session->Position(slot), 2);
}

TEST_F(SessionTest, ScoreGivesEveryRowAndOutput) {
  auto session = OpenSession(1, 8);
  const int32_t slot = *session->AddSequence();
  ASSERT_TRUE(session->Score({{slot, {2, 7}}}).ok());
  const auto outputs = session->Score({{slot, {4, 5}}});
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  ASSERT_EQ(outputs->size(), 3u);
  const OutputView& logits = (*outputs)[0];
  EXPECT_EQ(logits.name, "logits");
  EXPECT_THAT(logits.shape, ElementsAreArray({2, 16}));
  EXPECT_THAT(absl::MakeConstSpan(logits.floats() + 16, 16),
              ElementsAreArray(ExpectedLogits({2, 7, 4, 5})));
  const OutputView& router = (*outputs)[2];
  EXPECT_EQ(router.name, "router_topk_idx.layer_00");
  EXPECT_EQ(router.dtype, DType::kI32);
  EXPECT_EQ(reinterpret_cast<const int32_t*>(router.data)[1], 2);
}

TEST_F(SessionTest, ReadsStates) {
  auto session = OpenSession(2, 8);
  ASSERT_TRUE(session->Step({{*session->AddSequence(), {5, 5, 5}}}).ok());
  const int32_t slot = *session->AddSequence();
  ASSERT_EQ(slot, 1);
  ASSERT_TRUE(session->Step({{slot, {2, 7}}}).ok());
  const auto state = session->ReadState(slot, "layers.0.lightning_state");
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_THAT(state->shape, ElementsAreArray({1, 2, 2}));
  EXPECT_EQ(reinterpret_cast<const float*>(state->data.data())[0], 17);
  const auto rows = session->ReadState(slot, "layers.1.kv_cache.key");
  EXPECT_THAT(rows->shape, ElementsAreArray({2, 1, 2}));
  const auto* values = reinterpret_cast<const float*>(rows->data.data());
  EXPECT_THAT(absl::MakeConstSpan(values, 4), ElementsAreArray({2, 0, 7, 1}));
  ExpectError(session->ReadState(slot, "nothing").status(),
              absl::StatusCode::kNotFound, "the artifact has no state nothing");
  // A new sequence in a used slot has zero states even before its first token.
  ASSERT_TRUE(session->RemoveSequence(slot).ok());
  ASSERT_EQ(*session->AddSequence(), slot);
  const auto fresh = session->ReadState(slot, "layers.0.lightning_state");
  EXPECT_EQ(reinterpret_cast<const float*>(fresh->data.data())[0], 0);
}

TEST_F(SessionTest, RejectsWrongStepsAndStaysUsable) {
  auto session = OpenSession(2, 4);
  const int32_t slot = *session->AddSequence();
  ASSERT_TRUE(session->Step({{slot, {1, 2}}}).ok());
  ExpectError(
      session->Step({{slot, {3, 16}}}).status(),
      absl::StatusCode::kInvalidArgument,
      "sequence 0, position 3: token 16 is not in the vocabulary of 16");
  ExpectError(session->Step({{slot, {-1}}}).status(),
              absl::StatusCode::kInvalidArgument, "token -1");
  ExpectError(session->Step({{slot, {1, 1, 1}}}).status(),
              absl::StatusCode::kOutOfRange,
              "slot 0 holds up to 4 tokens, sequence 0 needs 5");
  ExpectError(session->Step({{1, {1}}}).status(), absl::StatusCode::kNotFound,
              "slot 1 is not open");
  ExpectError(session->Step({{-1, {1}}}).status(), absl::StatusCode::kNotFound,
              "slot -1 is not open");
  ExpectError(session->Step({{slot, {1}}, {slot, {1}}}).status(),
              absl::StatusCode::kInvalidArgument,
              "slot 0 is given twice in one step");
  const auto logits = session->Step({{slot, {3}}});
  ASSERT_TRUE(logits.ok());
  EXPECT_THAT(logits->row(0), ElementsAreArray(ExpectedLogits({1, 2, 3})));
}

TEST_F(SessionTest, AFailedProgramEndsTheSession) {
  auto session = OpenSession(1, 4);
  const int32_t slot = *session->AddSequence();
  ExpectError(session->Step({{slot, {13}}}).status(),
              absl::StatusCode::kInternal, "entry step failed with code 7");
  ExpectError(session->Step({{slot, {1}}}).status(),
              absl::StatusCode::kFailedPrecondition, "unusable");
}

TEST_F(SessionTest, RunsOutOfSlots) {
  auto session = OpenSession(1, 4);
  ASSERT_TRUE(session->AddSequence().ok());
  ExpectError(session->AddSequence().status(),
              absl::StatusCode::kResourceExhausted,
              "all 1 slots of the session are taken");
  ExpectError(session->RemoveSequence(3), absl::StatusCode::kNotFound,
              "slot 3 is not open");
}

TEST_F(SessionTest, RejectsImpossibleSizes) {
  ExpectError(Session::Create(weights_, pool_, {0, 4, 0}).status(),
              absl::StatusCode::kInvalidArgument, "slots, got 0");
  ExpectError(Session::Create(weights_, pool_, {1, 0, 0}).status(),
              absl::StatusCode::kInvalidArgument, "tokens, got 0");
  ExpectError(Session::Create(weights_, pool_, {1, 4, -1}).status(),
              absl::StatusCode::kInvalidArgument, "memory limit");
  ExpectError(Session::Create(weights_, pool_, {10, 1000, 4096}).status(),
              absl::StatusCode::kResourceExhausted,
              "the states of 10 slots of 1000 tokens need 80160 bytes, more "
              "than the limit of 4096");
  ExpectError(
      Session::Create(weights_, pool_, {2147483647, 2147483647, 0}).status(),
      absl::StatusCode::kResourceExhausted, "more than the limit");
}

TEST_F(SessionTest, AnArtifactWithoutScoreSaysSo) {
  auto artifact = Artifact::Load(FakeArtifact("fake_artifact_no_score"));
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  auto weights = Weights::Open(*artifact, dir_.path(), *pool_, {"off"});
  auto session = Session::Create(*weights, pool_, {1, 4, 0});
  ASSERT_TRUE(session.ok());
  ExpectError((*session)->Score({}).status(), absl::StatusCode::kUnimplemented,
              "the artifact has no entry score");
}

TEST_F(SessionTest, SampleWantsAnEntryAndParameters) {
  auto session = OpenSession(1, 4);
  EXPECT_FALSE(session->samples());
  const int32_t slot = *session->AddSequence();
  ExpectError(session->Sample({{slot, {1}}}, {}).status(),
              absl::StatusCode::kInvalidArgument,
              "expected parameters of 1 sequences, got 0");
  ExpectError(session->Sample({{slot, {1}}}, {{}}).status(),
              absl::StatusCode::kUnimplemented,
              "the artifact has no entry sample");
  EXPECT_EQ(*session->Position(slot), 0);
}

}  // namespace minimax::runtime
