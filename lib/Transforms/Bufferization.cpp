//===- Bufferization.cpp - value form to buffer form ----------------------===//
//
// BufferizableOpInterface for the ops of the minimax dialect. Every compute op
// is handled by one model: allocate what it returns, pass it in `outs`.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "minimax/Transforms/Passes.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::minimax;
using bufferization::AliasingValueList;
using bufferization::AnalysisState;
using bufferization::BufferizationOptions;

/// Allocates a buffer for tensor result `index` of `op`.
static FailureOr<Value> allocateResult(RewriterBase &rewriter, Operation *op,
                                       OpResult result,
                                       ArrayRef<OpFoldResult> shape,
                                       const BufferizationOptions &options) {
  auto type = cast<RankedTensorType>(result.getType());
  SmallVector<Value> sizes;
  for (auto [dim, size] : llvm::enumerate(shape))
    if (type.isDynamicDim(dim))
      sizes.push_back(
          getValueOrCreateConstantIndexOp(rewriter, op->getLoc(), size));
  return options.createAlloc(
      rewriter, op->getLoc(),
      MemRefType::get(type.getShape(), type.getElementType()), sizes);
}

/// The op's attributes with its last operand segment, `outs`, grown by `count`.
static SmallVector<NamedAttribute> attributesWithOuts(Operation *op,
                                                      int32_t count) {
  SmallVector<NamedAttribute> attributes(op->getAttrs());
  for (NamedAttribute &attribute : attributes) {
    if (attribute.getName() != "operandSegmentSizes")
      continue;
    auto array = cast<DenseI32ArrayAttr>(attribute.getValue());
    SmallVector<int32_t> sizes(array.asArrayRef());
    sizes.back() += count;
    attribute.setValue(DenseI32ArrayAttr::get(op->getContext(), sizes));
  }
  return attributes;
}

namespace {
/// Bufferizes any op with a value form.
template <typename OpTy>
struct ComputeOpModel : bufferization::BufferizableOpInterface::ExternalModel<
                            ComputeOpModel<OpTy>, OpTy> {
  bool bufferizesToAllocation(Operation *, Value) const { return true; }
  bool bufferizesToMemoryRead(Operation *, OpOperand &,
                              const AnalysisState &) const {
    return true;
  }
  bool bufferizesToMemoryWrite(Operation *, OpOperand &,
                               const AnalysisState &) const {
    return false;
  }
  AliasingValueList getAliasingValues(Operation *, OpOperand &,
                                      const AnalysisState &) const {
    return {};
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options) const {
    ReifiedRankedShapedTypeDims shapes;
    if (failed(reifyResultShapes(rewriter, op, shapes)))
      return op->emitOpError("expected reifiable result shapes");
    SmallVector<Value> operands, outs;
    for (Value operand : op->getOperands()) {
      if (!isa<TensorType>(operand.getType())) {
        operands.push_back(operand);
        continue;
      }
      FailureOr<Value> buffer =
          bufferization::getBuffer(rewriter, operand, options);
      if (failed(buffer))
        return failure();
      operands.push_back(*buffer);
    }
    for (OpResult result : op->getResults()) {
      if (!isa<TensorType>(result.getType()))
        return op->emitOpError("expected states to be materialized before "
                               "bufferization");
      FailureOr<Value> out = allocateResult(
          rewriter, op, result, shapes[result.getResultNumber()], options);
      if (failed(out))
        return failure();
      outs.push_back(*out);
    }
    if (outs.empty() &&
        llvm::none_of(op->getOperandTypes(), llvm::IsaPred<TensorType>))
      return success();
    operands.append(outs);
    OperationState state(op->getLoc(), op->getName(), operands, TypeRange{},
                         attributesWithOuts(op, outs.size()));
    rewriter.create(state);
    bufferization::replaceOpWithBufferizedValues(rewriter, op, outs);
    return success();
  }
};
} // namespace

void minimax::registerBufferizationModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, MiniMaxDialect *) {
    auto attach = [context]<typename... Ops>() {
      (Ops::template attachInterface<ComputeOpModel<Ops>>(*context), ...);
    };
    attach.operator()<
        ActivationOp, AttentionMergeOp, AttentionOp, AttentionPartialOp,
        BeginSequencesOp, CacheAppendOp, CastOp, ChunkOutputOp, ChunkStateOp,
        EmbeddingOp, GateOp, GroupedMatmulOp, LastRowsOp, LightningAttentionOp,
        LinearOp, LmHeadOp, PermuteOp, ResidualOp, RmsNormOp, RopeOp, RouteOp,
        SampleOp, SortCopiesOp, StateScanOp, SwigluOp, UnpermuteOp>();
  });
}
