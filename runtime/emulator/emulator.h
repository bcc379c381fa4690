//===- emulator.h - a device that runs kernels on the CPU -------*- C++ -*-===//
//
// Runs the code of GPU kernels, compiled for x86-64, with the semantics of a
// GPU's threads, and checks that they synchronise as they must.
// docs/Emulator.md says what is modelled and checked.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_EMULATOR_EMULATOR_H
#define MINIMAX_RUNTIME_EMULATOR_EMULATOR_H

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "minimax/runtime/abi.h"

namespace minimax::runtime::emulator {

struct Options {
  /// Whether memory accesses are checked: races, bounds, alignment, bank
  /// conflicts. Divergence, deadlocks and misused barriers are always found.
  bool check = true;
  /// Host threads that run blocks; 0 means one per available core.
  int workers = 0;
};

/// What has run since the emulator was made.
struct Counters {
  int64_t blocks = 0;
  int64_t threads = 0;
  int64_t barriers = 0;         // of a block, once for all its threads
  int64_t collectives = 0;      // of a warp or warpgroup
  int64_t matrix_products = 0;  // mma and wgmma instructions
  /// Of the first warp of each block, with checks: cycles beyond the first that
  /// banks of shared memory cost, and instructions that were looked at. These
  /// are the first four of each instruction, and every tile of an ldmatrix.
  int64_t bank_conflicts = 0;
  int64_t shared_accesses = 0;
};

/// One emulated device. Launches do not overlap; one thread at a time may call.
class Emulator {
 public:
  explicit Emulator(const Options& options);
  ~Emulator();
  Emulator(const Emulator&) = delete;
  Emulator& operator=(const Emulator&) = delete;

  /// Adds global memory that kernels may touch. While there is none, accesses
  /// to global memory are not checked.
  void RegisterMemory(const void* begin, int64_t bytes);
  void UnregisterMemory(const void* begin);

  /// Runs a kernel to its end; `arguments` as in mmrt_launch. InvalidArgument
  /// for a shape that no device accepts; Internal with one message for the
  /// first thing found.
  absl::Status Launch(mmrt_emulated_kernel_fn kernel, absl::string_view name,
                      const mmrt_launch_shape& shape, void* const* arguments);

  /// As Launch, but returns only the message, "" for success.
  std::string Run(mmrt_emulated_kernel_fn kernel, absl::string_view name,
                  const mmrt_launch_shape& shape, void* const* arguments);

  Counters counters() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What no device accepts about the shape, by the limits that CUDA documents
/// for sm_80 and sm_90; "" if nothing.
std::string DescribeBadShape(absl::string_view name,
                             const mmrt_launch_shape& shape);

}  // namespace minimax::runtime::emulator

#endif  // MINIMAX_RUNTIME_EMULATOR_EMULATOR_H
