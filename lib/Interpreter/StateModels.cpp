//===- StateModels.cpp - references of ops on whole states ----------------===//
//
// begin_sequences, snapshot and restore (SPEC 2.4.5, 5.3).
//
//===----------------------------------------------------------------------===//

#include "Models.h"
#include <limits>

namespace mlir::minimax {

/// Whether `state` is a key-value cache or one of its pools, which have a
/// dynamic capacity.
static bool isCache(Value state) {
  auto pool = dyn_cast<MemRefType>(state.getType());
  return pool ? pool.isDynamicDim(1) : isa<KVCacheType>(state.getType());
}

static LogicalResult evaluateOp(BeginSequencesOp op, ReferenceFrame &frame) {
  auto layout = readStepLayout(op, frame, -1, op.getCuSeqlens(), op.getSlots(),
                               op.getPositions());
  auto state = frame.getState(op, op.getState());
  if (failed(layout) || failed(state))
    return failure();
  for (int64_t n = 0; n < layout->getNumSequences(); ++n) {
    int64_t first = layout->cuSeqlens[n], slot = layout->slots[n];
    if (first == layout->cuSeqlens[n + 1] || layout->positions[first] != 0)
      continue;
    if (failed((*state)->reserve(op, slot)))
      return failure();
    // An empty cache's content is unspecified: nothing may read it.
    bool cache = isCache(op.getState());
    double fill = cache ? std::numeric_limits<double>::quiet_NaN() : 0.0;
    for (auto [index, pool] : llvm::enumerate((*state)->pools))
      for (int64_t row = 0; row < pool.size(1); ++row)
        std::fill_n((*state)->at(index, slot, row), pool.size(2) * pool.size(3),
                    fill);
  }
  return frame.finish(op, {});
}

static LogicalResult evaluateOp(SnapshotOp op, ReferenceFrame &frame) {
  SmallVector<int64_t> slots = readIntegers(frame, op.getSlots());
  auto state = frame.getState(op, op.getState());
  if (failed(state))
    return failure();
  SmallVector<int64_t> shape((*state)->pools[0].getShape());
  shape[0] = slots.size();
  ReferenceTensor copy((*state)->pools[0].getElementType(), shape);
  int64_t size = shape[1] * shape[2] * shape[3];
  for (auto [n, slot] : llvm::enumerate(slots)) {
    if (failed((*state)->reserve(op, slot)))
      return failure();
    std::copy_n((*state)->at(0, slot, 0), size, copy.floats() + n * size);
  }
  frame.set(op.getCopy(), copy);
  frame.passState(op.getState(), op.getResult());
  return success();
}

static LogicalResult evaluateOp(RestoreOp op, ReferenceFrame &frame) {
  SmallVector<int64_t> slots = readIntegers(frame, op.getSlots());
  ReferenceTensor copy = frame.read(op.getCopy());
  auto state = frame.getState(op, op.getState());
  if (failed(state))
    return failure();
  int64_t size = copy.size(1) * copy.size(2) * copy.size(3);
  for (auto [n, slot] : llvm::enumerate(slots)) {
    if (failed((*state)->reserve(op, slot)))
      return failure();
    std::copy_n(copy.floats() + n * size, size, (*state)->at(0, slot, 0));
  }
  frame.passState(op.getState(), op.getResult());
  return success();
}

void attachStateModels(MLIRContext *context) {
  attachReferenceModels<BeginSequencesOp, RestoreOp, SnapshotOp>(context);
}

} // namespace mlir::minimax
