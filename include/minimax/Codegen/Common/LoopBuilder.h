//===- LoopBuilder.h - emit scalar code and loops ---------------*- C++ -*-===//
//
// The vocabulary that the kernels of all targets are written with: index
// arithmetic, elements widened to f32, loops, branches, elementary functions.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_CODEGEN_COMMON_LOOPBUILDER_H
#define MINIMAX_CODEGEN_COMMON_LOOPBUILDER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::minimax {

/// Size `dim` of a memref that is known.
int64_t dimOf(Value memref, unsigned dim);

/// An OpBuilder with the vocabulary that kernels of all targets share.
class LoopBuilder : public ImplicitLocOpBuilder {
public:
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;

  // Scalars.
  Value index(int64_t value);
  Value f32(double value);
  Value add(Value a, Value b);
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  Value div(Value a, Value b);
  Value rem(Value a, Value b);
  Value ceilDiv(Value a, int64_t b);
  Value minimum(Value a, Value b);
  Value maximum(Value a, Value b);
  Value less(Value a, Value b);
  Value equal(Value a, Value b);
  /// An i32 (or f32) element; i32 comes back as index.
  Value loadIndex(Value memref, ValueRange indices);
  /// An index of 31 bits in f32, rounded.
  Value number(Value index);
  void storeIndex(Value value, Value memref, ValueRange indices);
  Value size(Value memref, int64_t dim);

  // Elements.
  /// An element in f32, widened from bf16 and f16.
  Value load(Value memref, ValueRange indices);
  void store(Value value, Value memref, ValueRange indices);
  /// A scalar f32, bf16 or f16 in f32.
  Value widen(Value value);
  Value fma(Value a, Value b, Value c);

  // Control.
  using Body = function_ref<void(Value)>;
  using CarryBody = function_ref<SmallVector<Value>(Value, ValueRange)>;
  void loop(Value lower, Value upper, int64_t step, Body body);
  SmallVector<Value> loopCarry(Value lower, Value upper, int64_t step,
                               ArrayRef<Value> inits, CarryBody body);
  void ifThen(Value condition, function_ref<void()> body);
  void ifElse(Value condition, function_ref<void()> then,
              function_ref<void()> otherwise);

  // Functions of f32 scalars and vectors (ElementaryMath.cpp).
  Value exp(Value x);
  /// 2^x for x <= 0, no smaller than 2^-125.
  Value exp2(Value x);
  Value sigmoid(Value x);
  Value silu(Value x);
  /// Natural logarithm of a positive scalar.
  Value log(Value x);
  /// Sine and cosine of any angle that a position can reach.
  std::pair<Value, Value> sinCos(Value angle);

protected:
  Value fpConstant(Type type, double value);
  Value intConstant(Type type, int64_t value);

private:
  Value polynomial(Value x, ArrayRef<double> coefficients);
};

} // namespace mlir::minimax

#endif // MINIMAX_CODEGEN_COMMON_LOOPBUILDER_H
