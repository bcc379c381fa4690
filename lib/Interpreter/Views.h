//===- Views.h - windows on reference tensors -------------------*- C++ -*-===//
//
// Slices and changes of shape that tensor and memref ops share.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_INTERPRETER_VIEWS_H
#define MINIMAX_LIB_INTERPRETER_VIEWS_H

#include "Models.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"

namespace mlir::minimax {

/// The slice of `source` that an offset-size-stride op takes, without dropping
/// dimensions; fails with an error on `op` if it leaves the source.
FailureOr<ReferenceTensor> sliceOf(Operation *op, const ReferenceTensor &source,
                                   ArrayRef<int64_t> offsets,
                                   ArrayRef<int64_t> sizes,
                                   ArrayRef<int64_t> strides);

/// `view` without the dimensions in `dropped`.
ReferenceTensor dropDims(const ReferenceTensor &view,
                         const llvm::SmallBitVector &dropped);

/// `source` with each dimension split as `groups` says into `shape`.
ReferenceTensor expanded(const ReferenceTensor &source,
                         ArrayRef<ReassociationIndices> groups,
                         ArrayRef<int64_t> shape);

/// `source` with each group of dimensions joined.
ReferenceTensor collapsed(const ReferenceTensor &source,
                          ArrayRef<ReassociationIndices> groups);

/// `shape` with dynamic sizes taken from `dynamic` in order.
SmallVector<int64_t> shapeOf(ReferenceFrame &frame, ArrayRef<int64_t> shape,
                             ValueRange dynamic);

/// The element of `source` at the index values `indices`, as a rank-0 view;
/// fails with an error on `op` if it lies outside.
FailureOr<ReferenceTensor> elementAt(Operation *op, ReferenceFrame &frame,
                                     const ReferenceTensor &source,
                                     ValueRange indices);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_INTERPRETER_VIEWS_H
