//===- TensorModels.cpp - references of tensor, views ---------------------===//
//
// Slices and shapes of tensors, and the views that memref ops share with them.
//
//===----------------------------------------------------------------------===//

#include "Views.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::minimax {

//===----------------------------------------------------------------------===//
// Views
//===----------------------------------------------------------------------===//

FailureOr<ReferenceTensor> sliceOf(Operation *op, const ReferenceTensor &source,
                                   ArrayRef<int64_t> offsets,
                                   ArrayRef<int64_t> sizes,
                                   ArrayRef<int64_t> strides) {
  int64_t offset = source.getOffset();
  SmallVector<int64_t> newStrides;
  for (int64_t dim = 0; dim < source.getRank(); ++dim) {
    int64_t last = offsets[dim] + (sizes[dim] - 1) * strides[dim];
    if (sizes[dim] < 0 ||
        (sizes[dim] > 0 && (offsets[dim] < 0 || last >= source.size(dim))))
      return op->emitOpError()
             << "slice of " << sizes[dim] << " from " << offsets[dim]
             << " leaves dimension " << dim << " of size " << source.size(dim);
    offset += offsets[dim] * source.getStrides()[dim];
    newStrides.push_back(strides[dim] * source.getStrides()[dim]);
  }
  return source.view(offset, sizes, newStrides);
}

ReferenceTensor dropDims(const ReferenceTensor &view,
                         const llvm::SmallBitVector &dropped) {
  SmallVector<int64_t> shape, strides;
  for (int64_t dim = 0; dim < view.getRank(); ++dim) {
    if (dropped[dim])
      continue;
    shape.push_back(view.size(dim));
    strides.push_back(view.getStrides()[dim]);
  }
  return view.view(view.getOffset(), shape, strides);
}

ReferenceTensor expanded(const ReferenceTensor &source,
                         ArrayRef<ReassociationIndices> groups,
                         ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (auto [dim, group] : llvm::enumerate(groups)) {
    int64_t stride = source.getStrides()[dim];
    for (int64_t inner : llvm::reverse(group)) {
      strides[inner] = stride;
      stride *= shape[inner];
    }
  }
  return source.view(source.getOffset(), shape, strides);
}

ReferenceTensor collapsed(const ReferenceTensor &source,
                          ArrayRef<ReassociationIndices> groups) {
  SmallVector<int64_t> shape, strides;
  for (const ReassociationIndices &group : groups) {
    int64_t size = 1, stride = 1;
    for (int64_t dim : llvm::reverse(group)) {
      if (size == 1)
        stride = source.getStrides()[dim];
      size *= source.size(dim);
    }
    shape.push_back(size);
    strides.push_back(stride);
  }
  return source.view(source.getOffset(), shape, strides);
}

SmallVector<int64_t> shapeOf(ReferenceFrame &frame, ArrayRef<int64_t> mixed,
                             ValueRange dynamic) {
  SmallVector<int64_t> shape(mixed);
  for (int64_t &size : shape)
    if (ShapedType::isDynamic(size)) {
      size = frame.readInt(dynamic.front());
      dynamic = dynamic.drop_front();
    }
  return shape;
}

FailureOr<ReferenceTensor> elementAt(Operation *op, ReferenceFrame &frame,
                                     const ReferenceTensor &source,
                                     ValueRange indices) {
  SmallVector<int64_t> numbers;
  for (Value index : indices)
    numbers.push_back(frame.readInt(index));
  int64_t position = source.getPosition(numbers);
  if (position < 0)
    return op->emitOpError() << "index (" << numbers << ") lies outside ("
                             << source.getShape() << ")";
  return source.view(position, {}, {});
}

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

static LogicalResult evaluateOp(tensor::EmptyOp op, ReferenceFrame &frame) {
  ReferenceTensor result(
      op.getType().getElementType(),
      shapeOf(frame, op.getType().getShape(), op.getDynamicSizes()));
  result.poison();
  frame.set(op.getResult(), result);
  return success();
}

static LogicalResult evaluateOp(tensor::DimOp op, ReferenceFrame &frame) {
  int64_t dim = frame.readInt(op.getIndex());
  int64_t size = frame.get(op.getSource()).tensor.size(dim);
  frame.set(op.getResult(), ReferenceTensor::scalar(op.getType(), size));
  return success();
}

static LogicalResult evaluateOp(tensor::CastOp op, ReferenceFrame &frame) {
  frame.set(op.getResult(), ReferenceValue(frame.get(op.getSource())));
  return success();
}

static LogicalResult evaluateOp(tensor::ExtractSliceOp op,
                                ReferenceFrame &frame) {
  auto slice = sliceOf(op, frame.get(op.getSource()).tensor,
                       frame.readInts(op.getMixedOffsets()),
                       frame.readInts(op.getMixedSizes()),
                       frame.readInts(op.getMixedStrides()));
  if (failed(slice))
    return failure();
  frame.set(op.getResult(), dropDims(*slice, op.getDroppedDims()));
  return success();
}

static LogicalResult evaluateOp(tensor::InsertSliceOp op,
                                ReferenceFrame &frame) {
  ReferenceTensor result = frame.read(op.getDest()).clone();
  auto slice = sliceOf(op, result, frame.readInts(op.getMixedOffsets()),
                       frame.readInts(op.getMixedSizes()),
                       frame.readInts(op.getMixedStrides()));
  if (failed(slice))
    return failure();
  slice->copyFrom(frame.read(op.getSource()));
  frame.set(op.getResult(), result);
  return success();
}

static LogicalResult evaluateOp(tensor::ExpandShapeOp op,
                                ReferenceFrame &frame) {
  frame.set(op.getResult(),
            frame.read(op.getSrc())
                .reshaped(shapeOf(frame, op.getStaticOutputShape(),
                                  op.getOutputShape())));
  return success();
}

static LogicalResult evaluateOp(tensor::CollapseShapeOp op,
                                ReferenceFrame &frame) {
  frame.set(op.getResult(),
            collapsed(frame.read(op.getSrc()), op.getReassociationIndices()));
  return success();
}

static LogicalResult evaluateOp(tensor::ExtractOp op, ReferenceFrame &frame) {
  auto element =
      elementAt(op, frame, frame.get(op.getTensor()).tensor, op.getIndices());
  if (failed(element))
    return failure();
  frame.set(op.getResult(), element->clone());
  return success();
}

static LogicalResult evaluateOp(tensor::InsertOp op, ReferenceFrame &frame) {
  ReferenceTensor result = frame.read(op.getDest()).clone();
  auto element = elementAt(op, frame, result, op.getIndices());
  if (failed(element))
    return failure();
  element->copyFrom(frame.read(op.getScalar()));
  frame.set(op.getResult(), result);
  return success();
}

static LogicalResult evaluateOp(tensor::FromElementsOp op,
                                ReferenceFrame &frame) {
  ReferenceTensor result(op.getType().getElementType(),
                         op.getType().getShape());
  for (auto [i, element] : llvm::enumerate(op.getElements()))
    result.view(i, {}, {}).copyFrom(frame.read(element));
  frame.set(op.getResult(), result);
  return success();
}

static LogicalResult evaluateOp(tensor::SplatOp op, ReferenceFrame &frame) {
  ReferenceTensor result(
      op.getType().getElementType(),
      shapeOf(frame, op.getType().getShape(), op.getDynamicSizes()));
  ReferenceTensor number = frame.read(op.getInput());
  for (int64_t i = 0, e = result.getNumElements(); i < e; ++i)
    result.view(i, {}, {}).copyFrom(number);
  frame.set(op.getResult(), result);
  return success();
}

void registerTensorModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, tensor::TensorDialect *) {
    using namespace tensor;
    attachReferenceModels<tensor::CastOp, CollapseShapeOp, DimOp, EmptyOp,
                          ExpandShapeOp, ExtractOp, ExtractSliceOp,
                          FromElementsOp, InsertOp, InsertSliceOp, SplatOp>(
        context);
  });
}

} // namespace mlir::minimax
