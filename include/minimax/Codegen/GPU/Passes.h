//===- Passes.h - code generation for GPUs ----------------------*- C++ -*-===//
//
// Declarations of the passes from bufferized programs to GPU kernels.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_CODEGEN_GPU_PASSES_H
#define MINIMAX_CODEGEN_GPU_PASSES_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace mlir::minimax {

#define GEN_PASS_DECL
#include "minimax/Codegen/GPU/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "minimax/Codegen/GPU/Passes.h.inc"

/// The module that holds a program's kernels.
constexpr StringRef kKernelModule = "kernels";
/// Its kernels' names in the order of their numbers, on the program.
constexpr StringRef kKernelNames = "minimax.kernels";
/// On a kernel: the numbers of the ops that launch it.
constexpr StringRef kKernelOps = "minimax.ops";

/// On launches of kernels that wait for those before them by themselves.
constexpr StringRef kWaits = "minimax.waits";

/// On accesses to vectors whose address is a multiple of the vector's size.
constexpr StringRef kAligned = "minimax.aligned";

/// The PTX version that has all that kernels use; LLVM 19 knows up to 8.5.
constexpr StringRef kPtxFeature = "+ptx83";

/// Makes LLVM's NVPTX back end available; once for all callers.
void initializeNVPTX();

/// Adds the passes that take the kernels to LLVM bitcode for `arch`, in a
/// `gpu.binary @kernels`.
void buildKernelsToBitcodePipeline(OpPassManager &pm, StringRef arch);

} // namespace mlir::minimax

#endif // MINIMAX_CODEGEN_GPU_PASSES_H
