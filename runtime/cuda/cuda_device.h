//===- cuda_device.h - an NVIDIA GPU ----------------------------*- C++ -*-===//
//
// The Device of one GPU, through the CUDA driver.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CUDA_CUDA_DEVICE_H
#define MINIMAX_RUNTIME_CUDA_CUDA_DEVICE_H

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/device.h"
#include "cuda/driver.h"
#include "cuda/staging.h"

namespace minimax::runtime::cuda {

/// One GPU with one stream, in its primary context.
class CudaDevice final : public Device,
                         public std::enable_shared_from_this<CudaDevice> {
 public:
  /// Opens the GPU number `ordinal` of the driver. FailedPrecondition without a
  /// driver that serves (see Driver::Load), InvalidArgument for a number that
  /// this machine does not have.
  static absl::StatusOr<std::shared_ptr<CudaDevice>> Open(int ordinal);

  ~CudaDevice() override;
  CudaDevice(const CudaDevice&) = delete;
  CudaDevice& operator=(const CudaDevice&) = delete;

  std::string name() const override;
  Processor processor() const override {
    return {Processor::Kind::kCuda, capability_};
  }
  absl::StatusOr<std::byte*> Allocate(int64_t bytes,
                                      absl::string_view what) override;
  void Free(std::byte* data, int64_t bytes) override;
  absl::Status CopyToDevice(void* destination, const void* source,
                            int64_t bytes) override;
  absl::Status CopyToHost(void* destination, const void* source,
                          int64_t bytes) override;
  absl::Status CopyOnDevice(void* destination, const void* source,
                            int64_t bytes) override;
  absl::Status Synchronize() override;
  absl::StatusOr<std::shared_ptr<KernelLibrary>> LoadKernels(
      const Artifact& artifact) override;
  std::unique_ptr<DeviceClock> MakeClock() override;

  // For the parts of this folder.
  const Driver& driver() const { return *driver_; }
  CUstream stream() const { return stream_; }
  /// Makes the GPU's context that of the calling thread.
  absl::Status Enter() const;
  /// The value of a device's attribute, 0 if the driver does not tell.
  int Attribute(int attribute) const;
  /// Keeps the name of a kernel as long as the device.
  const std::string& KeepName(const std::string& kernel);
  /// Notes that `kernel`, from KeepName, was launched, to be named if the GPU
  /// fails.
  void set_last_kernel(const std::string& kernel) { last_kernel_ = &kernel; }

 private:
  CudaDevice(const Driver& driver, int ordinal)
      : driver_(&driver), ordinal_(ordinal) {}

  absl::Status Start();
  absl::Status OutOfMemory(int64_t bytes, absl::string_view what) const;
  absl::Status Explain(const absl::Status& status) const;

  const Driver* driver_;
  int ordinal_;
  int capability_ = 0;
  CUdevice device_ = 0;
  CUcontext context_ = nullptr;
  CUstream stream_ = nullptr;
  std::mutex mutex_;
  // Both by one thread at a time.
  Staging staging_;
  std::set<std::string> kernel_names_;
  std::atomic<const std::string*> last_kernel_{nullptr};
};

}  // namespace minimax::runtime::cuda

#endif  // MINIMAX_RUNTIME_CUDA_CUDA_DEVICE_H
