//===- cuda_clock.h - times on a GPU ----------------------------*- C++ -*-===//
//
// Marks moments in a stream by events.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CUDA_CUDA_CLOCK_H
#define MINIMAX_RUNTIME_CUDA_CUDA_CLOCK_H

#include <memory>
#include <vector>

#include "core/device.h"
#include "cuda/cuda_device.h"

namespace minimax::runtime::cuda {

/// The clock of a GPU's stream, to about half a microsecond.
class CudaClock final : public DeviceClock {
 public:
  explicit CudaClock(std::shared_ptr<CudaDevice> device)
      : device_(std::move(device)) {}
  ~CudaClock() override;

  absl::Status Mark() override;
  absl::StatusOr<std::vector<int64_t>> TakeTimes() override;

 private:
  std::shared_ptr<CudaDevice> device_;
  // Kept between steps; the first `marks_` are in use.
  std::vector<CUevent> events_;
  size_t marks_ = 0;
};

}  // namespace minimax::runtime::cuda

#endif  // MINIMAX_RUNTIME_CUDA_CUDA_CLOCK_H
