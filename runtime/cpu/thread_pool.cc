//===- thread_pool.cc - workers for parallel loops ------------------------===//
//
// Implements the pool behind mmrt_parallel_for.
//
//===----------------------------------------------------------------------===//
#include "cpu/thread_pool.h"

#include <immintrin.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/profile.h"

namespace minimax::runtime {

// About 0.3 ms: longer than the serial gaps between the loops of one step.
static constexpr int kSpins = 20000;

int AvailableCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) {
    return std::max(1, CPU_COUNT(&set));
  }
  // More cores than cpu_set_t has bits.
  return std::max<int>(1, sysconf(_SC_NPROCESSORS_ONLN));
}

absl::StatusOr<std::unique_ptr<ThreadPool>> ThreadPool::Create(int threads) {
  constexpr int kMaxThreads = 4096;
  if (threads < 0 || threads > kMaxThreads) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected 0 to ", kMaxThreads, " threads, got ", threads));
  }
  const int cores = AvailableCores();
  if (threads == 0) threads = cores;
  // Spinning takes the core from the thread that has the work.
  const int spins = threads > cores ? 0 : kSpins;
  std::unique_ptr<ThreadPool> pool(new ThreadPool(spins));
  for (int i = 1; i < threads; ++i) {
    auto worker = std::make_unique<Worker>(Worker{pool.get(), i, {}});
    const int error =
        pthread_create(&worker->thread, nullptr, WorkerMain, worker.get());
    if (error != 0) {
      return absl::ResourceExhaustedError(
          absl::StrCat("cannot start worker thread ", i, " of ", threads - 1,
                       ": ", std::strerror(error)));
    }
    pool->workers_.push_back(std::move(worker));
  }
  return pool;
}

ThreadPool::~ThreadPool() {
  stop_.store(true, std::memory_order_relaxed);
  generation_.fetch_add(1, std::memory_order_release);
  generation_.notify_all();
  for (const std::unique_ptr<Worker>& worker : workers_) {
    pthread_join(worker->thread, nullptr);
  }
}

void ThreadPool::ParallelFor(mmrt_tile_fn tile, void* captures, int64_t count) {
  if (count <= 1 || workers_.empty()) {
    const int64_t start = profile == nullptr ? 0 : Profile::Now();
    for (int64_t i = 0; i < count; ++i) tile(captures, i);
    if (profile != nullptr) profile->AddTiles(0, start, count);
    return;
  }
  tile_.store(tile, std::memory_order_relaxed);
  captures_.store(captures, std::memory_order_relaxed);
  constexpr int64_t kMaxCount = std::numeric_limits<uint32_t>::max();
  for (int64_t first = 0; first < count; first += kMaxCount) {
    RunLoop(first, static_cast<uint32_t>(std::min(kMaxCount, count - first)));
  }
}

void ThreadPool::RunLoop(int64_t first, uint32_t count) {
  end_.store(first + count, std::memory_order_relaxed);
  unfinished_.store(count, std::memory_order_relaxed);
  const uint64_t generation =
      generation_.load(std::memory_order_relaxed) + uint64_t{1};
  unclaimed_.store(generation << 32 | count, std::memory_order_release);
  generation_.fetch_add(1, std::memory_order_release);
  generation_.notify_all();
  ClaimTiles(0);
  uint32_t left;
  while ((left = unfinished_.load(std::memory_order_acquire)) != 0) {
    WaitWhileEqual(unfinished_, left);
  }
}

void ThreadPool::ClaimTiles(int thread) {
  uint32_t finished = 0;
  int64_t start = 0;
  uint64_t word = unclaimed_.load(std::memory_order_acquire);
  while (static_cast<uint32_t>(word) != 0) {
    // These belong to the word's loop if the exchange succeeds: a later loop
    // is written only after this tile has been claimed and run.
    const mmrt_tile_fn tile = tile_.load(std::memory_order_relaxed);
    void* const captures = captures_.load(std::memory_order_relaxed);
    const int64_t end = end_.load(std::memory_order_relaxed);
    if (!unclaimed_.compare_exchange_weak(word, word - 1,
                                          std::memory_order_acq_rel,
                                          std::memory_order_acquire)) {
      continue;
    }
    // Only who holds a tile may look: the loop cannot end before it has run.
    if (finished == 0 && profile != nullptr) start = Profile::Now();
    tile(captures, end - static_cast<uint32_t>(word));
    ++finished;
    word = unclaimed_.load(std::memory_order_acquire);
    // The counter names no loop, so it is settled before the next one can
    // start: when nothing of this loop is left to claim.
    if (static_cast<uint32_t>(word) == 0) break;
  }
  if (finished == 0) return;
  if (profile != nullptr) profile->AddTiles(thread, start, finished);
  if (unfinished_.fetch_sub(finished, std::memory_order_acq_rel) == finished) {
    unfinished_.notify_all();
  }
}

void ThreadPool::WaitWhileEqual(const std::atomic<uint32_t>& value,
                                uint32_t old) const {
  for (int i = 0; i < spins_; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
    _mm_pause();
  }
  value.wait(old, std::memory_order_acquire);
}

void* ThreadPool::WorkerMain(void* worker) {
  pthread_setname_np(pthread_self(), "mmrt-worker");
  const Worker* self = static_cast<const Worker*>(worker);
  self->pool->WorkerLoop(self->number);
  return nullptr;
}

void ThreadPool::WorkerLoop(int number) {
  uint32_t seen = 0;
  while (true) {
    WaitWhileEqual(generation_, seen);
    const uint32_t generation = generation_.load(std::memory_order_acquire);
    if (generation == seen) continue;
    seen = generation;
    if (stop_.load(std::memory_order_relaxed)) return;
    ClaimTiles(number);
  }
}

}  // namespace minimax::runtime
