//===- EmulatedKernel.cpp - kernels of a test, ready to be run ------------===//
//
// Parses, lowers and compiles IR with LLVM's JIT, which only tests use.
//
//===----------------------------------------------------------------------===//
#include "EmulatedKernel.h"
#include "minimax/Target/Emulation.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include <gtest/gtest.h>

using namespace llvm;
using namespace minimax;
using namespace minimax::test;

static Expected<orc::ThreadSafeModule>
parse(StringRef text, function_ref<void(Module &)> edit) {
  auto context = std::make_unique<LLVMContext>();
  SMDiagnostic diagnostic;
  std::unique_ptr<Module> module =
      parseAssemblyString(text, diagnostic, *context);
  if (!module) {
    std::string message;
    raw_string_ostream stream(message);
    diagnostic.print("test", stream);
    return createStringError(message);
  }
  edit(*module);
  if (Error error = mlir::minimax::lowerForEmulator(*module, "__test"))
    return error;
  return orc::ThreadSafeModule(std::move(module), std::move(context));
}

Expected<EmulatedModule>
EmulatedModule::compile(StringRef text, function_ref<void(Module &)> edit) {
  InitializeNativeTarget();
  InitializeNativeTargetAsmPrinter();
  auto module = parse(text, edit);
  if (!module)
    return module.takeError();
  auto jit = orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  auto symbols = orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      (*jit)->getDataLayout().getGlobalPrefix());
  if (!symbols)
    return symbols.takeError();
  (*jit)->getMainJITDylib().addGenerator(std::move(*symbols));
  if (Error error = (*jit)->addIRModule(std::move(*module)))
    return error;
  return EmulatedModule(std::move(*jit));
}

mmrt_emulated_kernel_fn EmulatedModule::find(StringRef kernel) const {
  auto address = jit->lookup(("mm_emulated_" + kernel + "__test").str());
  if (!address) {
    ADD_FAILURE() << toString(address.takeError());
    return nullptr;
  }
  return address->toPtr<mmrt_emulated_kernel_fn>();
}

std::string test::kernelModule(StringRef parameters, StringRef body,
                               StringRef globals) {
  std::string text = globals.str() + "\ndefine void @k(" + parameters.str() +
                     ") {\n" + body.str() + "\n}\n";
  return text + "!nvvm.annotations = !{!0}\n"
                "!0 = !{ptr @k, !\"kernel\", i32 1}\n";
}

std::string test::run(StringRef module, mmrt_launch_shape shape,
                      std::vector<void *> arguments,
                      runtime::emulator::Emulator &emulator) {
  auto compiled = EmulatedModule::compile(module);
  if (!compiled)
    return "compile: " + toString(compiled.takeError());
  absl::Status status =
      emulator.Launch(compiled->find("k"), "k", shape, arguments.data());
  return std::string(status.message());
}

mmrt_launch_shape test::shapeOf(uint32_t blocks, uint32_t threads,
                                uint32_t sharedBytes) {
  return {{blocks, 1, 1}, {threads, 1, 1}, {1, 1, 1}, sharedBytes};
}
