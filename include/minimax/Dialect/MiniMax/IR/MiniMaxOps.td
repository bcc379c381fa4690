//===- MiniMaxOps.td - all ops of the minimax dialect ---------*- tablegen -*-===//
//
// Collects the op families for one run of mlir-tblgen.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_DIALECT_MINIMAX_IR_MINIMAXOPS_TD
#define MINIMAX_DIALECT_MINIMAX_IR_MINIMAXOPS_TD

include "minimax/Dialect/MiniMax/IR/AttentionOps.td"
include "minimax/Dialect/MiniMax/IR/DenseOps.td"
include "minimax/Dialect/MiniMax/IR/MoEOps.td"
include "minimax/Dialect/MiniMax/IR/ModelOps.td"
include "minimax/Dialect/MiniMax/IR/QuantizationOps.td"
include "minimax/Dialect/MiniMax/IR/SamplingOps.td"

#endif // MINIMAX_DIALECT_MINIMAX_IR_MINIMAXOPS_TD
