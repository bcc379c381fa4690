//===- ProductSteps.h - the inner loop of products --------------*- C++ -*-===//
//
// What one step of the inner dimension adds to a register tile, for each pair
// of element types.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_CPU_PRODUCTSTEPS_H
#define MINIMAX_LIB_CODEGEN_CPU_PRODUCTSTEPS_H

#include "ProductKernel.h"

namespace mlir::minimax {

/// The register tile of a step: rows `row` and on of the input, columns
/// `column` and on of a panel. Accumulators are row-major.
struct ProductTile {
  Value row, panel, column;
  int64_t rows;
};

/// Emits steps of one kernel function. A step is one value of the inner
/// dimension, or two where weights are pairs.
class ProductSteps {
public:
  ProductSteps(KernelBuilder &kb, const ProductKind &kind, Value input,
               Value weight)
      : kb(kb), kind(kind), input(input), weight(weight) {}

  /// The accumulators `acc` after step `k`.
  SmallVector<Value> emit(const ProductTile &tile, Value k, ValueRange acc);

  /// Where a panel holds column `column` of step `k`.
  SmallVector<Value> weightIndices(Value panel, Value k, Value column);
  /// Column in its panel of vector `t` of the tile that starts at `column`.
  Value at(Value column, int64_t t);

private:
  /// One value of k: f32 inputs and weights.
  SmallVector<Value> single(const ProductTile &tile, Value k, ValueRange acc);
  /// Two values of k: bf16 weights in pairs, or int8 ones by bf16.
  SmallVector<Value> pairs(const ProductTile &tile, Value k, ValueRange acc);
  /// Two values of k: int8 weights by 16-bit activations.
  SmallVector<Value> integers(const ProductTile &tile, Value k, ValueRange acc);
  /// The pairs of a step for a vector's columns, int8 as bf16 (exact).
  Value loadPairs(ValueRange indices);
  /// The even and odd elements of interleaved bf16 pairs, in f32 (exact).
  std::pair<Value, Value> widenPair(Value pairs);
  /// Inputs 2k and 2k+1 of a row, of 16 bits each, in every pair of lanes.
  Value inputPair(Value row, Value k);
  std::pair<Value, Value> inputHalves(Value row, Value k);
  Value dotProduct(Value sum, Value x, Value column);

  KernelBuilder &kb;
  const ProductKind &kind;
  Value input, weight;
};

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_CPU_PRODUCTSTEPS_H
