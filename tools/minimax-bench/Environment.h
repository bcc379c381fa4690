//===- Environment.h - where results were measured --------------*- C++ -*-===//
//
// The machine, the compiler and the moment.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_BENCH_ENVIRONMENT_H
#define MINIMAX_TOOLS_BENCH_ENVIRONMENT_H

#include "Clock.h"
#include <cstdint>
#include <string>

namespace mlir::minimax::bench {

/// What a figure has to be read with.
struct Environment {
  /// UTC, as ISO 8601.
  std::string date;
  std::string cpu;
  /// In the affinity mask.
  int cores = 0;
  int threads = 1;
  int64_t memoryBytes = 0;
  /// 0 for unknown.
  int64_t l1dBytes = 0, l2Bytes = 0, l3Bytes = 0;
  /// Running processes, averaged over 1, 5 and 15 minutes.
  double load[3] = {};
  std::string compiler;
  /// Target that programs are compiled for.
  std::string target;
  /// The GPU with its driver and clocks; empty for the CPU.
  std::string device;
  /// Where a GPU's peaks come from, and whether times are predicted.
  std::string note;
  Clock clock = Clock::Wall;
};

/// Asks the system; from `threads` on, what Machine::describe knows is left
/// out.
Environment readEnvironment();

/// Bytes of memory that this process holds.
int64_t residentBytes();

} // namespace mlir::minimax::bench

#endif // MINIMAX_TOOLS_BENCH_ENVIRONMENT_H
