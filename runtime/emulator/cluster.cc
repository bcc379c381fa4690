//===- cluster.cc - blocks of a cluster -----------------------------------===//
//
// Barriers of all threads of a cluster, addresses in each other's memory, and
// elect.sync.
//
//===----------------------------------------------------------------------===//
#include "absl/strings/str_cat.h"
#include "emulator/memory.h"
#include "emulator/rendezvous.h"
#include "emulator/worker.h"
#include "minimax/runtime/emulated_abi.h"

namespace minimax::runtime::emulator {

void CheckClusterBarrier(Worker& worker, int unfinished) {
  ClusterBarrier& barrier = worker.cluster_barrier();
  if (barrier.arrived == 0 || barrier.arrived < unfinished) return;
  barrier.arrived = 0;
  ++barrier.phase;
  if (barrier.arriving != nullptr) {
    MergeInto(worker, *barrier.arriving, &barrier.completed);
    worker.clocks().Release(barrier.arriving);
    barrier.arriving = nullptr;
  }
  for (Thread* thread : barrier.waiting) worker.Wake(*thread);
  barrier.waiting.clear();
}

static void ArriveAtCluster(Thread& thread, bool releases) {
  Worker& worker = *thread.worker;
  if (thread.cluster_phase != worker.cluster_barrier().phase) {
    worker.Fail(thread,
                "arrives twice at the cluster's barrier without a wait");
  }
  ++thread.cluster_phase;
  if (releases) ReleaseInto(thread, &worker.cluster_barrier().arriving);
  ++worker.cluster_barrier().arrived;
  CheckClusterBarrier(worker, worker.unfinished());
}

static void WaitForCluster(Thread& thread) {
  Worker& worker = *thread.worker;
  ClusterBarrier& barrier = worker.cluster_barrier();
  while (barrier.phase < thread.cluster_phase) {
    barrier.waiting.push_back(&thread);
    worker.Suspend(thread, "barrier.cluster.wait");
  }
  if (barrier.completed != nullptr) AcquireFrom(thread, *barrier.completed);
}

namespace {
struct MapOperands {
  char* address;
  uint32_t rank;
};
}  // namespace

/// The same place in the shared memory of block `rank` of the cluster.
static char* MapAddress(Thread& thread, const MapOperands& operands) {
  std::vector<Block>& blocks = thread.worker->blocks();
  if (operands.rank >= blocks.size()) {
    thread.worker->Fail(thread,
                        absl::StrCat("maps an address to block ", operands.rank,
                                     " of a cluster of ", blocks.size()));
  }
  return blocks[operands.rank].shared +
         thread.block->SharedOffset(operands.address);
}

namespace {
struct Election {
  uint8_t* elected;
};
}  // namespace

}  // namespace minimax::runtime::emulator

using namespace minimax::runtime::emulator;  // NOLINT

MMRT_EMULATED_OPERATION(barrier_cluster_arrive) {
  ArriveAtCluster(*thread, true);
}
MMRT_EMULATED_OPERATION(barrier_cluster_arrive_aligned) {
  ArriveAtCluster(*thread, true);
}
MMRT_EMULATED_OPERATION(barrier_cluster_arrive_relaxed) {
  ArriveAtCluster(*thread, false);
}
MMRT_EMULATED_OPERATION(barrier_cluster_arrive_relaxed_aligned) {
  ArriveAtCluster(*thread, false);
}
MMRT_EMULATED_OPERATION(barrier_cluster_wait) { WaitForCluster(*thread); }
MMRT_EMULATED_OPERATION(barrier_cluster_wait_aligned) {
  WaitForCluster(*thread);
}
MMRT_EMULATED_OPERATION(mapa_shared_cluster) {
  *static_cast<char**>(results) =
      MapAddress(*thread, *static_cast<const MapOperands*>(operands));
}
MMRT_EMULATED_OPERATION(mapa) {
  *static_cast<char**>(results) =
      MapAddress(*thread, *static_cast<const MapOperands*>(operands));
}
MMRT_EMULATED_OPERATION(elect_sync) {
  Election election = {static_cast<uint8_t*>(results)};
  Meet(*thread, kAllLanes, "elect.sync", site, &election,
       [](const Rendezvous& meeting) {
         const int first = __builtin_ctz(meeting.mask);
         for (int lane = 0; lane < kWarpLanes; ++lane) {
           if ((meeting.mask >> lane & 1) == 0) continue;
           *static_cast<Election*>(meeting.data[lane])->elected = lane == first;
         }
       });
}
