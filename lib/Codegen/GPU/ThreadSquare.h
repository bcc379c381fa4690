//===- ThreadSquare.h - products of tiles by squares of threads -*- C++ -*-===//
//
// How the threads of a block share the elements of small matrices.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_GPU_THREADSQUARE_H
#define MINIMAX_LIB_CODEGEN_GPU_THREADSQUARE_H

#include "GPUKernelBuilder.h"

namespace mlir::minimax {

/// The 256 threads of a block as a square. Of a matrix each thread has the
/// elements at rows `rowAt(r)` and columns `columnAt(c)`, one in kSide each
/// way, so that threads of a warp access neighbouring columns.
class ThreadSquare {
public:
  static constexpr int64_t kSide = 16;
  static constexpr int64_t kThreads = kSide * kSide;

  using Element = function_ref<Value(Value, Value)>;
  using Visit = function_ref<void(int64_t, Value, Value)>;

  /// Inside of a launch of kThreads threads.
  explicit ThreadSquare(GPUKernelBuilder &kb);

  Value rowAt(int64_t r) const;
  Value columnAt(int64_t c) const;
  /// Calls `visit(i, row, column)` for the thread's elements of a matrix of
  /// `rows` x `columns`, multiples of kSide; i counts them.
  void forEach(int64_t rows, int64_t columns, Visit visit) const;
  /// Adds left[rows, depth] * right[depth, columns] to `sums`, the thread's
  /// elements of the product, one fused multiplication at a time in order of
  /// depth.
  SmallVector<Value> multiply(ArrayRef<Value> sums, int64_t columns,
                              Value depth, Element left, Element right) const;
  /// Zeros for the thread's elements of a matrix.
  SmallVector<Value> zeros(int64_t rows, int64_t columns) const;
  /// Sum and maximum over the threads that have the same rows; all threads of a
  /// warp call and get it.
  Value rowSum(Value value) const;
  Value rowMax(Value value) const;

  /// Fills `tile`, whose rows are `width` elements that are used, with
  /// `element(row, column)` for rows below `count` and columns below `columns`
  /// and with zeros elsewhere; `element` may be asked for any of the former
  /// instead of the latter.
  void fill(Value tile, int64_t width, Value count, Value columns,
            Element element) const;

private:
  Value reduceRow(Value value, function_ref<Value(Value, Value)> combine) const;

  GPUKernelBuilder &kb;
  Value row, column;
};

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_THREADSQUARE_H
