//===- cuda_test_util.h - GPUs of the fake driver in tests ------*- C++ -*-===//
//
// What the tests of runtime/cuda share.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_TEST_UNIT_RUNTIME_CUDA_TEST_UTIL_H
#define MINIMAX_TEST_UNIT_RUNTIME_CUDA_TEST_UTIL_H

#include <dlfcn.h>

#include <memory>
#include <string>

#include "core_test_util.h"
#include "cuda/cuda_device.h"
#include "devices/open_device.h"
#include "formats/status_macros.h"

namespace minimax::runtime {

// Before the driver is loaded.
inline const bool kSet = [] {
  setenv("MMRT_CUDA_DRIVER", MINIMAX_FAKE_DRIVER, 1);
  setenv("FAKE_CUDA_KERNELS", FakeArtifact("fake_artifact_gpu").c_str(), 1);
  setenv("FAKE_CUDA_DEVICES", "2", 1);
  setenv("FAKE_CUDA_MEMORY", "268435456", 1);
  return true;
}();

/// An opened GPU of the fake driver. Every complaint of it fails the test.
class CudaTest : public ::testing::Test {
 protected:
  void SetUp() override {
    testing::internal::CaptureStderr();
    auto device = cuda::CudaDevice::Open(1);
    ASSERT_TRUE(kSet && device.ok()) << device.status();
    device_ = *device;
  }

  void TearDown() override {
    device_.reset();
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  }

  std::shared_ptr<cuda::CudaDevice> device_;
};

/// Sessions of the fake model on it.
class CudaSessionTest : public CudaTest {
 protected:
  void SetUp() override {
    CudaTest::SetUp();
    WriteCheckpoint(dir_.path());
    pool_ = *ThreadPool::Create(1);
  }

  absl::StatusOr<std::unique_ptr<Session>> Open(
      const std::string& variant,
      const SessionOptions& options = {.slots = 2, .capacity = 64}) {
    MMRT_ASSIGN_OR_RETURN(
        const auto artifact,
        Artifact::Load(FakeArtifact(variant), "", device_->processor()));
    MMRT_ASSIGN_OR_RETURN(const auto context,
                          MakeContext(device_, artifact, pool_));
    MMRT_ASSIGN_OR_RETURN(
        const auto weights,
        Weights::Open(artifact, dir_.path(), *context, {"off"}));
    return Session::Create(weights, context, options);
  }

  // How often the runtime called a function of the driver in this process.
  static int64_t Calls(const char* function) {
    using Count = int64_t(const char*);
    void* driver = dlopen(MINIMAX_FAKE_DRIVER, RTLD_NOW | RTLD_NOLOAD);
    return reinterpret_cast<Count*>(dlsym(driver, "fake_cuda_calls"))(function);
  }

  TempDir dir_;
  std::shared_ptr<ThreadPool> pool_;
};

}  // namespace minimax::runtime

#endif  // MINIMAX_TEST_UNIT_RUNTIME_CUDA_TEST_UTIL_H
