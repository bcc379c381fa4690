//===- tensor_copy.h - copies of tiles of tensors ---------------*- C++ -*-===//
//
// cp.async.bulk.tensor: loads that an mbarrier counts, and stores.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_EMULATOR_TENSOR_COPY_H
#define MINIMAX_RUNTIME_EMULATOR_TENSOR_COPY_H

#include <cstdint>
#include <deque>

#include "emulator/tensor_map.h"

struct mmrt_emulated_thread;

namespace minimax::runtime::emulator {

struct Block;
struct Clocks;
struct MemoryBarrier;

/// A load on its way into the shared memory of one block.
struct TensorLoad {
  mmrt_emulated_thread* thread;
  Block* block;
  char* destination;
  MemoryBarrier* barrier;
  TensorMap map;
  int32_t coordinates[5];
  Clocks* issued;  // what the thread had seen and done; null without checks
};

/// The loads of a unit that have not happened yet.
class TensorCopies {
 public:
  void Clear() { loads_.clear(); }
  void Push(const TensorLoad& load) { loads_.push_back(load); }
  /// Does the oldest load that `barrier` counts. False if there is none.
  bool RunFor(const MemoryBarrier& barrier);
  /// Does the oldest load. False if there is none.
  bool RunAny();

 private:
  static void Run(const TensorLoad& load);

  std::deque<TensorLoad> loads_;
};

/// Starts a load of the tile of `map` at `coordinates`, and checks the memory
/// it writes.
void StartLoad(mmrt_emulated_thread& thread, Block& block, char* destination,
               MemoryBarrier& barrier, const TensorMap& map,
               const int32_t* coordinates);

}  // namespace minimax::runtime::emulator

#endif  // MINIMAX_RUNTIME_EMULATOR_TENSOR_COPY_H
