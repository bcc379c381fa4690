//===- minimax-bench.cpp - how fast compiled programs are -----------------===//
//
// Entry point; see BenchMain.h for the flags.
//
//===----------------------------------------------------------------------===//

#include "BenchMain.h"

int main(int argc, char **argv) {
  return mlir::minimax::bench::benchMain(argc, argv);
}
