//===- bulk_copy.cc - copies of contiguous bytes --------------------------===//
//
// cp.async.bulk from global to shared memory, counted by an mbarrier: a load of
// a tile with one row.
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

static void CopyBytes(Thread& thread, const BulkOperands& operands,
                      int32_t site) {
  if (operands.bytes < 1 || operands.bytes % kUnitBytes != 0) {
    thread.worker->Fail(
        thread, absl::StrCat("copies ", operands.bytes,
                             " bytes by a cp.async.bulk, no multiple of 16"));
  }
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

}  // namespace minimax::runtime::emulator

using namespace minimax::runtime::emulator;  // NOLINT

MMRT_EMULATED_OPERATION(bulk_load) {
  (void)results;
  CopyBytes(*thread, *static_cast<const BulkOperands*>(operands), site);
}
