//===- cells.h - who accessed a word last -----------------------*- C++ -*-===//
//
// Four cells describe the last accesses to each 8 bytes of memory. An access
// is compared with them: if one of both writes, they overlap, and neither is
// known to have ended before the other began, they race.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_EMULATOR_CELLS_H
#define MINIMAX_RUNTIME_EMULATOR_CELLS_H

#include <cstdint>

namespace minimax::runtime::emulator {

/// One access, packed. From the top: 8 bits number of the launch, 26 bits
/// index of the thread in the launch, 20 bits tick of its clock, 8 bits which
/// bytes of the word, 1 bit whether it writes, 1 bit whether it is atomic.
/// Indices and ticks that do not fit are cut off: a race may then be missed.
/// 0 is no access.
using Cell = uint64_t;

constexpr int kWordBytes = 8;
constexpr int kCellsPerWord = 4;
constexpr Cell kAtomicBit = 1;
constexpr Cell kWriteBit = 2;
constexpr int kMaskShift = 2;
constexpr Cell kMaskBits = Cell{0xff} << kMaskShift;
constexpr int kTickShift = 10;
constexpr uint32_t kTickBits = (1u << 20) - 1;
constexpr int kIndexShift = 30;
constexpr uint32_t kIndexBits = (1u << 26) - 1;
constexpr int kLaunchShift = 56;

inline Cell MakeStamp(uint32_t launch, uint32_t index, uint32_t tick) {
  return Cell{launch & 0xff} << kLaunchShift |
         Cell{index & kIndexBits} << kIndexShift |
         Cell{tick & kTickBits} << kTickShift;
}
inline uint32_t CellLaunch(Cell cell) { return cell >> kLaunchShift; }
inline uint32_t CellIndex(Cell cell) {
  return cell >> kIndexShift & kIndexBits;
}
inline uint32_t CellTick(Cell cell) { return cell >> kTickShift & kTickBits; }

/// What a thread needs to compare its accesses with others'.
struct Observer {
  /// Launch, index and tick of the thread as in a cell.
  Cell stamp = 0;
  /// Ticks that the thread has seen of its unit's threads, see Clocks.
  const uint32_t* seen = nullptr;
  /// Index of the unit's first thread, and how many it has.
  uint32_t first_index = 0;
  uint32_t threads = 0;
  /// Whether the access is of a thread of this unit that this one has seen.
  bool ordered_before(Cell cell) const {
    const uint32_t local = (CellIndex(cell) - first_index) & kIndexBits;
    if (local >= threads) return false;
    return ((seen[local] - CellTick(cell)) & kTickBits) <= kTickBits / 2;
  }
  bool same_unit(Cell cell) const {
    return ((CellIndex(cell) - first_index) & kIndexBits) < threads;
  }
};

/// As RecordAccess, of a read that is not atomic.
inline Cell RecordRead(const Observer& observer, Cell access, bool is_global,
                       Cell* word) {
  access |= observer.stamp;
  uint32_t writes = 0;  // cells that must stay
  for (int i = 0; i < kCellsPerWord; ++i) {
    const Cell cell = __atomic_load_n(&word[i], __ATOMIC_RELAXED);
    if ((cell ^ access) >> kLaunchShift != 0) continue;
    if ((cell & kWriteBit) == 0) continue;
    if (!is_global && !observer.same_unit(cell)) continue;
    writes |= 1u << i;
    if ((cell & access & kMaskBits) == 0) continue;
    if (CellIndex(cell) == CellIndex(access)) continue;
    if (!observer.ordered_before(cell)) return cell;
  }
  // Neighbours, who read the same word at the same time, keep a cell each.
  uint32_t slot = CellIndex(access) % kCellsPerWord;
  for (int i = 0; i < kCellsPerWord; ++i) {
    if ((writes >> slot & 1) == 0) {
      Cell* const own = &word[slot];
      if (__atomic_load_n(own, __ATOMIC_RELAXED) != access) {
        __atomic_store_n(own, access, __ATOMIC_RELAXED);
      }
      break;
    }
    slot = (slot + 1) % kCellsPerWord;
  }
  return 0;
}

/// Records an access of `observer` in the four cells at `word`, and returns
/// the access that it races with, or 0. `access` has mask, write and atomic
/// bits. Other host threads may use the same cells at the same time. Cells of
/// other units count in global memory, and are left over in shared memory.
Cell RecordAccess(const Observer& observer, Cell access, bool is_global,
                  Cell* word);

}  // namespace minimax::runtime::emulator

#endif  // MINIMAX_RUNTIME_EMULATOR_CELLS_H
