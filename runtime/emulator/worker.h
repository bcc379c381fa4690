//===- worker.h - runs the blocks of a launch, one unit at a time -*- C++
//-*-===//
//
// A unit is a block or the blocks of a cluster. Its threads are fibers that
// run until they must wait.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_EMULATOR_WORKER_H
#define MINIMAX_RUNTIME_EMULATOR_WORKER_H

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "emulator/clocks.h"
#include "emulator/emulator.h"
#include "emulator/fiber.h"
#include "emulator/regions.h"
#include "emulator/tensor_copy.h"
#include "emulator/thread.h"
#include "minimax/runtime/abi.h"

namespace minimax::runtime::emulator {

/// What all workers know about the kernel that they run.
struct LaunchPlan {
  mmrt_emulated_kernel_fn kernel = nullptr;
  std::string name;
  mmrt_launch_shape shape = {};
  void* const* arguments = nullptr;
  bool check = true;
  uint32_t number = 0;  // of the launch; cells know its low bits
  const Regions* regions = nullptr;
  int64_t units = 0;
};

/// A queue with room for all threads of a unit.
class ReadyQueue {
 public:
  void Reset(int threads);
  bool empty() const { return begin_ == end_; }
  void PushBack(Thread* thread) { slots_[end_++ & mask_] = thread; }
  void PushFront(Thread* thread) { slots_[--begin_ & mask_] = thread; }
  Thread* PopFront() { return slots_[begin_++ & mask_]; }

 private:
  std::vector<Thread*> slots_;
  uint32_t mask_ = 0;
  uint32_t begin_ = 0;
  uint32_t end_ = 0;
};

/// The barrier of all threads of a cluster.
struct ClusterBarrier {
  uint32_t phase = 0;
  int arrived = 0;
  std::vector<Thread*> waiting;
  Clocks* arriving = nullptr;
  Clocks* completed = nullptr;
};

class Worker {
 public:
  Worker() = default;
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Runs unit `unit` of the launch. Returns what was found, or "".
  std::string RunUnit(const LaunchPlan& plan, int64_t unit);
  /// Forgets accesses to shared memory, as Regions::Clear for global memory.
  void ClearCells();

  // What follows is for code that runs on fibers.

  /// The worker of this host thread while it runs a unit.
  static Worker& Current();
  Thread& running() { return *running_; }
  bool checking() const { return plan_->check; }
  uint32_t launch_number() const { return plan_->number; }
  const LaunchPlan& plan() const { return *plan_; }
  ClockPool& clocks() { return clocks_; }
  std::vector<Block>& blocks() { return blocks_; }
  std::vector<Thread>& threads() { return threads_; }
  Counters& counters() { return counters_; }
  TensorCopies& tensor_copies() { return tensor_copies_; }
  ClusterBarrier& cluster_barrier() { return cluster_barrier_; }
  /// Threads of the unit that have not returned.
  int unfinished() const { return unfinished_; }

  /// Called by the first thread of a block: sets up its shared memory, whose
  /// dynamic part begins at `static_bytes`.
  void BeginBlock(Block& block, int64_t static_bytes);
  /// Runs others until somebody wakes `thread`, which is the running one.
  void Suspend(Thread& thread, const char* operation, int64_t number = -1);
  /// Makes a suspended thread ready, after all that are ready or as the next.
  void Wake(Thread& thread) { ready_.PushBack(&thread); }
  void WakeNext(Thread& thread) { ready_.PushFront(&thread); }
  /// Ends the launch with a finding of the running thread's block.
  [[noreturn]] void Fail(const std::string& finding);
  /// As Fail, beginning with the name of `thread`.
  [[noreturn]] void Fail(const Thread& thread, const std::string& finding);

  /// The range of global memory with all these bytes, or null. An instruction,
  /// `site`, mostly stays in one range.
  const Region* FindRegion(uintptr_t address, int64_t bytes, int32_t site) {
    const Region*& last = last_regions_[site % kLastRegions];
    if (last != nullptr && last->Contains(address, bytes)) return last;
    const Region* const found = plan_->regions->Find(address, bytes);
    if (found != nullptr) last = found;
    return found;
  }
  /// Whether `address` is a local variable of the running `thread`.
  bool IsOnStack(const Thread& thread, const void* address) const {
    return stacks_.Contains(thread.stack, address);
  }

 private:
  static void FiberMain();
  void RunThreads();
  void SetUpUnit(int64_t unit);
  void SetUpBlock(Block& block, int rank, int64_t unit);
  void SetUpThread(Thread& thread, Block& block, int index, int64_t unit);
  void FinishThread(Thread& thread);
  /// Chooses who runs next; null is left in running_ for a new fiber or the
  /// worker itself.
  StackPointer Next();
  std::string DescribeDeadlock();

  const LaunchPlan* plan_ = nullptr;
  StackPool stacks_;
  ClockPool clocks_;
  ReadyQueue ready_;
  std::vector<Thread> threads_;
  std::vector<Block> blocks_;
  std::vector<char*> arenas_;
  std::vector<Cell*> arena_cells_;
  static constexpr int kLastRegions = 64;
  std::array<const Region*, kLastRegions> last_regions_ = {};
  Counters counters_ = {};
  TensorCopies tensor_copies_;
  ClusterBarrier cluster_barrier_;

  Thread* running_ = nullptr;
  StackPointer main_ = nullptr;
  int starting_stack_ = -1;
  size_t unstarted_ = 0;  // first thread that has not begun
  int unfinished_ = 0;
  std::string failure_;
};

/// Ends the phase of the cluster's barrier if all `unfinished` have come.
void CheckClusterBarrier(Worker& worker, int unfinished);

}  // namespace minimax::runtime::emulator

#endif  // MINIMAX_RUNTIME_EMULATOR_WORKER_H
