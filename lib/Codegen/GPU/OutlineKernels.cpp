//===- OutlineKernels.cpp - launched code becomes kernels -----------------===//
//
// One module for all kernels of a program, numbered in order.
//
//===----------------------------------------------------------------------===//

#include "minimax/Codegen/Common/LowerOps.h"
#include "minimax/Codegen/GPU/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/Transforms/Utils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/SymbolTable.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_OUTLINEKERNELS
#include "minimax/Codegen/GPU/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

/// What a kernel computes for itself rather than take as an argument.
static bool isConstant(Operation *op) { return matchPattern(op, m_Constant()); }

/// Tells the code generator the size of the kernel's blocks, if it is known.
static void setBlockSize(gpu::GPUFuncOp kernel, gpu::KernelDim3 size) {
  SmallVector<int32_t> known;
  for (Value value : {size.x, size.y, size.z}) {
    std::optional<int64_t> constant = getConstantIntValue(value);
    if (!constant)
      return;
    known.push_back(static_cast<int32_t>(*constant));
  }
  kernel.setKnownBlockSizeAttr(
      DenseI32ArrayAttr::get(kernel.getContext(), known));
}

/// The op that each launch is part of: the last that began before it.
static DenseMap<Operation *, Attribute> findOps(ModuleOp module) {
  DenseMap<Operation *, Attribute> ops;
  Attribute current;
  module.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isa<func::FuncOp>(op))
      current = {};
    else if (auto call = dyn_cast<func::CallOp>(op);
             call && call.getCallee() == kBeginOp)
      matchPattern(call.getOperand(0), m_Constant(&current));
    else if (isa<gpu::LaunchOp>(op) && current)
      ops[op] = current;
  });
  return ops;
}

/// Replaces `launch` by a launch of a kernel called `name` in `kernels`.
static LogicalResult outline(gpu::LaunchOp launch, StringRef name,
                             Attribute number, gpu::GPUModuleOp kernels) {
  if (failed(sinkOperationsIntoLaunchOp(launch, isConstant)))
    return failure();
  llvm::SmallVector<Value> operands;
  gpu::GPUFuncOp kernel = outlineKernelFunc(launch, name, operands);
  SymbolTable(kernels).insert(kernel);
  if (number)
    kernel->setAttr("minimax.op", number);
  setBlockSize(kernel, launch.getBlockSizeOperandValues());
  OpBuilder builder(launch);
  builder.create<gpu::LaunchFuncOp>(
      launch.getLoc(), kernel, launch.getGridSizeOperandValues(),
      launch.getBlockSizeOperandValues(), launch.getDynamicSharedMemorySize(),
      operands);
  launch.erase();
  return success();
}

namespace {
struct OutlineKernelsPass
    : minimax::impl::OutlineKernelsBase<OutlineKernelsPass> {
  using OutlineKernelsBase::OutlineKernelsBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<gpu::LaunchOp> launches;
    module.walk([&](gpu::LaunchOp launch) { launches.push_back(launch); });
    if (launches.empty())
      return;
    module->setAttr(gpu::GPUDialect::getContainerModuleAttrName(),
                    UnitAttr::get(&getContext()));
    OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
    auto kernels =
        builder.create<gpu::GPUModuleOp>(module.getLoc(), kKernelModule);
    SmallVector<Attribute> names;
    DenseMap<Operation *, Attribute> ops = findOps(module);
    for (gpu::LaunchOp launch : launches) {
      auto kind = launch->getAttrOfType<StringAttr>("minimax.kernel");
      std::string name =
          ((kind ? kind.getValue() : "kernel") + "_" + Twine(names.size()))
              .str();
      names.push_back(builder.getStringAttr(name));
      if (failed(outline(launch, name, ops.lookup(launch), kernels)))
        return signalPassFailure();
    }
    module->setAttr(kKernelNames, builder.getArrayAttr(names));
  }
};
} // namespace
