//===- EmulatedKernel.h - kernels of a test, ready to be run ----*- C++ -*-===//
//
// Compiles LLVM IR for NVPTX for the emulator, in memory.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_TEST_UNIT_EMULATOR_EMULATEDKERNEL_H
#define MINIMAX_TEST_UNIT_EMULATOR_EMULATEDKERNEL_H

#include "emulator/emulator.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include <memory>
#include <string>
#include <vector>

namespace minimax::test {

/// A module of kernels.
class EmulatedModule {
public:
  /// Lowers and compiles `text`, after `edit` has changed it.
  static llvm::Expected<EmulatedModule> compile(
      llvm::StringRef text,
      llvm::function_ref<void(llvm::Module &)> edit = [](llvm::Module &) {});

  mmrt_emulated_kernel_fn find(llvm::StringRef kernel) const;

private:
  explicit EmulatedModule(std::unique_ptr<llvm::orc::LLJIT> jit)
      : jit(std::move(jit)) {}

  std::unique_ptr<llvm::orc::LLJIT> jit;
};

/// A module with one kernel `k` of `parameters` and `body`, and `globals`.
std::string kernelModule(llvm::StringRef parameters, llvm::StringRef body,
                         llvm::StringRef globals = "");

/// Compiles a module and launches its kernel `k`. Returns "" or the message.
std::string run(llvm::StringRef module, mmrt_launch_shape shape,
                std::vector<void *> arguments,
                runtime::emulator::Emulator &emulator);

/// A launch of `blocks` blocks of `threads` along x.
mmrt_launch_shape shapeOf(uint32_t blocks, uint32_t threads,
                          uint32_t sharedBytes = 0);

} // namespace minimax::test

#endif // MINIMAX_TEST_UNIT_EMULATOR_EMULATEDKERNEL_H
