//===- Elementwise.h - references of elementwise ops ------------*- C++ -*-===//
//
// Maps functions of numbers over the operands of upstream elementwise ops.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_INTERPRETER_ELEMENTWISE_H
#define MINIMAX_LIB_INTERPRETER_ELEMENTWISE_H

#include "Models.h"
#include "mlir/IR/TypeUtilities.h"

namespace mlir::minimax {

/// The numbers of a constant of type `type`.
ReferenceTensor fromAttribute(Type type, TypedAttr attribute);

/// Binds the result of `op` to `body` of its float operands, element by
/// element.
LogicalResult mapFloats(Operation *op, ReferenceFrame &frame,
                        llvm::function_ref<double(ArrayRef<double>)> body);
/// As mapFloats, of integers.
LogicalResult mapInts(Operation *op, ReferenceFrame &frame,
                      llvm::function_ref<int64_t(ArrayRef<int64_t>)> body);
/// As mapFloats, from one integer to a float.
LogicalResult mapIntsToFloats(Operation *op, ReferenceFrame &frame,
                              llvm::function_ref<double(int64_t)> body);
/// As mapFloats, from floats to an integer.
LogicalResult
mapFloatsToInts(Operation *op, ReferenceFrame &frame,
                llvm::function_ref<int64_t(ArrayRef<double>)> body);

} // namespace mlir::minimax

/// The reference of an elementwise op on floats: `x` are its operands.
#define MINIMAX_FLOAT_MODEL(OP, EXPRESSION)                                    \
  static LogicalResult evaluateOp(OP op, ReferenceFrame &frame) {              \
    return mapFloats(op, frame,                                                \
                     [&](ArrayRef<double> x) { return EXPRESSION; });          \
  }

/// The reference of an elementwise op on integers.
#define MINIMAX_INT_MODEL(OP, EXPRESSION)                                      \
  static LogicalResult evaluateOp(OP op, ReferenceFrame &frame) {              \
    return mapInts(op, frame, [&](ArrayRef<int64_t> x) -> int64_t {            \
      return EXPRESSION;                                                       \
    });                                                                        \
  }

#endif // MINIMAX_LIB_INTERPRETER_ELEMENTWISE_H
