//===- ReadDirectory.cpp - the files of a model folder --------------------===//
//
// Tells a folder without weights from one whose weights cannot be read.
//
//===----------------------------------------------------------------------===//

#include "ReadDirectory.h"
#include "llvm/Support/FileSystem.h"

using namespace mlir;
using namespace mlir::minimax;

static bool hasWeightFiles(llvm::StringRef dir) {
  std::error_code error;
  llvm::sys::fs::directory_iterator entry(dir, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    llvm::StringRef path = entry->path();
    if (path.ends_with(".safetensors") ||
        path.ends_with(".safetensors.index.json"))
      return true;
  }
  return false;
}

absl::StatusOr<ModelDirectory>
mlir::minimax::readModelDirectory(llvm::StringRef dir) {
  absl::StatusOr<ModelConfig> config =
      ::minimax::runtime::ReadModelConfig(dir.str());
  if (!config.ok())
    return config.status();
  ModelDirectory model;
  model.config = *std::move(config);
  if (!hasWeightFiles(dir))
    return model;
  absl::StatusOr<Checkpoint> checkpoint = Checkpoint::Open(dir.str());
  if (!checkpoint.ok())
    return checkpoint.status();
  model.checkpoint.emplace(*std::move(checkpoint));
  return model;
}
