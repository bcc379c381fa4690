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
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/device.h"
#include "cuda/driver.h"
#include "cuda/staging.h"
#include "cuda/stream.h"

namespace minimax::runtime::cuda {

/// One GPU with one stream, in its primary context.
class CudaDevice final : public Device,
                         public std::enable_shared_from_this<CudaDevice> {
 public:
  /// Opens the GPU number `ordinal` of the driver. FailedPrecondition without a
  /// driver that serves (see Driver::Load), InvalidArgument for a number that
  /// this machine does not have. MMRT_CUDA_OVERLAP=off in the environment keeps
  /// kernels from overlapping; InvalidArgument for anything but on and off.
  static absl::StatusOr<std::shared_ptr<CudaDevice>> Open(int ordinal);

  ~CudaDevice() override;
  CudaDevice(const CudaDevice&) = delete;
  CudaDevice& operator=(const CudaDevice&) = delete;

  std::string name() const override;
  /// What the driver calls the GPU: "NVIDIA H200".
  const std::string& model() const { return model_; }
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
  bool records_graphs() const override { return true; }
  absl::StatusOr<std::unique_ptr<DeviceGraph>> Record(
      absl::FunctionRef<void()> work) override;
  std::unique_ptr<DeviceClock> MakeClock() override;

  // For the parts of this folder.
  const Driver& driver() const { return *driver_; }
  /// Where the calling thread's work goes: the device's stream, or what
  /// records while it does.
  Stream& stream() {
    return recorder_ == std::this_thread::get_id() ? recording_ : stream_;
  }
  /// Whether kernels that wait for those before them may begin early.
  bool overlaps() const { return overlaps_; }
  /// Makes the GPU's context that of the calling thread.
  absl::Status Enter() const;
  /// The value of a device's attribute, 0 if the driver does not tell.
  int Attribute(int attribute) const;
  /// Keeps the name of a kernel as long as the device.
  const std::string& KeepName(const std::string& kernel);
  /// Notes that `kernel`, from KeepName, or kGraphLaunch was launched, to be
  /// named if the GPU fails.
  void set_last_launch(const std::string& kernel) { last_launch_ = &kernel; }
  static const std::string& kGraphLaunch;

 private:
  CudaDevice(const Driver& driver, int ordinal)
      : driver_(&driver), ordinal_(ordinal) {}

  absl::Status Start();
  absl::Status ChooseOverlap();
  absl::Status OutOfMemory(int64_t bytes, absl::string_view what) const;
  absl::Status Explain(const absl::Status& status) const;

  const Driver* driver_;
  int ordinal_;
  std::string model_;
  int capability_ = 0;
  CUdevice device_ = 0;
  CUcontext context_ = nullptr;
  bool overlaps_ = false;
  Stream stream_;
  // Opened when it is first needed; the thread that records, if any does.
  Stream recording_;
  std::atomic<std::thread::id> recorder_{};
  std::mutex recording_mutex_;
  std::mutex mutex_;
  // Both by one thread at a time.
  Staging staging_;
  std::set<std::string> kernel_names_;
  std::atomic<const std::string*> last_launch_{nullptr};
};

}  // namespace minimax::runtime::cuda

#endif  // MINIMAX_RUNTIME_CUDA_CUDA_DEVICE_H
