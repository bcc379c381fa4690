//===- Emulation.h - kernels as code for the emulator -----------*- C++ -*-===//
//
// Turns the LLVM IR of GPU kernels into IR for x86-64 that the emulator of the
// runtime (runtime/emulator) runs.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TARGET_EMULATION_H
#define MINIMAX_TARGET_EMULATION_H

#include "llvm/ADT/StringRef.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"

namespace mlir::minimax {

/// Rewrites `kernels`, LLVM IR for NVPTX as its back end gets it (optimised),
/// in place into IR for x86-64. For every kernel K it then
/// exports `mm_emulated_<K><suffix>`, an mmrt_emulated_kernel_fn of abi.h;
/// all else is internal. What it imports is declared in
/// minimax/runtime/emulated_abi.h. The result is ready for code generation.
///
/// Fails, naming kernel and instruction, for an intrinsic or inline assembly
/// that the emulator does not know; `kernels` is then of no use.
///
/// Example:
/// ```llvm
/// %x = tail call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
/// tail call void @llvm.nvvm.barrier0()
/// ```
/// becomes
/// ```llvm
/// %thread = call ptr @mmrt_emulated_current()
/// %x = call i32 @mmrt_emulated_read_tid_x(ptr %thread)
/// call void @mmrt_emulated_barrier0(ptr %thread, ptr null, ptr null, i32 0)
/// ```
/// Every function exists twice, with and without checks of accesses to memory;
/// the exported one chooses.
llvm::Error lowerForEmulator(llvm::Module &kernels, llvm::StringRef suffix);

} // namespace mlir::minimax

#endif // MINIMAX_TARGET_EMULATION_H
