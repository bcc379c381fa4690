//===- MatrixTiles.h - small products on matrix units -----------*- C++ -*-===//
//
// Tiles of bf16 in shared memory and the fragments of them that warps multiply
// with mma.sync, for kernels that keep their sums in registers.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_GPU_MATRIXTILES_H
#define MINIMAX_LIB_CODEGEN_GPU_MATRIXTILES_H

#include "GPUKernelBuilder.h"

namespace mlir::minimax {

/// Products of 16 x 16 by 16 x 8. Sums of 16 x 8 are vectors of four f32: with
/// g = lane / 4 and t = lane % 4 a lane has the elements [g][2t], [g][2t + 1],
/// [g + 8][2t] and [g + 8][2t + 1].
class MatrixTiles {
public:
  /// Rows and depth of a product; columns of a pair of products.
  static constexpr int64_t kSide = 16;
  /// Columns of a product, and bf16 values in 16 bytes.
  static constexpr int64_t kColumns = 8;

  /// Inside of a launch.
  explicit MatrixTiles(GPUKernelBuilder &kb);

  /// Whether rows of `memref` [.., columns] of f32 or bf16 may be copied 16
  /// bytes at a time.
  static bool hasChunks(Value memref);
  /// Bytes of a tile of rows of `columns`.
  static int64_t tileBytes(int64_t rows, int64_t columns);
  /// A tile in shared memory, [.., rows, columns]. Rows are padded so that
  /// neither fragments nor rows meet a bank twice.
  Value tile(ArrayRef<int64_t> shape);

  /// Calls `body(piece, row, column)` for the pieces of `width` values that
  /// this thread has of a matrix; a thread has the same pieces each time.
  using Visit = function_ref<void(int64_t piece, Value row, Value column)>;
  void forEachPiece(int64_t rows, int64_t columns, int64_t width, Visit visit);
  /// A place in a tile; `stage` only if the tile has three dimensions.
  struct Place {
    Value tile, row, column, stage;
  };
  // Fragments of the 16 x 16 values whose first is at `at`; all lanes of a warp
  // load them together.
  /// The left factor [m, k] from a tile [m, k], and from a tile [k, m].
  Value left(const Place &at) { return load(at, columnLast, false); }
  Value leftTransposed(const Place &at) { return load(at, rowLast, true); }
  /// Two right factors [k, n] (n and n + 8) from a tile [k, n], and [n, k].
  using Pair = std::array<Value, 2>;
  Pair right(const Place &at) { return halves(load(at, columnLast, true)); }
  Pair rightTransposed(const Place &at) {
    return halves(load(at, rowLast, false));
  }
  /// The left factor whose columns 0-7 and 8-15 are sums.
  Value leftFrom(Value low, Value high);
  /// A left factor whose columns 2t, 2t + 1, 2t + 8 and 2t + 9 (t as below) are
  /// multiplied by `factors`, rounded again.
  Value scaleColumns(Value left, ArrayRef<Value> factors);

  Value multiplyAdd(Value left, Value right, Value sums);
  /// Adds the products of `left` by both factors to `sums[0]` and `sums[1]`.
  void multiplyAdd(Value left, const Pair &right, MutableArrayRef<Value> sums);
  SmallVector<Value> zeros(int64_t count);
  Value extract(Value sums, int64_t element);
  Value sumsFrom(ArrayRef<Value> elements);

  /// Combines what the four lanes have that share a row of sums.
  Value reduceQuad(Value value, function_ref<Value(Value, Value)> combine);

  /// Two f32 as vector<2xbf16>.
  Value pack(Value low, Value high);
  /// Stores the neighbours [r][2t] and [r][2t + 1] of sums, rounded.
  void storePair(Value low, Value high, const Place &at);

  /// Stores the neighbours [r][2t] and [r][2t + 1] to a memref of f32 or bf16.
  void storeOutputs(Value low, Value high, Value memref, ValueRange indices);

  /// Stores four neighbours, rounded.
  void storeFour(ArrayRef<Value> values, const Place &at);

  /// Row of this lane's elements 0 and 1 (others: 8 further), and first column.
  Value row() const { return group; }
  Value column() const { return twice; }

private:
  /// How lanes address the rows of the four 8 x 8 matrices of a load.
  struct Lanes {
    Value row, column;
  };

  Value load(const Place &at, const Lanes &lanes, bool transpose);
  Pair halves(Value words);

  GPUKernelBuilder &kb;
  Lanes columnLast, rowLast;
  Value group, twice;
};

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_MATRIXTILES_H
