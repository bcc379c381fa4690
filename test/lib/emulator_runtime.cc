//===- emulator_runtime.cc - the emulator for tests in Python -------------===//
//
// The runtime's side of abi.h for tests that call artifacts of a GPU target:
// launches run at once on the emulator, memory of the device is the host's.
//
//===----------------------------------------------------------------------===//
#include <cstdint>
#include <cstring>
#include <string>

#include "emulator/emulator.h"
#include "minimax/runtime/abi.h"

using minimax::runtime::emulator::Emulator;

static Emulator& Device() {
  static Emulator* const device = new Emulator({});
  return *device;
}

static const char* const* kernel_names = nullptr;
static const mmrt_emulated_kernel_fn* kernel_functions = nullptr;
static int64_t kernel_count = 0;
static bool registered = false;
static std::string first_failure;
static std::string reported_failure;

#define EXPORT extern "C" __attribute__((visibility("default")))

/// Sets the kernels that mmrt_launch counts; the arrays are not copied.
EXPORT void emulator_runtime_set_kernels(const char* const* names,
                                         const mmrt_emulated_kernel_fn* kernels,
                                         int64_t count) {
  kernel_names = names;
  kernel_functions = kernels;
  kernel_count = count;
}

/// The first failure since the last call, or null. Valid until the next call.
EXPORT const char* emulator_runtime_error() {
  reported_failure.swap(first_failure);
  first_failure.clear();
  return reported_failure.empty() ? nullptr : reported_failure.c_str();
}

/// Memory whose bounds and races are checked; none: no global memory is.
EXPORT void emulator_runtime_register(const void* begin, int64_t bytes) {
  registered = true;
  Device().RegisterMemory(begin, bytes);
}
EXPORT void emulator_runtime_unregister(const void* begin) {
  Device().UnregisterMemory(begin);
}

EXPORT void mmrt_parallel_for(mmrt_context*, mmrt_tile_fn tile, void* captures,
                              int64_t count) {
  for (int64_t index = count; index-- > 0;) tile(captures, index);
}

EXPORT void mmrt_begin_op(mmrt_context*, int64_t) {}

EXPORT void mmrt_launch(mmrt_context*, int64_t kernel,
                        const mmrt_launch_shape* shape,
                        void* const* arguments) {
  if (!first_failure.empty()) return;
  if (kernel < 0 || kernel >= kernel_count) {
    first_failure = "launch of kernel number " + std::to_string(kernel) +
                    " of " + std::to_string(kernel_count);
    return;
  }
  first_failure = Device().Run(kernel_functions[kernel], kernel_names[kernel],
                               *shape, arguments);
}

EXPORT void mmrt_copy(mmrt_context*, void* destination, const void* source,
                      int64_t bytes) {
  if (first_failure.empty()) std::memmove(destination, source, bytes);
}

EXPORT const void* mmrt_constant(mmrt_context*, const void* host,
                                 int64_t bytes) {
  // In bounds, if the test checks bounds.
  if (registered) Device().RegisterMemory(host, bytes);
  return host;
}
