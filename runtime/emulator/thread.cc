//===- thread.cc - threads and blocks of a running kernel -----------------===//
//
// Names of threads, and the order between them.
//
//===----------------------------------------------------------------------===//
#include "emulator/thread.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "emulator/worker.h"

namespace minimax::runtime::emulator {

std::string FormatIndex(const std::array<uint32_t, 3>& index) {
  return absl::StrCat("(", index[0], ", ", index[1], ", ", index[2], ")");
}

std::string DescribeThread(const Thread& thread) {
  std::string text = absl::StrCat("thread ", FormatIndex(thread.id));
  if (thread.worker->blocks().size() > 1) {
    absl::StrAppend(&text, " of block ", FormatIndex(thread.block->id));
  }
  return text;
}

/// Gives the thread another vector, which has a reference for it.
static void SetClocks(Thread& thread, Clocks* clocks) {
  thread.worker->clocks().Release(thread.clocks);
  thread.clocks = clocks;
  thread.observer.seen = clocks->ticks;
}

void AdvanceTick(Thread& thread) {
  ++thread.tick;
  thread.observer.stamp =
      MakeStamp(thread.worker->launch_number(),
                thread.observer.first_index + thread.index, thread.tick);
}

void JoinThreads(Thread* const* threads, int count, const Clocks* handed_over) {
  Worker& worker = *threads[0]->worker;
  if (!worker.checking()) return;
  ClockPool& pool = worker.clocks();
  const uint64_t merge = pool.NextMerge();
  Clocks* const joined = pool.NewCopy(*threads[0]->clocks);
  threads[0]->clocks->merged_by = merge;
  if (handed_over != nullptr) pool.Merge(joined, *handed_over);
  for (int i = 0; i < count; ++i) {
    Clocks* const clocks = threads[i]->clocks;
    if (clocks->merged_by == merge) continue;
    clocks->merged_by = merge;
    pool.Merge(joined, *clocks);
  }
  for (int i = 0; i < count; ++i) {
    joined->ticks[threads[i]->index] = threads[i]->tick;
  }
  joined->references = count;
  for (int i = 0; i < count; ++i) {
    SetClocks(*threads[i], joined);
    AdvanceTick(*threads[i]);
  }
}

void MergeInto(Worker& worker, const Clocks& from, Clocks** into) {
  ClockPool& pool = worker.clocks();
  if (*into == nullptr) *into = pool.NewZero();
  pool.Merge(*into, from);
}

void ReleaseInto(Thread& thread, Clocks** into) {
  if (!thread.worker->checking()) return;
  MergeInto(*thread.worker, *thread.clocks, into);
  uint32_t& own = (*into)->ticks[thread.index];
  own = std::max(own, thread.tick);
  AdvanceTick(thread);
}

void AcquireFrom(Thread& thread, const Clocks& from) {
  if (!thread.worker->checking()) return;
  ClockPool& pool = thread.worker->clocks();
  Clocks* const merged = pool.NewCopy(*thread.clocks);
  pool.Merge(merged, from);
  SetClocks(thread, merged);
}

}  // namespace minimax::runtime::emulator
