//===- cuda_overlap_test.cc - kernels that overlap, on the fake driver ----===//
//
// A launch may begin early behind a kernel, and behind nothing else; the fake
// driver complains of any other. Its GPU is one of sm_90, for which the fake
// artifact has kernels that wait.
//
//===----------------------------------------------------------------------===//
#include "cuda_test_util.h"

namespace minimax::runtime {

using absl::StatusCode;
using cuda::CudaDevice;

class CudaOverlapTest : public CudaSessionTest {
 protected:
  void SetUp() override {
    setenv("FAKE_CUDA_CAPABILITY", "90", 1);
    CudaSessionTest::SetUp();
  }

  void TearDown() override {
    unsetenv("MMRT_CUDA_OVERLAP");
    unsetenv("FAKE_CUDA_DRIVER_VERSION");
    CudaSessionTest::TearDown();
  }

  // Opens the device as the environment now wants it.
  void Reopen() {
    auto device = CudaDevice::Open(1);
    ASSERT_TRUE(device.ok()) << device.status();
    device_ = *device;
  }

  std::shared_ptr<KernelLibrary> LoadKernels() {
    auto artifact = Artifact::Load(FakeArtifact("fake_artifact_gpu"), "",
                                   device_->processor());
    if (!artifact.ok()) return nullptr;
    auto kernels = device_->LoadKernels(**artifact);
    return kernels.ok() ? *kernels : nullptr;
  }

  // Launches the kernel "touch" and returns whether it may begin early.
  bool Overlaps(KernelLibrary& kernels, uint32_t waits = 1,
                uint32_t cluster = 1) {
    const int64_t before = Calls("overlap");
    void* pointer = nullptr;
    void* arguments[] = {&pointer};
    const mmrt_launch_shape shape = {
        {2, 1, 1}, {1, 1, 1}, {cluster, 1, 1}, 0, waits};
    const absl::Status status = kernels.Launch(1, shape, arguments);
    EXPECT_TRUE(status.ok()) << status;
    return Calls("overlap") > before;
  }
};

TEST_F(CudaOverlapTest, OnlyBehindAKernelThatWaits) {
  const auto kernels = LoadKernels();
  ASSERT_TRUE(kernels != nullptr);
  EXPECT_FALSE(Overlaps(*kernels));
  EXPECT_TRUE(Overlaps(*kernels));
  EXPECT_TRUE(Overlaps(*kernels, /*waits=*/1, /*cluster=*/2));
  EXPECT_TRUE(Overlaps(*kernels));
  // One that does not wait is behind all others, and nothing overlaps it.
  EXPECT_FALSE(Overlaps(*kernels, /*waits=*/0));
  EXPECT_FALSE(Overlaps(*kernels));
  EXPECT_TRUE(Overlaps(*kernels));
}

TEST_F(CudaOverlapTest, NotBehindOtherWork) {
  const auto kernels = LoadKernels();
  const auto buffer = DeviceBuffer::Allocate(device_, 256, "x");
  ASSERT_TRUE(kernels != nullptr && buffer.ok());
  const auto clock = device_->MakeClock();
  const auto graph = device_->Record([] {});
  ASSERT_TRUE(graph.ok()) << graph.status();
  char bytes[16] = {};
  std::byte* data = buffer->data();
  const std::function<absl::Status()> work[] = {
      [&] { return device_->CopyToDevice(data, bytes, 16); },
      [&] { return device_->CopyOnDevice(data, data + 16, 16); },
      [&] { return device_->CopyToHost(bytes, data, 16); },
      [&] { return DeviceBuffer::Allocate(device_, 256, "y").status(); },
      [&] { return clock->Mark(); },
      [&] { return (*graph)->Launch(); },
  };
  for (const auto& start : work) {
    Overlaps(*kernels);
    EXPECT_TRUE(Overlaps(*kernels));
    ASSERT_TRUE(start().ok());
    EXPECT_FALSE(Overlaps(*kernels));
  }
  // Waiting starts nothing.
  ASSERT_TRUE(device_->Synchronize().ok());
  EXPECT_TRUE(Overlaps(*kernels));
}

// Each stream has an order of its own.
TEST_F(CudaOverlapTest, InRecordings) {
  const auto kernels = LoadKernels();
  ASSERT_TRUE(kernels != nullptr);
  for (int i = 0; i < 2; ++i) {
    Overlaps(*kernels);
    const int64_t before = Calls("captured overlap");
    const auto graph = device_->Record([&] {
      EXPECT_FALSE(Overlaps(*kernels));
      EXPECT_TRUE(Overlaps(*kernels));
      EXPECT_TRUE(Overlaps(*kernels, /*waits=*/1, /*cluster=*/2));
    });
    ASSERT_TRUE(graph.ok()) << graph.status();
    EXPECT_EQ(Calls("captured overlap") - before, 2);
    EXPECT_TRUE(Overlaps(*kernels));
    ASSERT_TRUE((*graph)->Launch().ok());
  }
}

TEST_F(CudaOverlapTest, StepsOverlapRecordedAndNot) {
  auto session = Open("fake_artifact_gpu", {.slots = 4, .capacity = 64});
  ASSERT_TRUE(session.ok()) << session.status();
  ASSERT_TRUE((*session)->AddSequence().ok());
  // Kernel 0, launched once for the one sequence, follows kernel 1. The second
  // step is recorded, the third launches the recording.
  const int64_t expected[][2] = {{1, 0}, {1, 1}, {0, 0}};
  for (const auto& [overlaps, captured] : expected) {
    const int64_t all = Calls("overlap");
    const int64_t recorded = Calls("captured overlap");
    ASSERT_TRUE((*session)->Step({{0, {1}}}).ok());
    EXPECT_EQ(Calls("overlap") - all, overlaps);
    EXPECT_EQ(Calls("captured overlap") - recorded, captured);
  }
}

TEST_F(CudaOverlapTest, CanBeSwitchedOff) {
  setenv("MMRT_CUDA_OVERLAP", "off", 1);
  Reopen();
  const auto kernels = LoadKernels();
  ASSERT_TRUE(kernels != nullptr);
  EXPECT_FALSE(Overlaps(*kernels));
  EXPECT_FALSE(Overlaps(*kernels));
  setenv("MMRT_CUDA_OVERLAP", "no", 1);
  ExpectError(CudaDevice::Open(1).status(), StatusCode::kInvalidArgument,
              "MMRT_CUDA_OVERLAP is 'no' in the environment; expected on (the "
              "default) or off");
}

TEST_F(CudaOverlapTest, OldDriversKeepKernelsApart) {
  setenv("FAKE_CUDA_DRIVER_VERSION", "12020", 1);
  Reopen();
  const auto kernels = LoadKernels();
  ASSERT_TRUE(kernels != nullptr);
  EXPECT_FALSE(Overlaps(*kernels));
  EXPECT_FALSE(Overlaps(*kernels));
}

}  // namespace minimax::runtime
