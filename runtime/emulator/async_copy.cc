//===- async_copy.cc - cp.async -------------------------------------------===//
//
// Copies from global to shared memory, done as late as they may be: when the
// thread waits for them. Who does not wait reads what was there before.
//
//===----------------------------------------------------------------------===//
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "emulator/memory.h"
#include "emulator/worker.h"
#include "minimax/runtime/emulated_abi.h"

namespace minimax::runtime::emulator {

static void StartCopy(Thread& thread, const AsyncCopy& copy, int32_t site) {
  Block& block = *thread.block;
  if (thread.worker->checking()) {
    CheckAlignment(thread, copy.destination, copy.bytes, "cp.async writes");
    CheckAlignment(thread, copy.source, copy.bytes, "cp.async reads");
    // Whoever still uses the target races with the copy already now.
    CheckShared(thread, block, copy.destination, copy.bytes, Access::kWrite,
                "cp.async writes");
    if (copy.source_bytes > 0) {
      CheckGlobal(thread, copy.source, copy.source_bytes, Access::kRead,
                  "cp.async reads", site);
    }
    MarkInFlight(thread, block, copy.destination, copy.bytes);
  }
  thread.open_copies.push_back(copy);
}

static void FinishCopies(Thread& thread, const std::vector<AsyncCopy>& copies) {
  Block& block = *thread.block;
  for (const AsyncCopy& copy : copies) {
    std::memcpy(copy.destination, copy.source, copy.source_bytes);
    std::memset(copy.destination + copy.source_bytes, 0,
                copy.bytes - copy.source_bytes);
    if (!thread.worker->checking()) continue;
    ClearInFlight(block, copy.destination, copy.bytes);
    CheckShared(thread, block, copy.destination, copy.bytes, Access::kWrite,
                "cp.async writes");
  }
}

static void CommitGroup(Thread& thread) {
  thread.copy_groups.push_back(std::move(thread.open_copies));
  thread.open_copies.clear();
}

/// Finishes all groups but the last `pending`.
static void WaitGroups(Thread& thread, size_t pending) {
  auto& groups = thread.copy_groups;
  size_t done = 0;
  for (; groups.size() - done > pending; ++done) {
    FinishCopies(thread, groups[done]);
  }
  groups.erase(groups.begin(), groups.begin() + done);
}

namespace {
struct CopyOperands {
  char* destination;
  const char* source;
  int32_t source_bytes;  // only of the forms that end in s
};
}  // namespace

static void Copy(Thread& thread, const void* operands, int bytes,
                 bool has_source_bytes, int32_t site) {
  const auto* const copy = static_cast<const CopyOperands*>(operands);
  const int source_bytes = has_source_bytes ? copy->source_bytes : bytes;
  if (source_bytes < 0 || source_bytes > bytes) {
    thread.worker->Fail(thread,
                        absl::StrCat("copies ", source_bytes, " bytes by a ",
                                     "cp.async of ", bytes));
  }
  StartCopy(thread, {copy->destination, copy->source, bytes, source_bytes},
            site);
}

}  // namespace minimax::runtime::emulator

using namespace minimax::runtime::emulator;  // NOLINT

#define MMRT_EMULATED_COPY(CACHE, BYTES)                                  \
  MMRT_EMULATED_OPERATION(cp_async_##CACHE##_shared_global_##BYTES) {     \
    (void)results;                                                        \
    Copy(*thread, operands, BYTES, false, site);                          \
  }                                                                       \
  MMRT_EMULATED_OPERATION(cp_async_##CACHE##_shared_global_##BYTES##_s) { \
    (void)results;                                                        \
    Copy(*thread, operands, BYTES, true, site);                           \
  }
MMRT_EMULATED_COPY(ca, 4)
MMRT_EMULATED_COPY(ca, 8)
MMRT_EMULATED_COPY(ca, 16)
MMRT_EMULATED_COPY(cg, 16)

MMRT_EMULATED_OPERATION(cp_async_commit_group) { CommitGroup(*thread); }
MMRT_EMULATED_OPERATION(cp_async_wait_group) {
  WaitGroups(*thread, *static_cast<const int32_t*>(operands));
}
MMRT_EMULATED_OPERATION(cp_async_wait_all) {
  CommitGroup(*thread);
  WaitGroups(*thread, 0);
}
