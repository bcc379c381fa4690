//===- MiniMax.h - the minimax dialect --------------------------*- C++ -*-===//
//
// Types, attributes, interfaces and ops of the minimax dialect.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_DIALECT_MINIMAX_IR_MINIMAX_H
#define MINIMAX_DIALECT_MINIMAX_IR_MINIMAX_H

#include "minimax/Dialect/MiniMax/IR/Cost.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir {
class PatternRewriter;
} // namespace mlir

namespace mlir::minimax {

/// Columns of one panel of a packed weight (see minimax.pack).
constexpr int64_t kPanelWidth = 64;

/// Activations of a row that share a scale as 16-bit integers (minimax.cast).
constexpr int64_t kGroupDepth = 256;

/// Rows of an int8 panel that hold the f32 scales of its columns: a row is
/// kPanelWidth pairs of bytes (minimax.pack).
constexpr int64_t kScaleRows = 2;

/// Values of one op for the reference interpreter (lib/Interpreter).
class ReferenceFrame;

/// The layout that minimax.pack gives to a weight of type `logical` when its
/// elements are stored as `element` (f32, bf16 or i8).
RankedTensorType getPackedType(RankedTensorType logical, Type element,
                               bool interleaved);

/// Columns of `columns` activations that minimax.cast gives the type `element`
/// (bf16 or i16); any other type has `columns`.
int64_t getCastWidth(int64_t columns, Type element);

/// Number of sequences of `cu_seqlens`, i.e. its size less one.
OpFoldResult getSequenceCount(OpBuilder &builder, Location loc,
                              Value cuSeqlens);

namespace detail {
/// Memory effects of an op in either form: buffer operands are read, buffers
/// in `outs` and states are written.
void getComputeOpEffects(
    Operation *op,
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects);

/// Shapes of the tensor results: ComputeOpInterface's leading dimension, then
/// the static ones of the result type.
LogicalResult reifyComputeOpShapes(Operation *op, OpBuilder &builder,
                                   ReifiedRankedShapedTypeDims &shapes);

/// Dimension `dim` of a tensor or memref, as an attribute if it is static.
OpFoldResult getDim(OpBuilder &builder, Location loc, Value value, int64_t dim);
} // namespace detail
} // namespace mlir::minimax

#include "minimax/Dialect/MiniMax/IR/MiniMaxDialect.h.inc"
#include "minimax/Dialect/MiniMax/IR/MiniMaxEnums.h.inc"
#include "minimax/Dialect/MiniMax/IR/MiniMaxInterfaces.h.inc"

#define GET_TYPEDEF_CLASSES
#include "minimax/Dialect/MiniMax/IR/MiniMaxTypes.h.inc"

#define GET_OP_CLASSES
#include "minimax/Dialect/MiniMax/IR/MiniMaxOps.h.inc"

#endif // MINIMAX_DIALECT_MINIMAX_IR_MINIMAX_H
