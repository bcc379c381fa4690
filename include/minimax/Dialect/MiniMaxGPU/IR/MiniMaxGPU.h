//===- MiniMaxGPU.h - the minimax_gpu dialect -------------------*- C++ -*-===//
//
// Declarations of the dialect's attribute and ops.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_DIALECT_MINIMAXGPU_IR_MINIMAXGPU_H
#define MINIMAX_DIALECT_MINIMAXGPU_IR_MINIMAXGPU_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "minimax/Dialect/MiniMaxGPU/IR/MiniMaxGPUDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "minimax/Dialect/MiniMaxGPU/IR/MiniMaxGPUAttributes.h.inc"

#define GET_OP_CLASSES
#include "minimax/Dialect/MiniMaxGPU/IR/MiniMaxGPUOps.h.inc"

namespace mlir::minimax_gpu {

/// The name of a ScheduleAttr on an op.
constexpr llvm::StringLiteral kScheduleName = "minimax_gpu.schedule";

/// Whether a memref is in the shared memory of a block.
bool isShared(MemRefType type);

} // namespace mlir::minimax_gpu

#endif // MINIMAX_DIALECT_MINIMAXGPU_IR_MINIMAXGPU_H
