//===- ProductKernel.h - kernel functions of products -----------*- C++ -*-===//
//
// One function per kind of product (element types, activation, residual).
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_CPU_PRODUCTKERNEL_H
#define MINIMAX_LIB_CODEGEN_CPU_PRODUCTKERNEL_H

#include "KernelBuilder.h"
#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::minimax {

/// Most rows of one call, and most panels.
constexpr int64_t kBlockRows = 192, kBlockPanels = 4;

/// What a kernel function is specialised for.
struct ProductKind {
  Type input, weight, output;
  Activation activation;
  bool residual;
  /// The inner dimension is odd and the input is not padded.
  bool oddDepth;

  /// Whether weights (and so steps of the inner loop) are pairs.
  bool pairs() const { return weight.isBF16() || quantized(); }
  /// Whether weights are int8, with scales behind them.
  bool quantized() const { return weight.isInteger(8); }
  /// Whether they meet activations in 16-bit integers, not bf16.
  bool integers() const { return input.isInteger(16); }
  std::string name() const;
};

/// A matrix of activations and a packed weight, with strides known only when
/// the program runs.
MemRefType getRowsType(Type element);
MemRefType getPanelsType(Type element);

/// The kernel function of `kind`, created on first use. It computes
///   output = act(input * weight^T) [* beta + alpha * residual]
/// and takes (input, weight, output[, residual], firstRow, lastRow, firstPanel,
/// lastPanel, alpha, beta), with at most kBlockRows and kBlockPanels.
func::FuncOp getProductKernel(KernelBuilder &kb, const ProductKind &kind);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_CPU_PRODUCTKERNEL_H
