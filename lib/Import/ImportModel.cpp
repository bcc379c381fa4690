//===- ImportModel.cpp - a checkpoint as a module -------------------------===//
//
// Checks a checkpoint's tensors and has the module built.
//
//===----------------------------------------------------------------------===//

#include "ModelBuilder.h"
#include "ReadDirectory.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::minimax;

/// Reports the first tensor that stands in the way, and how many more there
/// are; warns about tensors that would not be used.
static LogicalResult checkTensors(Location loc,
                                  ArrayRef<TensorReport> reports) {
  const TensorReport *error = nullptr, *unexpected = nullptr;
  int64_t errors = 0, extras = 0;
  for (const TensorReport &report : reports) {
    if (report.isError() && ++errors == 1)
      error = &report;
    if (report.status == TensorStatus::Unexpected && ++extras == 1)
      unexpected = &report;
  }
  if (error) {
    InFlightDiagnostic diagnostic = emitError(loc);
    diagnostic << error->file << ": tensor '" << error->tensor << "': "
               << (error->status == TensorStatus::Missing ? "missing, " : "")
               << error->detail;
    if (errors > 1)
      diagnostic << " (and " << errors - 1 << " more, see --dry-run)";
    return diagnostic;
  }
  if (unexpected)
    emitWarning(loc) << unexpected->file << ": tensor '" << unexpected->tensor
                     << "' is not part of this model (" << extras
                     << " such in all, see --dry-run)";
  return success();
}

FailureOr<OwningOpRef<ModuleOp>>
mlir::minimax::importModel(MLIRContext *context, const ModelConfig &config,
                           const Checkpoint *checkpoint,
                           const ImportOptions &options) {
  Location loc = UnknownLoc::get(context);
  if (options.cacheType != DType::kF32 && options.cacheType != DType::kBF16)
    return emitError(loc) << "expected a key-value cache of f32 or bf16";
  if (options.chunk < 1)
    return emitError(loc) << "expected a positive chunk, but got "
                          << options.chunk;
  CheckpointLayout layout(config, checkpoint);
  if (checkpoint &&
      failed(checkTensors(loc, compareTensors(layout, checkpoint))))
    return failure();
  context->loadDialect<MiniMaxDialect, arith::ArithDialect, func::FuncDialect,
                       tensor::TensorDialect>();
  return ModelBuilder(context, config, checkpoint, options).build();
}

FailureOr<OwningOpRef<ModuleOp>>
mlir::minimax::importDirectory(MLIRContext *context, StringRef dir,
                               const ImportOptions &options) {
  absl::StatusOr<ModelDirectory> model = readModelDirectory(dir);
  if (!model.ok())
    return emitError(UnknownLoc::get(context))
           << toStringRef(model.status().message());
  return importModel(context, model->config, model->getCheckpoint(), options);
}
