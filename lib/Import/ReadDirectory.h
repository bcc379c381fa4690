//===- ReadDirectory.h - the files of a model folder ------------*- C++ -*-===//
//
// Reads config.json and, if there are any, the safetensors files of a folder.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_IMPORT_READDIRECTORY_H
#define MINIMAX_LIB_IMPORT_READDIRECTORY_H

#include "absl/status/statusor.h"
#include "minimax/Import/CheckpointLayout.h"
#include <optional>

namespace mlir::minimax {

/// What a model folder holds.
struct ModelDirectory {
  ModelConfig config;
  std::optional<Checkpoint> checkpoint;

  /// The checkpoint, or null.
  const Checkpoint *getCheckpoint() const {
    return checkpoint ? &*checkpoint : nullptr;
  }
};

/// Reads `dir`. A folder without any safetensors file or index is only a
/// configuration; a broken checkpoint is an error that names the file.
absl::StatusOr<ModelDirectory> readModelDirectory(llvm::StringRef dir);

/// A message of the runtime's readers for LLVM's streams.
inline llvm::StringRef toStringRef(absl::string_view text) {
  return llvm::StringRef(text.data(), text.size());
}

} // namespace mlir::minimax

#endif // MINIMAX_LIB_IMPORT_READDIRECTORY_H
