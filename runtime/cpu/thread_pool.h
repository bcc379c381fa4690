//===- thread_pool.h - workers for parallel loops ---------------*- C++ -*-===//
//
// The CPU implementation of mmrt_context: a pool of threads that share tiles.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CPU_THREAD_POOL_H
#define MINIMAX_RUNTIME_CPU_THREAD_POOL_H

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "core/context.h"

namespace minimax::runtime {

/// Cores this process may run on (its affinity mask), at least 1.
int AvailableCores();

/// Runs parallel loops on `threads() - 1` workers and the calling thread. One
/// thread at a time may call ParallelFor; loops do not nest.
///
/// A loop is published as one 64-bit word, its generation and the number of
/// tiles not yet claimed, and tiles are claimed by compare-and-swap on that
/// word. So the caller waits only for the tiles: a worker that wakes up late
/// finds nothing left and costs nothing. Idle workers spin for a while, then
/// sleep on a futex.
class ThreadPool final : public mmrt_context {
 public:
  /// Starts `threads - 1` workers; 0 means one thread per available core.
  /// With more threads than cores nobody spins. Fails when the system refuses
  /// a thread.
  static absl::StatusOr<std::unique_ptr<ThreadPool>> Create(int threads);

  ~ThreadPool() override;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  void ParallelFor(mmrt_tile_fn tile, void* captures, int64_t count) override;

  /// Threads that take part in a loop, the caller included.
  int threads() const { return static_cast<int>(workers_.size()) + 1; }

 private:
  explicit ThreadPool(int spins) : spins_(spins) {}

  /// What a worker's thread starts with.
  struct Worker {
    ThreadPool* pool;
    int number;
    pthread_t thread;
  };

  static void* WorkerMain(void* worker);
  void WorkerLoop(int number);
  void RunLoop(int64_t first, uint32_t count);
  /// Runs tiles of the current loop until none is left; `thread` is 0 for the
  /// caller.
  void ClaimTiles(int thread);
  void WaitWhileEqual(const std::atomic<uint32_t>& value, uint32_t old) const;

  const int spins_;
  std::vector<std::unique_ptr<Worker>> workers_;

  // The current loop. Written only while no tile of any loop is unclaimed.
  std::atomic<mmrt_tile_fn> tile_{nullptr};
  std::atomic<void*> captures_{nullptr};
  std::atomic<int64_t> end_{0};

  // One cache line each: they are written at different times by different
  // threads.
  alignas(64) std::atomic<uint64_t> unclaimed_{0};
  alignas(64) std::atomic<uint32_t> generation_{0};
  alignas(64) std::atomic<uint32_t> unfinished_{0};
  std::atomic<bool> stop_{false};
};

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_CPU_THREAD_POOL_H
