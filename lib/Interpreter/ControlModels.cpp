//===- ControlModels.cpp - references of func and scf ---------------------===//
//
// Calls, loops and branches. Parallel loops run in order.
//
//===----------------------------------------------------------------------===//

#include "Models.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::minimax {

static LogicalResult evaluateOp(func::CallOp op, ReferenceFrame &frame) {
  auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
      op, op.getCalleeAttr());
  if (!callee)
    return op.emitError() << "calls the unknown function '" << op.getCallee()
                          << "'";
  SmallVector<ReferenceValue> arguments;
  for (Value operand : op.getOperands())
    arguments.push_back(frame.get(operand));
  auto results = frame.getInterpreter().run(callee, arguments);
  if (failed(results))
    return failure();
  for (auto [result, value] : llvm::zip(op.getResults(), *results))
    frame.set(result, value);
  return success();
}

static ReferenceValue index(MLIRContext *context, int64_t value) {
  return ReferenceTensor::scalar(IndexType::get(context), value);
}

static LogicalResult evaluateOp(scf::ForOp op, ReferenceFrame &frame) {
  int64_t lower = frame.readInt(op.getLowerBound());
  int64_t upper = frame.readInt(op.getUpperBound());
  int64_t step = frame.readInt(op.getStep());
  if (step <= 0)
    return op.emitOpError() << "expected a positive step, but got " << step;
  SmallVector<ReferenceValue> carried;
  for (Value initial : op.getInitArgs())
    carried.push_back(frame.get(initial));
  for (int64_t i = lower; i < upper; i += step) {
    SmallVector<ReferenceValue> arguments = carried;
    arguments.insert(arguments.begin(), ReferenceTensor::scalar(
                                            op.getInductionVar().getType(), i));
    auto yielded = frame.runRegion(op.getRegion(), arguments);
    if (failed(yielded))
      return failure();
    carried = std::move(*yielded);
  }
  for (auto [result, value] : llvm::zip(op.getResults(), carried))
    frame.set(result, value);
  return success();
}

static LogicalResult evaluateOp(scf::IfOp op, ReferenceFrame &frame) {
  Region &region = frame.readInt(op.getCondition()) ? op.getThenRegion()
                                                    : op.getElseRegion();
  if (region.empty())
    return success();
  auto yielded = frame.runRegion(region, {});
  if (failed(yielded))
    return failure();
  for (auto [result, value] : llvm::zip(op.getResults(), *yielded))
    frame.set(result, value);
  return success();
}

/// Calls `body` with every point of a box of `sizes`, last dimension fastest.
static LogicalResult
forEachPoint(ArrayRef<int64_t> sizes,
             llvm::function_ref<LogicalResult(ArrayRef<int64_t>)> body) {
  int64_t count = 1;
  for (int64_t size : sizes)
    count *= std::max<int64_t>(size, 0);
  for (int64_t number = 0; number < count; ++number) {
    SmallVector<int64_t> point(sizes.size());
    int64_t rest = number;
    for (int64_t dim = sizes.size() - 1; dim >= 0; --dim) {
      point[dim] = rest % sizes[dim];
      rest /= sizes[dim];
    }
    if (failed(body(point)))
      return failure();
  }
  return success();
}

static LogicalResult evaluateOp(scf::ForallOp op, ReferenceFrame &frame) {
  SmallVector<int64_t> lower = frame.readInts(op.getMixedLowerBound());
  SmallVector<int64_t> upper = frame.readInts(op.getMixedUpperBound());
  SmallVector<int64_t> step = frame.readInts(op.getMixedStep());
  SmallVector<int64_t> sizes;
  for (auto [first, last, stride] : llvm::zip(lower, upper, step))
    sizes.push_back(
        llvm::divideCeil(std::max<int64_t>(last - first, 0), stride));
  SmallVector<ReferenceValue> outs;
  for (Value out : op.getOutputs())
    outs.push_back(frame.read(out).clone());
  auto body = [&](ArrayRef<int64_t> point) -> LogicalResult {
    SmallVector<ReferenceValue> arguments;
    for (auto [i, number] : llvm::enumerate(point))
      arguments.push_back(index(op.getContext(), lower[i] + number * step[i]));
    llvm::append_range(arguments, outs);
    if (failed(frame.runRegion(op.getRegion(), arguments)))
      return failure();
    Region &insertions = op.getTerminator().getRegion();
    return failure(failed(frame.runRegion(insertions, {})));
  };
  if (failed(forEachPoint(sizes, body)))
    return failure();
  for (auto [result, value] : llvm::zip(op.getResults(), outs))
    frame.set(result, value);
  return success();
}

static LogicalResult evaluateOp(tensor::ParallelInsertSliceOp op,
                                ReferenceFrame &frame) {
  const ReferenceTensor &out = frame.get(op.getDest()).tensor;
  SmallVector<int64_t> offsets = frame.readInts(op.getMixedOffsets());
  SmallVector<int64_t> strides = frame.readInts(op.getMixedStrides());
  int64_t offset = out.getOffset();
  for (auto [dim, stride] : llvm::enumerate(out.getStrides())) {
    offset += offsets[dim] * stride;
    strides[dim] *= stride;
  }
  out.view(offset, frame.readInts(op.getMixedSizes()), strides)
      .copyFrom(frame.read(op.getSource()));
  return success();
}

void registerControlModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, func::FuncDialect *) {
    attachReferenceModels<func::CallOp>(context);
  });
  registry.addExtension(+[](MLIRContext *context, scf::SCFDialect *) {
    attachReferenceModels<scf::ForOp, scf::ForallOp, scf::IfOp>(context);
  });
  registry.addExtension(+[](MLIRContext *context, tensor::TensorDialect *) {
    attachReferenceModels<tensor::ParallelInsertSliceOp>(context);
  });
}

} // namespace mlir::minimax
