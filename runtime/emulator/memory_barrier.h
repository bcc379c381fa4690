//===- memory_barrier.h - mbarriers -----------------------------*- C++ -*-===//
//
// Barriers in shared memory that count threads and bytes.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_EMULATOR_MEMORY_BARRIER_H
#define MINIMAX_RUNTIME_EMULATOR_MEMORY_BARRIER_H

#include "emulator/thread.h"
#include "emulator/worker.h"

namespace minimax::runtime::emulator {

/// The barrier at `address`, which must have been initialised. `thread` is who
/// uses it.
MemoryBarrier& FindMemoryBarrier(Thread& thread, const void* address);

/// Ends the phase if nothing is missing.
void CheckPhase(Worker& worker, MemoryBarrier& barrier);

}  // namespace minimax::runtime::emulator

#endif  // MINIMAX_RUNTIME_EMULATOR_MEMORY_BARRIER_H
