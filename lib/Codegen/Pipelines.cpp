//===- Pipelines.cpp - the phases of compilation --------------------------===//
//
// Composes passes; rewrites nothing itself.
//
//===----------------------------------------------------------------------===//

#include "minimax/Codegen/Pipelines.h"
#include "minimax/Codegen/CPU/Passes.h"
#include "minimax/Codegen/Common/Passes.h"
#include "minimax/Codegen/GPU/Passes.h"
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

std::optional<StringRef> minimax::getGPUArch(StringRef target) {
  if (target.consume_front("cuda:"))
    return target;
  return std::nullopt;
}

void minimax::buildFusePhase(OpPassManager &pm, const PipelineOptions &) {
  pm.addNestedPass<func::FuncOp>(createFuseActivation());
  pm.addNestedPass<func::FuncOp>(createFuseNormGate());
  pm.addNestedPass<func::FuncOp>(createFuseResidual());
  pm.addNestedPass<func::FuncOp>(createFuseRope());
}

void minimax::buildDecomposePhase(OpPassManager &pm,
                                  const PipelineOptions &options) {
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
    quantize.activations = options.quantizeActivations;
    pm.addNestedPass<func::FuncOp>(createQuantize(quantize));
  }
  SetArithmeticOptions arithmetic;
  arithmetic.dtype = options.dtype;
  pm.addNestedPass<func::FuncOp>(createSetArithmetic(arithmetic));
  pm.addNestedPass<func::FuncOp>(createFuseCast());
  if (options.gatherRows)
    pm.addNestedPass<func::FuncOp>(createFusePermute());
  addCleanup(pm);
}

void minimax::buildPackPhase(OpPassManager &pm, const PipelineOptions &) {
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
                                  const PipelineOptions &options) {
  pm.addPass(createMaterializeStates());
  pm.addPass(memref::createResolveRankedShapeTypeResultDimsPass());
  addCleanup(pm);
  pm.addPass(createBufferizePass());
  addCleanup(pm);
  pm.addPass(createResultsToOutParameters());
  addCleanup(pm);
  if (options.workspace)
    pm.addPass(createReserveWorkspace());
  pm.addPass(createPlanArena());
  addCleanup(pm);
  pm.addPass(createNumberOps());
}

/// Kernels of a GPU, each in shape for launching.
static void addGPUKernels(OpPassManager &pm, StringRef arch,
                          const std::string &schedules) {
  if (!schedules.empty())
    pm.addPass(createSetSchedules({schedules, arch.str()}));
  LowerToGPUKernelsOptions kernels;
  kernels.arch = arch.str();
  pm.addPass(createLowerToGPUKernels(kernels));
  addCleanup(pm);
  pm.addPass(createOutlineKernels());
  pm.addNestedPass<gpu::GPUModuleOp>(createCanonicalizerPass());
  pm.addNestedPass<gpu::GPUModuleOp>(createCSEPass());
  AllocateSharedMemoryOptions shared;
  shared.arch = arch.str();
  pm.addPass(createAllocateSharedMemory(shared));
  OverlapLaunchesOptions overlap;
  overlap.arch = arch.str();
  pm.addPass(createOverlapLaunches(overlap));
}

void minimax::buildKernelsPhase(OpPassManager &pm,
                                const PipelineOptions &options) {
  if (std::optional<StringRef> arch = getGPUArch(options.target.getValue()))
    return addGPUKernels(pm, *arch, options.schedules);
  LowerToKernelsOptions kernels;
  kernels.target = options.target;
  kernels.deterministic = options.deterministic;
  pm.addPass(createLowerToKernels(kernels));
  addCleanup(pm);
}

void minimax::buildLLVMPhase(OpPassManager &pm,
                             const PipelineOptions &options) {
  std::optional<StringRef> arch = getGPUArch(options.target.getValue());
  if (arch)
    buildKernelsToBitcodePipeline(pm, *arch);
  pm.addPass(createGeneratePacking());
  pm.addPass(createLowerEntries());
  if (arch)
    pm.addPass(createLowerLaunches());
  buildLowerToLLVMPipeline(pm);
}

ArrayRef<Phase> minimax::getPhases() {
  static constexpr Phase phases[] = {
      {"fuse", buildFusePhase},       {"decompose", buildDecomposePhase},
      {"pack", buildPackPhase},       {"bufferize", buildBufferizePhase},
      {"kernels", buildKernelsPhase}, {"llvm", buildLLVMPhase},
  };
  return phases;
}

void minimax::registerPipelines() {
  PassPipelineRegistration<PipelineOptions>(
      "minimax-lower-to-target", "all phases from an imported model to LLVM",
      [](OpPassManager &pm, const PipelineOptions &options) {
        for (const Phase &phase : getPhases())
          phase.build(pm, options);
      });
  static SmallVector<std::unique_ptr<PassPipelineRegistration<PipelineOptions>>>
      registered;
  static SmallVector<std::string> names;
  names.reserve(getPhases().size());
  for (const Phase &phase : getPhases()) {
    names.push_back(("minimax-" + phase.name + "-phase").str());
    registered.push_back(
        std::make_unique<PassPipelineRegistration<PipelineOptions>>(
            names.back(), "one phase of minimax-lower-to-target",
            [build = phase.build](OpPassManager &pm,
                                  const PipelineOptions &options) {
              build(pm, options);
            }));
  }
}
