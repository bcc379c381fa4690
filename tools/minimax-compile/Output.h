//===- Output.h - files that minimax-compile writes -------------*- C++ -*-===//
//
// Results on disk or on stdout; nothing half-written stays behind.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_OUTPUT_H
#define MINIMAX_TOOLS_OUTPUT_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace mlir::minimax {

/// Where a result goes, and how. Taken from the flags before linking, which
/// resets all registered ones.
struct Output {
  /// File name, or "-" for stdout.
  std::string path;
  /// Whether the file may be executed (or loaded).
  bool executable = false;

  /// Writes the whole result. Errors name the file.
  llvm::Error write(llvm::StringRef bytes) const;
};

/// The name for what is made of `input` when -o names none: its last component
/// without extension, and `suffix`.
std::string defaultOutputName(llvm::StringRef input, llvm::StringRef suffix);

/// The bytes of minimax-run, found in `folder`, with the artifact and its
/// trailer appended (see docs/Runtime.md).
llvm::Expected<std::string> makeExecutable(llvm::StringRef artifact,
                                           llvm::StringRef folder);

} // namespace mlir::minimax

#endif // MINIMAX_TOOLS_OUTPUT_H
