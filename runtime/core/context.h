//===- context.h - what a compiled program sees of the runtime --*- C++ -*-===//
//
// Defines the mmrt_context of abi.h: the workers that run parallel loops, and
// the device that runs kernels.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CORE_CONTEXT_H
#define MINIMAX_RUNTIME_CORE_CONTEXT_H

#include <cstdint>
#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/device.h"
#include "minimax/runtime/abi.h"

namespace minimax::runtime {
class Profile;
}  // namespace minimax::runtime

/// Implemented once for the CPU and once for devices with kernels. Outlives
/// every call of the program it is passed to.
struct mmrt_context {
  virtual ~mmrt_context();

  /// See mmrt_parallel_for in abi.h.
  virtual void ParallelFor(mmrt_tile_fn tile, void* captures,
                           int64_t count) = 0;

  /// See mmrt_launch, mmrt_copy and mmrt_constant in abi.h. Without a device
  /// they keep a failure.
  virtual void Launch(int64_t kernel, const mmrt_launch_shape& shape,
                      void* const* arguments);
  virtual void Copy(void* destination, const void* source, int64_t bytes);
  virtual const void* Constant(const void* host, int64_t bytes);

  /// Where the buffers of programs lie; the CPU's memory without a device.
  virtual const std::shared_ptr<minimax::runtime::Device>& device() const;

  /// Waits for all launches and copies; returns the first failure and forgets
  /// it.
  virtual absl::Status Finish();

  /// Calls `work`, which calls the program, and returns what it starts on the
  /// device, without doing it; see Device::Record. The first failure of its
  /// launches and copies, which is forgotten.
  virtual absl::StatusOr<std::unique_ptr<minimax::runtime::DeviceGraph>> Record(
      absl::FunctionRef<void()> work);

  /// Where calls of entries are recorded; null to record nothing. Not owned;
  /// changed only between calls.
  minimax::runtime::Profile* profile = nullptr;

 private:
  void KeepNoDevice();

  bool no_device_ = false;
};

namespace minimax::runtime {
using Context = ::mmrt_context;
}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_CORE_CONTEXT_H
