//===- collectives.cc - shuffles, votes and reductions of a warp ----------===//
//
// What lanes exchange without memory. None of it orders accesses to memory;
// bar.warp.sync does.
//
//===----------------------------------------------------------------------===//
#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "emulator/rendezvous.h"
#include "minimax/runtime/emulated_abi.h"

namespace minimax::runtime::emulator {

namespace {

struct ShuffleOperands {
  uint32_t mask;
  uint32_t value;
  uint32_t lane;   // or distance
  uint32_t clamp;  // and, from bit 8, which bits of a lane name its segment
};

struct ShuffleResults {
  uint32_t value;
  uint8_t in_range;  // only of the forms that end in p
};

enum class Shuffle { kIndex, kButterfly, kUp, kDown };

/// One lane's part in an operation.
struct LaneData {
  const void* operands;
  void* results;
};

}  // namespace

static const LaneData& DataOf(const Rendezvous& meeting, int lane) {
  return *static_cast<const LaneData*>(meeting.data[lane]);
}

/// The lane that `lane` reads, and whether it is in range: the pseudocode of
/// shfl.sync in the PTX ISA.
static int SourceLane(Shuffle shuffle, int lane,
                      const ShuffleOperands& operands, bool* in_range) {
  const int distance = operands.lane & 31;
  const int clamp = operands.clamp & 31;
  const int segment = operands.clamp >> 8 & 31;
  const int last = (lane & segment) | (clamp & ~segment);
  int source = lane;
  switch (shuffle) {
    case Shuffle::kIndex:
      source = (lane & segment) | (distance & ~segment);
      break;
    case Shuffle::kButterfly:
      source = lane ^ distance;
      break;
    case Shuffle::kUp:
      source = lane - distance;
      *in_range = source >= last;
      return *in_range ? source : lane;
    case Shuffle::kDown:
      source = lane + distance;
      break;
  }
  *in_range = source <= last;
  return *in_range ? source : lane;
}

static void ShuffleLane(Thread& thread, const Rendezvous& meeting,
                        Shuffle shuffle, bool has_predicate, int lane) {
  const LaneData& data = DataOf(meeting, lane);
  const auto& operands = *static_cast<const ShuffleOperands*>(data.operands);
  bool in_range = false;
  const int source = SourceLane(shuffle, lane, operands, &in_range);
  if ((meeting.mask >> source & 1) == 0) {
    thread.worker->Fail(
        LaneOf(thread, lane),
        absl::StrCat("reads lane ", source, " by ", meeting.operation,
                     ", which takes no part in it"));
  }
  const LaneData& from = DataOf(meeting, source);
  auto* const results = static_cast<ShuffleResults*>(data.results);
  results->value = static_cast<const ShuffleOperands*>(from.operands)->value;
  if (has_predicate) results->in_range = in_range;
}

static void ShuffleLanes(Thread& thread, Shuffle shuffle, const char* name,
                         bool has_predicate, void* results,
                         const void* operands, int32_t site) {
  LaneData data = {operands, results};
  const uint32_t mask = static_cast<const ShuffleOperands*>(operands)->mask;
  Meet(thread, mask, name, site, &data, [&](const Rendezvous& meeting) {
    for (int lane = 0; lane < kWarpLanes; ++lane) {
      if ((meeting.mask >> lane & 1) == 0) continue;
      ShuffleLane(thread, meeting, shuffle, has_predicate, lane);
    }
  });
}

/// Gives every lane `combine(meeting)`, a number.
template <class Operands, class Result, class Combine>
static void ForAllLanes(Thread& thread, uint32_t mask, const char* name,
                        void* results, const Operands& operands, int32_t site,
                        Combine combine) {
  LaneData data = {&operands, results};
  Meet(thread, mask, name, site, &data, [&](const Rendezvous& meeting) {
    const Operands* lanes[kWarpLanes];
    int count = 0;
    for (int lane = 0; lane < kWarpLanes; ++lane) {
      if ((meeting.mask >> lane & 1) == 0) continue;
      lanes[count++] =
          static_cast<const Operands*>(DataOf(meeting, lane).operands);
    }
    const Result result = combine(meeting, lanes, count);
    for (int lane = 0; lane < kWarpLanes; ++lane) {
      if ((meeting.mask >> lane & 1) == 0) continue;
      *static_cast<Result*>(DataOf(meeting, lane).results) = result;
    }
  });
}

namespace {
struct VoteOperands {
  uint32_t mask;
  uint8_t value;
};
struct MatchOperands {
  uint32_t mask;
  uint32_t value;
};
struct ReduceOperands {
  uint32_t value;
  uint32_t mask;
};
}  // namespace

/// Which lanes vote yes.
static uint32_t Ballot(const Rendezvous& meeting) {
  uint32_t ballot = 0;
  for (int lane = 0; lane < kWarpLanes; ++lane) {
    if ((meeting.mask >> lane & 1) == 0) continue;
    const auto* const vote =
        static_cast<const VoteOperands*>(DataOf(meeting, lane).operands);
    ballot |= static_cast<uint32_t>(vote->value & 1) << lane;
  }
  return ballot;
}

template <class Result, class Judge>
static void Vote(Thread& thread, const char* name, void* results,
                 const void* operands, int32_t site, Judge judge) {
  const auto& vote = *static_cast<const VoteOperands*>(operands);
  ForAllLanes<VoteOperands, Result>(
      thread, vote.mask, name, results, vote, site,
      [&](const Rendezvous& meeting, const VoteOperands* const*, int) {
        return static_cast<Result>(judge(Ballot(meeting), meeting.mask));
      });
}

template <class Number, class Combine>
static void Reduce(Thread& thread, const char* name, void* results,
                   const void* operands, int32_t site, Combine combine) {
  const auto& own = *static_cast<const ReduceOperands*>(operands);
  ForAllLanes<ReduceOperands, uint32_t>(
      thread, own.mask, name, results, own, site,
      [&](const Rendezvous&, const ReduceOperands* const* lanes, int count) {
        Number value = static_cast<Number>(lanes[0]->value);
        for (int i = 1; i < count; ++i) {
          value = combine(value, static_cast<Number>(lanes[i]->value));
        }
        return static_cast<uint32_t>(value);
      });
}

/// For each lane the lanes with its value.
static void MatchAny(const Rendezvous& meeting) {
  for (int lane = 0; lane < kWarpLanes; ++lane) {
    if ((meeting.mask >> lane & 1) == 0) continue;
    const LaneData& data = DataOf(meeting, lane);
    const auto value = static_cast<const MatchOperands*>(data.operands)->value;
    uint32_t equal = 0;
    for (int other = 0; other < kWarpLanes; ++other) {
      if ((meeting.mask >> other & 1) == 0) continue;
      const void* const operands = DataOf(meeting, other).operands;
      if (static_cast<const MatchOperands*>(operands)->value == value) {
        equal |= 1u << other;
      }
    }
    *static_cast<uint32_t*>(data.results) = equal;
  }
}

}  // namespace minimax::runtime::emulator

using namespace minimax::runtime::emulator;  // NOLINT

#define MMRT_EMULATED_SHUFFLE(NAME, TEXT, KIND)                        \
  MMRT_EMULATED_OPERATION(shfl_sync_##NAME##_i32) {                    \
    ShuffleLanes(*thread, KIND, TEXT, false, results, operands, site); \
  }                                                                    \
  MMRT_EMULATED_OPERATION(shfl_sync_##NAME##_f32) {                    \
    ShuffleLanes(*thread, KIND, TEXT, false, results, operands, site); \
  }                                                                    \
  MMRT_EMULATED_OPERATION(shfl_sync_##NAME##_i32p) {                   \
    ShuffleLanes(*thread, KIND, TEXT, true, results, operands, site);  \
  }                                                                    \
  MMRT_EMULATED_OPERATION(shfl_sync_##NAME##_f32p) {                   \
    ShuffleLanes(*thread, KIND, TEXT, true, results, operands, site);  \
  }
MMRT_EMULATED_SHUFFLE(idx, "shfl.sync.idx", Shuffle::kIndex)
MMRT_EMULATED_SHUFFLE(bfly, "shfl.sync.bfly", Shuffle::kButterfly)
MMRT_EMULATED_SHUFFLE(up, "shfl.sync.up", Shuffle::kUp)
MMRT_EMULATED_SHUFFLE(down, "shfl.sync.down", Shuffle::kDown)

MMRT_EMULATED_OPERATION(vote_all_sync) {
  Vote<uint8_t>(*thread, "vote.sync.all", results, operands, site,
                [](uint32_t ballot, uint32_t mask) { return ballot == mask; });
}
MMRT_EMULATED_OPERATION(vote_any_sync) {
  Vote<uint8_t>(*thread, "vote.sync.any", results, operands, site,
                [](uint32_t ballot, uint32_t) { return ballot != 0; });
}
MMRT_EMULATED_OPERATION(vote_uni_sync) {
  Vote<uint8_t>(*thread, "vote.sync.uni", results, operands, site,
                [](uint32_t ballot, uint32_t mask) {
                  return ballot == mask || ballot == 0;
                });
}
MMRT_EMULATED_OPERATION(vote_ballot_sync) {
  Vote<uint32_t>(*thread, "vote.sync.ballot", results, operands, site,
                 [](uint32_t ballot, uint32_t) { return ballot; });
}

MMRT_EMULATED_OPERATION(match_any_sync_i32) {
  LaneData data = {operands, results};
  const auto& own = *static_cast<const MatchOperands*>(operands);
  Meet(*thread, own.mask, "match.any.sync", site, &data, MatchAny);
}
MMRT_EMULATED_OPERATION(match_all_sync_i32p) {
  const auto& own = *static_cast<const MatchOperands*>(operands);
  ForAllLanes<MatchOperands, ShuffleResults>(
      *thread, own.mask, "match.all.sync", results, own, site,
      [](const Rendezvous& meeting, const MatchOperands* const* lanes,
         int count) {
        for (int i = 1; i < count; ++i) {
          if (lanes[i]->value != lanes[0]->value) return ShuffleResults{0, 0};
        }
        return ShuffleResults{meeting.mask, 1};
      });
}

// Which lanes run together is not modelled: all that have not returned.
MMRT_EMULATED_OPERATION(activemask) {
  (void)operands;
  (void)site;
  const Warp& warp = thread->block->warps[thread->warp()];
  *static_cast<uint32_t*>(results) = warp.lanes & ~warp.finished;
}

#define MMRT_EMULATED_REDUCE(NAME, TEXT, NUMBER, EXPRESSION)                 \
  MMRT_EMULATED_OPERATION(redux_sync_##NAME) {                               \
    Reduce<NUMBER>(*thread, TEXT, results, operands, site,                   \
                   [](NUMBER a, NUMBER b) -> NUMBER { return EXPRESSION; }); \
  }
MMRT_EMULATED_REDUCE(add, "redux.sync.add", uint32_t, a + b)
MMRT_EMULATED_REDUCE(min, "redux.sync.min", int32_t, std::min(a, b))
MMRT_EMULATED_REDUCE(max, "redux.sync.max", int32_t, std::max(a, b))
MMRT_EMULATED_REDUCE(umin, "redux.sync.umin", uint32_t, std::min(a, b))
MMRT_EMULATED_REDUCE(umax, "redux.sync.umax", uint32_t, std::max(a, b))
MMRT_EMULATED_REDUCE(and, "redux.sync.and", uint32_t, a& b)
MMRT_EMULATED_REDUCE(or, "redux.sync.or", uint32_t, a | b)
MMRT_EMULATED_REDUCE(xor, "redux.sync.xor", uint32_t, a ^ b)
