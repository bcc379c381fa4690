//===- memory.cc - checks of accesses to memory ---------------------------===//
//
// Finds the cells of an access and words what it did wrong.
//
//===----------------------------------------------------------------------===//
#include "emulator/memory.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "emulator/worker.h"
#include "minimax/runtime/emulated_abi.h"

namespace minimax::runtime::emulator {

static uintptr_t ToInteger(const void* address) {
  return reinterpret_cast<uintptr_t>(address);
}

static const char* DescribeAccess(Cell access) {
  if ((access & kAtomicBit) != 0) return "atomic access";
  return (access & kWriteBit) != 0 ? "write" : "read";
}

/// The other party of a race: a thread of the unit or one of another unit.
static std::string DescribeOther(Worker& worker, const Observer& observer,
                                 Cell cell) {
  const size_t unit_threads = worker.threads().size();
  if (observer.same_unit(cell)) {
    const uint32_t local =
        (CellIndex(cell) - observer.first_index) & kIndexBits;
    return DescribeThread(worker.threads()[local]);
  }
  return absl::StrCat("thread ", CellIndex(cell) % unit_threads, " of the ",
                      worker.blocks().size() > 1 ? "cluster" : "block",
                      " number ", CellIndex(cell) / unit_threads);
}

[[noreturn]] static void FailRace(Thread& thread, Cell cell, Access access,
                                  const std::string& place) {
  thread.worker->Fail(
      absl::StrCat("data race on ", place, ": ",
                   DescribeAccess(static_cast<uint64_t>(access)), " by ",
                   DescribeThread(thread), " and ", DescribeAccess(cell),
                   " by ", DescribeOther(*thread.worker, thread.observer, cell),
                   " are not ordered by any synchronisation"));
}

/// Records the access in the cells of all words of [address, address + bytes),
/// where `cells` are those of the first. Returns the cell it races with.
static Cell RecordWords(const Observer& observer, uintptr_t address,
                        int64_t bytes, Access access, bool is_global,
                        Cell* cells) {
  uintptr_t word = address & ~uintptr_t{kWordBytes - 1};
  const uintptr_t end = address + bytes;
  for (; word < end; word += kWordBytes, cells += kCellsPerWord) {
    const int first = word < address ? static_cast<int>(address - word) : 0;
    const int last = static_cast<int>(std::min<uintptr_t>(end - word, 8));
    const Cell mask = (0xffu >> (8 - (last - first))) << first;
    const Cell other = RecordAccess(
        observer, static_cast<uint64_t>(access) | mask << kMaskShift, is_global,
        cells);
    if (other != 0) return other;
  }
  return 0;
}

static void CheckInFlight(Thread& thread, Block& block, uintptr_t offset,
                          int64_t bytes, const char* what) {
  for (uintptr_t word = offset / 4; word < (offset + bytes + 3) / 4; ++word) {
    const int owner = block.in_flight[word] - 1;
    if (owner < 0) continue;
    thread.worker->Fail(
        thread, absl::StrCat(what, " shared memory at offset ", word * 4,
                             " while an asynchronous copy of ",
                             DescribeThread(thread.worker->threads()[owner]),
                             " to it has not been waited for"));
  }
}

/// Whether a product that has not been waited for reads any of the bytes.
static bool IsOperand(const Block& block, uintptr_t offset, int64_t bytes) {
  const auto overlaps = [&](const OperandRange& range) {
    return range.begin < offset + bytes && offset < range.end;
  };
  for (const Warpgroup& group : block.warpgroups) {
    if (std::any_of(group.open_operands.begin(), group.open_operands.end(),
                    overlaps)) {
      return true;
    }
    for (const auto& operands : group.operand_groups) {
      if (std::any_of(operands.begin(), operands.end(), overlaps)) return true;
    }
  }
  return false;
}

void CheckProductsDone(Thread& thread) {
  const Warpgroup& group =
      thread.block->warpgroups[thread.local / kWarpgroupThreads];
  if (group.open_operands.empty() && group.operand_groups.empty()) return;
  thread.worker->Fail(
      thread,
      absl::StrCat("returns before its wgmma products have been ",
                   group.open_operands.empty() ? "waited for" : "committed"));
}

void CheckShared(Thread& thread, Block& block, const void* address,
                 int64_t bytes, Access access, const char* what) {
  const uintptr_t offset = block.SharedOffset(address);
  if (offset + bytes > static_cast<uintptr_t>(block.shared_bytes))
      [[unlikely]] {
    thread.worker->Fail(thread,
                        absl::StrCat(what, " ", bytes, " bytes at offset ",
                                     static_cast<intptr_t>(offset),
                                     " of shared memory, which has ",
                                     block.shared_bytes, " bytes"));
  }
  if (block.words_in_flight != 0) {
    CheckInFlight(thread, block, offset, bytes, what);
  }
  if (access == Access::kWrite && IsOperand(block, offset, bytes)) {
    thread.worker->Fail(
        thread, absl::StrCat(what, " shared memory at offset ", offset,
                             " that a wgmma still reads: it has not been "
                             "waited for"));
  }
  const Cell other =
      RecordWords(thread.observer, offset, bytes, access, /*is_global=*/false,
                  block.cells + offset / kWordBytes * kCellsPerWord);
  if (other != 0) [[unlikely]] {
    FailRace(thread, other, access,
             absl::StrCat("shared memory at offset ", offset, " (", bytes,
                          " bytes)"));
  }
}

void CheckWaited(Thread& thread, const void* address, const char* what) {
  if (!thread.must_wait || thread.worker->IsOnStack(thread, address)) return;
  thread.worker->Fail(
      thread, absl::StrCat(what, " global memory before griddepcontrol.wait"));
}

const Region* CheckBounds(Thread& thread, const void* address, int64_t bytes,
                          const char* what, int32_t site) {
  Worker& worker = *thread.worker;
  if (worker.plan().regions->empty()) return nullptr;
  const uintptr_t begin = ToInteger(address);
  const Region* const region = worker.FindRegion(begin, bytes, site);
  if (region != nullptr || worker.IsOnStack(thread, address)) [[likely]] {
    return region;
  }
  worker.Fail(
      thread,
      absl::StrCat(what, " ", bytes, " bytes of global memory at ",
                   absl::StrFormat("0x%x", begin), ", outside of all buffers: ",
                   worker.plan().regions->Describe(begin)));
}

void CheckGlobal(Thread& thread, const void* address, int64_t bytes,
                 Access access, const char* what, int32_t site) {
  CheckWaited(thread, address, what);
  const Region* const region = CheckBounds(thread, address, bytes, what, site);
  if (region == nullptr) return;
  const uintptr_t begin = ToInteger(address);
  const Cell other = RecordWords(thread.observer, begin, bytes, access,
                                 /*is_global=*/true, region->CellsOf(begin));
  if (other != 0) [[unlikely]] {
    FailRace(thread, other, access,
             absl::StrCat("global memory at byte ", begin - region->begin,
                          " of a buffer of ", region->end - region->begin, " (",
                          bytes, " bytes)"));
  }
}

void CheckAlignment(Thread& thread, const void* address, int64_t alignment,
                    const char* what) {
  if ((ToInteger(address) & (alignment - 1)) == 0) [[likely]]
    return;
  thread.worker->Fail(
      thread,
      absl::StrCat(what, " ", absl::StrFormat("0x%x", ToInteger(address)),
                   ", which is not aligned to ", alignment, " bytes"));
}

void CheckAsyncRead(Thread& thread, Block& block, const void* address,
                    int64_t bytes, const char* what) {
  CheckShared(thread, block, address, bytes, Access::kRead, what);
  const uintptr_t offset = block.SharedOffset(address);
  for (uintptr_t word = offset / 4; word < (offset + bytes + 3) / 4; ++word) {
    const uint32_t tag = block.generic_stores[word];
    if (tag == 0) continue;
    Thread& writer = thread.worker->threads()[(tag >> 16) - 1];
    if (writer.proxy_tag != tag) continue;
    thread.worker->Fail(
        thread, absl::StrCat(what, " shared memory at offset ", word * 4,
                             ", which ", DescribeThread(writer),
                             " has stored to without a fence.proxy.async ",
                             "after it"));
  }
}

void ClearGenericStores(Block& block, const void* address, int64_t bytes) {
  const uintptr_t offset = block.SharedOffset(address);
  const auto first = block.generic_stores.begin() + offset / 4;
  std::fill(first, first + (bytes + 3) / 4, 0);
}

void NoteGenericStore(Thread& thread, Block& block, const void* address,
                      int64_t bytes) {
  const uintptr_t offset = block.SharedOffset(address);
  for (uintptr_t word = offset / 4; word < (offset + bytes + 3) / 4; ++word) {
    block.generic_stores[word] = thread.proxy_tag;
  }
}

Block* FindSharedBlock(Thread& thread, const void* address) {
  if (ToInteger(address) >> 32 != 0) return nullptr;
  if (thread.block->SharedOffset(address) < kArenaBytes) return thread.block;
  for (Block& block : thread.worker->blocks()) {
    if (block.SharedOffset(address) < kArenaBytes) return &block;
  }
  return nullptr;
}

void MarkInFlight(Thread& thread, Block& block, const void* address,
                  int64_t bytes) {
  const uintptr_t offset = block.SharedOffset(address);
  for (uintptr_t word = offset / 4; word < (offset + bytes + 3) / 4; ++word) {
    block.words_in_flight += block.in_flight[word] == 0;
    block.in_flight[word] = static_cast<uint16_t>(thread.index + 1);
  }
}

void ClearInFlight(Block& block, const void* address, int64_t bytes) {
  const uintptr_t offset = block.SharedOffset(address);
  for (uintptr_t word = offset / 4; word < (offset + bytes + 3) / 4; ++word) {
    block.words_in_flight -= block.in_flight[word] != 0;
    block.in_flight[word] = 0;
  }
}

/// An access to memory that may be shared or global.
static void CheckGeneric(Thread& thread, const void* address, int64_t bytes,
                         Access access, const char* what, int32_t site) {
  Block* const block = FindSharedBlock(thread, address);
  if (block != nullptr) {
    CheckShared(thread, *block, address, bytes, access, what);
  } else {
    CheckGlobal(thread, address, bytes, access, what, site);
  }
}

}  // namespace minimax::runtime::emulator

using namespace minimax::runtime::emulator;  // NOLINT

/// The block that an address of shared memory belongs to: the thread's own,
/// if it is none of a cluster.
static Block& OwnerOf(Thread& thread, const void* address) {
  if (thread.worker->blocks().size() == 1) return *thread.block;
  Block* const block = FindSharedBlock(thread, address);
  return block == nullptr ? *thread.block : *block;
}

static void SampleBanks(Thread& thread, Block& block, const void* address,
                        int64_t bytes, int32_t site) {
  if (thread.warp() != 0) return;
  block.bank_sampler.Add(site, thread.lane(),
                         static_cast<uint32_t>(block.SharedOffset(address)),
                         bytes);
}

void mmrt_emulated_read_shared(mmrt_emulated_thread* thread,
                               const void* address, int64_t bytes,
                               int32_t alignment, int32_t site) {
  CheckAlignment(*thread, address, alignment, "reads");
  Block& block = OwnerOf(*thread, address);
  CheckShared(*thread, block, address, bytes, Access::kRead, "reads");
  SampleBanks(*thread, block, address, bytes, site);
}

void mmrt_emulated_write_shared(mmrt_emulated_thread* thread,
                                const void* address, int64_t bytes,
                                int32_t alignment, int32_t site) {
  CheckAlignment(*thread, address, alignment, "writes");
  Block& block = OwnerOf(*thread, address);
  CheckShared(*thread, block, address, bytes, Access::kWrite, "writes");
  NoteGenericStore(*thread, block, address, bytes);
  SampleBanks(*thread, block, address, bytes, site);
}

/// The read of a number from global memory that nothing is wrong with; false
/// if the general check must look at it.
static bool ReadsCleanly(Thread& thread, const void* address, int64_t bytes,
                         int32_t alignment, int32_t site) {
  const uintptr_t begin = ToInteger(address);
  const uintptr_t first = begin % kWordBytes;
  if ((begin & (alignment - 1)) != 0 || first + bytes > kWordBytes ||
      thread.must_wait) {
    return false;
  }
  const Region* const region = thread.worker->FindRegion(begin, bytes, site);
  if (region == nullptr) return false;
  const Cell mask = (0xffu >> (kWordBytes - bytes)) << first;
  return RecordRead(thread.observer, mask << kMaskShift, /*is_global=*/true,
                    region->CellsOf(begin)) == 0;
}

void mmrt_emulated_read_global(mmrt_emulated_thread* thread,
                               const void* address, int64_t bytes,
                               int32_t alignment, int32_t site) {
  if (ReadsCleanly(*thread, address, bytes, alignment, site)) return;
  CheckAlignment(*thread, address, alignment, "reads");
  CheckGeneric(*thread, address, bytes, Access::kRead, "reads", site);
}

void mmrt_emulated_write_global(mmrt_emulated_thread* thread,
                                const void* address, int64_t bytes,
                                int32_t alignment, int32_t site) {
  CheckAlignment(*thread, address, alignment, "writes");
  CheckGeneric(*thread, address, bytes, Access::kWrite, "writes", site);
}

void mmrt_emulated_atomic(mmrt_emulated_thread* thread, const void* address,
                          int64_t bytes, int32_t alignment, int32_t site) {
  CheckAlignment(*thread, address, alignment, "changes");
  CheckGeneric(*thread, address, bytes, Access::kAtomic, "changes", site);
}
