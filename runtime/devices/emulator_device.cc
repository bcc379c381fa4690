//===- emulator_device.cc - the emulator as a device ----------------------===//
//
// Implements memory that the emulator knows, and launches.
//
//===----------------------------------------------------------------------===//
#include "devices/emulator_device.h"

#include <cstring>
#include <utility>

#include "core/artifact.h"
#include "formats/status_macros.h"

namespace minimax::runtime {

namespace {

class EmulatedKernels final : public KernelLibrary {
 public:
  EmulatedKernels(std::shared_ptr<EmulatorDevice> device,
                  const KernelCode& code)
      : device_(std::move(device)), code_(code) {}

  absl::Status Launch(int64_t kernel, const mmrt_launch_shape& shape,
                      void* const* arguments) override {
    return device_->Launch(code_.emulated[kernel], code_.names[kernel], shape,
                           arguments);
  }

 private:
  std::shared_ptr<EmulatorDevice> device_;
  const KernelCode& code_;
};

}  // namespace

absl::StatusOr<std::byte*> EmulatorDevice::Allocate(int64_t bytes,
                                                    absl::string_view what) {
  MMRT_ASSIGN_OR_RETURN(std::byte * data, HostDevice()->Allocate(bytes, what));
  const std::lock_guard<std::mutex> lock(mutex_);
  emulator_.RegisterMemory(data, bytes);
  return data;
}

void EmulatorDevice::Free(std::byte* data, int64_t bytes) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    emulator_.UnregisterMemory(data);
  }
  HostDevice()->Free(data, bytes);
}

absl::Status EmulatorDevice::CopyToDevice(void* destination, const void* source,
                                          int64_t bytes) {
  return HostDevice()->CopyToDevice(destination, source, bytes);
}

absl::Status EmulatorDevice::CopyToHost(void* destination, const void* source,
                                        int64_t bytes) {
  return HostDevice()->CopyToHost(destination, source, bytes);
}

absl::Status EmulatorDevice::CopyOnDevice(void* destination, const void* source,
                                          int64_t bytes) {
  return HostDevice()->CopyOnDevice(destination, source, bytes);
}

absl::StatusOr<std::shared_ptr<KernelLibrary>> EmulatorDevice::LoadKernels(
    const Artifact& artifact) {
  return std::make_shared<EmulatedKernels>(shared_from_this(),
                                           artifact.kernel_code());
}

absl::Status EmulatorDevice::Launch(mmrt_emulated_kernel_fn kernel,
                                    absl::string_view name,
                                    const mmrt_launch_shape& shape,
                                    void* const* arguments) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return emulator_.Launch(kernel, name, shape, arguments);
}

}  // namespace minimax::runtime
