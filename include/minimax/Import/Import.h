//===- Import.h - checkpoints as L0 IR --------------------------*- C++ -*-===//
//
// Turns the configuration of a checkpoint into a module of minimax ops, and
// reports how a checkpoint's tensors map to its weights.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_IMPORT_IMPORT_H
#define MINIMAX_IMPORT_IMPORT_H

#include "minimax/Import/CheckpointLayout.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Support/LLVM.h"

namespace mlir::minimax {

/// Choices that a checkpoint leaves open.
struct ImportOptions {
  /// Element type of key-value caches: kF32 or kBF16.
  DType cacheType = DType::kF32;
  /// Tokens per block of lightning attention at most; the configuration's
  /// block size if that is smaller. Changes rounding only.
  int64_t chunk = 64;
};

/// Builds the unfused module of the model: its weights, one private function
/// per kind of layer, and the public entries `step` and `score` (see
/// docs/Runtime.md). Weights have the element types of `checkpoint`; without
/// one (null) they have the configuration's, and the router f32. Fails with
/// one error, at an unknown location, that names the file and the tensor.
FailureOr<OwningOpRef<ModuleOp>> importModel(MLIRContext *context,
                                             const ModelConfig &config,
                                             const Checkpoint *checkpoint,
                                             const ImportOptions &options = {});

/// As importModel on `<dir>/config.json` and the safetensors files of `dir`,
/// of which there may be none.
FailureOr<OwningOpRef<ModuleOp>>
importDirectory(MLIRContext *context, StringRef dir,
                const ImportOptions &options = {});

/// What printDryRun prints.
struct DryRunOptions {
  /// Leave out the tensors that are as they should be.
  bool summary = false;
};

/// Prints one line for each tensor of the model or of `checkpoint`, which may
/// be null, then totals. Fails if importModel would.
LogicalResult printDryRun(raw_ostream &os, const ModelConfig &config,
                          const Checkpoint *checkpoint,
                          const DryRunOptions &options = {});

/// As printDryRun on the files of `dir`; errors of reading them are printed to
/// `errors` as one line `<path>: <reason>`.
LogicalResult printDryRunOfDirectory(raw_ostream &os, raw_ostream &errors,
                                     StringRef dir,
                                     const DryRunOptions &options = {});

} // namespace mlir::minimax

#endif // MINIMAX_IMPORT_IMPORT_H
