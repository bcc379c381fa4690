//===- VerifyUtils.h - checks that several verifiers share ------*- C++ -*-===//
//
// Small predicates over operand types and the messages of their failures.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_DIALECT_VERIFYUTILS_H
#define MINIMAX_LIB_DIALECT_VERIFYUTILS_H

#include "minimax/Dialect/MiniMax/IR/MiniMax.h"

namespace mlir::minimax {

/// Size of dimension `dim` of a tensor or memref; counts from the end if
/// negative.
inline int64_t sizeOf(Value value, int64_t dim) {
  auto type = cast<ShapedType>(value.getType());
  return type.getDimSize(dim < 0 ? type.getRank() + dim : dim);
}

/// Fails unless `got` may equal `want`: a dynamic size may equal any.
LogicalResult expectSize(Operation *op, StringRef what, int64_t want,
                         int64_t got);

/// The result of a compute op in value form or its `outs` in buffer form, by
/// position among the tensor results.
SmallVector<Value> getDestinations(ComputeOpInterface op);

/// Fails unless the op has `count` tensor results and no outs, or none and
/// `count` outs.
LogicalResult verifyForm(ComputeOpInterface op, unsigned count);

/// Fails unless every state operand, if still a typed state, comes back as a
/// result of the same type after the tensor results.
LogicalResult verifyStates(ComputeOpInterface op);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_DIALECT_VERIFYUTILS_H
