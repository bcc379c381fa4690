//===- SymbolicDims.h - sizes as functions of a step's dims -----*- C++ -*-===//
//
// Every dynamic size of a program follows from four numbers: the tokens T and
// sequences N of a step, the slots S of a session and their capacity C.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_CODEGEN_COMMON_SYMBOLICDIMS_H
#define MINIMAX_CODEGEN_COMMON_SYMBOLICDIMS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::minimax {

/// Number of the dims T, N, S and C, in this order.
constexpr unsigned kNumStepDims = 4;

/// Derives the sizes of memrefs in a bufferized module as affine expressions in
/// (T, N, S, C). Entries bind the dims by the names of their arguments until
/// `minimax-plan-arena` has made them arguments of every function.
class SymbolicDims {
public:
  /// Analyses all entries and what they call. Fails with a diagnostic if an
  /// entry's dynamic size has no known meaning or call sites disagree.
  static FailureOr<SymbolicDims> analyze(ModuleOp module);

  /// The sizes of a memref; null expressions for unknown sizes.
  SmallVector<AffineExpr> shapeOf(Value memref) const;

  /// The value of an index; null if unknown.
  AffineExpr valueOf(Value index) const;

private:
  LogicalResult bindEntry(func::FuncOp function);
  LogicalResult bindCalls(func::FuncOp function, ModuleOp module);

  DenseMap<Value, SmallVector<AffineExpr>> arguments;
  ModuleOp module;
};

} // namespace mlir::minimax

#endif // MINIMAX_CODEGEN_COMMON_SYMBOLICDIMS_H
