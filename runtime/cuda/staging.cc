//===- staging.cc - copies between host and GPU ---------------------------===//
//
// Implements the ring. An event that was never recorded counts as reached.
//
//===----------------------------------------------------------------------===//
#include "cuda/staging.h"

#include <algorithm>
#include <cstring>

#include "formats/status_macros.h"

namespace minimax::runtime::cuda {

absl::Status Staging::Open(const Driver& driver, Stream& stream) {
  driver_ = &driver;
  stream_ = &stream;
  void* memory = nullptr;
  MMRT_RETURN_IF_ERROR(
      driver.Check(driver.cuMemHostAlloc(&memory, kPieces * kPieceBytes, 0),
                   "take pinned memory for copies"));
  memory_ = static_cast<std::byte*>(memory);
  for (CUevent& event : events_) {
    MMRT_RETURN_IF_ERROR(
        driver.Check(driver.cuEventCreate(&event, kEventDisableTiming),
                     "create an event for copies"));
  }
  return absl::OkStatus();
}

void Staging::Close() {
  if (driver_ == nullptr) return;
  for (CUevent event : events_) {
    if (event != nullptr) driver_->cuEventDestroy_v2(event);
  }
  if (memory_ != nullptr) driver_->cuMemFreeHost(memory_);
}

absl::Status Staging::Start(int64_t piece,
                            absl::FunctionRef<CUresult(CUstream)> copy,
                            absl::string_view action) {
  MMRT_RETURN_IF_ERROR(driver_->Check(stream_->Start(copy), action));
  const auto record = [&](CUstream stream) {
    return driver_->cuEventRecord(event(piece), stream);
  };
  return driver_->Check(stream_->Start(record), "record an event");
}

absl::Status Staging::CopyIn(CUdeviceptr destination, const std::byte* source,
                             int64_t bytes) {
  for (int64_t done = 0; done < bytes; done += kPieceBytes, ++next_) {
    const int64_t size = std::min(kPieceBytes, bytes - done);
    MMRT_RETURN_IF_ERROR(
        driver_->Check(driver_->cuEventSynchronize(event(next_)),
                       "wait for a copy to the GPU"));
    std::memcpy(data(next_), source + done, size);
    const auto copy = [&](CUstream stream) {
      return driver_->cuMemcpyHtoDAsync_v2(destination + done, data(next_),
                                           size, stream);
    };
    MMRT_RETURN_IF_ERROR(Start(next_, copy, "copy to the GPU"));
  }
  return absl::OkStatus();
}

absl::Status Staging::CopyOut(std::byte* destination, CUdeviceptr source,
                              int64_t bytes) {
  const int64_t pieces = (bytes + kPieceBytes - 1) / kPieceBytes;
  const int64_t first = next_;
  // All pieces of the ring are under way while the host copies the oldest.
  for (int64_t i = 0; i < pieces + kPieces - 1; ++i) {
    if (i < pieces) {
      const int64_t offset = i * kPieceBytes;
      const auto copy = [&](CUstream stream) {
        return driver_->cuMemcpyDtoHAsync_v2(
            data(first + i), source + offset,
            std::min(kPieceBytes, bytes - offset), stream);
      };
      MMRT_RETURN_IF_ERROR(Start(first + i, copy, "copy from the GPU"));
    }
    const int64_t oldest = i - (kPieces - 1);
    if (oldest < 0 || oldest >= pieces) continue;
    MMRT_RETURN_IF_ERROR(
        driver_->Check(driver_->cuEventSynchronize(event(first + oldest)),
                       "copy from the GPU"));
    const int64_t offset = oldest * kPieceBytes;
    std::memcpy(destination + offset, data(first + oldest),
                std::min(kPieceBytes, bytes - offset));
  }
  next_ = first + pieces;
  return absl::OkStatus();
}

}  // namespace minimax::runtime::cuda
