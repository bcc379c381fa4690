//===- emulator_device.h - the emulator as a device -------------*- C++ -*-===//
//
// Memory of the host in which kernels of a GPU target run on the CPU.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_DEVICES_EMULATOR_DEVICE_H
#define MINIMAX_RUNTIME_DEVICES_EMULATOR_DEVICE_H

#include <memory>
#include <mutex>
#include <string>

#include "core/device.h"
#include "emulator/emulator.h"

namespace minimax::runtime {

/// The emulator. Kernels may touch what was allocated here and nothing else, so
/// buffers are copied as for a GPU. Launches return when they are done.
class EmulatorDevice final
    : public Device,
      public std::enable_shared_from_this<EmulatorDevice> {
 public:
  explicit EmulatorDevice(const emulator::Options& options)
      : emulator_(options) {}

  std::string name() const override { return "emulator"; }
  Processor processor() const override {
    return {.kind = Processor::Kind::kEmulator};
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
  absl::Status Synchronize() override { return absl::OkStatus(); }
  absl::StatusOr<std::shared_ptr<KernelLibrary>> LoadKernels(
      const Artifact& artifact) override;

  /// Runs a kernel to its end.
  absl::Status Launch(mmrt_emulated_kernel_fn kernel, absl::string_view name,
                      const mmrt_launch_shape& shape, void* const* arguments);

 private:
  std::mutex mutex_;
  emulator::Emulator emulator_;
};

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_DEVICES_EMULATOR_DEVICE_H
