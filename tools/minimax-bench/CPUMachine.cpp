//===- CPUMachine.cpp - this CPU ------------------------------------------===//
//
// Runs programs, and the loops of Roofs.h on all workers at once.
//
//===----------------------------------------------------------------------===//

#include "CPUMachine.h"
#include "CompileProgram.h"
#include "Program.h"
#include "absl/status/status.h"
#include <algorithm>
#include <cstring>
#include <sys/mman.h>

using namespace mlir::minimax::bench;
using ::minimax::runtime::Artifact;
using ::minimax::runtime::Buffer;
using ::minimax::runtime::Context;
using ::minimax::runtime::ThreadPool;

// Far more than any cache holds; each worker reads a share of it.
static constexpr int64_t kReadBytes = int64_t(256) << 20;
static constexpr int64_t kReadGranule = int64_t(64) << 10;
// Rounds of one worker in one measurement: about 1 ms.
static constexpr int64_t kRounds = 270000;
// Measurements of a short probe, of which the best counts: another process that
// gets the core in between would lower the bound and flatter the program.
static constexpr int kArithmeticSamples = 3;
static constexpr int kReadSamples = 2;
// Of the peaks that head the results.
static constexpr int kBestOf = 10;

absl::StatusOr<std::unique_ptr<Machine>> CPUMachine::create(int threads,
                                                            Clock clock) {
  std::string variant = chooseTarget();
  if (variant.empty() || !__builtin_cpu_supports("avx2") ||
      !__builtin_cpu_supports("fma"))
    return absl::FailedPreconditionError(
        "this CPU runs none of the compiler's targets, which need AVX2");
  absl::StatusOr<std::unique_ptr<ThreadPool>> pool =
      ThreadPool::Create(threads);
  if (!pool.ok())
    return pool.status();
  absl::StatusOr<Buffer> data = Buffer::Allocate(kReadBytes);
  if (!data.ok())
    return data.status();
  // The roof is what the memory gives, without a share for address translation.
  madvise(data->data(), kReadBytes, MADV_HUGEPAGE);
  std::memset(data->data(), 1, kReadBytes);
  return std::unique_ptr<Machine>(
      new CPUMachine(variant, clock, *std::move(pool), *std::move(data)));
}

void CPUMachine::describe(Environment &environment) const {
  environment.threads = pool->threads();
  environment.target = variant;
  environment.clock = clock;
}

absl::StatusOr<std::shared_ptr<Context>>
CPUMachine::createContext(const std::shared_ptr<const Artifact> &) {
  return pool;
}

absl::StatusOr<double> CPUMachine::time(Program &program, int64_t iterations) {
  double start = secondsNow(clock);
  for (int64_t i = 0; i < iterations; ++i)
    if (absl::Status status = program.run(); !status.ok())
      return status;
  return (secondsNow(clock) - start) / iterations;
}

namespace {
struct ReadTask {
  ReadLoop loop;
  const std::byte *data;
  int64_t share;
};
} // namespace

double CPUMachine::measureArithmetic(Arithmetic arithmetic) const {
  ArithmeticLoop loop = getArithmeticLoop(arithmetic);
  if (!loop.run)
    return 0;
  double start = secondsNow(clock);
  pool->ParallelFor(
      [](void *captures, int64_t) {
        static_cast<ArithmeticLoop *>(captures)->run(kRounds);
      },
      &loop, pool->threads());
  double seconds = secondsNow(clock) - start;
  return pool->threads() * kRounds * loop.operations / seconds;
}

double CPUMachine::measureRead(ReadLoop loop) const {
  int64_t share = kReadBytes / pool->threads() / kReadGranule * kReadGranule;
  ReadTask task{loop, data.data(), share};
  double start = secondsNow(clock);
  pool->ParallelFor(
      [](void *captures, int64_t index) {
        auto *task = static_cast<ReadTask *>(captures);
        task->loop(task->data + index * task->share, task->share);
      },
      &task, pool->threads());
  return pool->threads() * share / (secondsNow(clock) - start);
}

absl::StatusOr<Peaks> CPUMachine::measureBest() {
  Peaks best;
  for (int repetition = 0; repetition < kBestOf; ++repetition) {
    best.f32 = std::max(best.f32, measureArithmetic(Arithmetic::F32));
    best.bf16 = std::max(best.bf16, measureArithmetic(Arithmetic::BF16));
    best.int16 = std::max(best.int16, measureArithmetic(Arithmetic::Int16));
    best.int8 = std::max(best.int8, measureArithmetic(Arithmetic::Int8));
    for (ReadLoop loop : getReadLoops()) {
      double read = measureRead(loop);
      if (read <= best.memory)
        continue;
      best.memory = read;
      bestRead = loop;
    }
  }
  return best;
}

absl::StatusOr<Peaks> CPUMachine::measure(Arithmetic arithmetic) {
  // What has no instruction of its own is held against f32.
  if (!getArithmeticLoop(arithmetic).run)
    arithmetic = Arithmetic::F32;
  double peak = 0, read = 0;
  for (int i = 0; i < kArithmeticSamples; ++i)
    peak = std::max(peak, measureArithmetic(arithmetic));
  for (int i = 0; i < kReadSamples; ++i)
    read = std::max(read, measureRead(bestRead));
  Peaks now;
  now.memory = read;
  (arithmetic == Arithmetic::BF16    ? now.bf16
   : arithmetic == Arithmetic::Int16 ? now.int16
   : arithmetic == Arithmetic::Int8  ? now.int8
                                     : now.f32) = peak;
  return now;
}
