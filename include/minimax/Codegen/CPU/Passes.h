//===- Passes.h - code generation for CPUs ----------------------*- C++ -*-===//
//
// Declarations of the passes from bufferized programs to LLVM.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_CODEGEN_CPU_PASSES_H
#define MINIMAX_CODEGEN_CPU_PASSES_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace mlir::minimax {

#define GEN_PASS_DECL
#include "minimax/Codegen/CPU/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "minimax/Codegen/CPU/Passes.h.inc"

/// Adds the passes that take loops and buffers, behind minimax-lower-entries,
/// to the LLVM dialect. Weights stay declared; minimax-check-lowered drops
/// them.
void buildLowerToLLVMPipeline(OpPassManager &pm);

} // namespace mlir::minimax

#endif // MINIMAX_CODEGEN_CPU_PASSES_H
