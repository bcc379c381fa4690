//===- LowerEntries.cpp - the C interface of compiled programs ------------===//
//
// Functions get bare pointers instead of memref descriptors, which cost seconds
// of compilation at 80 layers; entries get the signature of abi.h.
//
//===----------------------------------------------------------------------===//

#include "minimax/Codegen/CPU/Passes.h"
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

/// Groups of an entry's pointers, in the order of the manifest. Weights, which
/// come from the module, and the arena follow.
static constexpr StringRef kGroups[] = {"minimax.input", "minimax.state",
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

/// Replaces memref arguments by pointers and adds the context.
static void flattenArguments(func::FuncOp function,
                             const LLVMTypeConverter &converter) {
  auto pointer = LLVM::LLVMPointerType::get(function.getContext());
  auto builder = OpBuilder::atBlockBegin(&function.front());
  Location loc = function.getLoc();
  ValueRange stepDims = function.getArguments().take_front(kNumStepDims);
  SmallVector<Type> types = {pointer};
  for (BlockArgument argument : function.getArguments()) {
    auto type = dyn_cast<MemRefType>(argument.getType());
    types.push_back(type ? Type(pointer) : argument.getType());
    if (!type)
      continue;
    SmallVector<Value> sizes =
        argumentSizes(builder, function, argument.getArgNumber(), stepDims);
    auto placeholder =
        builder.create<UnrealizedConversionCastOp>(loc, pointer, ValueRange{});
    Value memref = memrefAt(builder, loc, type, placeholder.getResult(0), sizes,
                            converter);
    argument.replaceAllUsesWith(memref);
    argument.setType(pointer);
    placeholder.getResult(0).replaceAllUsesWith(argument);
    placeholder.erase();
  }
  function.front().insertArgument(0u, pointer, loc);
  SmallVector<Attribute> attributes = {
      DictionaryAttr::get(function.getContext())};
  if (ArrayAttr old = function.getArgAttrsAttr())
    llvm::append_range(attributes, old);
  else
    attributes.resize(types.size(), attributes[0]);
  function.setType(FunctionType::get(function.getContext(), types, {}));
  function.setArgAttrsAttr(ArrayAttr::get(function.getContext(), attributes));
}

/// Passes the context and bare pointers to a flattened function.
static void flattenCall(func::CallOp call, const LLVMTypeConverter &converter) {
  OpBuilder builder(call);
  Location loc = call.getLoc();
  auto caller = call->getParentOfType<func::FuncOp>();
  SmallVector<Value> operands = {caller.getArgument(0)};
  for (Value operand : call.getOperands()) {
    if (isa<MemRefType>(operand.getType())) {
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

/// Adds `i32 mm_<entry>(context, pointers, dims)`.
static void addEntry(func::FuncOp function, ArrayRef<StringRef> weights) {
  OpBuilder builder(function->getContext());
  builder.setInsertionPointAfter(function);
  Location loc = function.getLoc();
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  auto entry = builder.create<func::FuncOp>(
      loc, ("mm_" + function.getName()).str(),
      builder.getFunctionType({pointer, pointer, pointer},
                              builder.getI32Type()));
  Block *body = entry.addEntryBlock();
  builder.setInsertionPointToStart(body);

  // Position of every argument in `pointers`.
  unsigned count = function.getNumArguments();
  SmallVector<int64_t> place(count, -1);
  int64_t next = 0;
  for (StringRef group : kGroups)
    for (unsigned index = 0; index < count; ++index)
      if (function.getArgAttr(index, group))
        place[index] = next++;
  for (unsigned index = 0; index < count; ++index) {
    if (!function.getArgAttr(index, "minimax.weight"))
      continue;
    auto name = function.getArgAttrOfType<StringAttr>(index, "minimax.name");
    place[index] =
        next + (llvm::find(weights, name.getValue()) - weights.begin());
  }
  place[count - 1] = next + weights.size();

  SmallVector<Value> operands = {body->getArgument(0)};
  llvm::append_range(operands, loadDims(builder, loc, body->getArgument(2)));
  for (unsigned index = kNumStepDims + 1; index < count; ++index)
    operands.push_back(
        loadAt(builder, loc, pointer, body->getArgument(1), place[index]));
  builder.create<func::CallOp>(loc, function.getName(), TypeRange{}, operands);
  Value zero = builder.create<arith::ConstantIntOp>(loc, 0, 32);
  builder.create<func::ReturnOp>(loc, zero);
  function.setPrivate();
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
    SmallVector<StringRef> weights;
    for (WeightOp weight : module.getOps<WeightOp>())
      weights.push_back(weight.getSymName());
    SmallVector<func::FuncOp> functions;
    for (func::FuncOp function : module.getOps<func::FuncOp>())
      if (isStepFunction(function))
        functions.push_back(function);
    SmallVector<func::CallOp> calls;
    for (func::FuncOp function : functions)
      function.walk([&](func::CallOp call) {
        auto callee = module.lookupSymbol<func::FuncOp>(call.getCallee());
        if (llvm::is_contained(functions, callee))
          calls.push_back(call);
      });
    for (func::FuncOp function : functions)
      flattenArguments(function, converter);
    for (func::CallOp call : calls)
      flattenCall(call, converter);
    for (func::FuncOp function : functions) {
      if (!function->hasAttr("minimax.entry"))
        continue;
      addEntry(function, weights);
      addArenaEntry(function);
    }
    // They have served their purpose and mean nothing to LLVM.
    for (func::FuncOp function : functions)
      function.removeArgAttrsAttr();
  }
};
} // namespace
