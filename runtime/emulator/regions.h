//===- regions.h - the global memory that kernels may touch -----*- C++ -*-===//
//
// Registered ranges of host memory and the cells of their words.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_EMULATOR_REGIONS_H
#define MINIMAX_RUNTIME_EMULATOR_REGIONS_H

#include <cstdint>
#include <map>
#include <string>

#include "emulator/cells.h"

namespace minimax::runtime::emulator {

struct Region {
  uintptr_t begin = 0;
  uintptr_t end = 0;
  /// kCellsPerWord for each word from the one that holds `begin`.
  Cell* cells = nullptr;

  bool Contains(uintptr_t address, int64_t bytes) const {
    return address >= begin && address <= end &&
           static_cast<uint64_t>(bytes) <= end - address;
  }
  Cell* CellsOf(uintptr_t address) const {
    return cells + (address / kWordBytes - begin / kWordBytes) * kCellsPerWord;
  }
};

/// All ranges. Changed only while no kernel runs.
class Regions {
 public:
  Regions() = default;
  ~Regions();
  Regions(const Regions&) = delete;
  Regions& operator=(const Regions&) = delete;

  void Add(const void* begin, int64_t bytes);
  void Remove(const void* begin);
  /// Forgets all accesses.
  void Clear();
  bool empty() const { return regions_.empty(); }
  /// The range that holds all the bytes, or null.
  const Region* Find(uintptr_t address, int64_t bytes) const;
  /// How `address` lies to the nearest range, for messages.
  std::string Describe(uintptr_t address) const;

 private:
  std::map<uintptr_t, Region> regions_;  // by begin
};

/// Bytes of address space for cells; what is not touched costs nothing.
Cell* MapCells(int64_t cells);
void UnmapCells(Cell* cells, int64_t count);
/// Sets all cells to 0.
void ClearCells(Cell* cells, int64_t count);

}  // namespace minimax::runtime::emulator

#endif  // MINIMAX_RUNTIME_EMULATOR_REGIONS_H
