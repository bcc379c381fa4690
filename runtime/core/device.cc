//===- device.cc - where programs run and their memory lies ---------------===//
//
// Implements the CPU as a device, and the owners of memory.
//
//===----------------------------------------------------------------------===//
#include "core/device.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "core/annotate.h"
#include "core/buffer.h"
#include "formats/status_macros.h"

namespace minimax::runtime {

namespace {

class Host final : public Device {
 public:
  std::string name() const override { return "cpu"; }
  Processor processor() const override { return {}; }
  bool shares_host_memory() const override { return true; }

  absl::StatusOr<std::byte*> Allocate(int64_t bytes,
                                      absl::string_view what) override {
    absl::StatusOr<Buffer> buffer = Buffer::Allocate(bytes);
    MMRT_RETURN_IF_ERROR(Annotate(buffer.status(), what));
    return buffer->Release();
  }

  void Free(std::byte* data, int64_t bytes) override {
    Buffer::Free(data, bytes);
  }

  absl::Status CopyToDevice(void* destination, const void* source,
                            int64_t bytes) override {
    return CopyOnDevice(destination, source, bytes);
  }

  absl::Status CopyToHost(void* destination, const void* source,
                          int64_t bytes) override {
    return CopyOnDevice(destination, source, bytes);
  }

  absl::Status CopyOnDevice(void* destination, const void* source,
                            int64_t bytes) override {
    if (bytes > 0) std::memcpy(destination, source, bytes);
    return absl::OkStatus();
  }

  absl::Status Synchronize() override { return absl::OkStatus(); }

  absl::StatusOr<std::shared_ptr<KernelLibrary>> LoadKernels(
      const Artifact& /*artifact*/) override {
    return absl::InvalidArgumentError("the CPU runs no kernels of a GPU");
  }
};

}  // namespace

const std::shared_ptr<Device>& HostDevice() {
  static const auto& host =
      *new std::shared_ptr<Device>(std::make_shared<Host>());
  return host;
}

absl::StatusOr<std::unique_ptr<DeviceGraph>> Device::Record(
    absl::FunctionRef<void()> /*work*/) {
  return absl::UnimplementedError(
      absl::StrCat("device ", name(), " records no graphs"));
}

DeviceBuffer& DeviceBuffer::operator=(DeviceBuffer&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

DeviceBuffer::~DeviceBuffer() {
  if (data_ != nullptr) device_->Free(data_, size_);
}

absl::StatusOr<DeviceBuffer> DeviceBuffer::Allocate(
    std::shared_ptr<Device> device, int64_t bytes, absl::string_view what) {
  DeviceBuffer buffer;
  if (bytes < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, ": size must not be negative, got ", bytes));
  }
  if (bytes == 0) return buffer;
  MMRT_ASSIGN_OR_RETURN(buffer.data_, device->Allocate(bytes, what));
  buffer.device_ = std::move(device);
  buffer.size_ = bytes;
  return buffer;
}

absl::Status GrowingDeviceBuffer::Reserve(int64_t bytes) {
  // A buffer of at least one line means that data() is never null in use.
  constexpr int64_t kLeast = 64;
  if (bytes <= capacity() && capacity() > 0) return absl::OkStatus();
  const int64_t grown = capacity() + capacity() / 2;
  buffer_ = DeviceBuffer();
  MMRT_ASSIGN_OR_RETURN(
      buffer_,
      DeviceBuffer::Allocate(device_, std::max({bytes, grown, kLeast}), what_));
  return absl::OkStatus();
}

}  // namespace minimax::runtime
