//===- MemRefModels.cpp - references of memref and bufferization ----------===//
//
// Buffers: views share storage, copies do not, fresh memory is poisoned.
//
//===----------------------------------------------------------------------===//

#include "Elementwise.h"
#include "Views.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::minimax {

/// Binds the result of an allocation to fresh, poisoned memory.
template <typename OpTy>
static LogicalResult allocate(OpTy op, ReferenceFrame &frame) {
  ReferenceTensor buffer(
      op.getType().getElementType(),
      shapeOf(frame, op.getType().getShape(), op.getDynamicSizes()));
  buffer.poison();
  frame.set(op.getResult(), buffer);
  return success();
}

static LogicalResult evaluateOp(memref::AllocOp op, ReferenceFrame &frame) {
  return allocate(op, frame);
}

static LogicalResult evaluateOp(memref::AllocaOp op, ReferenceFrame &frame) {
  return allocate(op, frame);
}

/// Memory ends with its last view; a use after it is not noticed.
static LogicalResult evaluateOp(memref::DeallocOp, ReferenceFrame &) {
  return success();
}

static LogicalResult evaluateOp(memref::DimOp op, ReferenceFrame &frame) {
  int64_t dim = frame.readInt(op.getIndex());
  int64_t size = frame.get(op.getSource()).tensor.size(dim);
  frame.set(op.getResult(), ReferenceTensor::scalar(op.getType(), size));
  return success();
}

static LogicalResult evaluateOp(memref::CastOp op, ReferenceFrame &frame) {
  frame.set(op.getResult(), ReferenceValue(frame.get(op.getSource())));
  return success();
}

static LogicalResult evaluateOp(memref::SubViewOp op, ReferenceFrame &frame) {
  auto slice = sliceOf(op, frame.get(op.getSource()).tensor,
                       frame.readInts(op.getMixedOffsets()),
                       frame.readInts(op.getMixedSizes()),
                       frame.readInts(op.getMixedStrides()));
  if (failed(slice))
    return failure();
  frame.set(op.getResult(), dropDims(*slice, op.getDroppedDims()));
  return success();
}

static LogicalResult evaluateOp(memref::ExpandShapeOp op,
                                ReferenceFrame &frame) {
  frame.set(
      op.getResult(),
      expanded(frame.get(op.getSrc()).tensor, op.getReassociationIndices(),
               shapeOf(frame, op.getStaticOutputShape(), op.getOutputShape())));
  return success();
}

static LogicalResult evaluateOp(memref::CollapseShapeOp op,
                                ReferenceFrame &frame) {
  frame.set(op.getResult(), collapsed(frame.get(op.getSrc()).tensor,
                                      op.getReassociationIndices()));
  return success();
}

/// Offsets and strides count from the start of the underlying allocation.
static LogicalResult evaluateOp(memref::ReinterpretCastOp op,
                                ReferenceFrame &frame) {
  frame.set(op.getResult(),
            frame.get(op.getSource())
                .tensor.view(frame.readInts(op.getMixedOffsets())[0],
                             frame.readInts(op.getMixedSizes()),
                             frame.readInts(op.getMixedStrides())));
  return success();
}

/// A typed window on bytes: each element lives in the cell of its first byte.
static LogicalResult evaluateOp(memref::ViewOp op, ReferenceFrame &frame) {
  const ReferenceTensor &bytes = frame.get(op.getSource()).tensor;
  MemRefType type = op.getType();
  int64_t shift = frame.readInt(op.getByteShift());
  int64_t width = type.getElementTypeBitWidth() / 8;
  SmallVector<int64_t> shape = shapeOf(frame, type.getShape(), op.getSizes());
  SmallVector<int64_t> strides(shape.size(), width);
  for (int64_t dim = shape.size() - 2; dim >= 0; --dim)
    strides[dim] = strides[dim + 1] * shape[dim + 1];
  ReferenceTensor result = bytes.view(bytes.getOffset() + shift, shape, strides)
                               .withElementType(type.getElementType());
  if (shift < 0 || shift + result.getNumElements() * width > bytes.size(0))
    return op.emitOpError()
           << "leaves a buffer of " << bytes.size(0) << " bytes";
  frame.set(op.getResult(), result);
  return success();
}

static LogicalResult evaluateOp(memref::CopyOp op, ReferenceFrame &frame) {
  frame.get(op.getTarget()).tensor.copyFrom(frame.get(op.getSource()).tensor);
  return success();
}

static LogicalResult evaluateOp(memref::LoadOp op, ReferenceFrame &frame) {
  auto element =
      elementAt(op, frame, frame.get(op.getMemRef()).tensor, op.getIndices());
  if (failed(element))
    return failure();
  frame.set(op.getResult(), element->clone());
  return success();
}

static LogicalResult evaluateOp(memref::StoreOp op, ReferenceFrame &frame) {
  auto element =
      elementAt(op, frame, frame.get(op.getMemRef()).tensor, op.getIndices());
  if (failed(element))
    return failure();
  element->copyFrom(frame.get(op.getValue()).tensor);
  return success();
}

static LogicalResult evaluateOp(memref::GetGlobalOp op, ReferenceFrame &frame) {
  auto global = SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(
      op, op.getNameAttr());
  auto initial = [&]() -> ReferenceTensor {
    if (auto value = dyn_cast_or_null<TypedAttr>(
            global.getInitialValue().value_or(Attribute())))
      return fromAttribute(op.getType(), value);
    ReferenceTensor memory(op.getType().getElementType(),
                           op.getType().getShape());
    memory.poison();
    return memory;
  };
  frame.set(op.getResult(),
            frame.getInterpreter().getGlobal(op.getName(), initial));
  return success();
}

//===----------------------------------------------------------------------===//
// Bufferization
//===----------------------------------------------------------------------===//

static LogicalResult evaluateOp(bufferization::ToMemrefOp op,
                                ReferenceFrame &frame) {
  frame.set(op.getResult(), ReferenceValue(frame.get(op.getTensor())));
  return success();
}

/// The buffer may change later, the tensor does not: a copy.
static LogicalResult evaluateOp(bufferization::ToTensorOp op,
                                ReferenceFrame &frame) {
  frame.set(op.getResult(), frame.get(op.getMemref()).tensor.clone());
  return success();
}

static LogicalResult evaluateOp(bufferization::AllocTensorOp op,
                                ReferenceFrame &frame) {
  if (op.getCopy()) {
    frame.set(op.getResult(), frame.read(op.getCopy()).clone());
    return success();
  }
  return allocate(op, frame);
}

static LogicalResult evaluateOp(bufferization::CloneOp op,
                                ReferenceFrame &frame) {
  frame.set(op.getResult(), frame.get(op.getInput()).tensor.clone());
  return success();
}

static LogicalResult evaluateOp(bufferization::MaterializeInDestinationOp op,
                                ReferenceFrame &frame) {
  ReferenceTensor source = frame.read(op.getSource());
  if (op.getResult())
    frame.set(op.getResult(), source);
  else
    frame.get(op.getDest()).tensor.copyFrom(source);
  return success();
}

void registerMemRefModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, memref::MemRefDialect *) {
    using namespace memref;
    attachReferenceModels<AllocaOp, AllocOp, memref::CastOp, CollapseShapeOp,
                          CopyOp, DeallocOp, DimOp, ExpandShapeOp, GetGlobalOp,
                          LoadOp, ReinterpretCastOp, StoreOp, SubViewOp,
                          ViewOp>(context);
  });
  registry.addExtension(+[](MLIRContext *context,
                            bufferization::BufferizationDialect *) {
    using namespace bufferization;
    attachReferenceModels<AllocTensorOp, CloneOp, MaterializeInDestinationOp,
                          ToMemrefOp, ToTensorOp>(context);
  });
}

} // namespace mlir::minimax
