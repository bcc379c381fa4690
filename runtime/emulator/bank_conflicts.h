//===- bank_conflicts.h - what accesses to shared memory cost ---*- C++ -*-===//
//
// Shared memory has 32 banks of 4 bytes. Lanes of a warp that access different
// words of one bank in one instruction take turns.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_EMULATOR_BANK_CONFLICTS_H
#define MINIMAX_RUNTIME_EMULATOR_BANK_CONFLICTS_H

#include <array>
#include <cstdint>
#include <unordered_map>

namespace minimax::runtime::emulator {

/// Cycles beyond the first that `lanes` accesses of `bytes` each at `offsets`
/// take. Accesses of 8 bytes go by half warps, those of 16 by quarters.
int CountBankConflicts(const uint32_t* offsets, int lanes, int64_t bytes);

/// The first executions of each instruction by one warp. Lanes run one after
/// the other: the nth execution of one belongs to the nth of the others.
class BankSampler {
 public:
  void Clear() { samples_.clear(); }
  void Add(int32_t site, int lane, uint32_t offset, int64_t bytes);
  /// Adds what the samples cost to the counts.
  void Evaluate(int64_t* conflicts, int64_t* accesses) const;

 private:
  static constexpr int kExecutions = 4;
  static constexpr int kLanes = 32;
  struct Sample {
    int64_t bytes = 0;
    std::array<uint8_t, kLanes> counts = {};
    std::array<uint32_t, kExecutions> lanes = {};  // one bit each
    uint32_t offsets[kExecutions][kLanes];
  };
  std::unordered_map<int32_t, Sample> samples_;  // by site
};

}  // namespace minimax::runtime::emulator

#endif  // MINIMAX_RUNTIME_EMULATOR_BANK_CONFLICTS_H
