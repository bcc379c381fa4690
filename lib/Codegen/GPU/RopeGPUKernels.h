//===- RopeGPUKernels.h - rotation of rows in GPU kernels -------*- C++ -*-===//
//
// What every kernel that rotates queries or keys shares.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_GPU_ROPEGPUKERNELS_H
#define MINIMAX_LIB_CODEGEN_GPU_ROPEGPUKERNELS_H

#include "GPUKernelPatterns.h"
#include "minimax/Codegen/Common/RopeFrequencies.h"

namespace mlir::minimax {

/// The rotation of rows of `dim` values in items that threads share: a pair of
/// rotated values is one item, a value that passes unchanged another
/// (SPEC 2.5).
class Rotation {
public:
  /// On the host: takes the table of frequencies.
  Rotation(GPUKernelBuilder &kb, int64_t dim, int64_t rotary, double theta);

  /// Items of a row.
  int64_t items() const { return dim - rotary / 2; }

  using Read = function_ref<Value(Value column)>;
  using Write = function_ref<void(Value value, Value column)>;
  /// Emits item `item` of a row at `position` (i32).
  void emit(Value item, Value position, Read read, Write write) const;

private:
  GPUKernelBuilder &kb;
  int64_t dim, rotary;
  Value table;
};

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_ROPEGPUKERNELS_H
