//===- clocks.cc - which threads' past a thread has seen ------------------===//
//
// Implements the pool of vector clocks.
//
//===----------------------------------------------------------------------===//
#include "emulator/clocks.h"

#include <algorithm>
#include <cstring>

namespace minimax::runtime::emulator {

void ClockPool::Reset(int threads) {
  if (threads != threads_) {
    all_.clear();
    ticks_.clear();
    threads_ = threads;
  }
  free_.clear();
  for (const std::unique_ptr<Clocks>& clocks : all_) {
    free_.push_back(clocks.get());
  }
}

Clocks* ClockPool::Take() {
  if (free_.empty()) {
    ticks_.push_back(std::make_unique<uint32_t[]>(threads_));
    all_.push_back(std::make_unique<Clocks>());
    all_.back()->ticks = ticks_.back().get();
    free_.push_back(all_.back().get());
  }
  Clocks* const clocks = free_.back();
  free_.pop_back();
  clocks->references = 1;
  return clocks;
}

Clocks* ClockPool::NewZero() {
  Clocks* const clocks = Take();
  std::memset(clocks->ticks, 0, threads_ * sizeof(uint32_t));
  return clocks;
}

Clocks* ClockPool::NewCopy(const Clocks& from) {
  Clocks* const clocks = Take();
  std::memcpy(clocks->ticks, from.ticks, threads_ * sizeof(uint32_t));
  return clocks;
}

void ClockPool::Release(Clocks* clocks) {
  if (--clocks->references == 0) free_.push_back(clocks);
}

void ClockPool::Merge(Clocks* into, const Clocks& from) const {
  for (int i = 0; i < threads_; ++i) {
    into->ticks[i] = std::max(into->ticks[i], from.ticks[i]);
  }
}

}  // namespace minimax::runtime::emulator
