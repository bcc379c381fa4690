//===- Artifact.h - from bufferized programs to files --------*- C++ -*-===//
//
// Compiles a bufferized program for several x86-64 variants, in this process,
// and links the artifact.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TARGET_ARTIFACT_H
#define MINIMAX_TARGET_ARTIFACT_H

#include "minimax/Codegen/Pipelines.h"
#include "minimax/Target/KernelReport.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::minimax {

/// What to make of a program.
enum class ArtifactKind { LLVMIR, Object, SharedObject };

struct ArtifactOptions {
  ArtifactKind kind = ArtifactKind::SharedObject;
  /// x86-64 variants, best first, and GPUs (cuda:sm_80, cuda:sm_90a).
  SmallVector<std::string> targets = {"znver4", "x86-64-v4", "x86-64-v3"};
  std::string dtype = "f32";
  /// See PipelineOptions.
  bool deterministic = false;
  std::string schedules;
  /// Whether kernels of GPU targets are compiled for the emulator too.
  bool emulate = false;
  /// Path of the assembler for GPUs, or kNoAssembler; empty searches for it.
  std::string ptxas;
  /// Gets the kernels of each GPU target and the ops they belong to; may be
  /// empty.
  std::function<void(const KernelReport &,
                     ArrayRef<::minimax::runtime::ManifestOp>)>
      onKernels;
  /// Told of what the artifact lacks but can do without; may be empty.
  std::function<void(const std::string &)> warn;
  /// Called on every pass manager before it runs (timing, reproducers).
  std::function<void(PassManager &)> configure;
};

/// Compiles `module`, which is at the end of the bufferize phase, and returns
/// the bytes of the artifact: the same bytes for the same module and options.
/// Emits a diagnostic on failure.
FailureOr<std::string> compileArtifact(ModuleOp module,
                                       const ArtifactOptions &options);

} // namespace mlir::minimax

#endif // MINIMAX_TARGET_ARTIFACT_H
