//===- bank_conflicts.cc - what accesses to shared memory cost ------------===//
//
// Counts the words that each bank must give in one cycle.
//
//===----------------------------------------------------------------------===//
#include "emulator/bank_conflicts.h"

#include <algorithm>

namespace minimax::runtime::emulator {

static constexpr int kBanks = 32;

/// Of accesses that happen in one cycle if there are no conflicts.
static int CountInCycle(const uint32_t* offsets, int lanes, int64_t bytes) {
  uint32_t words[kBanks][kBanks];
  int counts[kBanks] = {};
  int most = 1;
  for (int lane = 0; lane < lanes; ++lane) {
    const uint32_t end = (offsets[lane] + static_cast<uint32_t>(bytes) + 3) / 4;
    for (uint32_t word = offsets[lane] / 4; word < end; ++word) {
      const uint32_t bank = word % kBanks;
      uint32_t* const first = words[bank];
      if (std::find(first, first + counts[bank], word) !=
          first + counts[bank]) {
        continue;
      }
      first[counts[bank]++] = word;
      most = std::max(most, counts[bank]);
    }
  }
  return most - 1;
}

int CountBankConflicts(const uint32_t* offsets, int lanes, int64_t bytes) {
  const int at_once =
      bytes <= 4 ? kBanks : std::max<int>(1, static_cast<int>(128 / bytes));
  int conflicts = 0;
  for (int first = 0; first < lanes; first += at_once) {
    conflicts +=
        CountInCycle(offsets + first, std::min(at_once, lanes - first), bytes);
  }
  return conflicts;
}

void BankSampler::Add(int32_t site, int lane, uint32_t offset, int64_t bytes) {
  Sample& sample = samples_[site];
  const int execution = sample.counts[lane];
  if (execution >= kExecutions) return;
  ++sample.counts[lane];
  sample.bytes = bytes;
  sample.lanes[execution] |= 1u << lane;
  sample.offsets[execution][lane] = offset;
}

void BankSampler::Evaluate(int64_t* conflicts, int64_t* accesses) const {
  for (const auto& [site, sample] : samples_) {
    for (int execution = 0; execution < kExecutions; ++execution) {
      uint32_t offsets[kLanes];
      int lanes = 0;
      for (int lane = 0; lane < kLanes; ++lane) {
        if ((sample.lanes[execution] >> lane & 1) == 0) continue;
        offsets[lanes++] = sample.offsets[execution][lane];
      }
      if (lanes == 0) continue;
      *conflicts += CountBankConflicts(offsets, lanes, sample.bytes);
      ++*accesses;
    }
  }
}

}  // namespace minimax::runtime::emulator
