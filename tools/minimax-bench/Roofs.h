//===- Roofs.h - loops that reach the machine's limits ----------*- C++ -*-===//
//
// Multiply-add loops for each arithmetic and reading loops, chosen by cpuid.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_BENCH_ROOFS_H
#define MINIMAX_TOOLS_BENCH_ROOFS_H

#include "llvm/ADT/ArrayRef.h"
#include <cstddef>
#include <cstdint>

namespace mlir::minimax::bench {

/// What a product computes with; each has a peak of its own.
enum class Arithmetic { F32, BF16, Int16, Int8 };

/// A loop of independent multiply-adds that stay in registers.
struct ArithmeticLoop {
  /// Runs `rounds` rounds. Null if the CPU has no instruction for it.
  void (*run)(int64_t rounds) = nullptr;
  /// Operations in a round: two for each multiply-add.
  double operations = 0;
};

/// The fastest loop of this CPU: 512-bit FMA, vdpbf16ps, vpdpwssd and vpdpbusd
/// where there are, 256-bit FMA otherwise. One without instruction has none.
ArithmeticLoop getArithmeticLoop(Arithmetic arithmetic);

/// Reads `bytes` (a multiple of 64 KiB) from an address at a multiple of 64.
using ReadLoop = void (*)(const std::byte *data, size_t bytes);

/// Ways to read: one or several streams, with and without software prefetch.
/// Which one is fastest depends on the memory. Need AVX2.
llvm::ArrayRef<ReadLoop> getReadLoops();

} // namespace mlir::minimax::bench

#endif // MINIMAX_TOOLS_BENCH_ROOFS_H
