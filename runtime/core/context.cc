//===- context.cc - what a compiled program sees of the runtime -----------===//
//
// The functions that generated code imports; executables export them.
//
//===----------------------------------------------------------------------===//
#include "core/context.h"

#include <utility>

#include "core/profile.h"

mmrt_context::~mmrt_context() = default;

void mmrt_context::KeepNoDevice() { no_device_ = true; }

void mmrt_context::Launch(int64_t /*kernel*/,
                          const mmrt_launch_shape& /*shape*/,
                          void* const* /*arguments*/) {
  KeepNoDevice();
}

void mmrt_context::Copy(void* /*destination*/, const void* /*source*/,
                        int64_t /*bytes*/) {
  KeepNoDevice();
}

const void* mmrt_context::Constant(const void* /*host*/, int64_t /*bytes*/) {
  KeepNoDevice();
  return nullptr;
}

const std::shared_ptr<minimax::runtime::Device>& mmrt_context::device() const {
  return minimax::runtime::HostDevice();
}

absl::Status mmrt_context::Finish() {
  if (!std::exchange(no_device_, false)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "the program launches kernels, but it was given no device for them");
}

absl::StatusOr<std::unique_ptr<minimax::runtime::DeviceGraph>>
mmrt_context::Record(absl::FunctionRef<void()> work) {
  return device()->Record(work);
}

extern "C" __attribute__((visibility("default"))) void mmrt_parallel_for(
    mmrt_context* context, mmrt_tile_fn tile, void* captures, int64_t count) {
  context->ParallelFor(tile, captures, count);
}

extern "C" __attribute__((visibility("default"))) void mmrt_begin_op(
    mmrt_context* context, int64_t op) {
  if (context->profile != nullptr) context->profile->BeginOp(op);
}

extern "C" __attribute__((visibility("default"))) void mmrt_launch(
    mmrt_context* context, int64_t kernel, const mmrt_launch_shape* shape,
    void* const* arguments) {
  context->Launch(kernel, *shape, arguments);
}

extern "C" __attribute__((visibility("default"))) void mmrt_copy(
    mmrt_context* context, void* destination, const void* source,
    int64_t bytes) {
  context->Copy(destination, source, bytes);
}

extern "C" __attribute__((visibility("default"))) const void* mmrt_constant(
    mmrt_context* context, const void* host, int64_t bytes) {
  return context->Constant(host, bytes);
}
