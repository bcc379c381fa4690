//===- tensor_copy.cc - copies of tiles of tensors ------------------------===//
//
// Where a tile's elements are in global and, swizzled, in shared memory.
//
//===----------------------------------------------------------------------===//
#include "emulator/tensor_copy.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "emulator/memory.h"
#include "emulator/memory_barrier.h"
#include "emulator/worker.h"
#include "minimax/runtime/emulated_abi.h"

namespace minimax::runtime::emulator {

static constexpr uint32_t kUnitBytes = 16;  // that swizzling keeps together

/// Address of the unit at byte `linear` of shared memory.
static uintptr_t Swizzled(uintptr_t linear, Swizzle swizzle) {
  const uintptr_t mask = (1u << static_cast<int>(swizzle)) - 1;
  return linear ^ (linear >> 7 & mask) << 4;
}

/// Global memory of row `row` of the tile; null if it lies outside.
static char* FindRow(const TensorMap& map, const int32_t* coordinates,
                     uint32_t row) {
  char* address = map.base;
  for (int i = 1; i < map.rank; ++i) {
    const int64_t index = coordinates[i] + int64_t{row % map.box[i]};
    row /= map.box[i];
    if (index < 0 || static_cast<uint64_t>(index) >= map.sizes[i]) {
      return nullptr;
    }
    address += index * static_cast<int64_t>(map.stride_bytes[i - 1]);
  }
  return address;
}

/// Calls `copy(shared, global)` for each element of the tile; `global` is null
/// for those outside of the tensor.
template <class Copy>
static void ForEachElement(const TensorMap& map, const int32_t* coordinates,
                           char* shared, Copy copy) {
  for (uint32_t row = 0; row < map.Rows(); ++row) {
    char* const global = FindRow(map, coordinates, row);
    for (uint32_t i = 0; i < map.box[0]; ++i) {
      const uint32_t byte = row * map.RowBytes() + i * map.element_bytes;
      const uintptr_t unit =
          reinterpret_cast<uintptr_t>(shared) + byte / kUnitBytes * kUnitBytes;
      char* const element = reinterpret_cast<char*>(
          Swizzled(unit, map.swizzle) + byte % kUnitBytes);
      const int64_t column = coordinates[0] + int64_t{i};
      const bool inside = global != nullptr && column >= 0 &&
                          static_cast<uint64_t>(column) < map.sizes[0];
      copy(element, inside ? global + column * map.element_bytes : nullptr);
    }
  }
}

/// What cuTensorMapEncodeTiled and the PTX ISA require.
static void CheckTile(Thread& thread, const TensorMap& map,
                      const void* shared) {
  Worker& worker = *thread.worker;
  if (map.magic != TensorMap::kMagic || map.rank < 1 || map.rank > 5) {
    worker.Fail(thread, "copies a tile by something that is no tensor map");
  }
  CheckWaited(thread, map.base, "copies a tile of");
  const int swizzle = static_cast<int>(map.swizzle);
  const uint32_t alignment = swizzle == 0 ? 128 : 128u << swizzle;
  CheckAlignment(thread, shared, alignment, "copies a tile at");
  if (swizzle != 0 && map.RowBytes() > kUnitBytes << swizzle) {
    worker.Fail(thread,
                absl::StrCat("copies a tile with rows of ", map.RowBytes(),
                             " bytes, more than its swizzle's ",
                             kUnitBytes << swizzle));
  }
  if (map.RowBytes() % kUnitBytes != 0) {
    worker.Fail(thread,
                absl::StrCat("copies a tile with rows of ", map.RowBytes(),
                             " bytes, no multiple of 16"));
  }
}

/// Writes of the thread's own, ordered by the barrier that counts them.
void StartLoad(Thread& thread, Block& block, char* destination,
               MemoryBarrier& barrier, const TensorMap& map,
               const int32_t* coordinates) {
  TensorLoad load = {&thread, &block, destination, &barrier, map, {}, nullptr};
  std::copy_n(coordinates, map.rank, load.coordinates);
  if (thread.worker->checking()) {
    const int64_t bytes = int64_t{map.RowBytes()} * map.Rows();
    CheckShared(thread, block, destination, bytes, Access::kWrite,
                "copies a tile to");
    MarkInFlight(thread, block, destination, bytes);
    ReleaseInto(thread, &load.issued);
  }
  thread.worker->tensor_copies().Push(load);
}

void TensorCopies::Run(const TensorLoad& load) {
  Thread& thread = *load.thread;
  Worker& worker = *thread.worker;
  const TensorMap& map = load.map;
  ForEachElement(map, load.coordinates, load.destination,
                 [&](char* element, const char* global) {
                   if (global == nullptr) {
                     std::memset(element, 0, map.element_bytes);
                     return;
                   }
                   std::memcpy(element, global, map.element_bytes);
                 });
  const int64_t bytes = int64_t{map.RowBytes()} * map.Rows();
  if (worker.checking()) {
    ClearInFlight(*load.block, load.destination, bytes);
    ClearGenericStores(*load.block, load.destination, bytes);
    MergeInto(worker, *load.issued, &load.barrier->arriving);
    worker.clocks().Release(load.issued);
  }
  load.barrier->bytes -= bytes;
  CheckPhase(worker, *load.barrier);
}

bool TensorCopies::RunFor(const MemoryBarrier& barrier) {
  for (auto load = loads_.begin(); load != loads_.end(); ++load) {
    if (load->barrier != &barrier) continue;
    const TensorLoad copy = *load;
    loads_.erase(load);
    Run(copy);
    return true;
  }
  return false;
}

bool TensorCopies::RunAny() {
  if (loads_.empty()) return false;
  const TensorLoad copy = loads_.front();
  loads_.pop_front();
  Run(copy);
  return true;
}

static void StartStore(Thread& thread, const TensorStore& store) {
  CheckTile(thread, store.map, store.source);
  if (thread.worker->checking()) {
    CheckAsyncRead(thread, *thread.block, store.source,
                   int64_t{store.map.RowBytes()} * store.map.Rows(),
                   "stores a tile from");
  }
  thread.open_stores.push_back(store);
}

/// Happens when it is waited for; until then the tile must stay as it is.
static void FinishStore(Thread& thread, const TensorStore& store) {
  const bool checking = thread.worker->checking();
  if (checking) {
    CheckAsyncRead(thread, *thread.block, store.source,
                   int64_t{store.map.RowBytes()} * store.map.Rows(),
                   "stores a tile from");
  }
  ForEachElement(store.map, store.coordinates, const_cast<char*>(store.source),
                 [&](const char* element, char* global) {
                   if (global == nullptr) return;
                   if (checking) {
                     CheckGlobal(thread, global, store.map.element_bytes,
                                 Access::kWrite, "stores a tile to", 0);
                   }
                   std::memcpy(global, element, store.map.element_bytes);
                 });
}

static void WaitForStores(Thread& thread, size_t pending) {
  auto& groups = thread.store_groups;
  size_t done = 0;
  for (; groups.size() - done > pending; ++done) {
    for (const TensorStore& store : groups[done]) FinishStore(thread, store);
  }
  groups.erase(groups.begin(), groups.begin() + done);
}

namespace {
/// Coordinates beyond the tensor's rank are not there.
struct LoadOperands {
  char* destination;
  const TensorMap* map;
  char* barrier;
  int32_t multicast;  // bit i: to block i of the cluster; 0: to the address
  int32_t coordinates[5];
};
struct StoreOperands {
  const char* source;
  const TensorMap* map;
  int32_t coordinates[5];
};
}  // namespace

static void Load(Thread& thread, const LoadOperands& operands) {
  CheckTile(thread, *operands.map, operands.destination);
  if (operands.multicast == 0) {
    Block* const block = FindSharedBlock(thread, operands.destination);
    StartLoad(thread, block == nullptr ? *thread.block : *block,
              operands.destination, FindMemoryBarrier(thread, operands.barrier),
              *operands.map, operands.coordinates);
    return;
  }
  // To the same places of several blocks.
  const uintptr_t tile = thread.block->SharedOffset(operands.destination);
  const uintptr_t barrier = thread.block->SharedOffset(operands.barrier);
  std::vector<Block>& blocks = thread.worker->blocks();
  for (size_t rank = 0; rank < 16; ++rank) {
    if ((operands.multicast >> rank & 1) == 0) continue;
    if (rank >= blocks.size()) {
      thread.worker->Fail(thread,
                          absl::StrCat("copies a tile to block ", rank,
                                       " of a cluster of ", blocks.size()));
    }
    Block& block = blocks[rank];
    StartLoad(thread, block, block.shared + tile,
              FindMemoryBarrier(thread, block.shared + barrier), *operands.map,
              operands.coordinates);
  }
}

}  // namespace minimax::runtime::emulator

using namespace minimax::runtime::emulator;  // NOLINT

MMRT_EMULATED_OPERATION(tensor_load) {
  Load(*thread, *static_cast<const LoadOperands*>(operands));
}
MMRT_EMULATED_OPERATION(tensor_store) {
  const auto& store = *static_cast<const StoreOperands*>(operands);
  TensorStore copy = {store.source, *store.map, {}};
  std::copy_n(store.coordinates, std::min<int>(store.map->rank, 5),
              copy.coordinates);
  StartStore(*thread, copy);
}
MMRT_EMULATED_OPERATION(cp_async_bulk_commit_group) {
  thread->store_groups.push_back(std::move(thread->open_stores));
  thread->open_stores.clear();
}
MMRT_EMULATED_OPERATION(cp_async_bulk_wait_group) {
  WaitForStores(*thread, *static_cast<const int32_t*>(operands));
}
// That the source may be written again; that the store is done too is more
// than was asked for, which no thread of the launch may rely on.
MMRT_EMULATED_OPERATION(cp_async_bulk_wait_group_read) {
  WaitForStores(*thread, *static_cast<const int32_t*>(operands));
}
