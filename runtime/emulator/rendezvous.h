//===- rendezvous.h - lanes of a warp that meet at an operation -*- C++ -*-===//
//
// Collective operations happen when the last lane has come to them.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_EMULATOR_RENDEZVOUS_H
#define MINIMAX_RUNTIME_EMULATOR_RENDEZVOUS_H

#include <cstdint>

#include "emulator/thread.h"
#include "emulator/worker.h"

namespace minimax::runtime::emulator {

constexpr uint32_t kAllLanes = ~0u;

/// Waits for the other lanes of `mask`. Returns null once the last of them has
/// done the operation, or the meeting if this is the last.
Rendezvous* Arrive(Thread& thread, uint32_t mask, const char* operation,
                   int32_t site, void* data);

/// Lets the lanes of `meeting` go on, this one first.
void Depart(Thread& thread, Rendezvous& meeting);

/// Tells those who wait for a lane that has returned.
void FinishLane(Thread& thread);

/// The thread of the same warp with this lane.
Thread& LaneOf(Thread& thread, int lane);

/// Calls `act(meeting)` on the last of the lanes of `mask`. `data` is what a
/// lane brings and takes, and lives until it goes on.
template <class Act>
void Meet(Thread& thread, uint32_t mask, const char* operation, int32_t site,
          void* data, Act act) {
  Rendezvous* const meeting = Arrive(thread, mask, operation, site, data);
  if (meeting == nullptr) return;
  act(*meeting);
  ++thread.worker->counters().collectives;
  Depart(thread, *meeting);
}

}  // namespace minimax::runtime::emulator

#endif  // MINIMAX_RUNTIME_EMULATOR_RENDEZVOUS_H
