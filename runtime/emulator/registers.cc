//===- registers.cc - what a kernel knows about its thread ----------------===//
//
// Entry of kernels, their wait for those before, special registers.
//
//===----------------------------------------------------------------------===//
#include <cstdint>

#include "emulator/thread.h"
#include "emulator/worker.h"
#include "minimax/runtime/emulated_abi.h"

using namespace minimax::runtime::emulator;  // NOLINT

mmrt_emulated_thread* mmrt_emulated_enter(int64_t static_shared_bytes) {
  Worker& worker = Worker::Current();
  Thread& thread = worker.running();
  if (thread.block->shared_bytes < 0) {
    worker.BeginBlock(*thread.block, static_shared_bytes);
  }
  return &thread;
}

mmrt_emulated_thread* mmrt_emulated_current() {
  return &Worker::Current().running();
}

int32_t mmrt_emulated_checking(mmrt_emulated_thread* thread) {
  return thread->worker->checking();
}

void* mmrt_emulated_shared(mmrt_emulated_thread* thread) {
  return thread->block->shared;
}

// Launches do not overlap here.
MMRT_EMULATED_OPERATION(griddepcontrol_wait) {
  (void)results;
  (void)operands;
  (void)site;
  thread->must_wait = false;
}

#define MMRT_EMULATED_REGISTER(NAME, VALUE)                         \
  int32_t mmrt_emulated_read_##NAME(mmrt_emulated_thread* thread) { \
    return static_cast<int32_t>(VALUE);                             \
  }
#define MMRT_EMULATED_REGISTER_XYZ(NAME, VALUES) \
  MMRT_EMULATED_REGISTER(NAME##_x, VALUES[0])    \
  MMRT_EMULATED_REGISTER(NAME##_y, VALUES[1])    \
  MMRT_EMULATED_REGISTER(NAME##_z, VALUES[2])
MMRT_EMULATED_REGISTER_XYZ(tid, thread->id)
MMRT_EMULATED_REGISTER_XYZ(ntid, thread->worker->plan().shape.block)
MMRT_EMULATED_REGISTER_XYZ(ctaid, thread->block->id)
MMRT_EMULATED_REGISTER_XYZ(nctaid, thread->worker->plan().shape.grid)
MMRT_EMULATED_REGISTER(laneid, thread->lane())
MMRT_EMULATED_REGISTER(warpid, thread->warp())
MMRT_EMULATED_REGISTER(nwarpid, thread->block->warps.size())
MMRT_EMULATED_REGISTER(warpsize, (static_cast<void>(thread), kWarpLanes))
MMRT_EMULATED_REGISTER(lanemask_eq, 1u << thread->lane())
MMRT_EMULATED_REGISTER(lanemask_le, (2u << thread->lane()) - 1)
MMRT_EMULATED_REGISTER(lanemask_lt, (1u << thread->lane()) - 1)
MMRT_EMULATED_REGISTER(lanemask_ge, ~0u << thread->lane())
MMRT_EMULATED_REGISTER(lanemask_gt, ~1u << thread->lane())

/// Rank of the block in its cluster, and the cluster's sizes.
static uint32_t RankOf(const mmrt_emulated_thread* thread) {
  return static_cast<uint32_t>(thread->block->first_thread /
                               thread->block->threads);
}
static const mmrt_launch_shape& ShapeOf(const mmrt_emulated_thread* thread) {
  return thread->worker->plan().shape;
}

#define MMRT_EMULATED_CLUSTER_REGISTERS(AXIS, I)                            \
  MMRT_EMULATED_REGISTER(cluster_ctaid_##AXIS,                              \
                         thread->block->id[I] % ShapeOf(thread).cluster[I]) \
  MMRT_EMULATED_REGISTER(cluster_nctaid_##AXIS, ShapeOf(thread).cluster[I]) \
  MMRT_EMULATED_REGISTER(clusterid_##AXIS,                                  \
                         thread->block->id[I] / ShapeOf(thread).cluster[I]) \
  MMRT_EMULATED_REGISTER(nclusterid_##AXIS,                                 \
                         ShapeOf(thread).grid[I] / ShapeOf(thread).cluster[I])
MMRT_EMULATED_CLUSTER_REGISTERS(x, 0)
MMRT_EMULATED_CLUSTER_REGISTERS(y, 1)
MMRT_EMULATED_CLUSTER_REGISTERS(z, 2)
MMRT_EMULATED_REGISTER(cluster_ctarank, RankOf(thread))
MMRT_EMULATED_REGISTER(cluster_nctarank, thread->worker->blocks().size())
