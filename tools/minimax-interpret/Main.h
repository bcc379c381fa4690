//===- Main.h - the work of minimax-interpret -------------------*- C++ -*-===//
//
// What is left of the tool once the command line has been parsed.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_INTERPRET_MAIN_H
#define MINIMAX_TOOLS_INTERPRET_MAIN_H

#include "llvm/Support/Error.h"

namespace mlir::minimax {

/// Does what the parsed flags ask for.
llvm::Error interpretMain();

} // namespace mlir::minimax

#endif // MINIMAX_TOOLS_INTERPRET_MAIN_H
