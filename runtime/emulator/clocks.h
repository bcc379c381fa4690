//===- clocks.h - which threads' past a thread has seen ---------*- C++ -*-===//
//
// Vector clocks of the threads of one unit (a block, or the blocks of a
// cluster). Threads that met at a barrier share one vector.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_EMULATOR_CLOCKS_H
#define MINIMAX_RUNTIME_EMULATOR_CLOCKS_H

#include <cstdint>
#include <memory>
#include <vector>

namespace minimax::runtime::emulator {

/// For each thread of the unit the last tick of its clock that is known to
/// have ended before now. Shared and counted; not written once shared.
struct Clocks {
  uint32_t* ticks = nullptr;
  int references = 0;
  /// Set while vectors are being merged, so that each is merged once.
  uint64_t merged_by = 0;
};

/// Makes and keeps vectors of one length.
class ClockPool {
 public:
  ClockPool() = default;
  ClockPool(const ClockPool&) = delete;
  ClockPool& operator=(const ClockPool&) = delete;

  /// Drops all vectors and makes new ones of `threads` ticks from now on.
  void Reset(int threads);
  /// A vector of zeros with one reference.
  Clocks* NewZero();
  /// A copy of `clocks` with one reference.
  Clocks* NewCopy(const Clocks& clocks);
  void Release(Clocks* clocks);
  /// Raises each tick of `into` to that of `from`.
  void Merge(Clocks* into, const Clocks& from) const;
  /// A number that no merge has used before.
  uint64_t NextMerge() { return ++merges_; }
  int threads() const { return threads_; }

 private:
  Clocks* Take();

  int threads_ = 0;
  uint64_t merges_ = 0;
  std::vector<std::unique_ptr<Clocks>> all_;
  std::vector<std::unique_ptr<uint32_t[]>> ticks_;
  std::vector<Clocks*> free_;
};

}  // namespace minimax::runtime::emulator

#endif  // MINIMAX_RUNTIME_EMULATOR_CLOCKS_H
