//===- GPUCode.h - machine code for one kind of GPU -------------*- C++ -*-===//
//
// From the bitcode of kernels to what an artifact carries for a GPU.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TARGET_GPUCODE_H
#define MINIMAX_TARGET_GPUCODE_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include <optional>
#include <string>

namespace mlir::minimax {

/// Removes the `gpu.binary @kernels` that the pipeline leaves in `module` and
/// returns its bitcode; empty if the program launches nothing.
std::string takeKernels(ModuleOp module);

/// Reads bitcode as takeKernels returns it.
llvm::Expected<std::unique_ptr<llvm::Module>>
readKernels(StringRef bitcode, llvm::LLVMContext &context);

/// PTX of the kernels for `arch` (sm_80, sm_90a).
llvm::Expected<std::string> emitPTX(llvm::Module &kernels, StringRef arch);

/// The kernels as x86-64 code for the emulator (Emulation.h), an object file.
llvm::Expected<std::string> emitEmulatedKernels(StringRef bitcode,
                                                StringRef target);

/// What ptxas made of PTX.
struct AssembledKernels {
  /// The ELF file that the driver loads.
  std::string cubin;
  /// What `ptxas -v` says: registers, spills, shared memory, warnings.
  std::string log;
};

/// Where ptxas is: in `bin` of $CUDA_HOME, $CUDA_PATH or $CUDA_ROOT, on the
/// PATH, or in /usr/local/cuda/bin; none if it is nowhere.
std::optional<std::string> findPtxas();

/// Assembles PTX for `arch` with the ptxas at `path`. The error holds its
/// message.
llvm::Expected<AssembledKernels> assemble(StringRef ptx, StringRef arch,
                                          StringRef path);

/// What the driver gets for one architecture.
struct GPUImage {
  std::string ptx;
  /// Empty if there is no ptxas.
  std::string cubin;
  /// See AssembledKernels.
  std::string log;
};

/// In place of an assembler's path: PTX only.
constexpr StringRef kNoAssembler = "none";

/// Compiles bitcode for `arch`, with the ptxas at `assembler`; an empty path
/// takes the one that findPtxas finds, if any.
llvm::Expected<GPUImage> buildImage(StringRef bitcode, StringRef arch,
                                    StringRef assembler);

} // namespace mlir::minimax

#endif // MINIMAX_TARGET_GPUCODE_H
