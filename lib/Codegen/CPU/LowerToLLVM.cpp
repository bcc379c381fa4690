//===- LowerToLLVM.cpp - kernels to the LLVM dialect ----------------------===//
//
// The last phase in MLIR: packing functions, the C interface, outlining and
// upstream's conversions.
//
//===----------------------------------------------------------------------===//

#include "minimax/Codegen/CPU/Passes.h"
#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVMPass.h"
#include "mlir/Conversion/IndexToLLVM/IndexToLLVM.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVMPass.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_CHECKLOWERED
#include "minimax/Codegen/CPU/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

namespace {
struct CheckLoweredPass : minimax::impl::CheckLoweredBase<CheckLoweredPass> {
  using CheckLoweredBase::CheckLoweredBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    for (WeightOp weight :
         llvm::make_early_inc_range(module.getOps<WeightOp>()))
      weight.erase();
    auto left = module.walk([&](Operation *op) {
      if (op == module || isa_and_nonnull<LLVM::LLVMDialect>(op->getDialect()))
        return WalkResult::advance();
      op->emitError() << "expected only LLVM ops after lowering, but got '"
                      << op->getName() << "'";
      return WalkResult::interrupt();
    });
    if (left.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace

void minimax::buildLowerToLLVMPipeline(OpPassManager &pm) {
  pm.addPass(createOutlineParallel());
  // Function by function, which MLIR spreads over threads.
  OpPassManager &functions = pm.nest<func::FuncOp>();
  functions.addPass(createCanonicalizerPass());
  functions.addPass(createCSEPass());
  functions.addPass(createConvertSCFToCFPass());
  functions.addPass(createConvertVectorToLLVMPass());
  // Views and affine maps become arithmetic before memrefs become pointers.
  functions.addPass(memref::createExpandStridedMetadataPass());
  functions.addPass(createLowerAffinePass());
  functions.addPass(createConvertMathToLLVMPass());
  functions.addPass(createArithToLLVMConversionPass());
  functions.addPass(createConvertIndexToLLVMPass());
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  OpPassManager &lowered = pm.nest<LLVM::LLVMFuncOp>();
  lowered.addPass(createStoreHalves());
  lowered.addPass(createCanonicalizerPass());
  lowered.addPass(createCSEPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
}
