//===- QuantizationOps.cpp - verifiers of quantised weights ---------------===//
//
// quantize and dequantize.
//
//===----------------------------------------------------------------------===//

#include "minimax/Dialect/MiniMax/IR/MiniMax.h"

using namespace mlir;
using namespace mlir::minimax;

/// C1 to C3 of both ops: `from` is a static matrix or stack of matrices, `to`
/// has its shape, and `scale` has one value for each of its rows.
static LogicalResult verifyRows(Operation *op, RankedTensorType from,
                                RankedTensorType to, RankedTensorType scale) {
  if (from.getRank() < 2 || !from.hasStaticShape())
    return op->emitOpError()
           << "expected a static matrix or stack of matrices, but got " << from;
  if (to.getShape() != from.getShape())
    return op->emitOpError() << "expected a result of the shape of " << from
                             << ", but got " << to;
  if (scale.getShape() != from.getShape().drop_back())
    return op->emitOpError() << "expected one 'scale' value for each row of "
                             << from << ", but got " << scale;
  return success();
}

LogicalResult QuantizeOp::verify() {
  return verifyRows(*this, getInput().getType(), getQuantized().getType(),
                    getScale().getType());
}

LogicalResult DequantizeOp::verify() {
  return verifyRows(*this, getQuantized().getType(), getResult().getType(),
                    getScale().getType());
}
