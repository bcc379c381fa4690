//===- stream.cc - an order of work on a GPU ------------------------------===//
//
// Implements what was started last.
//
//===----------------------------------------------------------------------===//
#include "cuda/stream.h"

namespace minimax::runtime::cuda {

absl::Status Stream::Open(const Driver& driver, absl::string_view action) {
  if (stream_ != nullptr) return absl::OkStatus();
  driver_ = &driver;
  return driver.Check(driver.cuStreamCreate(&stream_, kStreamNonBlocking),
                      action);
}

void Stream::Close() {
  if (stream_ == nullptr) return;
  driver_->cuStreamSynchronize(stream_);
  driver_->cuStreamDestroy_v2(stream_);
  stream_ = nullptr;
}

CUresult Stream::Start(absl::FunctionRef<CUresult(CUstream)> start) {
  const std::lock_guard<std::mutex> lock(mutex_);
  may_overlap_ = false;
  return start(stream_);
}

CUresult Stream::Launch(
    bool waits, absl::FunctionRef<CUresult(CUstream, bool overlaps)> launch) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const CUresult result = launch(stream_, waits && may_overlap_);
  may_overlap_ = waits && result == kSuccess;
  return result;
}

}  // namespace minimax::runtime::cuda
