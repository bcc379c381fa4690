//===- context.cc - what a compiled program sees of the runtime -----------===//
//
// The functions that generated code imports; executables export them.
//
//===----------------------------------------------------------------------===//
#include "core/context.h"

#include "core/profile.h"

mmrt_context::~mmrt_context() = default;

extern "C" __attribute__((visibility("default"))) void mmrt_parallel_for(
    mmrt_context* context, mmrt_tile_fn tile, void* captures, int64_t count) {
  context->ParallelFor(tile, captures, count);
}

extern "C" __attribute__((visibility("default"))) void mmrt_begin_op(
    mmrt_context* context, int64_t op) {
  if (context->profile != nullptr) context->profile->BeginOp(op);
}
