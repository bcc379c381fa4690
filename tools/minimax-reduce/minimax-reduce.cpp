//===- minimax-reduce.cpp - shrink IR that shows a bug --------------------===//
//
// Reduces a .mlir file as long as a test script finds it interesting.
//
//===----------------------------------------------------------------------===//

#include "minimax/InitAll.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Reducer/Passes.h"
#include "mlir/Tools/mlir-reduce/MlirReduceMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::minimax::registerAllDialects(registry);
  mlir::minimax::registerAllPasses();
  mlir::registerReducerPasses();
  mlir::MLIRContext context(registry);
  return mlir::failed(mlir::mlirReduceMain(argc, argv, context));
}
