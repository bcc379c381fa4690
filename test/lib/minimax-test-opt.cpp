//===- minimax-test-opt.cpp - pass driver of tests ------------------------===//
//
// minimax-opt with the passes of TestPasses.h.
//
//===----------------------------------------------------------------------===//

#include "OptMain.h"
#include "TestPasses.h"
#include "minimax/InitAll.h"
#include "minimax/Interpreter/Interpreter.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::minimax::registerAllDialects(registry);
  mlir::minimax::registerReferenceModels(registry);
  mlir::minimax::registerAllPasses();
  mlir::minimax::registerBreakResidualPass();
  mlir::minimax::registerPrintCostsPass();
  return mlir::asMainReturnCode(mlir::minimax::optMain(argc, argv, registry));
}
