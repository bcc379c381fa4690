//===- core_device_test.cc - programs on the emulator ---------------------===//
//
// A device with memory of its own computes what the CPU does; what goes wrong
// on it is told by the step.
//
//===----------------------------------------------------------------------===//
#include "core/device_context.h"
#include "core_test_util.h"
#include "devices/open_device.h"

namespace minimax::runtime {

using absl::StatusCode;
using ::testing::ElementsAreArray;
using Tokens = std::vector<int32_t>;

class DeviceTest : public FakeModelTest {
 protected:
  void SetUp() override {
    FakeModelTest::SetUp();
    Open("fake_artifact_gpu");
  }

  void Open(const std::string& variant) {
    auto device = OpenDevice({Processor::Kind::kEmulator}, 1);
    ASSERT_TRUE(device.ok()) << device.status();
    device_ = *device;
    auto artifact =
        Artifact::Load(FakeArtifact(variant), "", device_->processor());
    ASSERT_TRUE(artifact.ok()) << artifact.status();
    artifact_ = *artifact;
    auto context = MakeContext(device_, artifact_, pool_);
    ASSERT_TRUE(context.ok()) << context.status();
    context_ = *context;
    auto weights = Weights::Open(artifact_, dir_.path(), *context_, {"off"});
    ASSERT_TRUE(weights.ok()) << weights.status();
    on_device_ = *weights;
  }

  std::unique_ptr<Session> OpenOnDevice(const SessionOptions& options) {
    auto session = Session::Create(on_device_, context_, options);
    EXPECT_TRUE(session.ok()) << session.status();
    return *std::move(session);
  }

  std::shared_ptr<Device> device_;
  std::shared_ptr<const Artifact> artifact_;
  std::shared_ptr<Context> context_;
  std::shared_ptr<const Weights> on_device_;
};

TEST_F(DeviceTest, StepsOfSeveralSequences) {
  auto session = OpenOnDevice({.slots = 3, .capacity = 8});
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(session->AddSequence().ok());
  const Tokens first = {3, 1, 4};
  const Tokens second = {1, 5, 9, 2, 6};
  auto logits = session->Step({{2, first}, {0, {}}, {1, second}});
  ASSERT_TRUE(logits.ok()) << logits.status();
  EXPECT_THAT(logits->row(0), ElementsAreArray(ExpectedLogits(first)));
  EXPECT_THAT(logits->row(1), ElementsAreArray(std::vector<float>(16)));
  EXPECT_THAT(logits->row(2), ElementsAreArray(ExpectedLogits(second)));
  logits = session->Step({{2, {1}}});
  ASSERT_TRUE(logits.ok()) << logits.status();
  EXPECT_THAT(logits->row(0), ElementsAreArray(ExpectedLogits({3, 1, 4, 1})));
  logits = session->Step({{1, {}}});
  ASSERT_TRUE(logits.ok()) << logits.status();
  EXPECT_THAT(logits->row(0), ElementsAreArray(std::vector<float>(16)));
}

TEST_F(DeviceTest, StatesAreReadBack) {
  auto session = OpenOnDevice({.slots = 2, .capacity = 8});
  ASSERT_TRUE(session->AddSequence().ok());
  ASSERT_TRUE(session->AddSequence().ok());
  auto zero = session->ReadState(1, "layers.0.lightning_state");
  ASSERT_TRUE(zero.ok()) << zero.status();
  ASSERT_TRUE(session->Step({{1, {2, 7}}}).ok());
  const auto state = session->ReadState(1, "layers.0.lightning_state");
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(reinterpret_cast<const float*>(state->data.data())[0], 17);
  const auto rows = session->ReadState(1, "layers.1.kv_cache.key");
  const auto* values = reinterpret_cast<const float*>(rows->data.data());
  EXPECT_THAT(absl::MakeConstSpan(values, 4), ElementsAreArray({2, 0, 7, 1}));
}

TEST_F(DeviceTest, ScoreFetchesWhatIsWanted) {
  auto all = OpenOnDevice({.capacity = 8});
  ASSERT_TRUE(all->AddSequence().ok());
  auto outputs = all->Score({{0, {2, 7}}});
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_THAT(absl::MakeConstSpan((*outputs)[0].floats() + 16, 16),
              ElementsAreArray(ExpectedLogits({2, 7})));
  EXPECT_THAT(absl::MakeConstSpan((*outputs)[1].floats(), 4),
              ElementsAreArray({2, 0, 7, 1}));
  EXPECT_EQ(reinterpret_cast<const int32_t*>((*outputs)[2].data)[1], 1);
  auto some = OpenOnDevice({.capacity = 8, .score_outputs = {"logits"}});
  ASSERT_TRUE(some->AddSequence().ok());
  outputs = some->Score({{0, {2, 7}}});
  ASSERT_TRUE(outputs.ok()) << outputs.status();
  EXPECT_NE((*outputs)[0].data, nullptr);
  EXPECT_EQ((*outputs)[1].data, nullptr);
  EXPECT_EQ((*outputs)[1].shape[0], 2);
}

TEST_F(DeviceTest, ConstantsAreCopiedOnce) {
  float values[] = {1, 2};
  const void* first = context_->Constant(values, sizeof(values));
  values[0] = 3;
  EXPECT_EQ(context_->Constant(values, sizeof(values)), first);
  EXPECT_NE(first, values);
  EXPECT_EQ(static_cast<const float*>(first)[0], 1);
  EXPECT_NE(context_->Constant(values + 1, 0), nullptr);
  EXPECT_TRUE(context_->Finish().ok());
}

TEST_F(DeviceTest, AFailedLaunchEndsTheStep) {
  Open("fake_artifact_gpu_bad_launch");
  auto session = OpenOnDevice({.capacity = 8});
  ASSERT_TRUE(session->AddSequence().ok());
  ExpectError(session->Step({{0, {1}}}).status(), StatusCode::kInternal,
              "entry step: the program launches kernel 9 of 3");
  ExpectError(session->Step({{0, {1}}}).status(),
              StatusCode::kFailedPrecondition, "unusable");
  // The failure is forgotten by the context, not by the session.
  EXPECT_TRUE(context_->Finish().ok());
}

TEST_F(DeviceTest, WhatLiesElsewhereIsRefused) {
  ExpectError(Session::Create(weights_, context_, {}).status(),
              StatusCode::kInvalidArgument,
              "the weights lie on device cpu, the context runs on emulator");
  ExpectError(
      Weights::Open(artifact_, dir_.path(), *pool_, {"off"}).status(),
      StatusCode::kInvalidArgument,
      "its code for cuda:sm_80 was loaded, which does not run on device cpu");
}

TEST_F(DeviceTest, ContextsOfTheCpuLaunchNothing) {
  const mmrt_launch_shape shape = {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}, 0};
  pool_->Launch(0, shape, nullptr);
  pool_->Copy(nullptr, nullptr, 1);
  EXPECT_EQ(pool_->Constant(nullptr, 1), nullptr);
  ExpectError(pool_->Finish(), StatusCode::kFailedPrecondition,
              "the program launches kernels, but it was given no device");
  EXPECT_TRUE(pool_->Finish().ok());
  EXPECT_FALSE(HostDevice()->LoadKernels(*artifact_).ok());
}

TEST_F(DeviceTest, MissingKernelsAreNamed) {
  ExpectError(Artifact::Load(FakeArtifact("fake_artifact_gpu_no_kernel"), "",
                             device_->processor())
                  .status(),
              StatusCode::kDataLoss,
              "lacks the function mm_emulated_spoil__cuda_sm_80");
}

TEST_F(DeviceTest, KernelsOfAFileAreListed) {
  const auto kernels =
      Artifact::InspectKernels(FakeArtifact("fake_artifact_gpu"));
  ASSERT_TRUE(kernels.ok()) << kernels.status();
  ASSERT_EQ(kernels->size(), 2u);
  EXPECT_EQ((*kernels)[0].target, "cuda:sm_80");
  EXPECT_EQ((*kernels)[0].names.size(), 3u);
  EXPECT_GT((*kernels)[0].cubin_bytes, 0u);
  EXPECT_TRUE((*kernels)[0].emulated);
  EXPECT_EQ((*kernels)[1].cubin_bytes, 0u);
  EXPECT_GT((*kernels)[1].ptx_bytes, 0u);
  EXPECT_FALSE((*kernels)[1].emulated);
}

TEST(DeviceNameTest, KnowsEveryDevice) {
  EXPECT_EQ(ParseDeviceName("cpu")->kind, Processor::Kind::kCpu);
  EXPECT_EQ(ParseDeviceName("emulator")->kind, Processor::Kind::kEmulator);
  EXPECT_EQ(ParseDeviceName("cuda")->ordinal, 0);
  EXPECT_EQ(ParseDeviceName("cuda:3")->ordinal, 3);
  for (const char* text : {"", "gpu", "cuda:", "cuda:-1", "cuda:x", "cuda0"}) {
    ExpectError(ParseDeviceName(text).status(), StatusCode::kInvalidArgument,
                "expected cpu, emulator, cuda or cuda:<number>, got '");
  }
}

TEST(DeviceNameTest, DefaultsToWhereCodeRuns) {
  const auto kind = [](std::vector<std::string> targets,
                       absl::string_view wanted = "") {
    Manifest manifest;
    manifest.targets = std::move(targets);
    return DefaultDevice(manifest, wanted).kind;
  };
  EXPECT_EQ(kind({"cuda:sm_80", "x86-64"}), Processor::Kind::kCpu);
  EXPECT_EQ(kind({"future-cpu", "cuda:sm_80"}), Processor::Kind::kCuda);
  EXPECT_EQ(kind({"future-cpu"}), Processor::Kind::kCpu);
  EXPECT_EQ(kind({"x86-64", "cuda:sm_80"}, "cuda:sm_80"),
            Processor::Kind::kCuda);
}

}  // namespace minimax::runtime
