//===- rendezvous.cc - lanes of a warp that meet at an operation ----------===//
//
// Lanes wait for each other by mask; who comes to something else diverges.
//
//===----------------------------------------------------------------------===//
#include "emulator/rendezvous.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace minimax::runtime::emulator {

static Warp& WarpOf(Thread& thread) {
  return thread.block->warps[thread.warp()];
}

Thread& LaneOf(Thread& thread, int lane) {
  return thread.worker->threads()[thread.index - thread.lane() + lane];
}

static std::string DescribeOperation(const char* operation, int32_t site,
                                     uint32_t mask) {
  return absl::StrCat(operation, " (instruction ", site, ", lanes ",
                      absl::StrFormat("0x%x", mask), ")");
}

[[noreturn]] static void FailDivergence(Thread& thread, const Rendezvous& other,
                                        const std::string& what) {
  const int lane = __builtin_ctz(other.arrived);
  thread.worker->Fail(
      thread,
      absl::StrCat(what, " while ", DescribeThread(LaneOf(thread, lane)),
                   " of its warp waits for it at ",
                   DescribeOperation(other.operation, other.site, other.mask),
                   ": the warp has diverged"));
}

/// The meeting of `mask`, begun if need be.
static Rendezvous& FindMeeting(Thread& thread, uint32_t mask,
                               const char* operation, int32_t site) {
  Warp& warp = WarpOf(thread);
  for (Rendezvous& meeting : warp.meetings) {
    if ((meeting.mask & mask) == 0) continue;
    if (meeting.mask != mask || meeting.site != site) {
      FailDivergence(
          thread, meeting,
          absl::StrCat("comes to ", DescribeOperation(operation, site, mask)));
    }
    return meeting;
  }
  if ((mask & warp.finished) != 0) {
    const int lane = __builtin_ctz(mask & warp.finished);
    thread.worker->Fail(
        thread,
        absl::StrCat("comes to ", DescribeOperation(operation, site, mask),
                     ", but ", DescribeThread(LaneOf(thread, lane)),
                     " has returned: the warp has diverged"));
  }
  warp.meetings.push_back({operation, site, mask, 0, {}});
  return warp.meetings.back();
}

Rendezvous* Arrive(Thread& thread, uint32_t mask, const char* operation,
                   int32_t site, void* data) {
  const uint32_t lane_bit = 1u << thread.lane();
  mask &= WarpOf(thread).lanes;
  if ((mask & lane_bit) == 0) {
    thread.worker->Fail(
        thread,
        absl::StrCat("takes part in ", DescribeOperation(operation, site, mask),
                     ", whose mask does not have its lane"));
  }
  Rendezvous& meeting = FindMeeting(thread, mask, operation, site);
  meeting.data[thread.lane()] = data;
  meeting.arrived |= lane_bit;
  if (meeting.arrived == mask) return &meeting;
  thread.worker->Suspend(thread, operation);
  return nullptr;
}

void Depart(Thread& thread, Rendezvous& meeting) {
  for (int lane = kWarpLanes; lane-- > 0;) {
    if ((meeting.mask >> lane & 1) == 0 || lane == thread.lane()) continue;
    thread.worker->WakeNext(LaneOf(thread, lane));
  }
  std::vector<Rendezvous>& meetings = WarpOf(thread).meetings;
  meetings.erase(meetings.begin() + (&meeting - meetings.data()));
}

void FinishLane(Thread& thread) {
  Warp& warp = WarpOf(thread);
  const uint32_t lane_bit = 1u << thread.lane();
  warp.finished |= lane_bit;
  for (const Rendezvous& meeting : warp.meetings) {
    if ((meeting.mask & lane_bit) == 0) continue;
    FailDivergence(thread, meeting, "returns");
  }
}

}  // namespace minimax::runtime::emulator
