//===- device.h - where programs run and their memory lies ------*- C++ -*-===//
//
// The interface of devices; the CPU's own memory as one; owners of memory.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CORE_DEVICE_H
#define MINIMAX_RUNTIME_CORE_DEVICE_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/processor.h"
#include "minimax/runtime/abi.h"

namespace minimax::runtime {

class Artifact;

/// Moments in a device's order of work, for profiles.
class DeviceClock {
 public:
  virtual ~DeviceClock() = default;

  /// Marks the moment at which all work so far is done.
  virtual absl::Status Mark() = 0;

  /// Nanoseconds from the first mark to each one, once the device has reached
  /// the last. Forgets the marks.
  virtual absl::StatusOr<std::vector<int64_t>> TakeTimes() = 0;
};

/// The kernels of an artifact, ready to run on a device.
class KernelLibrary {
 public:
  virtual ~KernelLibrary() = default;

  /// Starts kernel `kernel` of the target; see mmrt_launch. The grid has
  /// blocks. The status names the kernel; that of a launch which fails only
  /// when it runs may come with a later call or from Device::Synchronize.
  virtual absl::Status Launch(int64_t kernel, const mmrt_launch_shape& shape,
                              void* const* arguments) = 0;
};

/// Work of a device that was recorded, to be started again as a whole with the
/// shapes, arguments and addresses it had then.
class DeviceGraph {
 public:
  virtual ~DeviceGraph() = default;

  /// Starts the work behind all work so far.
  virtual absl::Status Launch() = 0;
};

/// Memory and an order of work. Launches, copies and what Allocate zeroes
/// happen one after the other. Several threads may use a device at once.
class Device {
 public:
  virtual ~Device() = default;

  /// For messages, as --device spells it: "cpu", "cuda:0".
  virtual std::string name() const = 0;
  /// What its code is compiled for.
  virtual Processor processor() const = 0;
  /// Whether memory of the host is memory of the device, so that programs get
  /// it as it is and nothing has to be copied.
  virtual bool shares_host_memory() const { return false; }

  /// Returns `bytes` (more than 0) of zeroed memory, aligned to 256 bytes.
  /// ResourceExhausted, with `what` it was for, what was needed and what is
  /// free.
  virtual absl::StatusOr<std::byte*> Allocate(int64_t bytes,
                                              absl::string_view what) = 0;
  /// Ends what Allocate returned, once all work so far is done.
  virtual void Free(std::byte* data, int64_t bytes) = 0;

  /// Starts copying; `source` may change once the call has returned.
  virtual absl::Status CopyToDevice(void* destination, const void* source,
                                    int64_t bytes) = 0;
  /// Copies when all work so far is done.
  virtual absl::Status CopyToHost(void* destination, const void* source,
                                  int64_t bytes) = 0;
  /// Starts copying between two places of the device that do not overlap.
  virtual absl::Status CopyOnDevice(void* destination, const void* source,
                                    int64_t bytes) = 0;
  /// Waits for all work so far; the status is that of what failed in it.
  virtual absl::Status Synchronize() = 0;

  /// Loads the kernels of `artifact`, which outlives the result and whose
  /// target is for this device.
  virtual absl::StatusOr<std::shared_ptr<KernelLibrary>> LoadKernels(
      const Artifact& artifact) = 0;

  /// Whether Record serves.
  virtual bool records_graphs() const { return false; }
  /// Calls `work` and returns the launches and copies on the device that the
  /// calling thread starts in it, without doing them. Within `work` nothing may
  /// be allocated, freed, waited for, or copied between host and device, and
  /// its kernels must have been launched with the same shapes before.
  /// Unimplemented on a device that records no graphs.
  virtual absl::StatusOr<std::unique_ptr<DeviceGraph>> Record(
      absl::FunctionRef<void()> work);

  /// A clock of the device's own, or null where launches return when they are
  /// done, so that the host's clock serves.
  virtual std::unique_ptr<DeviceClock> MakeClock() { return nullptr; }
};

/// The CPU's memory. There is one; it runs no kernels.
const std::shared_ptr<Device>& HostDevice();

/// Memory of a device. Move-only.
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  DeviceBuffer(DeviceBuffer&& other) noexcept { *this = std::move(other); }
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept;
  ~DeviceBuffer();

  /// See Device::Allocate; 0 bytes give an empty buffer.
  static absl::StatusOr<DeviceBuffer> Allocate(std::shared_ptr<Device> device,
                                               int64_t bytes,
                                               absl::string_view what);

  std::byte* data() const { return data_; }
  int64_t size() const { return size_; }
  /// Null for an empty buffer.
  const std::shared_ptr<Device>& device() const { return device_; }

 private:
  std::shared_ptr<Device> device_;
  std::byte* data_ = nullptr;
  int64_t size_ = 0;
};

/// Memory of a device that grows as GrowingBuffer does.
class GrowingDeviceBuffer {
 public:
  /// `what` it is for, in messages.
  GrowingDeviceBuffer(std::shared_ptr<Device> device, std::string what)
      : device_(std::move(device)), what_(std::move(what)) {}

  /// Makes at least `bytes` available, with some room to grow.
  absl::Status Reserve(int64_t bytes);

  std::byte* data() const { return buffer_.data(); }
  int64_t capacity() const { return buffer_.size(); }

 private:
  std::shared_ptr<Device> device_;
  std::string what_;
  DeviceBuffer buffer_;
};

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_CORE_DEVICE_H
