//===- PeakProbe.h - the machine's limits, now ------------------*- C++ -*-===//
//
// Measures peaks with the workers that programs run on.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_BENCH_PEAKPROBE_H
#define MINIMAX_TOOLS_BENCH_PEAKPROBE_H

#include "Clock.h"
#include "Roofs.h"
#include "absl/status/statusor.h"
#include "core/buffer.h"
#include "cpu/thread_pool.h"

namespace mlir::minimax::bench {

/// Operations and bytes a second of all workers together; 0 for what the CPU
/// has no instruction for.
struct Peaks {
  double f32 = 0;
  double bf16 = 0;
  double int16 = 0;
  double int8 = 0;
  double read = 0;

  /// Products of `arithmetic`; those of f32 where there is no instruction.
  double of(Arithmetic arithmetic) const;
};

/// Measures again and again, as a machine that is shared or changes its clock
/// demands. Holds 256 MiB to read from.
class PeakProbe {
public:
  /// `pool` outlives the probe. FailedPrecondition without AVX2.
  static absl::StatusOr<PeakProbe> create(::minimax::runtime::ThreadPool &pool,
                                          Clock clock);

  /// The best of several measurements of everything; also decides which way of
  /// reading `measure` uses.
  Peaks measureBest();

  /// A short measurement (about 20 ms) of `arithmetic` and of reading.
  Peaks measure(Arithmetic arithmetic);

private:
  PeakProbe(::minimax::runtime::ThreadPool &pool, Clock clock,
            ::minimax::runtime::Buffer data)
      : pool(&pool), clock(clock), data(std::move(data)) {}

  double measureArithmetic(Arithmetic arithmetic) const;
  double measureRead(ReadLoop loop) const;

  ::minimax::runtime::ThreadPool *pool;
  Clock clock;
  ::minimax::runtime::Buffer data;
  ReadLoop bestRead = nullptr;
};

} // namespace mlir::minimax::bench

#endif // MINIMAX_TOOLS_BENCH_PEAKPROBE_H
