//===- minimax-opt.cpp - pass driver --------------------------------------===//
//
// mlir-opt with the minimax dialect and all its passes.
//
//===----------------------------------------------------------------------===//

#include "minimax/InitAll.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::minimax::registerAllDialects(registry);
  mlir::minimax::registerAllPasses();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "MiniMax pass driver\n", registry));
}
