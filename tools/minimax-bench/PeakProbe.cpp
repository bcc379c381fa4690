//===- PeakProbe.cpp - the machine's limits, now --------------------------===//
//
// Runs the loops of Roofs.h on all workers at once.
//
//===----------------------------------------------------------------------===//

#include "PeakProbe.h"
#include "absl/status/status.h"
#include <algorithm>
#include <cstring>
#include <sys/mman.h>

using namespace mlir::minimax::bench;
using ::minimax::runtime::Buffer;
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

double Peaks::of(Arithmetic arithmetic) const {
  double peak = arithmetic == Arithmetic::BF16    ? bf16
                : arithmetic == Arithmetic::Int16 ? int16
                : arithmetic == Arithmetic::Int8  ? int8
                                                  : f32;
  return peak > 0 ? peak : f32;
}

absl::StatusOr<PeakProbe> PeakProbe::create(ThreadPool &pool, Clock clock) {
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
    return absl::FailedPreconditionError("this CPU has no AVX2 and FMA");
  absl::StatusOr<Buffer> data = Buffer::Allocate(kReadBytes);
  if (!data.ok())
    return data.status();
  // The roof is what the memory gives, without a share for address translation.
  madvise(data->data(), kReadBytes, MADV_HUGEPAGE);
  std::memset(data->data(), 1, kReadBytes);
  return PeakProbe(pool, clock, *std::move(data));
}

namespace {
struct ReadTask {
  ReadLoop loop;
  const std::byte *data;
  int64_t share;
};
} // namespace

double PeakProbe::measureArithmetic(Arithmetic arithmetic) const {
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

double PeakProbe::measureRead(ReadLoop loop) const {
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

Peaks PeakProbe::measureBest() {
  Peaks best;
  for (int repetition = 0; repetition < kBestOf; ++repetition) {
    best.f32 = std::max(best.f32, measureArithmetic(Arithmetic::F32));
    best.bf16 = std::max(best.bf16, measureArithmetic(Arithmetic::BF16));
    best.int16 = std::max(best.int16, measureArithmetic(Arithmetic::Int16));
    best.int8 = std::max(best.int8, measureArithmetic(Arithmetic::Int8));
    for (ReadLoop loop : getReadLoops()) {
      double read = measureRead(loop);
      if (read <= best.read)
        continue;
      best.read = read;
      bestRead = loop;
    }
  }
  return best;
}

Peaks PeakProbe::measure(Arithmetic arithmetic) {
  // What has no instruction of its own is held against f32.
  if (!getArithmeticLoop(arithmetic).run)
    arithmetic = Arithmetic::F32;
  double peak = 0, read = 0;
  for (int i = 0; i < kArithmeticSamples; ++i)
    peak = std::max(peak, measureArithmetic(arithmetic));
  for (int i = 0; i < kReadSamples; ++i)
    read = std::max(read, measureRead(bestRead));
  Peaks now;
  now.read = read;
  (arithmetic == Arithmetic::BF16    ? now.bf16
   : arithmetic == Arithmetic::Int16 ? now.int16
   : arithmetic == Arithmetic::Int8  ? now.int8
                                     : now.f32) = peak;
  return now;
}
