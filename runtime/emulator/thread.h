//===- thread.h - threads and blocks of a running kernel --------*- C++ -*-===//
//
// The state of what runs at one time on one worker: a block, or the blocks of
// a cluster. All of it belongs to the worker's host thread.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_EMULATOR_THREAD_H
#define MINIMAX_RUNTIME_EMULATOR_THREAD_H

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "emulator/bank_conflicts.h"
#include "emulator/cells.h"
#include "emulator/clocks.h"
#include "emulator/fiber.h"
#include "emulator/tensor_map.h"

namespace minimax::runtime::emulator {

class Worker;
struct Block;

/// Most threads of a block, and lanes of a warp.
constexpr int kMaxBlockThreads = 1024;
constexpr int kWarpLanes = 32;
/// Threads of the four warps that execute a wgmma.
constexpr int kWarpgroupThreads = 128;
/// Most shared memory of a block, that of sm_90.
constexpr int64_t kMaxSharedBytes = 232448;
/// Address space of a block's shared memory, aligned to itself. A power of
/// two: the 18 bits of an address in a matrix descriptor are an offset.
constexpr int64_t kArenaBytes = 256 << 10;

/// What a waiting thread waits at, for messages.
struct Waiting {
  const char* operation = nullptr;  // null while it does not wait
  int64_t number = -1;              // e.g. of the barrier; -1: none
};

/// A copy into shared memory that has been asked for and not been waited for.
struct AsyncCopy {
  char* destination;
  const char* source;
  int bytes;
  int source_bytes;  // the rest is zeroed
};

/// A store of a tensor's tile from shared memory that has not been waited for.
struct TensorStore {
  const char* source;
  TensorMap map;
  int32_t coordinates[5];
};

}  // namespace minimax::runtime::emulator

/// One thread of a kernel. What its code gets as a handle.
struct mmrt_emulated_thread {
  minimax::runtime::emulator::Worker* worker = nullptr;
  minimax::runtime::emulator::Block* block = nullptr;
  int index = 0;  // in the unit
  int local = 0;  // in the block
  std::array<uint32_t, 3> id = {};

  // Order, if checks are on.
  minimax::runtime::emulator::Observer observer;
  minimax::runtime::emulator::Clocks* clocks = nullptr;
  uint32_t tick = 0;

  minimax::runtime::emulator::StackPointer stack_pointer = nullptr;
  int stack = -1;
  bool finished = false;
  /// Whether it must still wait for the kernels before this one.
  bool must_wait = false;
  minimax::runtime::emulator::Waiting waiting;

  // cp.async: copies since the last commit, and the groups committed.
  std::vector<minimax::runtime::emulator::AsyncCopy> open_copies;
  std::vector<std::vector<minimax::runtime::emulator::AsyncCopy>> copy_groups;

  // Bulk stores since the last commit, and the groups committed.
  std::vector<minimax::runtime::emulator::TensorStore> open_stores;
  std::vector<std::vector<minimax::runtime::emulator::TensorStore>>
      store_groups;

  /// 1 + index and, in the low 16 bits, how many proxy fences it has done.
  uint32_t proxy_tag = 0;
  /// How many cluster barriers it has arrived at.
  uint32_t cluster_phase = 0;

  int lane() const { return local % minimax::runtime::emulator::kWarpLanes; }
  int warp() const { return local / minimax::runtime::emulator::kWarpLanes; }
};

namespace minimax::runtime::emulator {

using Thread = ::mmrt_emulated_thread;

/// Lanes of a warp on their way to one collective operation.
struct Rendezvous {
  const char* operation = nullptr;
  int32_t site = 0;
  uint32_t mask = 0;     // who takes part
  uint32_t arrived = 0;  // who is there
  std::array<void*, kWarpLanes> data = {};
};

struct Warp {
  std::vector<Rendezvous> meetings;
  uint32_t lanes = 0;     // that exist
  uint32_t finished = 0;  // that have returned
};

/// The threads of a warpgroup on their way to one operation.
struct WarpgroupMeeting {
  const char* operation = nullptr;
  int32_t site = 0;
  int arrived = 0;
  std::array<void*, kWarpgroupThreads> data = {};
};

/// Bytes of shared memory that a wgmma reads until it has been waited for.
struct OperandRange {
  uint32_t begin;
  uint32_t end;
};

struct Warpgroup {
  WarpgroupMeeting meeting;
  /// Operands of the products since the last commit, and of the groups.
  std::vector<OperandRange> open_operands;
  std::vector<std::vector<OperandRange>> operand_groups;
};

/// A barrier in shared memory.
struct MemoryBarrier {
  int expected = 0;   // arrivals of a phase
  int missing = 0;    // arrivals of this phase
  int64_t bytes = 0;  // announced and not yet copied
  uint32_t phase = 0;
  std::vector<Thread*> waiting;
  Clocks* arriving = nullptr;   // what arrivals of this phase hand over
  Clocks* completed = nullptr;  // what those of the phases before did
};

/// One of the 16 barriers of a block.
struct Barrier {
  int expected = 0;  // threads; 0: all that have not finished
  int arrived = 0;
  std::vector<Thread*> waiting;
  /// What those that only arrive hand over; null if there are none.
  Clocks* handed_over = nullptr;
  /// By warp the site its lanes came from; -1: none came yet.
  std::array<int32_t, kMaxBlockThreads / kWarpLanes> sites;
};

struct Block {
  Worker* worker = nullptr;
  std::array<uint32_t, 3> id = {};
  int first_thread = 0;  // index in the unit
  int threads = 0;
  int unfinished = 0;
  std::vector<Warp> warps;
  std::vector<Warpgroup> warpgroups;
  std::unordered_map<uint32_t, MemoryBarrier> memory_barriers;  // by offset
  std::array<Barrier, 16> barriers;
  int votes = 0;  // at a barrier0.popc, .and or .or

  // Shared memory: kArenaBytes of address space below 4 GiB, so that 32 bits
  // are an address.
  char* shared = nullptr;
  int64_t shared_bytes = -1;  // -1: no thread has begun
  Cell* cells = nullptr;
  /// By 4 bytes 1 + index of the thread whose copy is on the way there.
  std::vector<uint16_t> in_flight;
  int64_t words_in_flight = 0;
  /// By 4 bytes the proxy_tag of the thread that stored there last; 0: none,
  /// or a copy did.
  std::vector<uint32_t> generic_stores;

  BankSampler bank_sampler;  // of the first warp

  uintptr_t SharedOffset(const void* pointer) const {
    return reinterpret_cast<uintptr_t>(pointer) -
           reinterpret_cast<uintptr_t>(shared);
  }
};

/// "(1, 2, 3)".
std::string FormatIndex(const std::array<uint32_t, 3>& index);

/// "thread (1, 0, 0)", and its block if the unit has several.
std::string DescribeThread(const Thread& thread);

/// Ends the tick of `thread`: what it does from now on is not ordered before
/// what others have already seen of it.
void AdvanceTick(Thread& thread);

/// Orders all that the threads have done before all that they do next.
/// `handed_over` may add what others have done, and may be null.
void JoinThreads(Thread* const* threads, int count, const Clocks* handed_over);

/// Adds `from` to `*into`, made if it is null.
void MergeInto(Worker& worker, const Clocks& from, Clocks** into);

/// Adds what `thread` has seen and done to `*into`, made if it is null.
void ReleaseInto(Thread& thread, Clocks** into);

/// Orders what `from` has seen before what `thread` does next.
void AcquireFrom(Thread& thread, const Clocks& from);

}  // namespace minimax::runtime::emulator

#endif  // MINIMAX_RUNTIME_EMULATOR_THREAD_H
