//===- OutlineKernels.cpp - launched code becomes kernels -----------------===//
//
// One module for all kernels of a program, numbered in order. Equal ones become
// one: layers of all kinds have the same norms, products and experts.
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

static bool doTheSame(gpu::GPUFuncOp a, gpu::GPUFuncOp b) {
  return a.getKnownBlockSizeAttr() == b.getKnownBlockSizeAttr() &&
         a.getKnownGridSizeAttr() == b.getKnownGridSizeAttr() &&
         OperationEquivalence::isRegionEquivalentTo(
             &a.getBody(), &b.getBody(), OperationEquivalence::IgnoreLocations);
}

namespace {
/// The kernels of a program so far.
class Kernels {
public:
  Kernels(gpu::GPUModuleOp module) : module(module), table(module) {}

  /// Replaces `launch`, which is part of op `number`, by one of a kernel.
  LogicalResult outline(gpu::LaunchOp launch, Attribute number) {
    if (failed(sinkOperationsIntoLaunchOp(launch, isConstant)))
      return failure();
    auto kind = launch->getAttrOfType<StringAttr>("minimax.kernel");
    std::string name =
        ((kind ? kind.getValue() : "kernel") + "_" + Twine(names.size())).str();
    SmallVector<Value> operands;
    gpu::GPUFuncOp kernel = outlineKernelFunc(launch, name, operands);
    setBlockSize(kernel, launch.getBlockSizeOperandValues());
    kernel = insert(kernel, kind);
    if (number)
      addOp(kernel, number);
    OpBuilder(launch).create<gpu::LaunchFuncOp>(
        launch.getLoc(), kernel, launch.getGridSizeOperandValues(),
        launch.getBlockSizeOperandValues(), launch.getDynamicSharedMemorySize(),
        operands, /*asyncTokenType=*/Type(), /*asyncDependencies=*/ValueRange(),
        launch.getClusterSizeOperandValues());
    launch.erase();
    return success();
  }

  ArrayAttr getNames() {
    return ArrayAttr::get(module.getContext(), names);
  }

private:
  /// Adds `kernel`, or drops it for one that does the same.
  gpu::GPUFuncOp insert(gpu::GPUFuncOp kernel, Attribute kind) {
    auto &likely = byType[{kind, kernel.getFunctionType()}];
    for (gpu::GPUFuncOp other : likely)
      if (doTheSame(kernel, other)) {
        kernel->erase();
        return other;
      }
    table.insert(kernel);
    names.push_back(kernel.getNameAttr());
    likely.push_back(kernel);
    return kernel;
  }

  static void addOp(gpu::GPUFuncOp kernel, Attribute number) {
    SmallVector<Attribute> ops;
    if (auto known = kernel->getAttrOfType<ArrayAttr>(kKernelOps))
      llvm::append_range(ops, known);
    if (!llvm::is_contained(ops, number))
      ops.push_back(number);
    kernel->setAttr(kKernelOps, ArrayAttr::get(kernel.getContext(), ops));
  }

  gpu::GPUModuleOp module;
  SymbolTable table;
  SmallVector<Attribute> names;
  DenseMap<std::pair<Attribute, Type>, SmallVector<gpu::GPUFuncOp>> byType;
};
} // namespace

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
    Kernels kernels(
        builder.create<gpu::GPUModuleOp>(module.getLoc(), kKernelModule));
    DenseMap<Operation *, Attribute> ops = findOps(module);
    for (gpu::LaunchOp launch : launches)
      if (failed(kernels.outline(launch, ops.lookup(launch))))
        return signalPassFailure();
    module->setAttr(kKernelNames, kernels.getNames());
  }
};
} // namespace
