//===- FlagErrors.h - errors of LLVM's flag parser in one line --*- C++ -*-===//
//
// What minimax-compile and minimax-bench print when a flag is wrong.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_FLAGERRORS_H
#define MINIMAX_TOOLS_FLAGERRORS_H

#include "llvm/ADT/StringRef.h"

namespace mlir::minimax {

/// The first line of what the flag parser collected, without the tool's name;
/// empty if the parser has itself printed what is wrong, as it does for values.
inline llvm::StringRef describeFlagError(llvm::StringRef errors) {
  llvm::StringRef line = errors.ltrim().split('\n').first;
  size_t name = line.find(": ");
  return name == llvm::StringRef::npos ? line : line.drop_front(name + 2);
}

} // namespace mlir::minimax

#endif // MINIMAX_TOOLS_FLAGERRORS_H
