//===- cuda_clock.cc - times on a GPU -------------------------------------===//
//
// Implements the clock: one event for each mark, used again for the next step.
//
//===----------------------------------------------------------------------===//
#include "cuda/cuda_clock.h"

#include <utility>

#include "formats/status_macros.h"

namespace minimax::runtime::cuda {

CudaClock::~CudaClock() {
  if (!device_->Enter().ok()) return;
  for (CUevent event : events_) device_->driver().cuEventDestroy_v2(event);
}

absl::Status CudaClock::Mark() {
  const Driver& driver = device_->driver();
  MMRT_RETURN_IF_ERROR(device_->Enter());
  if (marks_ == events_.size()) {
    CUevent event = nullptr;
    MMRT_RETURN_IF_ERROR(driver.Check(
        driver.cuEventCreate(&event, kEventDefault), "create an event"));
    events_.push_back(event);
  }
  const CUevent event = events_[marks_++];
  const auto record = [&](CUstream stream) {
    return driver.cuEventRecord(event, stream);
  };
  return driver.Check(device_->stream().Start(record), "record an event");
}

absl::StatusOr<std::vector<int64_t>> CudaClock::TakeTimes() {
  const Driver& driver = device_->driver();
  const size_t marks = std::exchange(marks_, 0);
  std::vector<int64_t> times;
  if (marks == 0) return times;
  MMRT_RETURN_IF_ERROR(device_->Enter());
  MMRT_RETURN_IF_ERROR(driver.Check(
      driver.cuEventSynchronize(events_[marks - 1]), "wait for an event"));
  for (size_t i = 0; i < marks; ++i) {
    float milliseconds = 0;
    MMRT_RETURN_IF_ERROR(driver.Check(
        driver.cuEventElapsedTime(&milliseconds, events_[0], events_[i]),
        "read an event's time"));
    times.push_back(static_cast<int64_t>(milliseconds * 1e6));
  }
  return times;
}

}  // namespace minimax::runtime::cuda
