//===- device_context.h - programs whose kernels run on a device *- C++ -*-===//
//
// The mmrt_context behind mmrt_launch, mmrt_copy and mmrt_constant.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CORE_DEVICE_CONTEXT_H
#define MINIMAX_RUNTIME_CORE_DEVICE_CONTEXT_H

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/artifact.h"
#include "core/context.h"
#include "core/device.h"

namespace minimax::runtime {

/// Runs the kernels of one artifact on a device, and parallel loops (packing,
/// host code) on workers. One thread at a time may use it.
class DeviceContext final : public mmrt_context {
 public:
  /// Loads the kernels. `workers` is a context of the CPU.
  static absl::StatusOr<std::shared_ptr<DeviceContext>> Create(
      std::shared_ptr<Device> device, std::shared_ptr<const Artifact> artifact,
      std::shared_ptr<Context> workers);

  void ParallelFor(mmrt_tile_fn tile, void* captures, int64_t count) override;
  void Launch(int64_t kernel, const mmrt_launch_shape& shape,
              void* const* arguments) override;
  void Copy(void* destination, const void* source, int64_t bytes) override;
  const void* Constant(const void* host, int64_t bytes) override;
  const std::shared_ptr<Device>& device() const override { return device_; }
  absl::Status Finish() override;
  absl::StatusOr<std::unique_ptr<DeviceGraph>> Record(
      absl::FunctionRef<void()> work) override;

 private:
  DeviceContext(std::shared_ptr<Device> device,
                std::shared_ptr<const Artifact> artifact,
                std::shared_ptr<Context> workers)
      : device_(std::move(device)),
        artifact_(std::move(artifact)),
        workers_(std::move(workers)) {}

  absl::StatusOr<DeviceBuffer> MakeConstant(const void* host, int64_t bytes);

  std::shared_ptr<Device> device_;
  // Before the kernels, which are its code.
  std::shared_ptr<const Artifact> artifact_;
  std::shared_ptr<Context> workers_;
  std::shared_ptr<KernelLibrary> kernels_;
  absl::flat_hash_map<const void*, DeviceBuffer> constants_;
  absl::Status failure_;
  bool recording_ = false;
};

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_CORE_DEVICE_CONTEXT_H
