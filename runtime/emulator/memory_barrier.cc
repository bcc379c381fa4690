//===- memory_barrier.cc - mbarriers --------------------------------------===//
//
// Phases of mbarriers, and the fences that go with them.
//
//===----------------------------------------------------------------------===//
#include "emulator/memory_barrier.h"

#include "absl/strings/str_cat.h"
#include "emulator/memory.h"
#include "emulator/tensor_copy.h"
#include "minimax/runtime/emulated_abi.h"

namespace minimax::runtime::emulator {

static Block& OwnerOf(Thread& thread, const void* address) {
  Block* const block = FindSharedBlock(thread, address);
  if (block == nullptr) {
    thread.worker->Fail(thread, "uses an mbarrier outside of shared memory");
  }
  return *block;
}

MemoryBarrier& FindMemoryBarrier(Thread& thread, const void* address) {
  Block& block = OwnerOf(thread, address);
  const uintptr_t offset = block.SharedOffset(address);
  const auto found = block.memory_barriers.find(offset);
  if (found != block.memory_barriers.end()) {
    // Its initialisation must be ordered before, other uses need not be.
    if (thread.worker->checking()) {
      CheckShared(thread, block, address, 8, Access::kAtomic,
                  "uses the mbarrier in");
    }
    return found->second;
  }
  thread.worker->Fail(thread,
                      absl::StrCat("uses the mbarrier at offset ", offset,
                                   ", which is not initialised"));
}

void CheckPhase(Worker& worker, MemoryBarrier& barrier) {
  if (barrier.missing > 0 || barrier.bytes != 0) return;
  ++barrier.phase;
  barrier.missing = barrier.expected;
  if (worker.checking()) {
    // Who sees this phase end has seen those before end too.
    if (barrier.arriving != nullptr) {
      MergeInto(worker, *barrier.arriving, &barrier.completed);
      worker.clocks().Release(barrier.arriving);
      barrier.arriving = nullptr;
    }
  }
  for (Thread* thread : barrier.waiting) worker.Wake(*thread);
  barrier.waiting.clear();
}

static void Initialize(Thread& thread, const void* address, int count) {
  Block& block = OwnerOf(thread, address);
  if (thread.worker->checking()) {
    CheckAlignment(thread, address, 8, "initialises an mbarrier at");
    CheckShared(thread, block, address, 8, Access::kWrite, "initialises");
  }
  if (count < 1) {
    thread.worker->Fail(thread, absl::StrCat("initialises an mbarrier for ",
                                             count, " arrivals"));
  }
  MemoryBarrier& barrier = block.memory_barriers[block.SharedOffset(address)];
  barrier = MemoryBarrier();
  barrier.expected = barrier.missing = count;
}

static void ArriveAt(Thread& thread, const void* address) {
  MemoryBarrier& barrier = FindMemoryBarrier(thread, address);
  if (--barrier.missing < 0) {
    thread.worker->Fail(
        thread, absl::StrCat("arrives at the mbarrier at offset ",
                             OwnerOf(thread, address).SharedOffset(address),
                             ", where all ", barrier.expected,
                             " arrivals of the phase have been"));
  }
  ReleaseInto(thread, &barrier.arriving);
  CheckPhase(*thread.worker, barrier);
}

/// Waits until the phase of this parity has ended.
static void WaitForPhase(Thread& thread, const void* address, uint32_t parity) {
  MemoryBarrier& barrier = FindMemoryBarrier(thread, address);
  while ((barrier.phase & 1) == (parity & 1)) {
    // Copies happen when somebody must wait for them, not before.
    if (thread.worker->tensor_copies().RunFor(barrier)) continue;
    barrier.waiting.push_back(&thread);
    thread.worker->Suspend(
        thread, "mbarrier.try_wait at offset",
        static_cast<int64_t>(OwnerOf(thread, address).SharedOffset(address)));
  }
  if (barrier.completed != nullptr) AcquireFrom(thread, *barrier.completed);
}

namespace {
struct BarrierOperands {
  const void* address;
  uint32_t number;  // arrivals, bytes or parity
};
}  // namespace

static const BarrierOperands& Read(const void* operands) {
  return *static_cast<const BarrierOperands*>(operands);
}

}  // namespace minimax::runtime::emulator

using namespace minimax::runtime::emulator;  // NOLINT

MMRT_EMULATED_OPERATION(mbarrier_init_shared) {
  Initialize(*thread, Read(operands).address,
             static_cast<int>(Read(operands).number));
}
MMRT_EMULATED_OPERATION(mbarrier_inval_shared) {
  FindMemoryBarrier(*thread, Read(operands).address);
  Block& block = OwnerOf(*thread, Read(operands).address);
  block.memory_barriers.erase(block.SharedOffset(Read(operands).address));
}
MMRT_EMULATED_OPERATION(mbarrier_arrive_shared) {
  ArriveAt(*thread, Read(operands).address);
  if (results != nullptr) *static_cast<uint64_t*>(results) = 0;
}
MMRT_EMULATED_OPERATION(mbarrier_arrive_expect_tx) {
  FindMemoryBarrier(*thread, Read(operands).address).bytes +=
      Read(operands).number;
  ArriveAt(*thread, Read(operands).address);
}
MMRT_EMULATED_OPERATION(mbarrier_wait_parity) {
  WaitForPhase(*thread, Read(operands).address, Read(operands).number);
}
MMRT_EMULATED_OPERATION(fence_proxy_async) {
  thread->proxy_tag =
      (thread->proxy_tag & 0xffff0000u) | ((thread->proxy_tag + 1) & 0xffffu);
}
