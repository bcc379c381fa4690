//===- cells.cc - who accessed a word last --------------------------------===//
//
// Implements the comparison of an access with those before it.
//
//===----------------------------------------------------------------------===//
#include "emulator/cells.h"

#include <atomic>

namespace minimax::runtime::emulator {

static Cell Load(const Cell& cell) {
  return __atomic_load_n(&cell, __ATOMIC_RELAXED);
}

static void Store(Cell& cell, Cell value) {
  __atomic_store_n(&cell, value, __ATOMIC_RELAXED);
}

static bool IsWrite(Cell cell) { return (cell & kWriteBit) != 0; }

/// Whether `access` covers all bytes of `cell`.
static bool Covers(Cell access, Cell cell) {
  return (cell & ~access & kMaskBits) == 0;
}

/// What to do about an earlier access.
enum class Verdict {
  kKeep,     // it still matters
  kReplace,  // the new access stands for it from now on
  kKnown,    // it stands for the new access
  kRace,
};

static Verdict Compare(const Observer& observer, Cell access, bool is_global,
                       Cell cell) {
  if ((cell >> kLaunchShift) != (access >> kLaunchShift)) {
    return Verdict::kReplace;
  }
  if (!is_global && !observer.same_unit(cell)) return Verdict::kReplace;
  if ((cell & access & kMaskBits) == 0) return Verdict::kKeep;
  const bool replaces =
      Covers(access, cell) && (IsWrite(access) || !IsWrite(cell)) &&
      // A plain access says more than an atomic one.
      ((access & kAtomicBit) == 0 || (cell & kAtomicBit) != 0);
  if (CellIndex(cell) == CellIndex(access)) {
    const bool known = CellTick(cell) == CellTick(access) &&
                       Covers(cell, access) &&
                       (IsWrite(cell) || !IsWrite(access)) &&
                       ((cell & kAtomicBit) == 0 || (access & kAtomicBit) != 0);
    if (known) return Verdict::kKnown;
    return replaces ? Verdict::kReplace : Verdict::kKeep;
  }
  const bool ordered = observer.ordered_before(cell);
  const bool conflict = (IsWrite(access) || IsWrite(cell)) &&
                        !((access & cell & kAtomicBit) != 0);
  if (conflict && !ordered) return Verdict::kRace;
  return ordered && replaces ? Verdict::kReplace : Verdict::kKeep;
}

/// The cell to give up when all are of use: a read if there is one.
static int ChooseVictim(const Cell* word, Cell access) {
  const int start = static_cast<int>(CellIndex(access)) % kCellsPerWord;
  for (int i = 0; i < kCellsPerWord; ++i) {
    const int victim = (start + i) % kCellsPerWord;
    if (!IsWrite(Load(word[victim]))) return victim;
  }
  return start;
}

Cell RecordAccess(const Observer& observer, Cell access, bool is_global,
                  Cell* word) {
  if ((access & kWriteBit) == 0) {
    return RecordRead(observer, access, is_global, word);
  }
  access |= observer.stamp;
  int free = -1;
  for (int i = 0; i < kCellsPerWord; ++i) {
    const Cell cell = Load(word[i]);
    if (cell == 0) {
      if (free < 0) free = i;
      continue;
    }
    switch (Compare(observer, access, is_global, cell)) {
      case Verdict::kKeep:
        break;
      case Verdict::kKnown:
        return 0;
      case Verdict::kRace:
        return cell;
      case Verdict::kReplace:
        if (free < 0) {
          free = i;
        } else {
          Store(word[i], 0);
        }
        break;
    }
  }
  Store(word[free < 0 ? ChooseVictim(word, access) : free], access);
  return 0;
}

}  // namespace minimax::runtime::emulator
