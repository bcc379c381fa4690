//===- minimax-lsp-server.cpp - language server of IR ---------------------===//
//
// Diagnostics, hovers and navigation for .mlir files with minimax ops.
//
//===----------------------------------------------------------------------===//

#include "minimax/InitAll.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::minimax::registerAllDialects(registry);
  return mlir::failed(mlir::MlirLspServerMain(argc, argv, registry));
}
