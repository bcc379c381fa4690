//===- CompileMain.h - the compiler driver ----------------------*- C++ -*-===//
//
// What minimax-compile does, as a function that tests can call.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_COMPILEMAIN_H
#define MINIMAX_TOOLS_COMPILEMAIN_H

namespace mlir::minimax {

/// Runs minimax-compile and returns its exit code: 0, 1 after an error that was
/// printed as one line, or 2 for wrong flags.
int compileMain(int argc, char **argv);

} // namespace mlir::minimax

#endif // MINIMAX_TOOLS_COMPILEMAIN_H
