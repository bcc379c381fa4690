//===- buffer.cc - page-backed memory -------------------------------------===//
//
// Implements Buffer with anonymous mappings.
//
//===----------------------------------------------------------------------===//
#include "core/buffer.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "formats/status_macros.h"

namespace minimax::runtime {

Buffer::Buffer(Buffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Buffer::~Buffer() { Free(data_, size_); }

std::byte* Buffer::Release() {
  size_ = 0;
  return std::exchange(data_, nullptr);
}

void Buffer::Free(std::byte* data, int64_t size) {
  if (data != nullptr) munmap(data, size);
}

// From this size on, a buffer's time goes into walking page tables if its pages
// are small: matrix-vector products on 4 KiB pages reach 0.75 of the bandwidth
// that they reach on large ones (minimax-bench --filter=gemv).
static constexpr int64_t kHugePagesFrom = int64_t{4} << 20;

absl::StatusOr<Buffer> Buffer::Allocate(int64_t bytes) {
  Buffer buffer;
  if (bytes < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("buffer size must not be negative, got ", bytes));
  }
  if (bytes == 0) return buffer;
  void* data = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (data == MAP_FAILED) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "cannot allocate ", bytes, " bytes: ", std::strerror(errno)));
  }
  buffer.data_ = static_cast<std::byte*>(data);
  buffer.size_ = bytes;
  // Only advice: it fails on kernels without huge pages, which changes nothing.
  if (bytes >= kHugePagesFrom) madvise(data, bytes, MADV_HUGEPAGE);
  return buffer;
}

absl::Status GrowingBuffer::Reserve(int64_t bytes) {
  // A buffer of at least one page means that data() is never null in use.
  constexpr int64_t kPage = 4096;
  if (bytes <= capacity() && capacity() > 0) return absl::OkStatus();
  const int64_t grown = capacity() + capacity() / 2;
  buffer_ = Buffer();
  MMRT_ASSIGN_OR_RETURN(buffer_,
                        Buffer::Allocate(std::max({bytes, grown, kPage})));
  return absl::OkStatus();
}

}  // namespace minimax::runtime
