//===- Clock.h - what time is measured by -----------------------*- C++ -*-===//
//
// Wall clock or CPU time.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_BENCH_CLOCK_H
#define MINIMAX_TOOLS_BENCH_CLOCK_H

#include <ctime>

namespace mlir::minimax::bench {

/// `CPU` is the time of the whole process: with one thread it leaves out the
/// moments when other programs had the core.
enum class Clock { Wall, CPU };

/// Seconds since some fixed moment.
inline double secondsNow(Clock clock) {
  timespec time;
  clock_gettime(
      clock == Clock::Wall ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec + 1e-9 * time.tv_nsec;
}

} // namespace mlir::minimax::bench

#endif // MINIMAX_TOOLS_BENCH_CLOCK_H
