//===- SampleRow.h - choose a token of a row of logits ----------*- C++ -*-===//
//
// minimax.sample for one row, written once for all targets: a target says how
// it reduces a part of a row.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_CODEGEN_COMMON_SAMPLEROW_H
#define MINIMAX_CODEGEN_COMMON_SAMPLEROW_H

#include "minimax/Codegen/Common/LoopBuilder.h"
#include "minimax/Dialect/MiniMax/IR/MiniMax.h"

namespace mlir::minimax {

/// Reductions over a row of logits by whoever works on the row together: the
/// lanes of a CPU's vector, the threads of a GPU's block.
class RowReducer {
public:
  enum class Kind { Sum, Max };
  /// The value that a column adds, from its logit and its number, both in f32
  /// and of one shape (scalars or vectors), as is the result.
  using Term = function_ref<Value(Value logit, Value column)>;

  virtual ~RowReducer() = default;

  /// Reduces the terms of columns [begin, end), of type index, to an f32 that
  /// everyone gets; 0 or minus infinity if there are none.
  virtual Value reduce(Kind kind, Value begin, Value end, Term term) = 0;
};

/// Emits `op` for `row`; returns the token as an index, -1 for none. All who
/// work on the row run the code and take the same branches.
Value emitSampleRow(LoopBuilder &builder, SampleOp op, Value row,
                    RowReducer &reducer);

} // namespace mlir::minimax

#endif // MINIMAX_CODEGEN_COMMON_SAMPLEROW_H
