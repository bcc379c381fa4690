//===- bulk_copy.cc - copies of contiguous bytes --------------------------===//
//
// cp.async.bulk from global to shared memory, counted by an mbarrier: a load of
// a tile with one row. Prefetches are checked and do nothing.
//
//===----------------------------------------------------------------------===//
#include "absl/strings/str_cat.h"
#include "emulator/memory.h"
#include "emulator/memory_barrier.h"
#include "emulator/tensor_copy.h"
#include "emulator/worker.h"
#include "minimax/runtime/emulated_abi.h"

namespace minimax::runtime::emulator {

static constexpr int kUnitBytes = 16;  // of which sizes are multiples

namespace {
struct BulkOperands {
  char* destination;
  char* source;
  int32_t bytes;
  char* barrier;
};
}  // namespace

static void CheckBytes(Thread& thread, int32_t bytes, const char* what) {
  if (bytes >= 1 && bytes % kUnitBytes == 0) return;
  thread.worker->Fail(
      thread, absl::StrCat(what, " ", bytes, " bytes, no multiple of 16"));
}

static void CopyBytes(Thread& thread, const BulkOperands& operands,
                      int32_t site) {
  CheckBytes(thread, operands.bytes, "copies by a cp.async.bulk");
  if (thread.worker->checking()) {
    CheckAlignment(thread, operands.destination, kUnitBytes,
                   "cp.async.bulk writes");
    CheckAlignment(thread, operands.source, kUnitBytes, "cp.async.bulk reads");
    CheckGlobal(thread, operands.source, operands.bytes, Access::kRead,
                "cp.async.bulk reads", site);
  }
  TensorMap map;
  map.rank = 1;
  map.element_bytes = kUnitBytes;
  map.base = operands.source;
  map.sizes[0] = map.box[0] = operands.bytes / kUnitBytes;
  const int32_t begin = 0;
  Block* const block = FindSharedBlock(thread, operands.destination);
  StartLoad(thread, block == nullptr ? *thread.block : *block,
            operands.destination, FindMemoryBarrier(thread, operands.barrier),
            map, &begin);
}

namespace {
struct PrefetchOperands {
  char* source;
  int32_t bytes;
};
}  // namespace

static void CheckPrefetch(Thread& thread, const PrefetchOperands& operands,
                          int32_t site) {
  static constexpr char kWhat[] = "cp.async.bulk.prefetch reads";
  CheckBytes(thread, operands.bytes, kWhat);
  if (!thread.worker->checking()) return;
  CheckAlignment(thread, operands.source, kUnitBytes, kWhat);
  CheckBounds(thread, operands.source, operands.bytes, kWhat, site);
}

}  // namespace minimax::runtime::emulator

using namespace minimax::runtime::emulator;  // NOLINT

MMRT_EMULATED_OPERATION(bulk_load) {
  (void)results;
  CopyBytes(*thread, *static_cast<const BulkOperands*>(operands), site);
}

MMRT_EMULATED_OPERATION(bulk_prefetch) {
  (void)results;
  CheckPrefetch(*thread, *static_cast<const PrefetchOperands*>(operands), site);
}
