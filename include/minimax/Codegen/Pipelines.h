//===- Pipelines.h - the phases of compilation ------------------*- C++ -*-===//
//
// Each arrow between IR levels is a phase with a name, at which compilation can
// stop and print.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_CODEGEN_PIPELINES_H
#define MINIMAX_CODEGEN_PIPELINES_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace mlir::minimax {

/// What the phases of a build for one target are told.
struct PipelineOptions : PassPipelineOptions<PipelineOptions> {
  Option<std::string> dtype{*this, "dtype", llvm::cl::init("f32"),
                            llvm::cl::desc("products in f32 or bf16")};
  Option<std::string> quantize{
      *this, "quantize", llvm::cl::init(""),
      llvm::cl::desc("w8a16: int8 weights; empty: as stored")};
  Option<std::string> quantizeScope{
      *this, "quantize-scope", llvm::cl::init("experts"),
      llvm::cl::desc("the weights to quantize: experts or all")};
  Option<std::string> quantizeActivations{
      *this, "quantize-activations", llvm::cl::init("i16"),
      llvm::cl::desc("what quantized weights meet: i16, or bf16, which needs "
                     "dtype=bf16")};
  Option<bool> chunkParallel{
      *this, "chunk-parallel", llvm::cl::init(false),
      llvm::cl::desc("run the chunks of lightning attention in parallel, with "
                     "their states in memory")};
  Option<bool> splitKeys{
      *this, "split-keys", llvm::cl::init(false),
      llvm::cl::desc("split softmax attention into shares of the keys")};
  Option<bool> deterministic{
      *this, "deterministic", llvm::cl::init(false),
      llvm::cl::desc("the same bits however steps are cut and spread")};
  Option<bool> workspace{
      *this, "workspace", llvm::cl::init(false),
      llvm::cl::desc(
          "reserve memory that the kernels of one op share on GPUs")};
  Option<std::string> schedules{
      *this, "schedules", llvm::cl::init(""),
      llvm::cl::desc("table of schedules for a GPU's products (JSON)")};
  Option<bool> gatherRows{
      *this, "gather-rows", llvm::cl::init(false),
      llvm::cl::desc("let products of experts read the rows of tokens where "
                     "they are, as kernels of GPUs can")};
  Option<std::string> target{*this, "target", llvm::cl::init("x86-64-v3"),
                             llvm::cl::desc("x86-64-v3, x86-64-v4, znver4, "
                                            "cuda:sm_80 or cuda:sm_90a")};
};

/// The architecture of a GPU target, sm_80 of "cuda:sm_80"; none for CPUs.
std::optional<StringRef> getGPUArch(StringRef target);

/// L0: folds activations, gates, residuals and rotations into their producers.
void buildFusePhase(OpPassManager &pm, const PipelineOptions &options);
/// L0 to L2: checks states, then replaces whole ops by their parts.
void buildDecomposePhase(OpPassManager &pm, const PipelineOptions &options);
/// L2: packed weights, views, weights as arguments.
void buildPackPhase(OpPassManager &pm, const PipelineOptions &options);
/// L2 on buffers: states in pools, temporaries in the arena.
void buildBufferizePhase(OpPassManager &pm, const PipelineOptions &options);
/// L3: loops and vectors for one CPU, or kernels for one GPU.
void buildKernelsPhase(OpPassManager &pm, const PipelineOptions &options);
/// The LLVM dialect; kernels of GPUs become LLVM bitcode.
void buildLLVMPhase(OpPassManager &pm, const PipelineOptions &options);

/// One phase: its name for --stop-after and the passes it adds.
struct Phase {
  StringRef name;
  void (*build)(OpPassManager &, const PipelineOptions &);
};

/// The phases after import, in order.
ArrayRef<Phase> getPhases();

/// Registers `minimax-lower-to-target`, all phases in one, and each phase as
/// `minimax-<name>-phase`.
void registerPipelines();

} // namespace mlir::minimax

#endif // MINIMAX_CODEGEN_PIPELINES_H
