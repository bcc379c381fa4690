//===- Measure.h - time of a case and its bound -----------------*- C++ -*-===//
//
// Times calls between measurements of the machine's peaks.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_BENCH_MEASURE_H
#define MINIMAX_TOOLS_BENCH_MEASURE_H

#include "Case.h"
#include "Program.h"

namespace mlir::minimax::bench {

struct MeasureOptions {
  int64_t repetitions = 5;
  /// Seconds of a repetition, at least; calls are repeated to fill them.
  double minTime = 0.1;
  /// Seconds after which a case starts no further repetition.
  double maxTime = 60;
};

/// Lowest, middle and highest of several values.
struct Spread {
  double median = 0;
  double min = 0;
  double max = 0;
};

/// What was measured of one case. Times are seconds of one call.
struct Result {
  std::string suite, name, dtype;
  int threads = 1;
  int64_t repetitions = 0;
  /// Calls in a repetition.
  int64_t iterations = 0;
  Spread seconds;
  double flops = 0;
  double bytes = 0;
  int64_t tokens = 0;
  Unit unit = Unit::GFlops;
  /// Whether times are a model's.
  bool isPredicted = false;
  /// The higher of the two roofs, e.g. "bf16 compute" or "memory bandwidth".
  std::string bound;
  /// The time that the roof allows; median over repetitions, like `fraction`,
  /// which is this time over the measured one of the same moment.
  double boundSeconds = 0;
  Spread fraction;
  /// Resident memory beyond what the program's weights take.
  int64_t rssGrowth = 0;

  /// Speed in `unit`.
  double rate() const;
};

/// What the softmax layer adds to a step, if the last of `results` is of a
/// hybrid in the suite `long` and its lightning layers alone are there as well.
std::optional<Result> deriveSoftmaxShare(const std::vector<Result> &results);

/// Compiles programs and measures their cases, one program at a time.
class Bench {
public:
  /// `machine` outlives the bench.
  Bench(Machine &machine, int threads, MeasureOptions options)
      : machine(machine), threads(threads), options(options) {}

  /// Cases that share a program are best measured in a row: it is kept until a
  /// case of another one comes.
  absl::StatusOr<Result> measure(const Case &benchmark);

private:
  /// One repetition.
  struct Sample {
    double seconds, boundSeconds;
    bool isCompute;
  };

  absl::Status load(const ProgramSource &source);
  absl::Status repeat(const Case &benchmark, Result &result);
  absl::Status advance(const Case &benchmark);
  absl::Status addSample(const Case &benchmark, int64_t iterations);
  void summarize(const Case &benchmark, Result &result) const;

  Machine &machine;
  int threads;
  MeasureOptions options;

  std::string key;
  std::unique_ptr<Program> program;
  int64_t rssOfWeights = 0;
  /// Tokens of the context that `continues` cases have computed.
  int64_t position = 0;
  std::vector<Sample> samples;
  /// Whether there is an instruction for the case's arithmetic.
  bool isOwnPeak = true;
};

} // namespace mlir::minimax::bench

#endif // MINIMAX_TOOLS_BENCH_MEASURE_H
