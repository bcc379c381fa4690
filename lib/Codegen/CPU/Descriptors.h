//===- Descriptors.h - memrefs and bare pointers ----------------*- C++ -*-===//
//
// Between memrefs and what the C interface passes in their place.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_CPU_DESCRIPTORS_H
#define MINIMAX_LIB_CODEGEN_CPU_DESCRIPTORS_H

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::minimax {

/// An i64 as an index or the other way round.
inline Value castIndex(OpBuilder &builder, Location loc, Type type,
                       Value value) {
  return builder.create<arith::IndexCastOp>(loc, type, value);
}

/// The address of a memref's first element. Its offset must be 0.
Value getBarePointer(OpBuilder &builder, Location loc,
                     const LLVMTypeConverter &converter, Value memref);

/// The memref of identity layout at `pointer`. `sizes` holds an i64 for each
/// dynamic dimension of `type`.
Value buildMemRef(OpBuilder &builder, Location loc,
                  const LLVMTypeConverter &converter, MemRefType type,
                  Value pointer, ValueRange sizes);

/// Loads a value of `type` from `pointer[index]`, an array of such values.
Value loadElement(OpBuilder &builder, Location loc, Type type, Value pointer,
                  int64_t index);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_CPU_DESCRIPTORS_H
