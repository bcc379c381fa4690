//===- Pipelines.cpp - the phases of compilation --------------------------===//
//
// Composes passes; rewrites nothing itself.
//
//===----------------------------------------------------------------------===//

#include "minimax/Codegen/Pipelines.h"
#include "minimax/Codegen/CPU/Passes.h"
#include "minimax/Codegen/Common/Passes.h"
#include "minimax/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::minimax;

/// Function by function, which MLIR spreads over threads.
static void addCleanup(OpPassManager &pm) {
  pm.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  pm.addNestedPass<func::FuncOp>(createCSEPass());
}

void minimax::buildFusePhase(OpPassManager &pm, const CPUPipelineOptions &) {
  pm.addNestedPass<func::FuncOp>(createFuseActivation());
  pm.addNestedPass<func::FuncOp>(createFuseNormGate());
  pm.addNestedPass<func::FuncOp>(createFuseResidual());
  pm.addNestedPass<func::FuncOp>(createFuseRope());
}

void minimax::buildDecomposePhase(OpPassManager &pm,
                                  const CPUPipelineOptions &options) {
  pm.addPass(createVerifyState());
  DecomposeOptions decompose;
  decompose.lightningAttention = options.chunkParallel;
  decompose.attention = options.splitKeys;
  pm.addNestedPass<func::FuncOp>(createDecompose(decompose));
  pm.addNestedPass<func::FuncOp>(createFuseSwiglu());
  pm.addNestedPass<func::FuncOp>(createFuseResidual());
  if (!options.quantize.empty()) {
    QuantizeOptions quantize;
    quantize.scheme = options.quantize;
    quantize.scope = options.quantizeScope;
    pm.addNestedPass<func::FuncOp>(createQuantize(quantize));
  }
  SetArithmeticOptions arithmetic;
  arithmetic.dtype = options.dtype;
  pm.addNestedPass<func::FuncOp>(createSetArithmetic(arithmetic));
  addCleanup(pm);
}

void minimax::buildPackPhase(OpPassManager &pm, const CPUPipelineOptions &) {
  pm.addPass(createPackWeights());
  pm.addNestedPass<func::FuncOp>(createLowerSplitHeads());
  pm.addNestedPass<func::FuncOp>(createWeightsToArguments());
}

/// One-shot bufferization of whole programs. Its options are given as text:
/// only then does the pass print them, in reproducers too.
static std::unique_ptr<Pass> createBufferizePass() {
  std::unique_ptr<Pass> pass = bufferization::createOneShotBufferizePass();
  [[maybe_unused]] LogicalResult parsed = pass->initializeOptions(
      "bufferize-function-boundaries=true "
      "function-boundary-type-conversion=identity-layout-map",
      [](const Twine &) { return failure(); });
  assert(succeeded(parsed) && "expected options that upstream knows");
  return pass;
}

void minimax::buildBufferizePhase(OpPassManager &pm,
                                  const CPUPipelineOptions &) {
  pm.addPass(createMaterializeStates());
  pm.addPass(memref::createResolveRankedShapeTypeResultDimsPass());
  addCleanup(pm);
  pm.addPass(createBufferizePass());
  addCleanup(pm);
  pm.addPass(createResultsToOutParameters());
  addCleanup(pm);
  pm.addPass(createPlanArena());
  addCleanup(pm);
  pm.addPass(createNumberOps());
}

void minimax::buildKernelsPhase(OpPassManager &pm,
                                const CPUPipelineOptions &options) {
  LowerToKernelsOptions kernels;
  kernels.target = options.target;
  kernels.deterministic = options.deterministic;
  pm.addPass(createLowerToKernels(kernels));
  addCleanup(pm);
}

void minimax::buildLLVMPhase(OpPassManager &pm, const CPUPipelineOptions &) {
  buildLowerToLLVMPipeline(pm);
}

ArrayRef<Phase> minimax::getCPUPhases() {
  static constexpr Phase phases[] = {
      {"fuse", buildFusePhase},       {"decompose", buildDecomposePhase},
      {"pack", buildPackPhase},       {"bufferize", buildBufferizePhase},
      {"kernels", buildKernelsPhase}, {"llvm", buildLLVMPhase},
  };
  return phases;
}

void minimax::registerPipelines() {
  PassPipelineRegistration<CPUPipelineOptions>(
      "minimax-lower-to-cpu", "all phases from an imported model to LLVM",
      [](OpPassManager &pm, const CPUPipelineOptions &options) {
        for (const Phase &phase : getCPUPhases())
          phase.build(pm, options);
      });
  static SmallVector<
      std::unique_ptr<PassPipelineRegistration<CPUPipelineOptions>>>
      registered;
  static SmallVector<std::string> names;
  names.reserve(getCPUPhases().size());
  for (const Phase &phase : getCPUPhases()) {
    names.push_back(("minimax-" + phase.name + "-phase").str());
    registered.push_back(
        std::make_unique<PassPipelineRegistration<CPUPipelineOptions>>(
            names.back(), "one phase of minimax-lower-to-cpu",
            [build = phase.build](OpPassManager &pm,
                                  const CPUPipelineOptions &options) {
              build(pm, options);
            }));
  }
}
