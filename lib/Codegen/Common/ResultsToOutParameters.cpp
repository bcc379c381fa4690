//===- ResultsToOutParameters.cpp - callers provide result memory ---------===//
//
// Turns returned memrefs into parameters, callees first.
//
//===----------------------------------------------------------------------===//

#include "minimax/Codegen/Common/Passes.h"
#include "minimax/Codegen/Common/SymbolicDims.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/StringSet.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_RESULTSTOOUTPARAMETERS
#include "minimax/Codegen/Common/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

/// Attributes of the out parameter for result `index`.
static DictionaryAttr outAttributes(func::FuncOp function, unsigned index,
                                    ArrayRef<AffineExpr> shape) {
  NamedAttrList list;
  if (!llvm::is_contained(shape, AffineExpr()))
    list.set("minimax.shape",
             AffineMapAttr::get(AffineMap::get(kNumStepDims, 0, shape,
                                               function.getContext())));
  if (DictionaryAttr attributes = function.getResultAttrDict(index))
    list.append(attributes.begin(), attributes.end());
  list.set("minimax.output", UnitAttr::get(function.getContext()));
  return list.getDictionary(function.getContext());
}

/// Adds a parameter for each result of `function` and stops returning them.
static void moveResults(func::FuncOp function, const SymbolicDims &dims) {
  Operation *end = function.front().getTerminator();
  // Sizes first: parameters that replace buffers have none yet.
  SmallVector<SmallVector<AffineExpr>> shapes;
  for (Value value : end->getOperands())
    shapes.push_back(dims.shapeOf(value));
  for (unsigned index = 0; index < end->getNumOperands(); ++index) {
    // Read anew: an earlier result may have replaced the same buffer.
    Value value = end->getOperand(index);
    unsigned position = function.getNumArguments();
    function.insertArgument(position, value.getType(),
                            outAttributes(function, index, shapes[index]),
                            value.getLoc());
    BlockArgument out = function.getArgument(position);
    if (auto alloc = value.getDefiningOp<memref::AllocOp>()) {
      alloc.replaceAllUsesWith(Value(out));
      alloc.erase();
      continue;
    }
    // Not this function's own buffer, or one that is returned twice.
    OpBuilder(end).create<memref::CopyOp>(end->getLoc(), value, out);
  }
  end->setOperands({});
  function.eraseResults(BitVector(function.getNumResults(), true));
}

/// Allocates a buffer of the given sizes, which follow from dims of values that
/// are visible in the caller.
static FailureOr<Value> allocate(OpBuilder &builder, func::CallOp call,
                                 Value result, const SymbolicDims &dims) {
  auto type = cast<MemRefType>(result.getType());
  SmallVector<Value> sizes;
  SmallVector<AffineExpr> shape = dims.shapeOf(result);
  func::FuncOp caller = call->getParentOfType<func::FuncOp>();
  for (auto [dim, expr] : llvm::enumerate(shape)) {
    if (!type.isDynamicDim(dim))
      continue;
    Value size;
    for (BlockArgument argument : caller.getArguments()) {
      if (size || !isa<MemRefType>(argument.getType()))
        continue;
      for (auto [position, other] : llvm::enumerate(dims.shapeOf(argument)))
        if (!size && expr && other == expr)
          size =
              builder.create<memref::DimOp>(call.getLoc(), argument, position);
    }
    if (!size)
      return call.emitError()
             << "expected the size of dimension " << dim << " of a result of '"
             << call.getCallee() << "' to be the size of an argument";
    sizes.push_back(size);
  }
  return builder.create<memref::AllocOp>(call.getLoc(), type, sizes)
      .getResult();
}

static LogicalResult passOutParameters(func::CallOp call,
                                       const SymbolicDims &dims) {
  OpBuilder builder(call);
  SmallVector<Value> operands(call.getOperands());
  for (Value result : call.getResults()) {
    FailureOr<Value> buffer = allocate(builder, call, result, dims);
    if (failed(buffer))
      return failure();
    operands.push_back(*buffer);
    result.replaceAllUsesWith(*buffer);
  }
  builder.create<func::CallOp>(call.getLoc(), call.getCallee(), TypeRange{},
                               operands);
  call.erase();
  return success();
}

/// Results must be memory for a caller to provide it.
static LogicalResult verifyResults(func::FuncOp function) {
  for (Type type : function.getResultTypes())
    if (!isa<MemRefType>(type))
      return function.emitError()
             << "expected function '" << function.getName()
             << "' to return memrefs only, but got " << type;
  return success();
}

namespace {
struct ResultsToOutParametersPass
    : minimax::impl::ResultsToOutParametersBase<ResultsToOutParametersPass> {
  using ResultsToOutParametersBase::ResultsToOutParametersBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    FailureOr<SymbolicDims> dims = SymbolicDims::analyze(module);
    if (failed(dims))
      return signalPassFailure();
    llvm::StringSet<> changed;
    for (func::FuncOp function : module.getOps<func::FuncOp>()) {
      if (function.isExternal() || function.getNumResults() == 0)
        continue;
      if (failed(verifyResults(function)))
        return signalPassFailure();
      changed.insert(function.getName());
    }
    SmallVector<func::CallOp> calls;
    module.walk([&](func::CallOp call) {
      if (changed.contains(call.getCallee()))
        calls.push_back(call);
    });
    for (func::CallOp call : calls)
      if (failed(passOutParameters(call, *dims)))
        return signalPassFailure();
    for (func::FuncOp function : module.getOps<func::FuncOp>())
      if (changed.contains(function.getName()))
        moveResults(function, *dims);
  }
};
} // namespace
