//===- cuda_graph_test.cc - recorded steps, on the fake driver ------------===//
//
// Steps give the same logits recorded and not; recordings are made when they
// are to be, and only then.
//
//===----------------------------------------------------------------------===//
#include <thread>

#include "cuda_test_util.h"

namespace minimax::runtime {

using absl::StatusCode;
using ::testing::ElementsAreArray;

class CudaGraphTest : public CudaSessionTest {
 protected:
  void SetUp() override {
    CudaSessionTest::SetUp();
    Reopen({.slots = 4, .capacity = 64});
  }

  void TearDown() override {
    session_.reset();
    CudaSessionTest::TearDown();
  }

  void Reopen(const SessionOptions& options) {
    auto session = Open("fake_artifact_gpu", options);
    ASSERT_TRUE(session.ok()) << session.status();
    session_ = *std::move(session);
    histories_.assign(options.slots, {});
    for (int64_t i = 0; i < options.slots; ++i) {
      ASSERT_TRUE(session_->AddSequence().ok());
    }
    captured_ = Calls("cuStreamBeginCapture");
    launched_ = Calls("cuGraphLaunch");
  }

  // Appends tokens to the sequences in these slots and checks their logits.
  void Step(const std::vector<int32_t>& slots, int64_t tokens_each) {
    std::vector<std::vector<int32_t>> added(slots.size());
    std::vector<SequenceStep> steps;
    for (size_t i = 0; i < slots.size(); ++i) {
      std::vector<int32_t>& history = histories_[slots[i]];
      for (int64_t t = 0; t < tokens_each; ++t) {
        added[i].push_back(static_cast<int32_t>((history.size() + i) % 13));
        history.push_back(added[i].back());
      }
      steps.push_back({slots[i], added[i]});
    }
    const auto logits = session_->Step(steps);
    ASSERT_TRUE(logits.ok()) << logits.status();
    for (size_t i = 0; i < slots.size(); ++i) {
      EXPECT_THAT(logits->row(static_cast<int64_t>(i)),
                  ElementsAreArray(ExpectedLogits(histories_[slots[i]])));
    }
  }

  void ExpectCounts(int64_t captures, int64_t launches) {
    EXPECT_EQ(Calls("cuStreamBeginCapture") - captured_, captures);
    EXPECT_EQ(Calls("cuGraphLaunch") - launched_, launches);
  }

  std::unique_ptr<Session> session_;
  std::vector<std::vector<int32_t>> histories_;
  int64_t captured_ = 0;
  int64_t launched_ = 0;
};

TEST_F(CudaGraphTest, TheSecondStepOfASizeIsRecorded) {
  Step({0}, 5);
  ExpectCounts(0, 0);
  Step({0}, 1);
  ExpectCounts(0, 0);
  Step({0}, 1);
  ExpectCounts(1, 1);
  // Another sequence, at another position, is the same size.
  Step({2}, 1);
  Step({0}, 1);
  ExpectCounts(1, 3);
}

TEST_F(CudaGraphTest, EveryBatchSizeHasItsOwn) {
  // Buffers take their largest size first.
  Step({0, 1, 2, 3}, 3);
  for (int round = 0; round < 4; ++round) {
    Step({3, 0, 1}, 1);
    Step({1, 2}, 1);
    Step({2}, 1);
  }
  ExpectCounts(3, 9);
}

TEST_F(CudaGraphTest, MovedMemoryIsRecordedAgain) {
  for (int i = 0; i < 3; ++i) Step({0}, 1);
  ExpectCounts(1, 2);
  // Inputs and arena grow.
  Step({1}, 40);
  for (int i = 0; i < 3; ++i) Step({0}, 1);
  ExpectCounts(2, 4);
  // Nothing grows.
  Step({2}, 40);
  for (int i = 0; i < 3; ++i) Step({0}, 1);
  ExpectCounts(2, 7);
}

TEST_F(CudaGraphTest, OtherStepsAreNotRecorded) {
  for (int i = 0; i < 4; ++i) Step({0, 1}, 2);
  ExpectCounts(0, 0);
  Reopen({.slots = 4, .capacity = 64, .graphs = false});
  for (int i = 0; i < 4; ++i) Step({0, 1}, 1);
  ExpectCounts(0, 0);
}

TEST_F(CudaGraphTest, ScoresAreRecordedToo) {
  for (int i = 0; i < 4; ++i) {
    const auto outputs = session_->Score({{0, {7}}});
    ASSERT_TRUE(outputs.ok()) << outputs.status();
    EXPECT_THAT(absl::MakeConstSpan((*outputs)[1].floats(), 2),
                ElementsAreArray({7, i}));
  }
  ExpectCounts(1, 3);
}

// A step without rows of some sequence has as many tokens as sequences too.
TEST_F(CudaGraphTest, TokensMayBeSpreadUnevenly) {
  for (int i = 0; i < 3; ++i) Step({0, 1}, 1);
  const auto logits = session_->Step({{0, {4, 2}}, {1, {}}});
  ASSERT_TRUE(logits.ok()) << logits.status();
  std::vector<int32_t> history = histories_[0];
  history.insert(history.end(), {4, 2});
  EXPECT_THAT(logits->row(0), ElementsAreArray(ExpectedLogits(history)));
  EXPECT_THAT(logits->row(1), ElementsAreArray(std::vector<float>(16)));
  ExpectCounts(1, 3);
}

TEST_F(CudaGraphTest, WhatACaptureForbidsIsFound) {
  const auto buffer = DeviceBuffer::Allocate(device_, 256, "x");
  ASSERT_TRUE(buffer.ok());
  for (int what = 0; what < 4; ++what) {
    absl::Status inside;
    const auto graph = device_->Record([&] {
      char byte = 0;
      if (what == 0) inside = device_->Synchronize();
      if (what == 1) inside = device_->Allocate(256, "y").status();
      if (what == 2) inside = device_->CopyToHost(&byte, buffer->data(), 1);
      if (what == 3) inside = device_->CopyToDevice(buffer->data(), &byte, 1);
    });
    ExpectError(inside, StatusCode::kInternal,
                "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED");
    ExpectError(graph.status(), StatusCode::kInternal,
                "cannot record a graph (--graphs=off does without): "
                "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED");
  }
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              ::testing::HasSubstr("not allowed while capturing"));
  testing::internal::CaptureStderr();
}

// Work of other threads does not get into a recording, nor spoils it.
TEST_F(CudaGraphTest, OtherThreadsGoOn) {
  const auto from = DeviceBuffer::Allocate(device_, 256, "from");
  const auto to = DeviceBuffer::Allocate(device_, 256, "to");
  ASSERT_TRUE(from.ok() && to.ok());
  const auto copy = [&](int64_t at) {
    return device_->CopyOnDevice(to->data() + at, from->data() + at, 1);
  };
  const auto graph = device_->Record([&] {
    EXPECT_TRUE(copy(0).ok());
    std::thread([&] {
      const std::vector<char> ones(256, 1);
      EXPECT_TRUE(device_->CopyToDevice(from->data(), ones.data(), 256).ok());
      EXPECT_TRUE(copy(1).ok());
      EXPECT_TRUE(DeviceBuffer::Allocate(device_, 256, "more").ok());
      EXPECT_TRUE(device_->Synchronize().ok());
    }).join();
  });
  ASSERT_TRUE(graph.ok()) << graph.status();
  char copied[2];
  ASSERT_TRUE(device_->CopyToHost(copied, to->data(), 2).ok());
  EXPECT_THAT(copied, ElementsAreArray({0, 1}));
  ASSERT_TRUE((*graph)->Launch().ok());
  ASSERT_TRUE(device_->CopyToHost(copied, to->data(), 2).ok());
  EXPECT_THAT(copied, ElementsAreArray({1, 1}));
}

}  // namespace minimax::runtime
