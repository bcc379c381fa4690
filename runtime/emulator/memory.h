//===- memory.h - checks of accesses to memory ------------------*- C++ -*-===//
//
// Bounds, alignment and races of accesses by instructions and by copies.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_EMULATOR_MEMORY_H
#define MINIMAX_RUNTIME_EMULATOR_MEMORY_H

#include <cstdint>

#include "emulator/regions.h"
#include "emulator/thread.h"

namespace minimax::runtime::emulator {

/// What an access does, in the bits of a cell.
enum class Access : uint64_t {
  kRead = 0,
  kWrite = kWriteBit,
  kAtomic = kWriteBit | kAtomicBit,
};

/// Checks an access of `thread` to shared memory of `block`, and fails the
/// launch if it is wrong. `what` names it in messages, e.g. "reads".
void CheckShared(Thread& thread, Block& block, const void* address,
                 int64_t bytes, Access access, const char* what);

/// Fails if `thread` must wait for the kernels before and has not done so;
/// local variables are not their concern.
void CheckWaited(Thread& thread, const void* address, const char* what);

/// Fails if the bytes are in no registered memory and no local variable of
/// `thread`; returns where they are, null for a local variable and while none
/// is registered.
const Region* CheckBounds(Thread& thread, const void* address, int64_t bytes,
                          const char* what, int32_t site);

/// As CheckShared, of global memory, of which nothing is known while none is
/// registered.
void CheckGlobal(Thread& thread, const void* address, int64_t bytes,
                 Access access, const char* what, int32_t site);

void CheckAlignment(Thread& thread, const void* address, int64_t alignment,
                    const char* what);

/// As CheckShared, of a read by the asynchronous proxy: what threads have
/// stored there, they must also have fenced.
void CheckAsyncRead(Thread& thread, Block& block, const void* address,
                    int64_t bytes, const char* what);

/// Remembers that `thread` stored there, for CheckAsyncRead.
void NoteGenericStore(Thread& thread, Block& block, const void* address,
                      int64_t bytes);

/// Fails if a product of the thread's warpgroup has not been waited for; the
/// thread is about to return.
void CheckProductsDone(Thread& thread);

/// Forgets who stored there: a copy has written it since.
void ClearGenericStores(Block& block, const void* address, int64_t bytes);

/// The block of the unit in whose shared memory `address` is, or null.
Block* FindSharedBlock(Thread& thread, const void* address);

/// Marks words of shared memory as the target of a copy of `thread` that
/// nobody has waited for yet, or takes the mark away.
void MarkInFlight(Thread& thread, Block& block, const void* address,
                  int64_t bytes);
void ClearInFlight(Block& block, const void* address, int64_t bytes);

}  // namespace minimax::runtime::emulator

#endif  // MINIMAX_RUNTIME_EMULATOR_MEMORY_H
