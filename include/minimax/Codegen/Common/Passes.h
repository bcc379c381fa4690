//===- Passes.h - code generation shared by targets -------------*- C++ -*-===//
//
// Declarations of the passes on bufferized programs.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_CODEGEN_COMMON_PASSES_H
#define MINIMAX_CODEGEN_COMMON_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::minimax {

#define GEN_PASS_DECL
#include "minimax/Codegen/Common/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "minimax/Codegen/Common/Passes.h.inc"

} // namespace mlir::minimax

#endif // MINIMAX_CODEGEN_COMMON_PASSES_H
