//===- minimax-compile.cpp - checkpoint or IR to artifact -----------------===//
//
// Entry point; see CompileMain.h for the flags.
//
//===----------------------------------------------------------------------===//

#include "CompileMain.h"

int main(int argc, char **argv) {
  return mlir::minimax::compileMain(argc, argv);
}
