//===- BenchMain.h - the benchmark driver -----------------------*- C++ -*-===//
//
// What minimax-bench does, as a function that tests can call.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_BENCH_BENCHMAIN_H
#define MINIMAX_TOOLS_BENCH_BENCHMAIN_H

namespace mlir::minimax::bench {

/// Runs minimax-bench and returns its exit code: 0, 1 after a case failed, or 2
/// for wrong flags; either error is printed as one line.
int benchMain(int argc, char **argv);

} // namespace mlir::minimax::bench

#endif // MINIMAX_TOOLS_BENCH_BENCHMAIN_H
