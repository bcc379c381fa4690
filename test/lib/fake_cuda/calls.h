//===- calls.h - how functions of the fake CUDA driver begin ----*- C++ -*-===//
//
// They are exported, serve one thread at a time, fail where the environment
// wants it and check their arguments.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_TEST_LIB_FAKE_CUDA_CALLS_H
#define MINIMAX_TEST_LIB_FAKE_CUDA_CALLS_H

#include <mutex>

#include "gpu.h"

namespace fake_cuda {

/// Whether the calling thread has made the GPU's context its own.
bool HasContext();

/// Bytes of shared memory that a block may have.
int MostSharedBytes();

}  // namespace fake_cuda

#define FAKE_CUDA extern "C" __attribute__((visibility("default")))

#define ENTER(name)                                          \
  Gpu& gpu = Gpu::Get();                                     \
  const std::lock_guard<std::mutex> lock(gpu.mutex);         \
  [[maybe_unused]] static constexpr char kFunction[] = name; \
  if (const CUresult provoked = gpu.Provoked(name)) return provoked

#define REQUIRE(condition, what) \
  if (!(condition)) return gpu.Complain(kFunction, what)

#define ENTER_CONTEXT(name) \
  ENTER(name);              \
  if (!HasContext())        \
  return gpu.Complain(name, "no current context", kErrorInvalidContext)

// For functions that may not be called by a thread while it captures.
#define ENTER_UNCAPTURED(name)                             \
  ENTER_CONTEXT(name);                                     \
  if (gpu.SpoilsCapture())                                 \
  return gpu.Complain(name, "not allowed while capturing", \
                      kErrorCaptureUnsupported)

#endif  // MINIMAX_TEST_LIB_FAKE_CUDA_CALLS_H
