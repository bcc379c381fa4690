//===- barrier.cc - the barriers of a block -------------------------------===//
//
// Counts threads at barriers, and orders what they did before.
//
//===----------------------------------------------------------------------===//
#include "emulator/barrier.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "emulator/rendezvous.h"
#include "emulator/worker.h"
#include "minimax/runtime/emulated_abi.h"

namespace minimax::runtime::emulator {

void ResetBarrier(Barrier& barrier) {
  barrier.expected = 0;
  barrier.arrived = 0;
  barrier.waiting.clear();
  barrier.handed_over = nullptr;
  barrier.sites.fill(-1);
}

static int Expected(const Block& block, const Barrier& barrier) {
  return barrier.expected == 0 ? block.unfinished : barrier.expected;
}

/// Lets all that wait go on; `running` is null or one of them.
static void CompleteBarrier(Block& block, Barrier& barrier,
                            const Thread* running) {
  std::vector<Thread*> waiting;
  std::swap(waiting, barrier.waiting);
  if (!waiting.empty()) {
    JoinThreads(waiting.data(), static_cast<int>(waiting.size()),
                barrier.handed_over);
  }
  if (barrier.handed_over != nullptr) {
    block.worker->clocks().Release(barrier.handed_over);
  }
  ResetBarrier(barrier);
  ++block.worker->counters().barriers;
  for (Thread* thread : waiting) {
    if (thread != running) block.worker->Wake(*thread);
  }
  // Keeps its memory for the next time.
  waiting.clear();
  std::swap(waiting, barrier.waiting);
}

void CheckBarriersAfterExit(Block& block) {
  for (Barrier& barrier : block.barriers) {
    if (barrier.arrived == 0 || barrier.expected != 0) continue;
    if (barrier.arrived >= block.unfinished) {
      CompleteBarrier(block, barrier, nullptr);
    }
  }
}

static Barrier& FindBarrier(Thread& thread, const char* operation, int32_t id,
                            int32_t count) {
  Worker& worker = *thread.worker;
  Block& block = *thread.block;
  if (id < 0 || id >= static_cast<int>(block.barriers.size())) {
    worker.Fail(thread, absl::StrCat("comes to ", operation, " ", id,
                                     ", but barriers are numbered 0 to 15"));
  }
  if (count % kWarpLanes != 0 || count < 0) {
    worker.Fail(thread,
                absl::StrCat("comes to ", operation, " ", id, " of ", count,
                             " threads, which is no multiple of 32"));
  }
  Barrier& barrier = block.barriers[id];
  if (barrier.arrived > 0 && barrier.expected != count) {
    worker.Fail(thread,
                absl::StrCat("comes to ", operation, " ", id, " of ", count,
                             " threads, but others wait there for ",
                             barrier.expected, " (0: all)"));
  }
  barrier.expected = count;
  return barrier;
}

/// The lanes of a warp must come from the same instruction.
static void CheckSite(Thread& thread, const char* operation, int32_t id,
                      int32_t site, Barrier& barrier) {
  int32_t& expected = barrier.sites[thread.warp()];
  if (expected < 0) expected = site;
  if (expected == site) return;
  thread.worker->Fail(
      thread, absl::StrCat("comes to ", operation, " ", id, " (instruction ",
                           site, "), another lane of its warp to instruction ",
                           expected, ": the warp has diverged"));
}

static void SyncBarrier(Thread& thread, int32_t id, int32_t count,
                        int32_t site) {
  Block& block = *thread.block;
  Barrier& barrier = FindBarrier(thread, "bar.sync", id, count);
  CheckSite(thread, "bar.sync", id, site, barrier);
  barrier.waiting.push_back(&thread);
  if (++barrier.arrived >= Expected(block, barrier)) {
    CompleteBarrier(block, barrier, &thread);
    return;
  }
  thread.worker->Suspend(thread, "bar.sync", id);
}

static void ArriveAtBarrier(Thread& thread, int32_t id, int32_t count,
                            int32_t site) {
  Block& block = *thread.block;
  Barrier& barrier = FindBarrier(thread, "bar.arrive", id, count);
  CheckSite(thread, "bar.arrive", id, site, barrier);
  ReleaseInto(thread, &barrier.handed_over);
  if (++barrier.arrived >= Expected(block, barrier)) {
    CompleteBarrier(block, barrier, nullptr);
  }
}

/// A barrier that also counts the threads with a nonzero value. Nobody adds to
/// the count again before everybody has read it and taken its own value back.
static int CountAtBarrier(Thread& thread, int32_t value, int32_t site) {
  Block& block = *thread.block;
  block.votes += value != 0;
  SyncBarrier(thread, 0, 0, site);
  const int votes = block.votes;
  SyncBarrier(thread, 0, 0, site);
  block.votes -= value != 0;
  return votes;
}

namespace {
struct BarrierOperands {
  int32_t id;
  int32_t count;
};
}  // namespace

static const BarrierOperands& Read(const void* operands) {
  return *static_cast<const BarrierOperands*>(operands);
}

}  // namespace minimax::runtime::emulator

using namespace minimax::runtime::emulator;  // NOLINT

MMRT_EMULATED_OPERATION(barrier0) { SyncBarrier(*thread, 0, 0, site); }
MMRT_EMULATED_OPERATION(barrier_n) {
  SyncBarrier(*thread, Read(operands).id, 0, site);
}
MMRT_EMULATED_OPERATION(bar_sync) {
  SyncBarrier(*thread, Read(operands).id, 0, site);
}
MMRT_EMULATED_OPERATION(barrier_sync) {
  SyncBarrier(*thread, Read(operands).id, 0, site);
}
MMRT_EMULATED_OPERATION(barrier) {
  SyncBarrier(*thread, Read(operands).id, Read(operands).count, site);
}
MMRT_EMULATED_OPERATION(barrier_sync_cnt) {
  SyncBarrier(*thread, Read(operands).id, Read(operands).count, site);
}
MMRT_EMULATED_OPERATION(barrier_arrive) {
  ArriveAtBarrier(*thread, Read(operands).id, Read(operands).count, site);
}
MMRT_EMULATED_OPERATION(barrier0_popc) {
  *static_cast<int32_t*>(results) =
      CountAtBarrier(*thread, Read(operands).id, site);
}
MMRT_EMULATED_OPERATION(barrier0_and) {
  *static_cast<int32_t*>(results) =
      CountAtBarrier(*thread, Read(operands).id == 0, site) == 0;
}
MMRT_EMULATED_OPERATION(barrier0_or) {
  *static_cast<int32_t*>(results) =
      CountAtBarrier(*thread, Read(operands).id, site) != 0;
}

MMRT_EMULATED_OPERATION(bar_warp_sync) {
  const uint32_t mask = *static_cast<const uint32_t*>(operands);
  Meet(*thread, mask, "bar.warp.sync", site, thread,
       [](const Rendezvous& meeting) {
         Thread* threads[kWarpLanes];
         int count = 0;
         for (int lane = 0; lane < kWarpLanes; ++lane) {
           if ((meeting.mask >> lane & 1) == 0) continue;
           threads[count++] = static_cast<Thread*>(meeting.data[lane]);
         }
         JoinThreads(threads, count, nullptr);
       });
}
