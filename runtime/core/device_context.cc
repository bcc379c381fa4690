//===- device_context.cc - programs whose kernels run on a device ---------===//
//
// Numbers of kernels are checked here; the first failure ends a step.
//
//===----------------------------------------------------------------------===//
#include "core/device_context.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "formats/status_macros.h"

namespace minimax::runtime {

absl::StatusOr<std::shared_ptr<DeviceContext>> DeviceContext::Create(
    std::shared_ptr<Device> device, std::shared_ptr<const Artifact> artifact,
    std::shared_ptr<Context> workers) {
  std::shared_ptr<DeviceContext> context(new DeviceContext(
      std::move(device), std::move(artifact), std::move(workers)));
  MMRT_ASSIGN_OR_RETURN(context->kernels_,
                        context->device_->LoadKernels(*context->artifact_));
  return context;
}

void DeviceContext::ParallelFor(mmrt_tile_fn tile, void* captures,
                                int64_t count) {
  workers_->ParallelFor(tile, captures, count);
}

void DeviceContext::Launch(int64_t kernel, const mmrt_launch_shape& shape,
                           void* const* arguments) {
  if (!failure_.ok()) return;
  if (shape.grid[0] == 0 || shape.grid[1] == 0 || shape.grid[2] == 0) return;
  const int64_t count =
      static_cast<int64_t>(artifact_->kernel_code().names.size());
  if (kernel < 0 || kernel >= count) {
    failure_ = absl::InternalError(
        absl::StrCat("the program launches kernel ", kernel, " of ", count));
    return;
  }
  failure_ = kernels_->Launch(kernel, shape, arguments);
}

void DeviceContext::Copy(void* destination, const void* source, int64_t bytes) {
  if (!failure_.ok() || bytes <= 0) return;
  failure_ = device_->CopyOnDevice(destination, source, bytes);
}

absl::StatusOr<DeviceBuffer> DeviceContext::MakeConstant(const void* host,
                                                         int64_t bytes) {
  // An address serves even where there is nothing to read.
  MMRT_ASSIGN_OR_RETURN(
      DeviceBuffer buffer,
      DeviceBuffer::Allocate(device_, std::max<int64_t>(bytes, 1),
                             "a constant of the program"));
  MMRT_RETURN_IF_ERROR(device_->CopyToDevice(buffer.data(), host, bytes));
  return buffer;
}

const void* DeviceContext::Constant(const void* host, int64_t bytes) {
  const auto found = constants_.find(host);
  if (found != constants_.end()) return found->second.data();
  if (!failure_.ok()) return nullptr;
  if (recording_) {
    failure_ = absl::InternalError(
        "the program asks for a constant that it did not ask for in an earlier "
        "step of the same sizes");
    return nullptr;
  }
  absl::StatusOr<DeviceBuffer> made = MakeConstant(host, bytes);
  if (!made.ok()) {
    failure_ = made.status();
    return nullptr;
  }
  return constants_.emplace(host, *std::move(made)).first->second.data();
}

absl::Status DeviceContext::Finish() {
  const absl::Status waited = device_->Synchronize();
  absl::Status failure = std::exchange(failure_, absl::OkStatus());
  return failure.ok() ? waited : failure;
}

absl::StatusOr<std::unique_ptr<DeviceGraph>> DeviceContext::Record(
    absl::FunctionRef<void()> work) {
  recording_ = true;
  absl::StatusOr<std::unique_ptr<DeviceGraph>> graph = device_->Record(work);
  recording_ = false;
  const absl::Status failure = std::exchange(failure_, absl::OkStatus());
  if (!failure.ok()) return failure;
  return graph;
}

}  // namespace minimax::runtime
