//===- stream.h - an order of work on a GPU ---------------------*- C++ -*-===//
//
// A stream of the driver that knows what was started in it last.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CUDA_STREAM_H
#define MINIMAX_RUNTIME_CUDA_STREAM_H

#include <mutex>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cuda/driver.h"

namespace minimax::runtime::cuda {

/// A stream. A kernel that waits by itself for those before it (abi.h, `waits`)
/// may be launched to begin while such a kernel runs, if that is what was
/// started last: behind copies, events, graphs and other kernels the driver
/// must keep the order, and in a stream that captures there is nothing before
/// the first kernel. So all work is started through this class, by any thread.
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Creates it, at the first call; `action` names that in errors. `driver`
  /// outlives the object.
  absl::Status Open(const Driver& driver, absl::string_view action);
  /// Waits for all work and destroys it.
  void Close();

  /// Calls `start`, which starts anything but a kernel or begins a capture.
  CUresult Start(absl::FunctionRef<CUresult(CUstream)> start);
  /// Calls `launch`, which launches a kernel, with whether its blocks may
  /// begin before what was started last has ended. `waits`: whether it waits.
  CUresult Launch(bool waits,
                  absl::FunctionRef<CUresult(CUstream, bool overlaps)> launch);
  /// The stream, to wait for it or end its capture.
  CUstream get() const { return stream_; }

 private:
  const Driver* driver_ = nullptr;
  CUstream stream_ = nullptr;
  std::mutex mutex_;
  // Whether a kernel that waits was started last.
  bool may_overlap_ = false;
};

}  // namespace minimax::runtime::cuda

#endif  // MINIMAX_RUNTIME_CUDA_STREAM_H
