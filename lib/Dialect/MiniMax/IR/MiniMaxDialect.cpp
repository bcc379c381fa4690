//===- MiniMaxDialect.cpp - types, interfaces and shared op code ----------===//
//
// Registers the minimax dialect and implements what all its ops share.
//
//===----------------------------------------------------------------------===//

#include "VerifyUtils.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::minimax;

#include "minimax/Dialect/MiniMax/IR/MiniMaxDialect.cpp.inc"
#include "minimax/Dialect/MiniMax/IR/MiniMaxEnums.cpp.inc"
#include "minimax/Dialect/MiniMax/IR/MiniMaxInterfaces.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "minimax/Dialect/MiniMax/IR/MiniMaxTypes.cpp.inc"

void MiniMaxDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "minimax/Dialect/MiniMax/IR/MiniMaxTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "minimax/Dialect/MiniMax/IR/MiniMaxOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// State types
//===----------------------------------------------------------------------===//

/// Parses `<AxBx..xT>`, the form of both state types.
template <typename StateType> static Type parseStateType(AsmParser &parser) {
  SmallVector<int64_t> shape;
  Type elementType;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() ||
      parser.parseDimensionList(shape, /*allowDynamic=*/false) ||
      parser.parseType(elementType) || parser.parseGreater())
    return {};
  return StateType::getChecked([&] { return parser.emitError(loc); },
                               parser.getContext(), shape, elementType);
}

static void printStateType(AsmPrinter &printer, ArrayRef<int64_t> shape,
                           Type elementType) {
  printer << "<";
  for (int64_t size : shape)
    printer << size << "x";
  printer << elementType << ">";
}

static LogicalResult verifyShape(function_ref<InFlightDiagnostic()> emitError,
                                 StringRef dims, size_t rank,
                                 ArrayRef<int64_t> shape) {
  if (shape.size() != rank)
    return emitError() << "expected dimensions " << dims << ", but got "
                       << shape.size() << " of them";
  for (int64_t size : shape)
    if (size <= 0)
      return emitError() << "expected positive dimensions, but got " << size;
  return success();
}

Type LightningStateType::parse(AsmParser &parser) {
  return parseStateType<LightningStateType>(parser);
}

void LightningStateType::print(AsmPrinter &printer) const {
  printStateType(printer, getShape(), getElementType());
}

LogicalResult
LightningStateType::verify(function_ref<InFlightDiagnostic()> emitError,
                           ArrayRef<int64_t> shape, Type elementType) {
  if (!elementType.isF32())
    return emitError() << "expected an f32 lightning state, but got "
                       << elementType
                       << ": an accumulator over a whole sequence may not be "
                          "narrowed";
  return verifyShape(emitError, "heads x key x value", 3, shape);
}

Type KVCacheType::parse(AsmParser &parser) {
  return parseStateType<KVCacheType>(parser);
}

void KVCacheType::print(AsmPrinter &printer) const {
  printStateType(printer, getShape(), getElementType());
}

LogicalResult KVCacheType::verify(function_ref<InFlightDiagnostic()> emitError,
                                  ArrayRef<int64_t> shape, Type elementType) {
  if (!elementType.isF32() && !elementType.isBF16())
    return emitError() << "expected a key-value cache of f32 or bf16, but got "
                       << elementType;
  return verifyShape(emitError, "heads x dimension", 2, shape);
}

//===----------------------------------------------------------------------===//
// Shared op code
//===----------------------------------------------------------------------===//

void minimax::detail::getComputeOpEffects(
    Operation *op,
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  auto compute = cast<ComputeOpInterface>(op);
  auto outs = compute.getOutsMutable();
  for (OpOperand &operand : op->getOpOperands())
    if (isa<BaseMemRefType>(operand.get().getType()))
      effects.emplace_back(MemoryEffects::Read::get(), &operand);
  for (OpOperand &operand : outs)
    effects.emplace_back(MemoryEffects::Write::get(), &operand);
  for (OpOperand *operand : compute.getStateOperands())
    effects.emplace_back(MemoryEffects::Write::get(), operand);
}

OpFoldResult minimax::detail::getDim(OpBuilder &builder, Location loc,
                                     Value value, int64_t dim) {
  auto type = cast<ShapedType>(value.getType());
  if (!type.isDynamicDim(dim))
    return builder.getIndexAttr(type.getDimSize(dim));
  if (isa<BaseMemRefType>(type))
    return builder.create<memref::DimOp>(loc, value, dim).getResult();
  return builder.create<tensor::DimOp>(loc, value, dim).getResult();
}

OpFoldResult minimax::getSequenceCount(OpBuilder &builder, Location loc,
                                       Value cuSeqlens) {
  AffineExpr size = builder.getAffineDimExpr(0);
  return affine::makeComposedFoldedAffineApply(
      builder, loc, size - 1, {detail::getDim(builder, loc, cuSeqlens, 0)});
}

LogicalResult
minimax::detail::reifyComputeOpShapes(Operation *op, OpBuilder &builder,
                                      ReifiedRankedShapedTypeDims &shapes) {
  auto compute = cast<ComputeOpInterface>(op);
  for (OpResult result : op->getResults()) {
    auto type = dyn_cast<RankedTensorType>(result.getType());
    if (!type) {
      shapes.emplace_back();
      continue;
    }
    SmallVector<OpFoldResult> &shape = shapes.emplace_back();
    for (auto [dim, size] : llvm::enumerate(type.getShape()))
      shape.push_back(
          dim == 0 && ShapedType::isDynamic(size)
              ? compute.getLeadingDim(builder, result.getResultNumber())
              : OpFoldResult(builder.getIndexAttr(size)));
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Shared verification
//===----------------------------------------------------------------------===//

LogicalResult minimax::expectSize(Operation *op, StringRef what, int64_t want,
                                  int64_t got) {
  if (ShapedType::isDynamic(want) || ShapedType::isDynamic(got) || want == got)
    return success();
  return op->emitOpError() << "expected " << what << " " << want << ", but got "
                           << got;
}

SmallVector<Value> minimax::getDestinations(ComputeOpInterface op) {
  SmallVector<Value> values;
  for (Value result : op->getResults())
    if (isa<TensorType>(result.getType()))
      values.push_back(result);
  if (values.empty())
    for (OpOperand &operand : op.getOutsMutable())
      values.push_back(operand.get());
  return values;
}

LogicalResult minimax::verifyForm(ComputeOpInterface op, unsigned count) {
  unsigned results = llvm::count_if(op->getResultTypes(),
                                    [](Type t) { return isa<TensorType>(t); });
  unsigned outs = op.getOutsMutable().size();
  if ((results == count && outs == 0) || (results == 0 && outs == count))
    return success();
  return op->emitOpError() << "expected " << count
                           << " tensor results and no 'outs', or none and "
                           << count << " 'outs', but got " << results << " and "
                           << outs;
}

LogicalResult minimax::verifyStates(ComputeOpInterface op) {
  SmallVector<Type> operands, results;
  for (OpOperand *operand : op.getStateOperands())
    if (!isa<BaseMemRefType>(operand->get().getType()))
      operands.push_back(operand->get().getType());
  for (Type type : op->getResultTypes())
    if (!isa<TensorType>(type))
      results.push_back(type);
  if (operands == results)
    return success();
  return op->emitOpError()
         << "expected each state operand to come back as a result of its type "
            "("
         << operands << "), but got (" << results << ")";
}

#define GET_OP_CLASSES
#include "minimax/Dialect/MiniMax/IR/MiniMaxOps.cpp.inc"
