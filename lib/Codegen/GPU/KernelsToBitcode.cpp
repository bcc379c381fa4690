//===- KernelsToBitcode.cpp - kernels to the NVPTX back end's input -------===//
//
// The order of upstream's conversions, then LLVM's optimiser.
//
//===----------------------------------------------------------------------===//

#include "minimax/Codegen/GPU/Passes.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVM/ModuleToObject.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/TargetSelect.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_KERNELSTOBITCODE
#include "minimax/Codegen/GPU/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

static constexpr StringLiteral kTriple = "nvptx64-nvidia-cuda";
static constexpr int kOptimization = 3;

void minimax::initializeNVPTX() {
  [[maybe_unused]] static const bool initialized = [] {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
    return true;
  }();
}

namespace {
struct KernelsToBitcodePass
    : minimax::impl::KernelsToBitcodeBase<KernelsToBitcodePass> {
  using KernelsToBitcodeBase::KernelsToBitcodeBase;

  void runOnOperation() override {
    initializeNVPTX();
    for (auto kernels :
         llvm::make_early_inc_range(getOperation().getOps<gpu::GPUModuleOp>()))
      if (failed(serialize(kernels)))
        return signalPassFailure();
  }

private:
  LogicalResult serialize(gpu::GPUModuleOp kernels) {
    std::optional<SmallVector<char, 0>> bitcode =
        LLVM::ModuleToObject(*kernels, kTriple, arch, kPtxFeature,
                             kOptimization)
            .run();
    if (!bitcode)
      return kernels.emitError("cannot translate kernels to LLVM IR");
    OpBuilder builder(kernels);
    auto target = NVVM::NVVMTargetAttr::get(
        &getContext(), kOptimization, kTriple, arch, kPtxFeature,
        /*flags=*/nullptr, /*files=*/nullptr);
    auto text =
        builder.getStringAttr(StringRef(bitcode->data(), bitcode->size()));
    Attribute object = gpu::ObjectAttr::get(
        &getContext(), target, gpu::CompilationTarget::Offload, text,
        /*properties=*/nullptr);
    builder.create<gpu::BinaryOp>(kernels.getLoc(), kernels.getName(),
                                  /*offloadingHandler=*/nullptr,
                                  builder.getArrayAttr(object));
    kernels.erase();
    return success();
  }
};
} // namespace

void minimax::buildKernelsToBitcodePipeline(OpPassManager &pm, StringRef arch) {
  OpPassManager &kernels = pm.nest<gpu::GPUModuleOp>();
  kernels.addPass(createLowerGPUOps());
  kernels.addPass(createCanonicalizerPass());
  kernels.addPass(createCSEPass());
  kernels.addPass(createLoopInvariantCodeMotionPass());
  kernels.addPass(createConvertVectorToSCFPass());
  kernels.addPass(createConvertSCFToCFPass());
  kernels.addPass(memref::createExpandStridedMetadataPass());
  kernels.addPass(createLowerAffinePass());
  // Before the conversion of gpu ops, which would call libdevice instead.
  kernels.addPass(createConvertMathToLLVMPass());
  ConvertGpuOpsToNVVMOpsOptions toNVVM;
  toNVVM.useBarePtrCallConv = true;
  toNVVM.indexBitwidth = 64;
  kernels.addPass(createConvertGpuOpsToNVVMOps(toNVVM));
  kernels.addPass(createConvertNVVMToLLVMPass());
  kernels.addPass(createConvertVectorToLLVMPass());
  kernels.addPass(createConvertIndexToLLVMPass());
  kernels.addPass(createArithToLLVMConversionPass());
  kernels.addPass(createCanonicalizerPass());
  kernels.addPass(createCSEPass());
  kernels.addPass(createReconcileUnrealizedCastsPass());
  KernelsToBitcodeOptions bitcode;
  bitcode.arch = arch.str();
  pm.addPass(createKernelsToBitcode(bitcode));
}
