//===- SymbolicDims.cpp - sizes as functions of a step's dims -------------===//
//
// Follows sizes from the entries' arguments through views and calls.
//
//===----------------------------------------------------------------------===//

#include "minimax/Codegen/Common/SymbolicDims.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::minimax;

/// The meaning of dimension `dim` of an entry's argument called `name`.
static AffineExpr namedDim(StringRef name, unsigned dim, MLIRContext *context) {
  AffineExpr t = getAffineDimExpr(0, context), n = getAffineDimExpr(1, context);
  if (name.contains("lightning_state") || name.contains("kv_cache"))
    return getAffineDimExpr(dim == 0 ? 2 : 3, context);
  return llvm::StringSwitch<AffineExpr>(name)
      .Cases("tokens", "positions", t)
      .Case("cu_seqlens", n + 1)
      .Cases("slots", "logits", "temperatures", "top_k", "top_p", "uniforms", n)
      .Default(AffineExpr());
}

/// Whether `argument` is the arena that `minimax-plan-arena` has added.
static bool isArena(BlockArgument argument) {
  auto function = dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp());
  return function && argument.getOwner() == &function.front() &&
         function.getArgAttr(argument.getArgNumber(), "minimax.arena");
}

/// The step dim that `index`, an argument of a function with an arena, holds.
static AffineExpr stepDim(Value index) {
  auto argument = dyn_cast<BlockArgument>(index);
  if (!argument || argument.getArgNumber() >= kNumStepDims ||
      !isArena(argument.getOwner()->getArguments().back()))
    return {};
  return getAffineDimExpr(argument.getArgNumber(), index.getContext());
}

LogicalResult SymbolicDims::bindEntry(func::FuncOp function) {
  MLIRContext *context = function.getContext();
  for (BlockArgument argument : function.getArguments()) {
    auto type = dyn_cast<MemRefType>(argument.getType());
    if (!type)
      continue;
    if (isArena(argument)) {
      arguments[argument] = {AffineExpr()};
      continue;
    }
    if (auto known = function.getArgAttrOfType<AffineMapAttr>(
            argument.getArgNumber(), "minimax.shape")) {
      arguments[argument] = llvm::to_vector(known.getValue().getResults());
      continue;
    }
    auto name = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(),
                                                      "minimax.name");
    SmallVector<AffineExpr> shape;
    for (auto [dim, size] : llvm::enumerate(type.getShape())) {
      AffineExpr expr =
          ShapedType::isDynamic(size)
              ? namedDim(name ? name.getValue() : "", dim, context)
              : getAffineConstantExpr(size, context);
      if (!expr)
        return function.emitError()
               << "expected a known name (tokens, cu_seqlens, positions, slots, "
                  "a state or an input of sampling) of argument "
               << argument.getArgNumber() << " of entry '" << function.getName()
               << "', whose size is dynamic, but got "
               << (name ? name.getValue() : StringRef("none"));
      shape.push_back(expr);
    }
    arguments[argument] = shape;
  }
  return success();
}

LogicalResult SymbolicDims::bindCalls(func::FuncOp function, ModuleOp module) {
  auto result = function.walk([&](func::CallOp call) {
    auto callee = module.lookupSymbol<func::FuncOp>(call.getCallee());
    if (!callee || callee.isExternal())
      return WalkResult::advance();
    bool isNew = false;
    for (auto [operand, argument] :
         llvm::zip(call.getOperands(), callee.getArguments())) {
      if (!isa<MemRefType>(operand.getType()))
        continue;
      SmallVector<AffineExpr> shape = shapeOf(operand);
      auto [known, inserted] = arguments.try_emplace(argument, shape);
      isNew |= inserted;
      if (known->second == shape)
        continue;
      call.emitError() << "expected argument " << argument.getArgNumber()
                       << " of '" << callee.getName()
                       << "' to have one size in terms of the step's "
                          "dimensions at all call sites";
      return WalkResult::interrupt();
    }
    if (isNew && failed(bindCalls(callee, module)))
      return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

FailureOr<SymbolicDims> SymbolicDims::analyze(ModuleOp module) {
  SymbolicDims dims;
  dims.module = module;
  for (func::FuncOp function : module.getOps<func::FuncOp>())
    if (function->hasAttr("minimax.entry") &&
        (failed(dims.bindEntry(function)) ||
         failed(dims.bindCalls(function, module))))
      return failure();
  return dims;
}

AffineExpr SymbolicDims::valueOf(Value index) const {
  MLIRContext *context = index.getContext();
  if (std::optional<int64_t> constant = getConstantIntValue(index))
    return getAffineConstantExpr(*constant, context);
  if (AffineExpr dim = stepDim(index))
    return dim;
  Operation *op = index.getDefiningOp();
  if (auto dim = dyn_cast_or_null<memref::DimOp>(op)) {
    std::optional<int64_t> position = dim.getConstantIndex();
    return position ? shapeOf(dim.getSource())[*position] : AffineExpr();
  }
  auto apply = dyn_cast_or_null<affine::AffineApplyOp>(op);
  if (!apply)
    return {};
  SmallVector<AffineExpr> operands;
  for (Value operand : apply.getMapOperands())
    operands.push_back(valueOf(operand));
  if (llvm::is_contained(operands, AffineExpr()))
    return {};
  unsigned numDims = apply.getAffineMap().getNumDims();
  ArrayRef<AffineExpr> all(operands);
  return simplifyAffineExpr(
      apply.getAffineMap().getResult(0).replaceDimsAndSymbols(
          all.take_front(numDims), all.drop_front(numDims)),
      kNumStepDims, 0);
}

/// Static sizes of `type` as constants, dynamic ones from `dynamic` in order.
static SmallVector<AffineExpr> mixShape(MemRefType type,
                                        ArrayRef<AffineExpr> dynamic) {
  SmallVector<AffineExpr> shape;
  for (int64_t size : type.getShape()) {
    if (!ShapedType::isDynamic(size)) {
      shape.push_back(getAffineConstantExpr(size, type.getContext()));
      continue;
    }
    shape.push_back(dynamic.empty() ? AffineExpr() : dynamic.front());
    dynamic = dynamic.drop_front(dynamic.empty() ? 0 : 1);
  }
  return shape;
}

SmallVector<AffineExpr> SymbolicDims::shapeOf(Value memref) const {
  auto known = arguments.find(memref);
  if (known != arguments.end())
    return known->second;
  auto type = cast<MemRefType>(memref.getType());
  Operation *op = memref.getDefiningOp();
  auto sizes = [&](ValueRange values) {
    return llvm::map_to_vector(values, [&](Value v) { return valueOf(v); });
  };
  if (!op)
    return mixShape(type, {});
  return TypeSwitch<Operation *, SmallVector<AffineExpr>>(op)
      .Case<memref::AllocOp, memref::AllocaOp>([&](auto alloc) {
        return mixShape(type, sizes(alloc.getDynamicSizes()));
      })
      .Case([&](memref::ViewOp view) {
        return mixShape(type, sizes(view.getSizes()));
      })
      .Case([&](memref::SubViewOp view) {
        return mixShape(type, sizes(view.getSizes()));
      })
      .Case([&](memref::ExpandShapeOp view) {
        return mixShape(type, sizes(view.getOutputShape()));
      })
      .Case([&](memref::CastOp cast) { return shapeOf(cast.getSource()); })
      .Case([&](memref::CollapseShapeOp view) {
        SmallVector<AffineExpr> source = shapeOf(view.getSrc()), shape;
        for (const ReassociationIndices &group :
             view.getReassociationIndices()) {
          AffineExpr product = getAffineConstantExpr(1, type.getContext());
          for (int64_t dim : group)
            product =
                source[dim] && product ? product * source[dim] : AffineExpr();
          shape.push_back(product);
        }
        return shape;
      })
      .Case([&](func::CallOp call) {
        ModuleOp parent = module;
        auto callee = parent.lookupSymbol<func::FuncOp>(call.getCallee());
        Operation *end = callee.front().getTerminator();
        return shapeOf(
            end->getOperand(cast<OpResult>(memref).getResultNumber()));
      })
      .Default([&](Operation *) { return mixShape(type, {}); });
}
