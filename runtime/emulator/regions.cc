//===- regions.cc - the global memory that kernels may touch --------------===//
//
// Implements the ranges of registered memory.
//
//===----------------------------------------------------------------------===//
#include "emulator/regions.h"

#include <sys/mman.h>

#include <cstdlib>
#include <iterator>

#include "absl/strings/str_cat.h"

namespace minimax::runtime::emulator {

Cell* MapCells(int64_t cells) {
  void* memory = mmap(nullptr, cells * sizeof(Cell), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) std::abort();
  return static_cast<Cell*>(memory);
}

void UnmapCells(Cell* cells, int64_t count) {
  munmap(cells, count * sizeof(Cell));
}

void ClearCells(Cell* cells, int64_t count) {
  madvise(cells, count * sizeof(Cell), MADV_DONTNEED);
}

static int64_t CountCells(const Region& region) {
  return (static_cast<int64_t>(region.end / kWordBytes -
                               region.begin / kWordBytes) +
          1) *
         kCellsPerWord;
}

Regions::~Regions() {
  for (const auto& [begin, region] : regions_) {
    UnmapCells(region.cells, CountCells(region));
  }
}

void Regions::Add(const void* begin, int64_t bytes) {
  if (bytes <= 0) return;
  Remove(begin);
  Region region;
  region.begin = reinterpret_cast<uintptr_t>(begin);
  region.end = region.begin + bytes;
  region.cells = MapCells(CountCells(region));
  regions_[region.begin] = region;
}

void Regions::Remove(const void* begin) {
  const auto found = regions_.find(reinterpret_cast<uintptr_t>(begin));
  if (found == regions_.end()) return;
  UnmapCells(found->second.cells, CountCells(found->second));
  regions_.erase(found);
}

void Regions::Clear() {
  for (const auto& [begin, region] : regions_) {
    ClearCells(region.cells, CountCells(region));
  }
}

const Region* Regions::Find(uintptr_t address, int64_t bytes) const {
  auto after = regions_.upper_bound(address);
  if (after == regions_.begin()) return nullptr;
  const Region& region = std::prev(after)->second;
  return region.Contains(address, bytes) ? &region : nullptr;
}

std::string Regions::Describe(uintptr_t address) const {
  const auto after = regions_.upper_bound(address);
  if (after != regions_.begin()) {
    const Region& before = std::prev(after)->second;
    const bool nearer = after == regions_.end() ||
                        address - before.begin < after->second.begin - address;
    if (nearer) {
      return absl::StrCat("byte ", address - before.begin, " of a buffer of ",
                          before.end - before.begin);
    }
  }
  if (after == regions_.end()) return "no buffer at all";
  return absl::StrCat(after->second.begin - address, " bytes before a buffer");
}

}  // namespace minimax::runtime::emulator
