//===- EmulationSteps.h - steps of the lowering for the emulator -*- C++
//-*-===//
//
// Private to lib/Target: what Emulation.cpp calls, in the order of its calls.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_TARGET_EMULATIONSTEPS_H
#define MINIMAX_LIB_TARGET_EMULATIONSTEPS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"

namespace mlir::minimax::emulation {

/// Marks parameters whose memory belongs to the launch: not global memory.
inline constexpr llvm::StringLiteral kArgumentMemory = "minimax-argument";

/// Numbers the instructions of a module that the runtime names in messages.
struct Sites {
  int next = 0;
};

/// The handle of the running thread, got once at the function's entry.
llvm::Value *getThread(llvm::Function &function);

/// A function of the runtime, declared if need be.
llvm::FunctionCallee getRuntimeFunction(llvm::Module &module,
                                        llvm::StringRef name,
                                        llvm::FunctionType *type,
                                        bool isPure = false);

/// Gives the shared variables of `kernel` their places in the block's shared
/// memory, those without a size last. Returns the bytes of the others.
llvm::Expected<uint64_t> placeSharedVariables(llvm::Function &kernel);

/// Replaces calls of NVPTX intrinsics by LLVM's or by calls of the runtime.
llvm::Error lowerIntrinsics(llvm::Function &function, Sites &sites);

/// Calls the runtime's operation `name` with a structure of `operands`.
/// Returns its results, of type `results`; null for void.
llvm::Value *callOperation(llvm::IRBuilderBase &builder, llvm::StringRef name,
                           llvm::ArrayRef<llvm::Value *> operands,
                           llvm::Type *results, Sites &sites);

/// Replaces inline assembly of this text; false if it is not known.
bool lowerAssembly(llvm::CallInst &call, llvm::StringRef text, Sites &sites);

/// Replaces an intrinsic that computes numbers; false if it is no such.
bool lowerNumeric(llvm::CallInst &call, llvm::StringRef intrinsic);

/// Replaces calls of mathematical functions that x86-64 has no instruction for.
llvm::Error lowerMath(llvm::Function &function);

/// Replaces arithmetic on bf16, and conversions that x86-64 has not.
llvm::Error lowerSmallFloats(llvm::Function &function);

/// The bits of `value`, f32 or a vector of it, rounded to bf16 as integers.
llvm::Value *roundToBF16(llvm::IRBuilderBase &builder, llvm::Value *value);

/// Has the runtime check every access to global and shared memory.
void checkAccesses(llvm::Function &function, Sites &sites);

} // namespace mlir::minimax::emulation

#endif // MINIMAX_LIB_TARGET_EMULATIONSTEPS_H
