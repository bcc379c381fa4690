//===- ReferenceTensor.h - numbers of the reference interpreter -*- C++ -*-===//
//
// The value of a tensor, a memref or a scalar during reference execution.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_INTERPRETER_REFERENCETENSOR_H
#define MINIMAX_INTERPRETER_REFERENCETENSOR_H

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <memory>
#include <vector>

namespace mlir::minimax {

/// `value` as a tensor of `type` holds it: rounded to nearest even for bf16 and
/// f16, kept in double precision for f32 and f64.
double roundToType(Type type, double value);

/// `value` as an integer of `type` holds it: wrapped to its width,
/// sign-extended (i1: 0 or 1).
int64_t wrapToType(Type type, int64_t value);

/// A strided view of numbers that copies share. Elements of float types are
/// doubles, those of integer and index types are int64_t. A scalar has rank 0.
class ReferenceTensor {
public:
  /// No tensor; only assignment is allowed.
  ReferenceTensor() = default;
  /// Zeros in row-major order.
  ReferenceTensor(Type elementType, ArrayRef<int64_t> shape);

  /// A rank-0 tensor.
  static ReferenceTensor scalar(Type elementType, double value);
  static ReferenceTensor scalar(Type elementType, int64_t value);

  Type getElementType() const { return elementType; }
  bool isFloat() const { return isa<FloatType>(elementType); }
  ArrayRef<int64_t> getShape() const { return shape; }
  ArrayRef<int64_t> getStrides() const { return strides; }
  int64_t getOffset() const { return offset; }
  int64_t getRank() const { return shape.size(); }
  /// Size of dimension `dim`; counts from the end if negative.
  int64_t size(int64_t dim) const {
    return shape[dim < 0 ? getRank() + dim : dim];
  }
  int64_t getNumElements() const;
  /// Whether elements lie in row-major order without gaps.
  bool isContiguous() const;

  /// First element; the others follow if the tensor is contiguous.
  double *floats() const { return storage->floats.data() + offset; }
  int64_t *ints() const { return storage->ints.data() + offset; }
  /// The only element of a tensor of one element.
  double floatValue() const { return floats()[0]; }
  int64_t intValue() const { return ints()[0]; }

  /// A row-major copy with storage of its own.
  ReferenceTensor clone() const;
  /// This tensor if it is contiguous, otherwise a copy.
  ReferenceTensor contiguous() const;
  /// Another window on the same storage; `offset` counts elements of it.
  ReferenceTensor view(int64_t offset, ArrayRef<int64_t> shape,
                       ArrayRef<int64_t> strides) const;
  /// A contiguous tensor's numbers under another shape.
  ReferenceTensor reshaped(ArrayRef<int64_t> shape) const;
  /// The same storage with elements of another type of the same kind.
  ReferenceTensor withElementType(Type type) const;

  /// Stores the elements of `source`, which has as many, in row-major order,
  /// rounded or wrapped to this tensor's element type.
  void copyFrom(const ReferenceTensor &source) const;
  /// Sets every element to NaN, or to the least integer: what uninitialised
  /// memory holds.
  void poison() const;
  /// Offset of the element at `indices`, or -1 if it lies outside.
  int64_t getPosition(ArrayRef<int64_t> indices) const;

private:
  struct Storage {
    std::vector<double> floats;
    std::vector<int64_t> ints;
  };
  /// Calls `body` with the storage position of each element, in order.
  void forEachPosition(llvm::function_ref<void(int64_t)> body) const;

  Type elementType;
  std::shared_ptr<Storage> storage;
  int64_t offset = 0;
  SmallVector<int64_t, 4> shape, strides;
};

} // namespace mlir::minimax

#endif // MINIMAX_INTERPRETER_REFERENCETENSOR_H
