//===- LowerEntries.cpp - the C interface of compiled programs ------------===//
//
// Functions get bare pointers instead of memref descriptors, which cost seconds
// of compilation at 80 layers; entries get the signature of abi.h.
//
//===----------------------------------------------------------------------===//

#include "minimax/Codegen/CPU/Passes.h"
#include "minimax/Codegen/Common/LowerOps.h"
#include "minimax/Codegen/Common/SymbolicDims.h"
#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_LOWERENTRIES
#include "minimax/Codegen/CPU/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

static constexpr StringRef kState = "minimax.state";

/// Groups of an entry's pointers, in the order of the manifest. Weights, which
/// come from the module, and the arena follow.
static constexpr StringRef kGroups[] = {"minimax.input", kState,
                                        "minimax.output"};

static bool isStepFunction(func::FuncOp function) {
  return !function.isExternal() && function.getNumArguments() > 0 &&
         function.getArgAttr(function.getNumArguments() - 1, "minimax.arena");
}

static Value toInteger(OpBuilder &builder, Location loc, Value index) {
  return builder.create<arith::IndexCastOp>(loc, builder.getI64Type(), index);
}

/// A contiguous memref of `type` at `pointer`.
static Value memrefAt(OpBuilder &builder, Location loc, MemRefType type,
                      Value pointer, ArrayRef<Value> sizes,
                      const LLVMTypeConverter &converter) {
  auto descriptor =
      MemRefDescriptor::undef(builder, loc, converter.convertType(type));
  descriptor.setAllocatedPtr(builder, loc, pointer);
  descriptor.setAlignedPtr(builder, loc, pointer);
  auto integer = [&](int64_t value) -> Value {
    return builder.create<LLVM::ConstantOp>(loc,
                                            builder.getI64IntegerAttr(value));
  };
  descriptor.setOffset(builder, loc, integer(0));
  Value stride = integer(1);
  for (int64_t dim = type.getRank() - 1; dim >= 0; --dim) {
    descriptor.setSize(builder, loc, dim, sizes[dim]);
    descriptor.setStride(builder, loc, dim, stride);
    if (dim > 0)
      stride = builder.create<LLVM::MulOp>(loc, stride, sizes[dim]);
  }
  Value value = descriptor;
  return builder.create<UnrealizedConversionCastOp>(loc, type, value)
      .getResult(0);
}

/// The sizes of an argument from the step's dims; the arena's is not needed.
static SmallVector<Value> argumentSizes(OpBuilder &builder,
                                        func::FuncOp function, unsigned index,
                                        ValueRange stepDims) {
  Location loc = function.getLoc();
  auto shape = function.getArgAttrOfType<AffineMapAttr>(index, "minimax.shape");
  if (!shape)
    return {
        builder.create<LLVM::ConstantOp>(loc, builder.getI64IntegerAttr(0))};
  SmallVector<Value> sizes;
  for (AffineExpr size : shape.getValue().getResults()) {
    Value value = affine::makeComposedAffineApply(
        builder, loc, AffineMap::get(kNumStepDims, 0, size),
        getAsOpFoldResult(stepDims));
    sizes.push_back(toInteger(builder, loc, value));
  }
  return sizes;
}

/// Calls of functions that get bare pointers.
static bool isStepCall(Operation *op, const DenseSet<StringRef> &names) {
  auto call = dyn_cast<func::CallOp>(op);
  return call && names.contains(call.getCallee());
}

/// Lets the uses of a memref argument read it through `pointerAt`, which gives
/// its pointer at a place. Calls of step functions take the pointer itself;
/// only what else there is needs a descriptor, built at `top`.
static void replaceArgument(OpBuilder &top, func::FuncOp function,
                            unsigned index, ValueRange stepDims,
                            const DenseSet<StringRef> &names,
                            const LLVMTypeConverter &converter,
                            function_ref<Value(OpBuilder &)> pointerAt) {
  BlockArgument argument = function.getArgument(index);
  auto type = cast<MemRefType>(argument.getType());
  Location loc = function.getLoc();
  for (OpOperand &use : llvm::make_early_inc_range(argument.getUses())) {
    if (!isStepCall(use.getOwner(), names))
      continue;
    OpBuilder builder(use.getOwner());
    use.set(
        builder
            .create<UnrealizedConversionCastOp>(loc, type, pointerAt(builder))
            .getResult(0));
  }
  if (argument.use_empty())
    return;
  SmallVector<Value> sizes = argumentSizes(top, function, index, stepDims);
  argument.replaceAllUsesWith(
      memrefAt(top, loc, type, pointerAt(top), sizes, converter));
}

/// Adds the context before the arguments and gives the function the type that
/// its block and `results` make. Attributes have served their purpose and mean
/// nothing to LLVM.
static void finishSignature(func::FuncOp function, TypeRange results) {
  Block &body = function.front();
  body.insertArgument(0u, LLVM::LLVMPointerType::get(function.getContext()),
                      function.getLoc());
  function.removeArgAttrsAttr();
  function.setType(FunctionType::get(function.getContext(),
                                     body.getArgumentTypes(), results));
}

/// Replaces memref arguments by pointers and adds the context.
static void flattenArguments(func::FuncOp function,
                             const DenseSet<StringRef> &names,
                             const LLVMTypeConverter &converter) {
  auto pointer = LLVM::LLVMPointerType::get(function.getContext());
  ValueRange stepDims = function.getArguments().take_front(kNumStepDims);
  auto top = OpBuilder::atBlockBegin(&function.front());
  for (BlockArgument argument : function.getArguments()) {
    if (!isa<MemRefType>(argument.getType()))
      continue;
    // Until all uses are replaced the argument keeps its type.
    auto placeholder = top.create<UnrealizedConversionCastOp>(
        function.getLoc(), pointer, ValueRange{});
    replaceArgument(top, function, argument.getArgNumber(), stepDims, names,
                    converter,
                    [&](OpBuilder &) { return placeholder.getResult(0); });
    argument.setType(pointer);
    placeholder.getResult(0).replaceAllUsesWith(argument);
    placeholder.erase();
  }
  finishSignature(function, {});
}

/// Passes the context and bare pointers to a flattened function.
static void flattenCall(func::CallOp call, const LLVMTypeConverter &converter) {
  OpBuilder builder(call);
  Location loc = call.getLoc();
  auto caller = call->getParentOfType<func::FuncOp>();
  SmallVector<Value> operands = {caller.getArgument(0)};
  for (Value operand : call.getOperands()) {
    auto cast = operand.getDefiningOp<UnrealizedConversionCastOp>();
    if (cast && isa<LLVM::LLVMPointerType>(cast.getOperandTypes()[0])) {
      operand = cast.getOperand(0);
    } else if (isa<MemRefType>(operand.getType())) {
      // Not extract_aligned_pointer_as_index: upstream folds that through
      // memref.view and loses the view's offset.
      Value descriptor =
          builder
              .create<UnrealizedConversionCastOp>(
                  loc, converter.convertType(operand.getType()), operand)
              .getResult(0);
      operand = MemRefDescriptor(descriptor).alignedPtr(builder, loc);
    }
    operands.push_back(operand);
  }
  builder.create<func::CallOp>(loc, call.getCallee(), TypeRange{}, operands);
  call.erase();
}

static Value loadAt(OpBuilder &builder, Location loc, Type type, Value base,
                    int64_t index) {
  Value address = builder.create<LLVM::GEPOp>(
      loc, base.getType(), type, base,
      ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(index)});
  return builder.create<LLVM::LoadOp>(loc, type, address);
}

static SmallVector<Value> loadDims(OpBuilder &builder, Location loc,
                                   Value dims) {
  SmallVector<Value> values;
  for (unsigned dim = 0; dim < kNumStepDims; ++dim)
    values.push_back(builder.create<arith::IndexCastOp>(
        loc, builder.getIndexType(),
        loadAt(builder, loc, builder.getI64Type(), dims, dim)));
  return values;
}

static int64_t countStates(func::FuncOp function) {
  return llvm::count_if(
      llvm::seq(function.getNumArguments()),
      [&](unsigned index) { return function.getArgAttr(index, kState); });
}

/// Position of every argument of an entry in `pointers`; -1 for its dims. The
/// table holds the module's `states` even if the entry takes none.
static SmallVector<int64_t>
placeArguments(func::FuncOp function, int64_t states,
               const DenseMap<StringRef, int64_t> &weights) {
  unsigned count = function.getNumArguments();
  SmallVector<int64_t> place(count, -1);
  int64_t next = 0;
  for (StringRef group : kGroups) {
    if (group == kState && countStates(function) == 0)
      next += states;
    for (unsigned index = 0; index < count; ++index)
      if (function.getArgAttr(index, group))
        place[index] = next++;
  }
  for (unsigned index = 0; index < count; ++index) {
    if (!function.getArgAttr(index, "minimax.weight"))
      continue;
    auto name = function.getArgAttrOfType<StringAttr>(index, "minimax.name");
    place[index] = next + weights.lookup(name.getValue());
  }
  place[count - 1] = next + weights.size();
  return place;
}

/// Turns an entry into `i32 mm_<entry>(context, pointers, dims)`. Pointers are
/// loaded where they are used: a thousand arguments or live values would cost
/// seconds of compilation.
static void lowerEntry(func::FuncOp function, int64_t states,
                       const DenseMap<StringRef, int64_t> &weights,
                       const DenseSet<StringRef> &names,
                       const LLVMTypeConverter &converter) {
  auto pointer = LLVM::LLVMPointerType::get(function.getContext());
  Location loc = function.getLoc();
  SmallVector<int64_t> place = placeArguments(function, states, weights);
  unsigned count = function.getNumArguments();
  Value table = function.front().addArgument(pointer, loc);
  Value dims = function.front().addArgument(pointer, loc);
  auto builder = OpBuilder::atBlockBegin(&function.front());
  SmallVector<Value> stepDims = loadDims(builder, loc, dims);
  for (unsigned index = kNumStepDims; index < count; ++index)
    replaceArgument(builder, function, index, stepDims, names, converter,
                    [&](OpBuilder &at) {
                      return loadAt(at, loc, pointer, table, place[index]);
                    });
  for (auto [index, value] : llvm::enumerate(stepDims))
    function.getArgument(index).replaceAllUsesWith(value);
  function.front().eraseArguments(0, count);
  finishSignature(function, builder.getI32Type());
  Operation *end = function.front().getTerminator();
  builder.setInsertionPoint(end);
  Value zero = builder.create<arith::ConstantIntOp>(loc, 0, 32);
  builder.create<func::ReturnOp>(loc, zero);
  end->erase();
  function.setName(("mm_" + function.getName()).str());
}

/// Adds `i64 mm_<entry>_arena(dims)`.
static void addArenaEntry(func::FuncOp function) {
  OpBuilder builder(function->getContext());
  builder.setInsertionPointAfter(function);
  Location loc = function.getLoc();
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  auto entry = builder.create<func::FuncOp>(
      loc, ("mm_" + function.getName() + "_arena").str(),
      builder.getFunctionType(pointer, builder.getI64Type()));
  Block *body = entry.addEntryBlock();
  builder.setInsertionPointToStart(body);
  auto call = builder.create<func::CallOp>(
      loc, (function.getName() + ".arena").str(), builder.getIndexType(),
      loadDims(builder, loc, body->getArgument(0)));
  builder.create<func::ReturnOp>(loc,
                                 toInteger(builder, loc, call.getResult(0)));
}

namespace {
struct LowerEntriesPass : minimax::impl::LowerEntriesBase<LowerEntriesPass> {
  using LowerEntriesBase::LowerEntriesBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    LLVMTypeConverter converter(&getContext());
    DenseMap<StringRef, int64_t> weights;
    for (WeightOp weight : module.getOps<WeightOp>())
      weights.try_emplace(weight.getSymName(), weights.size());
    SmallVector<func::FuncOp> functions, entries;
    DenseSet<StringRef> names;
    for (func::FuncOp function : module.getOps<func::FuncOp>()) {
      if (!isStepFunction(function))
        continue;
      bool isEntry = function->hasAttr("minimax.entry");
      (isEntry ? entries : functions).push_back(function);
      names.insert(function.getName());
    }
    SmallVector<func::CallOp> calls;
    module.walk([&](func::CallOp call) {
      if (isStepCall(call, names) || call.getCallee() == kBeginOp)
        calls.push_back(call);
    });
    for (func::FuncOp function : functions)
      flattenArguments(function, names, converter);
    int64_t states = 0;
    for (func::FuncOp entry : entries)
      states = std::max(states, countStates(entry));
    for (func::FuncOp entry : entries) {
      addArenaEntry(entry);
      lowerEntry(entry, states, weights, names, converter);
    }
    for (func::CallOp call : calls)
      flattenCall(call, converter);
    addContext(module);
  }

private:
  /// mmrt_begin_op takes the context too.
  static void addContext(ModuleOp module) {
    auto begin = module.lookupSymbol<func::FuncOp>(kBeginOp);
    if (!begin)
      return;
    auto pointer = LLVM::LLVMPointerType::get(module.getContext());
    SmallVector<Type> types(begin.getArgumentTypes());
    types.insert(types.begin(), pointer);
    begin.setType(FunctionType::get(module.getContext(), types, {}));
  }
};
} // namespace
