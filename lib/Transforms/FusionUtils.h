//===- FusionUtils.h - what every fusion asks of a producer -----*- C++ -*-===//
//
// Conditions under which an op may disappear into its only reader.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_TRANSFORMS_FUSIONUTILS_H
#define MINIMAX_LIB_TRANSFORMS_FUSIONUTILS_H

#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::minimax {

/// True if `value` reaches its reader `user` without being rounded: an f32
/// tensor. Fusing across a narrower value would drop a rounding step.
inline bool isUnrounded(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getElementType().isF32();
}

/// The `OpTy` that makes `value`, if it may be fused into `user`: `user` is the
/// only reader, both are in one block (a loop would repeat the work) and the
/// value between them is not rounded. Null otherwise.
template <typename OpTy> OpTy getFusibleProducer(Value value, Operation *user) {
  auto producer = value.getDefiningOp<OpTy>();
  if (!producer || !value.hasOneUse() || !isUnrounded(value) ||
      producer->getBlock() != user->getBlock())
    return nullptr;
  return producer;
}

} // namespace mlir::minimax

#endif // MINIMAX_LIB_TRANSFORMS_FUSIONUTILS_H
