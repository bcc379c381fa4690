//===- LowerLaunches.cpp - launches become calls of the runtime -----------===//
//
// Host code of GPU programs: launches, copies and constants through abi.h.
//
//===----------------------------------------------------------------------===//

#include "minimax/Codegen/GPU/Passes.h"
#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_LOWERLAUNCHES
#include "minimax/Codegen/GPU/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

namespace {
/// Emits calls of the runtime before one op.
struct CallBuilder : ImplicitLocOpBuilder {
  CallBuilder(Operation *op, const LLVMTypeConverter &converter)
      : ImplicitLocOpBuilder(op->getLoc(), op), converter(converter),
        function(op->getParentOfType<func::FuncOp>()) {}

  const LLVMTypeConverter &converter;
  func::FuncOp function;

  Type pointer() { return LLVM::LLVMPointerType::get(getContext()); }
  Value integer(int64_t value) {
    return create<arith::ConstantIntOp>(value, 64);
  }

  /// The runtime's context, the function's first argument.
  Value context() { return function.getArgument(0); }

  /// Memory of the function's frame. In its first block, so that it is taken
  /// once.
  Value frame(Type type) {
    OpBuilder::InsertionGuard guard(*this);
    setInsertionPointToStart(&function.front());
    return create<LLVM::AllocaOp>(pointer(), type, integer(1));
  }

  MemRefDescriptor descriptor(Value memref) {
    Type type = converter.convertType(memref.getType());
    return MemRefDescriptor(
        create<UnrealizedConversionCastOp>(type, memref).getResult(0));
  }

  /// Where a memref begins, as a kernel that takes it expects: a static offset
  /// is part of its type and added there.
  Value begin(Value memref) {
    auto type = cast<MemRefType>(memref.getType());
    MemRefDescriptor described = descriptor(memref);
    Value base = described.alignedPtr(*this, getLoc());
    if (!ShapedType::isDynamic(getStridesAndOffset(type).second))
      return base;
    return create<LLVM::GEPOp>(pointer(), type.getElementType(), base,
                               ValueRange{described.offset(*this, getLoc())});
  }

  Value call(StringRef name, Type result, ValueRange operands) {
    auto module = function->getParentOfType<ModuleOp>();
    auto callee = module.lookupSymbol<func::FuncOp>(name);
    if (!callee) {
      OpBuilder top = OpBuilder::atBlockBegin(module.getBody());
      callee = top.create<func::FuncOp>(
          getLoc(), name,
          getFunctionType(operands.getTypes(),
                          result ? TypeRange(result) : TypeRange()));
      callee.setPrivate();
    }
    auto call = create<func::CallOp>(callee, operands);
    return result ? call.getResult(0) : Value();
  }
};
} // namespace

/// An mmrt_launch_shape of the launch.
static Value buildShape(CallBuilder &builder, gpu::LaunchFuncOp launch) {
  constexpr int32_t kFields = 11;
  auto type = LLVM::LLVMArrayType::get(builder.getI32Type(), kFields);
  Value one = builder.create<arith::ConstantIndexOp>(1);
  gpu::KernelDim3 grid = launch.getGridSizeOperandValues();
  gpu::KernelDim3 block = launch.getBlockSizeOperandValues();
  gpu::KernelDim3 cluster = {one, one, one};
  if (launch.hasClusterSize())
    cluster = launch.getClusterSizeOperandValues();
  SmallVector<Value> fields = {grid.x,  grid.y,    grid.z,    block.x,  block.y,
                               block.z, cluster.x, cluster.y, cluster.z};
  for (Value &field : fields)
    field = builder.create<arith::IndexCastOp>(builder.getI32Type(), field);
  Value shared = launch.getDynamicSharedMemorySize();
  fields.push_back(shared ? shared
                          : builder.create<arith::ConstantIntOp>(0, 32));
  fields.push_back(
      builder.create<arith::ConstantIntOp>(launch->hasAttr(kWaits), 32));
  Value shape = builder.frame(type);
  for (auto [place, field] : llvm::enumerate(fields))
    builder.create<LLVM::StoreOp>(
        field, builder.create<LLVM::GEPOp>(
                   builder.pointer(), type, shape,
                   ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(place)}));
  return shape;
}

/// An array of pointers to the kernel's arguments.
static Value buildArguments(CallBuilder &builder, gpu::LaunchFuncOp launch) {
  OperandRange operands = launch.getKernelOperands();
  auto type = LLVM::LLVMArrayType::get(builder.pointer(), operands.size());
  Value arguments = builder.frame(type);
  for (auto [place, operand] : llvm::enumerate(operands)) {
    Value value = operand;
    if (isa<MemRefType>(value.getType()))
      value = builder.begin(value);
    else if (value.getType().isIndex())
      value = builder.create<arith::IndexCastOp>(builder.getI64Type(), value);
    Value slot = builder.frame(value.getType());
    builder.create<LLVM::StoreOp>(value, slot);
    builder.create<LLVM::StoreOp>(
        slot, builder.create<LLVM::GEPOp>(
                  builder.pointer(), type, arguments,
                  ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(place)}));
  }
  return arguments;
}

static void lowerLaunch(gpu::LaunchFuncOp launch, int64_t number,
                        const LLVMTypeConverter &converter) {
  CallBuilder builder(launch, converter);
  Value shape = buildShape(builder, launch);
  Value arguments = buildArguments(builder, launch);
  builder.call("mmrt_launch", Type(),
               {builder.context(), builder.integer(number), shape, arguments});
  launch.erase();
}

static LogicalResult lowerCopy(memref::CopyOp copy,
                               const LLVMTypeConverter &converter) {
  auto source = cast<MemRefType>(copy.getSource().getType());
  auto destination = cast<MemRefType>(copy.getTarget().getType());
  if (!source.getLayout().isIdentity() || !destination.getLayout().isIdentity())
    return copy.emitOpError("expected contiguous memory on GPUs");
  CallBuilder builder(copy, converter);
  MemRefDescriptor from = builder.descriptor(copy.getSource());
  Value bytes = builder.integer(source.getElementTypeBitWidth() / 8);
  for (int64_t dim = 0; dim < source.getRank(); ++dim)
    bytes = builder.create<arith::MulIOp>(
        bytes, from.size(builder, copy.getLoc(), dim));
  builder.call("mmrt_copy", Type(),
               {builder.context(), builder.begin(copy.getTarget()),
                builder.begin(copy.getSource()), bytes});
  copy.erase();
  return success();
}

/// Lets the uses of a constant read its copy on the device.
static void lowerConstant(memref::GetGlobalOp get,
                          const LLVMTypeConverter &converter) {
  auto type = cast<MemRefType>(get.getType());
  CallBuilder builder(get->getNextNode(), converter);
  Location loc = get.getLoc();
  SmallVector<OpOperand *> uses;
  for (OpOperand &use : get->getUses())
    uses.push_back(&use);
  int64_t bytes = type.getNumElements() * type.getElementTypeBitWidth() / 8;
  Value there = builder.call("mmrt_constant", builder.pointer(),
                             {builder.context(), builder.begin(get.getResult()),
                              builder.integer(bytes)});
  auto described =
      MemRefDescriptor::fromStaticShape(builder, loc, converter, type, there);
  Value value = described;
  Value memref =
      builder.create<UnrealizedConversionCastOp>(type, value).getResult(0);
  for (OpOperand *use : uses)
    use->set(memref);
}

namespace {
struct LowerLaunchesPass : minimax::impl::LowerLaunchesBase<LowerLaunchesPass> {
  using LowerLaunchesBase::LowerLaunchesBase;

  void runOnOperation() override {
    auto names = getOperation()->getAttrOfType<ArrayAttr>(kKernelNames);
    if (!names)
      return;
    DenseMap<Attribute, int64_t> numbers;
    for (auto [number, name] : llvm::enumerate(names))
      numbers[name] = number;
    LLVMTypeConverter converter(&getContext());
    SmallVector<Operation *> ops;
    for (auto function : getOperation().getOps<func::FuncOp>())
      function.walk([&](Operation *op) {
        if (isa<gpu::LaunchFuncOp, memref::CopyOp, memref::GetGlobalOp>(op))
          ops.push_back(op);
      });
    for (Operation *op : ops) {
      if (auto launch = dyn_cast<gpu::LaunchFuncOp>(op))
        lowerLaunch(launch, numbers.lookup(launch.getKernelName()), converter);
      else if (auto get = dyn_cast<memref::GetGlobalOp>(op))
        lowerConstant(get, converter);
      else if (failed(lowerCopy(cast<memref::CopyOp>(op), converter)))
        return signalPassFailure();
    }
    getOperation()->removeAttr(gpu::GPUDialect::getContainerModuleAttrName());
  }
};
} // namespace
