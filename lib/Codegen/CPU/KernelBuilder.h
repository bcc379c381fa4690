//===- KernelBuilder.h - emit loops over vectors ----------------*- C++ -*-===//
//
// What the CPU kernels are written with besides LoopBuilder's vocabulary: f32
// vectors of the target's width, parallel loops, masks for the last columns and
// register tiles.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_CPU_KERNELBUILDER_H
#define MINIMAX_LIB_CODEGEN_CPU_KERNELBUILDER_H

#include "minimax/Codegen/Common/LoopBuilder.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::minimax {

/// One x86-64 variant that kernels are emitted for.
struct CPUTarget {
  StringRef name;
  /// f32 values of a vector register.
  int64_t lanes;
  /// Rows and vectors of a register tile.
  int64_t tileRows, tileVectors;
  /// Whether dpbf16ps and cvtneps2bf16 exist.
  bool bf16Dot;
  /// Whether vpdpwssd exists.
  bool integerDot;
  /// Whether results must not depend on how a step is cut and spread.
  bool deterministic = false;

  /// The target called `name` (x86-64-v3, x86-64-v4 or znver4).
  static FailureOr<CPUTarget> get(StringRef name);
};

/// An OpBuilder with the vocabulary of the CPU kernels. Vectors are f32 with
/// the target's lanes unless said otherwise; a null mask means all lanes.
class KernelBuilder : public LoopBuilder {
public:
  KernelBuilder(Location loc, OpBuilder &builder, const CPUTarget &target)
      : LoopBuilder(loc, builder), target(target) {}

  const CPUTarget target;

  // Vectors of f32, widened from bf16 and f16.
  Value loadVector(Value memref, ValueRange indices, Value mask = {});
  void storeVector(Value value, Value memref, ValueRange indices,
                   Value mask = {});
  VectorType vectorType(Type element = {});
  Value splat(double value);
  Value broadcast(Value scalar);
  /// The first `count` lanes, known now or when the program runs.
  Value mask(int64_t count);
  Value mask(Value count);
  /// bf16 (as i16) of an f32 scalar or vector, rounded to nearest even. Where
  /// the target has an instruction for it, subnormal values become zero.
  Value roundToBF16(Value value);

  // Control.
  /// Independent iterations 0 .. count-1, spread over workers.
  void parallel(Value count, Body body);
  /// Rows 0 .. rows-1 in parallel, several to a tile.
  void parallelRows(Value rows, Body body);

  // Columns and tiles.
  /// Calls `body(column, mask)` for each vector of `columns` columns.
  void forEachVector(int64_t columns, function_ref<void(Value, Value)> body);
  /// The same, carrying a vector.
  Value carryVectors(int64_t columns, Value init,
                     function_ref<Value(Value, Value, Value)> body);
  /// Calls `body(column, masks)` for blocks of up to tileVectors vectors.
  void forEachColumnBlock(int64_t columns,
                          function_ref<void(Value, ArrayRef<Value>)> body);
  /// Calls `body(row, count)` for blocks of tileRows rows, then single rows.
  void forEachRowBlock(Value lower, Value upper,
                       function_ref<void(Value, int64_t)> body);
  /// acc[r][t] += a(k, r) * b(k, t) for k in [lower, upper); acc is row-major.
  SmallVector<Value> contract(Value lower, Value upper, ArrayRef<Value> acc,
                              int64_t rows, int64_t vectors,
                              function_ref<Value(Value, int64_t)> a,
                              function_ref<Value(Value, int64_t)> b);
  /// Columns of a square of as many vectors as a vector has lanes.
  SmallVector<Value> transpose(ArrayRef<Value> rows);
  /// The sums of the lanes of each of so many vectors, as lanes of one.
  Value sumLanes(ArrayRef<Value> rows);
  Value reduceAdd(Value vector);
  Value reduceMax(Value vector);
  /// Uninitialised memory of the current tile or kernel.
  Value scratch(ArrayRef<int64_t> shape, Type element = {});

  // Small integers (Integers.cpp).
  /// The largest magnitude of `columns` columns of a row, from `first` on.
  Value largestMagnitude(Value memref, Value row, Value first, int64_t columns);
  /// `numbers` rounded to nearest even and to at most `limit` in magnitude.
  Value toIntegers(Value numbers, int64_t limit, Type element);
  /// An f32 scale, or `count` of them as a vector, among small integers.
  void storeScale(Value scale, Value memref, ValueRange indices);
  Value loadScales(Value memref, ValueRange indices, int64_t count = 1);
  /// acc[i] + a[2i] * b[2i] + a[2i+1] * b[2i+1] in i32, of i16.
  Value dotIntegers(Value acc, Value a, Value b);
};

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_CPU_KERNELBUILDER_H
