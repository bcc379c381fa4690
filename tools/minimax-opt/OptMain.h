//===- OptMain.h - the driver behind minimax-opt ----------------*- C++ -*-===//
//
// mlir-opt's driver with `--check-each-pass`. Shared with the test driver,
// which registers test passes on top.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_OPTMAIN_H
#define MINIMAX_TOOLS_OPTMAIN_H

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Support/LogicalResult.h"

namespace mlir::minimax {

/// Parses the command line, then the input, and runs the passes. Fails after an
/// error, also if a checked pass changed a result.
LogicalResult optMain(int argc, char **argv, DialectRegistry &registry);

} // namespace mlir::minimax

#endif // MINIMAX_TOOLS_OPTMAIN_H
