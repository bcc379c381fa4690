//===- minimax-interpret.cpp - reference execution ------------------------===//
//
// Executes L0 to L2 IR in naive double precision.
//
//===----------------------------------------------------------------------===//

#include "Main.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/raw_ostream.h"

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::cl::ParseCommandLineOptions(
      argc, argv, "executes minimax programs in double precision\n");
  if (llvm::Error error = mlir::minimax::interpretMain()) {
    llvm::errs() << "minimax-interpret: " << llvm::toString(std::move(error))
                 << "\n";
    return 1;
  }
  return 0;
}
