//===- staging.h - copies between host and GPU ------------------*- C++ -*-===//
//
// Pinned memory through which copies overlap with the host's own.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CUDA_STAGING_H
#define MINIMAX_RUNTIME_CUDA_STAGING_H

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "cuda/driver.h"
#include "cuda/stream.h"

namespace minimax::runtime::cuda {

/// A ring of pieces of pinned memory, each with an event that tells when the
/// GPU is done with it. One thread at a time, with the GPU's context current.
class Staging {
 public:
  Staging() = default;
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  /// Takes the memory. `driver` and `stream` outlive the object.
  absl::Status Open(const Driver& driver, Stream& stream);
  /// Gives it back; nothing may be under way.
  void Close();

  /// Starts copying to the GPU; returns once `source` may change.
  absl::Status CopyIn(CUdeviceptr destination, const std::byte* source,
                      int64_t bytes);
  /// Copies to the host behind all work so far.
  absl::Status CopyOut(std::byte* destination, CUdeviceptr source,
                       int64_t bytes);

 private:
  static constexpr int kPieces = 4;
  static constexpr int64_t kPieceBytes = int64_t{4} << 20;

  std::byte* data(int64_t piece) const {
    return memory_ + piece % kPieces * kPieceBytes;
  }
  CUevent event(int64_t piece) const { return events_[piece % kPieces]; }
  /// Starts a copy of `piece` by `copy`, then its event.
  absl::Status Start(int64_t piece, absl::FunctionRef<CUresult(CUstream)> copy,
                     absl::string_view action);

  const Driver* driver_ = nullptr;
  Stream* stream_ = nullptr;
  std::byte* memory_ = nullptr;
  CUevent events_[kPieces] = {};
  // Pieces used so far.
  int64_t next_ = 0;
};

}  // namespace minimax::runtime::cuda

#endif  // MINIMAX_RUNTIME_CUDA_STAGING_H
