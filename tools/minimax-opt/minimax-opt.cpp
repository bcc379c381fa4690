//===- minimax-opt.cpp - pass driver --------------------------------------===//
//
// mlir-opt with the minimax dialect, all its passes and `--check-each-pass`.
//
//===----------------------------------------------------------------------===//

#include "OptMain.h"
#include "minimax/InitAll.h"
#include "minimax/Interpreter/Interpreter.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::minimax::registerAllDialects(registry);
  mlir::minimax::registerReferenceModels(registry);
  mlir::minimax::registerAllPasses();
  return mlir::asMainReturnCode(mlir::minimax::optMain(argc, argv, registry));
}
