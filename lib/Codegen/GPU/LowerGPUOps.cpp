//===- LowerGPUOps.cpp - minimax_gpu ops to instructions ------------------===//
//
// The last step before upstream's conversions: intrinsics, addresses of shared
// memory, pointers for arguments.
//
//===----------------------------------------------------------------------===//

#include "LowerGPUOps.h"
#include "minimax/Codegen/GPU/Passes.h"
#include "mlir/Conversion/GPUCommon/GPUCommonPass.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_LOWERGPUOPS
#include "minimax/Codegen/GPU/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

/// The array that all shared memory of a kernel lies in. External and without
/// size: how much there is, each launch says.
static constexpr StringRef kSharedArray = "shared_memory";

static constexpr unsigned kSharedSpace = NVVM::kSharedMemorySpace;

/// The declaration of the shared array, made at first use.
static LLVM::GlobalOp getSharedArray(gpu::GPUModuleOp kernels) {
  if (auto array = kernels.lookupSymbol<LLVM::GlobalOp>(kSharedArray))
    return array;
  OpBuilder builder = OpBuilder::atBlockBegin(kernels.getBody());
  auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), 0);
  return builder.create<LLVM::GlobalOp>(
      kernels.getLoc(), type, /*isConstant=*/false, LLVM::Linkage::External,
      kSharedArray, Attribute(), /*alignment=*/1024, kSharedSpace);
}

static LogicalResult lowerSharedMemory(minimax_gpu::SharedMemoryOp op,
                                       const LLVMTypeConverter &converter) {
  if (!op.getOffset())
    return op.emitOpError("expected an offset (run "
                          "minimax-allocate-shared-memory)");
  AddressBuilder builder(op, converter);
  LLVM::GlobalOp array =
      getSharedArray(op->getParentOfType<gpu::GPUModuleOp>());
  Value base = builder.create<LLVM::AddressOfOp>(array);
  Value place = builder.create<LLVM::GEPOp>(
      base.getType(), builder.getI8Type(), base,
      ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(*op.getOffset())});
  auto type = cast<MemRefType>(op.getResult().getType());
  auto [strides, offset] = getStridesAndOffset(type);
  op.replaceAllUsesWith(builder.memrefAt(type, place, strides));
  op.erase();
  return success();
}

static void lowerCopyAsync(minimax_gpu::CopyAsyncOp op,
                           const LLVMTypeConverter &converter) {
  AddressBuilder builder(op, converter);
  constexpr int32_t kBytes = 16;
  Value destination =
      builder.address(op.getDestination(), op.getDestinationIndices());
  Value source = builder.address(op.getSource(), op.getSourceIndices());
  source = builder.create<LLVM::AddrSpaceCastOp>(
      LLVM::LLVMPointerType::get(builder.getContext(),
                                 NVVM::kGlobalMemorySpace),
      source);
  if (op.getInside()) {
    // Upstream's op would become inline assembly with a size to read.
    Value bytes = builder.create<arith::SelectOp>(
        op.getInside(), builder.create<arith::ConstantIntOp>(kBytes, 32),
        builder.create<arith::ConstantIntOp>(0, 32));
    builder.create<LLVM::CallIntrinsicOp>(
        TypeRange{},
        builder.getStringAttr("llvm.nvvm.cp.async.cg.shared.global.16.s"),
        ValueRange{destination, source, bytes}, LLVM::FastmathFlagsAttr());
  } else {
    builder.create<NVVM::CpAsyncOp>(destination, source, kBytes,
                                    NVVM::LoadCacheModifierKind::CG,
                                    /*cpSize=*/Value());
  }
  op.erase();
}

/// One access of a whole vector; upstream would only know that its elements are
/// aligned and split it.
static void lowerVectorLoad(vector::LoadOp op,
                            const LLVMTypeConverter &converter) {
  AddressBuilder builder(op, converter);
  VectorType type = op.getVectorType();
  unsigned bytes = type.getNumElements() * type.getElementTypeBitWidth() / 8;
  Value pointer = builder.address(op.getBase(), op.getIndices());
  op.replaceAllUsesWith(
      builder.create<LLVM::LoadOp>(type, pointer, bytes).getResult());
  op.erase();
}

static void lowerVectorStore(vector::StoreOp op,
                             const LLVMTypeConverter &converter) {
  AddressBuilder builder(op, converter);
  VectorType type = op.getVectorType();
  unsigned bytes = type.getNumElements() * type.getElementTypeBitWidth() / 8;
  Value pointer = builder.address(op.getBase(), op.getIndices());
  builder.create<LLVM::StoreOp>(op.getValueToStore(), pointer, bytes);
  op.erase();
}

static void lowerLoadMatrix(minimax_gpu::LoadMatrixOp op,
                            const LLVMTypeConverter &converter) {
  AddressBuilder builder(op, converter);
  Type word = builder.getI32Type();
  auto words = LLVM::LLVMStructType::getLiteral(builder.getContext(),
                                                {word, word, word, word});
  Value loaded = builder.create<NVVM::LdMatrixOp>(
      words, builder.address(op.getSource(), op.getIndices()), /*num=*/4,
      op.getTranspose() ? NVVM::MMALayout::col : NVVM::MMALayout::row);
  Value result = builder.create<LLVM::UndefOp>(op.getType());
  for (int64_t i = 0; i < 4; ++i)
    result = builder.create<LLVM::InsertElementOp>(
        result, builder.create<LLVM::ExtractValueOp>(loaded, i),
        builder.integer(i));
  op.replaceAllUsesWith(result);
  op.erase();
}

static void lowerMma(minimax_gpu::MmaOp op,
                     const LLVMTypeConverter &converter) {
  AddressBuilder builder(op, converter);
  SmallVector<Value> operands;
  for (Value fragment : op->getOperands())
    for (int64_t i = 0,
                 e = cast<VectorType>(fragment.getType()).getNumElements();
         i < e; ++i)
      operands.push_back(
          builder.create<LLVM::ExtractElementOp>(fragment, builder.integer(i)));
  Type f32 = builder.getF32Type();
  auto type = LLVM::LLVMStructType::getLiteral(builder.getContext(),
                                               {f32, f32, f32, f32});
  auto product = builder.create<LLVM::CallIntrinsicOp>(
      TypeRange{type},
      builder.getStringAttr("llvm.nvvm.mma.m16n8k16.row.col.bf16"), operands,
      LLVM::FastmathFlagsAttr());
  Value result = builder.create<LLVM::UndefOp>(op.getType());
  for (int64_t i = 0; i < 4; ++i)
    result = builder.create<LLVM::InsertElementOp>(
        result, builder.create<LLVM::ExtractValueOp>(product.getResult(0), i),
        builder.integer(i));
  op.replaceAllUsesWith(result);
  op.erase();
}

/// Warps may only exchange registers if the assembler knows how many a block
/// has: the kernel says how many blocks share a multiprocessor, one.
static void allowRegisters(gpu::GPUFuncOp kernel) {
  bool exchanges =
      kernel
          .walk([](NVVM::SetMaxRegisterOp) { return WalkResult::interrupt(); })
          .wasInterrupted();
  if (exchanges)
    kernel->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(),
                    Builder(kernel.getContext()).getI32IntegerAttr(1));
}

/// Bare pointers in place of memrefs. Their descriptors are made where the
/// kernel begins.
static LogicalResult flattenArguments(gpu::GPUFuncOp kernel,
                                      const LLVMTypeConverter &converter) {
  auto pointer = LLVM::LLVMPointerType::get(kernel.getContext());
  Block &entry = kernel.getBody().front();
  SmallVector<Type> types;
  for (BlockArgument argument : entry.getArguments()) {
    auto type = dyn_cast<MemRefType>(argument.getType());
    types.push_back(type ? Type(pointer) : argument.getType());
    if (!type)
      continue;
    SmallVector<int64_t> strides;
    int64_t offset;
    if (failed(getStridesAndOffset(type, strides, offset)) ||
        llvm::any_of(strides, ShapedType::isDynamic))
      return kernel.emitError() << "kernel '" << kernel.getName()
                                << "' expected arguments with static strides, "
                                   "but got "
                                << type;
    for (Operation *user : argument.getUsers())
      if (isa<memref::DimOp>(user))
        return user->emitError("kernels do not know sizes of their arguments; "
                               "expected it to be taken before the launch");
    AddressBuilder builder(&entry.front(), converter);
    argument.setType(pointer);
    // Uses are replaced by a descriptor of the argument itself.
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : argument.getUses())
      uses.push_back(&use);
    Value memref = builder.memrefAt(type, argument, strides);
    for (OpOperand *use : uses)
      use->set(memref);
  }
  kernel.setFunctionType(FunctionType::get(kernel.getContext(), types, {}));
  return success();
}

namespace {
struct LowerGPUOpsPass : minimax::impl::LowerGPUOpsBase<LowerGPUOpsPass> {
  using LowerGPUOpsBase::LowerGPUOpsBase;

  void runOnOperation() override {
    LowerToLLVMOptions options(&getContext());
    LLVMTypeConverter converter(&getContext(), options);
    // As upstream's conversion of gpu ops numbers them.
    populateGpuMemorySpaceAttributeConversions(
        converter, [](gpu::AddressSpace space) -> unsigned {
          switch (space) {
          case gpu::AddressSpace::Global:
            return NVVM::kGlobalMemorySpace;
          case gpu::AddressSpace::Workgroup:
            return kSharedSpace;
          case gpu::AddressSpace::Private:
            return 0;
          }
          llvm_unreachable("expected an address space of gpu");
        });
    auto lowered = getOperation().walk([&](Operation *op) {
      LogicalResult result = success();
      llvm::TypeSwitch<Operation *, void>(op)
          .Case<minimax_gpu::SharedMemoryOp>([&](auto shared) {
            result = lowerSharedMemory(shared, converter);
          })
          .Case<minimax_gpu::CopyAsyncOp>(
              [&](auto copy) { lowerCopyAsync(copy, converter); })
          .Case<minimax_gpu::LoadMatrixOp>(
              [&](auto load) { lowerLoadMatrix(load, converter); })
          .Case<minimax_gpu::MmaOp>([&](auto mma) { lowerMma(mma, converter); })
          .Case<minimax_gpu::ClusterMemoryOp, minimax_gpu::MbarrierInitOp,
                minimax_gpu::MbarrierArriveOp, minimax_gpu::MbarrierWaitOp,
                minimax_gpu::BulkCopyOp, minimax_gpu::WgmmaOp,
                minimax_gpu::LaunchDependentsOp,
                minimax_gpu::WaitPrerequisitesOp, minimax_gpu::PrefetchOp>(
              [&](auto hopper) { lowerHopperOp(hopper, converter); })
          .Case<vector::LoadOp>([&](auto load) {
            if (load->hasAttr(kAligned))
              lowerVectorLoad(load, converter);
          })
          .Case<vector::StoreOp>([&](auto store) {
            if (store->hasAttr(kAligned))
              lowerVectorStore(store, converter);
          });
      return failed(result) ? WalkResult::interrupt() : WalkResult::advance();
    });
    if (lowered.wasInterrupted())
      return signalPassFailure();
    for (auto kernel : getOperation().getOps<gpu::GPUFuncOp>()) {
      allowRegisters(kernel);
      if (failed(flattenArguments(kernel, converter)))
        return signalPassFailure();
    }
    RewritePatternSet patterns(&getContext());
    populateGpuLowerSubgroupReduceToShufflePattenrs(patterns,
                                                    /*subgroupSize=*/32);
    if (failed(
            applyPatternsAndFoldGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
