//===- Measure.cpp - time of a case and its bound -------------------------===//
//
// A shared machine changes its speed from one second to the next: every
// repetition is compared with peaks measured right before and after it.
//
//===----------------------------------------------------------------------===//

#include "Measure.h"
#include "Environment.h"
#include <algorithm>
#include <cmath>

using namespace mlir::minimax::bench;

double Result::rate() const {
  switch (unit) {
  case Unit::GFlops:
    return 1e-9 * flops / seconds.median;
  case Unit::GBytes:
    return 1e-9 * bytes / seconds.median;
  case Unit::TokensPerSecond:
    return tokens / seconds.median;
  case Unit::MicrosecondsPerToken:
    return 1e6 * seconds.median / tokens;
  }
  return 0;
}

static std::string nameOf(Arithmetic arithmetic) {
  switch (arithmetic) {
  case Arithmetic::F32:
    return "f32";
  case Arithmetic::BF16:
    return "bf16";
  case Arithmetic::Int16:
    return "int16";
  case Arithmetic::Int8:
    return "int8";
  }
  return "";
}

static Spread spreadOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  size_t middle = values.size() / 2;
  double median = values.size() % 2 ? values[middle]
                                    : (values[middle - 1] + values[middle]) / 2;
  return {median, values.front(), values.back()};
}

absl::Status Bench::load(const ProgramSource &source) {
  if (program && key == source.key)
    return absl::OkStatus();
  // One program at a time: weights may fill most of the memory.
  program.reset();
  key.clear();
  position = 0;
  auto artifact = compileProgram(source, machine.target(), machine.processor());
  if (!artifact.ok())
    return artifact.status();
  auto created = Program::create(*std::move(artifact), machine);
  if (!created.ok())
    return created.status();
  program = *std::move(created);
  key = source.key;
  rssOfWeights = residentBytes();
  return absl::OkStatus();
}

absl::Status Bench::addSample(const Case &benchmark, int64_t iterations) {
  absl::StatusOr<Peaks> before = machine.measure(benchmark.arithmetic);
  if (!before.ok())
    return before.status();
  absl::StatusOr<double> seconds = machine.time(*program, iterations);
  if (!seconds.ok())
    return seconds.status();
  absl::StatusOr<Peaks> after = machine.measure(benchmark.arithmetic);
  if (!after.ok())
    return after.status();
  isOwnPeak = before->has(benchmark.arithmetic);
  double peak =
      (before->of(benchmark.arithmetic) + after->of(benchmark.arithmetic)) / 2;
  double bandwidth = (before->memory + after->memory) / 2;
  double compute = benchmark.work.flops / peak;
  double memory = program->countBytes(benchmark.work) / bandwidth;
  samples.push_back({*seconds, std::max(compute, memory), compute > memory});
  return absl::OkStatus();
}

absl::Status Bench::repeat(const Case &benchmark, Result &result) {
  absl::Status status =
      program->bind(benchmark.entry, benchmark.call, /*keepStates=*/false);
  if (!status.ok())
    return status;
  double start = secondsNow(Clock::Wall);
  // The first call meets fresh memory, the second tells how long one takes.
  absl::StatusOr<double> estimate = machine.time(*program, 1);
  if (!estimate.ok())
    return estimate.status();
  if (status = program->checkOutputs(); !status.ok())
    return status;
  if (*estimate < options.minTime)
    estimate = machine.time(*program, 1);
  if (!estimate.ok())
    return estimate.status();
  result.iterations = std::max<int64_t>(
      1, std::ceil(options.minTime / std::max(*estimate, 1e-9)));
  for (int64_t i = 0; i < options.repetitions; ++i) {
    if (i > 0 && secondsNow(Clock::Wall) - start > options.maxTime)
      break;
    if (status = addSample(benchmark, result.iterations); !status.ok())
      return status;
  }
  return absl::OkStatus();
}

/// Each step up to the case's context is a repetition.
absl::Status Bench::advance(const Case &benchmark) {
  Call call = benchmark.call;
  int64_t last = call.sequences[0].position;
  for (; position <= last; position += call.tokens()) {
    call.sequences[0].position = position;
    absl::Status status =
        program->bind(benchmark.entry, call, /*keepStates=*/true);
    if (status.ok() && position == 0)
      status = machine.time(*program, 1).status();
    if (status.ok())
      status = addSample(benchmark, /*iterations=*/1);
    if (status.ok())
      status = program->checkOutputs();
    if (!status.ok())
      return status;
  }
  return absl::OkStatus();
}

void Bench::summarize(const Case &benchmark, Result &result) const {
  std::vector<double> seconds, bounds, fractions;
  int64_t computeBound = 0;
  for (const Sample &sample : samples) {
    seconds.push_back(sample.seconds);
    bounds.push_back(sample.boundSeconds);
    fractions.push_back(sample.boundSeconds / sample.seconds);
    computeBound += sample.isCompute;
  }
  int64_t count = samples.size();
  result.repetitions = count;
  result.seconds = spreadOf(seconds);
  result.boundSeconds = spreadOf(bounds).median;
  result.fraction = spreadOf(fractions);
  std::string compute =
      nameOf(isOwnPeak ? benchmark.arithmetic : Arithmetic::F32);
  bool isCompute = 2 * computeBound > count;
  result.bound = isCompute ? compute + " compute" : "memory bandwidth";
}

absl::StatusOr<Result> Bench::measure(const Case &benchmark) {
  if (absl::Status status = load(benchmark.program); !status.ok())
    return status;
  Result result;
  result.suite = benchmark.suite;
  result.name = benchmark.name;
  result.dtype = benchmark.dtype;
  result.threads = threads;
  result.isPredicted = machine.isPredicted();
  result.iterations = 1;
  result.flops = benchmark.work.flops;
  result.tokens = benchmark.call.tokens();
  result.unit = benchmark.unit;
  samples.clear();
  absl::Status status =
      benchmark.continues ? advance(benchmark) : repeat(benchmark, result);
  if (!status.ok())
    return status;
  result.bytes = program->countBytes(benchmark.work);
  result.rssGrowth = residentBytes() - rssOfWeights;
  summarize(benchmark, result);
  return result;
}
