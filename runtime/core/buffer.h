//===- buffer.h - page-backed memory ----------------------------*- C++ -*-===//
//
// The one owner of large memory: state pools, arenas, outputs.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CORE_BUFFER_H
#define MINIMAX_RUNTIME_CORE_BUFFER_H

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"

namespace minimax::runtime {

/// Zeroed, page-aligned memory that the kernel hands out as it is touched, so
/// that a large pool costs only what is used of it (rounded up to 2 MiB pages
/// where the kernel gives them to large buffers). Move-only.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer();

  /// Reserves `bytes` (0 gives an empty buffer). Fails with ResourceExhausted
  /// when the address space does not allow it.
  static absl::StatusOr<Buffer> Allocate(int64_t bytes);

  std::byte* data() const { return data_; }
  int64_t size() const { return size_; }

  /// Gives up the memory; Free ends it.
  std::byte* Release();
  static void Free(std::byte* data, int64_t size);

 private:
  std::byte* data_ = nullptr;
  int64_t size_ = 0;
};

/// A buffer that is replaced by a larger one when needed and never shrinks, so
/// that a steady state allocates nothing. Growing loses the contents.
class GrowingBuffer {
 public:
  /// Makes at least `bytes` available, with some room to grow.
  absl::Status Reserve(int64_t bytes);

  std::byte* data() const { return buffer_.data(); }
  int64_t capacity() const { return buffer_.size(); }

 private:
  Buffer buffer_;
};

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_CORE_BUFFER_H
