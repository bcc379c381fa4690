//===- WarpgroupSums.h - store the sums of Hopper's products ----*- C++ -*-===//
//
// What becomes of the sums that the warpgroups of a block have in registers.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_GPU_WARPGROUPSUMS_H
#define MINIMAX_LIB_CODEGEN_GPU_WARPGROUPSUMS_H

#include "WarpgroupBlock.h"

namespace mlir::minimax {

/// A thread among those that multiply: its warpgroup, its warp in it, lane % 4,
/// its first column.
struct WarpgroupThread {
  Value consumer, warp, quarter, column;
};

/// Takes the sums of a tile through shared memory to the output. The threads
/// that multiply call all of it for every tile.
class WarpgroupSums : WarpgroupBlock {
public:
  WarpgroupSums(const WarpgroupBlock &block, const WarpgroupThread &thread)
      : WarpgroupBlock(block), thread(thread) {}

  /// Comes before the first product of a tile: the cluster's blocks have begun,
  /// and this one has stored what they have given to it.
  void begin();
  /// Stores the first `count` rows of the tile at `place`, of which `sum` are
  /// this thread's sums.
  void finish(const WarpgroupPlace &place, int64_t count, Value sum);

private:
  void sync(Value barrier, int64_t threads);
  void syncSums();
  void putSums(Value sum, int64_t begin);
  void forEachRow(Value count, function_ref<void(Value)> body);
  Value sumAt(Value row, Value at);
  void giveRow(Value row, int64_t begin);
  Value metSumAt(Value row, Value at);
  void storeRow(const WarpgroupPlace &place, Value target,
                function_ref<Value(Value)> sumOf);
  void storeMet(const WarpgroupPlace &place);

  WarpgroupThread thread;
};

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_WARPGROUPSUMS_H
