//===- emulated_kernels.cc - the emulator runs the fake driver's kernels --===//
//
// Linked into executables whose fake GPU is to compute.
//
//===----------------------------------------------------------------------===//
#include <string>

#include "emulator/emulator.h"
#include "kernels.h"

#define FAKE_CUDA_EXPORT extern "C" __attribute__((visibility("default")))

static minimax::runtime::emulator::Emulator& TheEmulator() {
  static auto& emulator = *new minimax::runtime::emulator::Emulator({});
  return emulator;
}

FAKE_CUDA_EXPORT void fake_cuda_add_memory(const void* begin, int64_t bytes) {
  TheEmulator().RegisterMemory(begin, bytes);
}

FAKE_CUDA_EXPORT void fake_cuda_remove_memory(const void* begin) {
  TheEmulator().UnregisterMemory(begin);
}

FAKE_CUDA_EXPORT const char* fake_cuda_run_kernel(
    mmrt_emulated_kernel_fn kernel, const char* name,
    const mmrt_launch_shape* shape, void* const* arguments) {
  static std::string message;
  message = TheEmulator().Run(kernel, name, *shape, arguments);
  return message.empty() ? nullptr : message.c_str();
}
