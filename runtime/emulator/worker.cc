//===- worker.cc - runs the blocks of a launch, one unit at a time --------===//
//
// Sets up blocks and threads, and lets the threads take turns.
//
//===----------------------------------------------------------------------===//
#include "emulator/worker.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "emulator/barrier.h"
#include "emulator/memory.h"
#include "emulator/rendezvous.h"

namespace minimax::runtime::emulator {

static constexpr int64_t kArenaCells = kArenaBytes / kWordBytes * kCellsPerWord;

// Of this host thread. In a library that is loaded late, the default model
// would cost a call.
__attribute__((tls_model(
    "initial-exec"))) static thread_local Worker* current_worker = nullptr;

Worker& Worker::Current() { return *current_worker; }

void ReadyQueue::Reset(int threads) {
  uint32_t room = 2;
  while (room < static_cast<uint32_t>(threads)) room *= 2;
  slots_.resize(room);
  mask_ = room - 1;
  begin_ = end_ = 0;
}

/// Address space below 4 GiB, aligned to its size.
static char* MapArena() {
  void* memory = mmap(nullptr, 2 * kArenaBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  if (memory == MAP_FAILED) std::abort();
  const uintptr_t begin = reinterpret_cast<uintptr_t>(memory);
  const uintptr_t aligned = (begin + kArenaBytes - 1) & ~(kArenaBytes - 1);
  if (aligned != begin) munmap(memory, aligned - begin);
  char* const arena = reinterpret_cast<char*>(aligned);
  munmap(arena + kArenaBytes, begin + kArenaBytes - aligned);
  return arena;
}

Worker::~Worker() {
  for (char* arena : arenas_) munmap(arena, kArenaBytes);
  for (Cell* cells : arena_cells_) UnmapCells(cells, kArenaCells);
}

void Worker::ClearCells() {
  for (Cell* cells : arena_cells_) emulator::ClearCells(cells, kArenaCells);
}

static int Volume(const uint32_t (&sizes)[3]) {
  return static_cast<int>(sizes[0] * sizes[1] * sizes[2]);
}

void Worker::SetUpThread(Thread& thread, Block& block, int index,
                         int64_t unit) {
  const uint32_t* const sizes = plan_->shape.block;
  thread.worker = this;
  thread.block = &block;
  thread.index = index;
  thread.local = index - block.first_thread;
  const uint32_t local = thread.local;
  thread.id = {local % sizes[0], local / sizes[0] % sizes[1],
               local / sizes[0] / sizes[1]};
  thread.stack = -1;
  thread.finished = false;
  thread.waiting = {};
  thread.open_copies.clear();
  thread.copy_groups.clear();
  thread.open_stores.clear();
  thread.store_groups.clear();
  thread.proxy_tag = static_cast<uint32_t>(index + 1) << 16;
  thread.cluster_phase = 0;
  thread.must_wait = plan_->shape.waits != 0;
  if (!plan_->check) return;
  thread.observer.threads = static_cast<uint32_t>(threads_.size());
  thread.observer.first_index =
      static_cast<uint32_t>(unit * static_cast<int64_t>(threads_.size()));
  thread.tick = 0;
  AdvanceTick(thread);
}

void Worker::SetUpBlock(Block& block, int rank, int64_t unit) {
  const mmrt_launch_shape& shape = plan_->shape;
  // Units follow each other along x, then y, then z; so do blocks in a unit.
  uint64_t unit_rest = unit;
  uint64_t rank_rest = rank;
  for (int i = 0; i < 3; ++i) {
    const uint32_t units = shape.grid[i] / shape.cluster[i];
    block.id[i] = static_cast<uint32_t>(unit_rest % units * shape.cluster[i] +
                                        rank_rest % shape.cluster[i]);
    unit_rest /= units;
    rank_rest /= shape.cluster[i];
  }
  block.worker = this;
  block.threads = block.unfinished = Volume(shape.block);
  block.first_thread = rank * block.threads;
  block.warps.resize((block.threads + kWarpLanes - 1) / kWarpLanes);
  for (size_t i = 0; i < block.warps.size(); ++i) {
    Warp& warp = block.warps[i];
    const int lanes = block.threads - static_cast<int>(i) * kWarpLanes;
    warp.lanes = lanes >= kWarpLanes ? ~0u : (1u << lanes) - 1;
    warp.finished = 0;
    warp.meetings.clear();
  }
  for (Barrier& barrier : block.barriers) ResetBarrier(barrier);
  block.votes = 0;
  block.warpgroups.assign(
      (block.threads + kWarpgroupThreads - 1) / kWarpgroupThreads, {});
  block.memory_barriers.clear();
  block.shared = arenas_[rank];
  block.cells = arena_cells_[rank];
  block.shared_bytes = -1;
  if (block.words_in_flight != 0 || block.in_flight.empty()) {
    block.in_flight.assign(kArenaBytes / 4, 0);
    block.words_in_flight = 0;
  }
}

void Worker::SetUpUnit(int64_t unit) {
  const int ranks = Volume(plan_->shape.cluster);
  while (static_cast<int>(arenas_.size()) < ranks) {
    arenas_.push_back(MapArena());
    arena_cells_.push_back(MapCells(kArenaCells));
  }
  const int threads = ranks * Volume(plan_->shape.block);
  blocks_.resize(ranks);
  threads_.resize(threads);
  ready_.Reset(threads);
  stacks_.GiveAll();
  unstarted_ = 0;
  unfinished_ = threads;
  failure_.clear();
  last_regions_.fill(nullptr);
  tensor_copies_.Clear();
  cluster_barrier_ = {};
  for (int rank = 0; rank < ranks; ++rank) {
    Block& block = blocks_[rank];
    SetUpBlock(block, rank, unit);
    for (int i = 0; i < block.threads; ++i) {
      const int index = block.first_thread + i;
      SetUpThread(threads_[index], block, index, unit);
    }
  }
  counters_.blocks += ranks;
  counters_.threads += threads;
  if (!plan_->check) return;
  clocks_.Reset(threads);
  Clocks* const zero = clocks_.NewZero();
  zero->references = threads;
  for (Thread& thread : threads_) {
    thread.clocks = zero;
    thread.observer.seen = zero->ticks;
  }
}

std::string Worker::RunUnit(const LaunchPlan& plan, int64_t unit) {
  plan_ = &plan;
  current_worker = this;
  SetUpUnit(unit);
  RunThreads();
  for (Block& block : blocks_) {
    block.bank_sampler.Evaluate(&counters_.bank_conflicts,
                                &counters_.shared_accesses);
    block.bank_sampler.Clear();
  }
  current_worker = nullptr;
  return failure_;
}

void Worker::RunThreads() {
  running_ = nullptr;
  const StackPointer first = Next();
  mmrt_emulated_switch(&main_, first);
}

void Worker::FiberMain() {
  Worker& worker = *current_worker;
  const int stack = worker.starting_stack_;
  // One fiber runs threads until one of them waits: kernels that do not
  // synchronise need no other.
  while (worker.unstarted_ < worker.threads_.size()) {
    Thread& thread = worker.threads_[worker.unstarted_++];
    thread.stack = stack;
    worker.running_ = &thread;
    worker.plan_->kernel(worker.plan_->arguments);
    worker.FinishThread(thread);
  }
  worker.stacks_.Give(stack);
  StackPointer unused;
  mmrt_emulated_switch(&unused, worker.Next());
}

void Worker::FinishThread(Thread& thread) {
  thread.finished = true;
  --unfinished_;
  Block& block = *thread.block;
  --block.unfinished;
  if (!thread.open_stores.empty() || !thread.store_groups.empty()) {
    Fail(thread, "returns before its bulk stores from shared memory are done");
  }
  if (thread.must_wait) {
    Fail(thread,
         "returns without the griddepcontrol.wait that its launch promises");
  }
  CheckProductsDone(thread);
  FinishLane(thread);
  CheckBarriersAfterExit(block);
  CheckClusterBarrier(*this, unfinished_);
}

StackPointer Worker::Next() {
  while (true) {
    if (!ready_.empty()) {
      running_ = ready_.PopFront();
      return running_->stack_pointer;
    }
    if (unstarted_ < threads_.size()) {
      running_ = nullptr;
      starting_stack_ = stacks_.Take();
      return stacks_.Prepare(starting_stack_, FiberMain);
    }
    if (!tensor_copies_.RunAny()) break;
  }
  running_ = nullptr;
  if (unfinished_ > 0 && failure_.empty()) failure_ = DescribeDeadlock();
  return main_;
}

void Worker::Suspend(Thread& thread, const char* operation, int64_t number) {
  thread.waiting = {operation, number};
  const StackPointer next = Next();
  if (running_ != &thread) mmrt_emulated_switch(&thread.stack_pointer, next);
  thread.waiting = {};
}

void Worker::Fail(const std::string& finding) {
  std::string where =
      running_ == nullptr ? "" : FormatIndex(running_->block->id);
  failure_ =
      absl::StrCat("kernel '", plan_->name, "', block ", where, ": ", finding);
  StackPointer unused;
  mmrt_emulated_switch(&unused, main_);
  std::abort();
}

void Worker::Fail(const Thread& thread, const std::string& finding) {
  Fail(absl::StrCat(DescribeThread(thread), " ", finding));
}

std::string Worker::DescribeDeadlock() {
  // Waiting threads by what they wait at: how many, and the first.
  std::map<std::string, std::pair<int, const Thread*>> waiting;
  int finished = 0;
  const Thread* any = nullptr;
  for (const Thread& thread : threads_) {
    if (thread.finished) {
      ++finished;
      continue;
    }
    any = any == nullptr ? &thread : any;
    std::string what = thread.waiting.operation;
    if (thread.waiting.number >= 0) {
      absl::StrAppend(&what, " ", thread.waiting.number);
    }
    auto& [count, first] = waiting[what];
    if (count++ == 0) first = &thread;
  }
  std::string text = absl::StrCat("kernel '", plan_->name, "', block ",
                                  FormatIndex(any->block->id), ": deadlock:");
  const char* separator = " ";
  for (const auto& [what, who] : waiting) {
    absl::StrAppend(&text, separator, who.first, " threads wait at ", what,
                    " (first: ", DescribeThread(*who.second), ")");
    separator = ", ";
  }
  if (finished > 0) absl::StrAppend(&text, ", ", finished, " have returned");
  return text;
}

void Worker::BeginBlock(Block& block, int64_t static_bytes) {
  block.shared_bytes = static_bytes + plan_->shape.shared_bytes;
  if (block.shared_bytes > kMaxSharedBytes) {
    Fail(absl::StrCat("expected at most ", kMaxSharedBytes,
                      " bytes of shared memory a block, but the kernel has ",
                      static_bytes, " and the launch adds ",
                      plan_->shape.shared_bytes));
  }
  if (plan_->check) {
    block.generic_stores.resize(kArenaBytes / 4);
    std::fill_n(block.generic_stores.begin(), (block.shared_bytes + 3) / 4, 0);
  }
  // All ones is a NaN in every format: what is read before it is written shows.
  std::memset(block.shared, 0xff, block.shared_bytes);
}

}  // namespace minimax::runtime::emulator
