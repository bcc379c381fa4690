//===- GPUCode.cpp - machine code for one kind of GPU ---------------------===//
//
// LLVM's NVPTX back end and NVIDIA's assembler, which is a program of its own.
//
//===----------------------------------------------------------------------===//

#include "minimax/Target/GPUCode.h"
#include "minimax/Codegen/GPU/Passes.h"
#include "minimax/Target/CodeGenerator.h"
#include "minimax/Target/Emulation.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr StringLiteral kTriple = "nvptx64-nvidia-cuda";

std::string minimax::takeKernels(ModuleOp module) {
  auto binary = module.lookupSymbol<gpu::BinaryOp>(kKernelModule);
  if (!binary)
    return "";
  auto object = cast<gpu::ObjectAttr>(binary.getObjects()[0]);
  std::string bitcode = object.getObject().getValue().str();
  binary.erase();
  return bitcode;
}

llvm::Expected<std::unique_ptr<llvm::Module>>
minimax::readKernels(StringRef bitcode, llvm::LLVMContext &context) {
  return llvm::parseBitcodeFile(llvm::MemoryBufferRef(bitcode, "kernels"),
                                context);
}

llvm::Expected<std::string> minimax::emitPTX(llvm::Module &kernels,
                                             StringRef arch) {
  initializeNVPTX();
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(kTriple, error);
  if (!target)
    return llvm::createStringError(error);
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      kTriple, arch, kPtxFeature, llvm::TargetOptions(), std::nullopt,
      std::nullopt, llvm::CodeGenOptLevel::Aggressive));
  llvm::SmallString<0> ptx;
  llvm::raw_svector_ostream stream(ptx);
  llvm::legacy::PassManager passes;
  if (machine->addPassesToEmitFile(passes, stream, /*DwoOut=*/nullptr,
                                   llvm::CodeGenFileType::AssemblyFile))
    return llvm::createStringError("cannot emit PTX for " + arch);
  passes.run(kernels);
  return ptx.str().str();
}

std::optional<std::string> minimax::findPtxas() {
  SmallVector<std::string> folders;
  for (StringRef variable : {"CUDA_HOME", "CUDA_PATH", "CUDA_ROOT"})
    if (auto folder = llvm::sys::Process::GetEnv(variable))
      folders.push_back(*folder + "/bin");
  for (const std::string &folder : folders)
    if (auto found = llvm::sys::findProgramByName("ptxas", {folder}))
      return *found;
  if (auto found = llvm::sys::findProgramByName("ptxas"))
    return *found;
  if (auto found =
          llvm::sys::findProgramByName("ptxas", {"/usr/local/cuda/bin"}))
    return *found;
  return std::nullopt;
}

/// The contents of a file that another program has written.
static std::string readFile(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  return buffer ? (*buffer)->getBuffer().str() : "";
}

llvm::Expected<AssembledKernels>
minimax::assemble(StringRef ptx, StringRef arch, StringRef path) {
  SmallString<128> folder;
  if (std::error_code error =
          llvm::sys::fs::createUniqueDirectory("minimax-ptx", folder))
    return llvm::createStringError(error, "cannot create a temporary folder: " +
                                              error.message());
  auto cleanup =
      llvm::make_scope_exit([&] { llvm::sys::fs::remove_directories(folder); });
  std::string input = (folder + "/kernels.ptx").str();
  std::string output = (folder + "/kernels.cubin").str();
  std::string log = (folder + "/log").str();
  std::error_code error;
  llvm::raw_fd_ostream stream(input, error);
  stream << ptx;
  stream.close();
  if (error || stream.has_error()) {
    stream.clear_error();
    return llvm::createStringError("cannot write " + input);
  }
  std::string option = ("-arch=" + arch).str();
  std::string message;
  int code = llvm::sys::ExecuteAndWait(
      path, {path, "-v", option, input, "-o", output}, std::nullopt,
      {std::nullopt, StringRef(log), StringRef(log)}, /*SecondsToWait=*/0,
      /*MemoryLimit=*/0, &message);
  AssembledKernels result{readFile(output), readFile(log)};
  if (code != 0 || result.cubin.empty())
    return llvm::createStringError(path + " failed on kernels for " + arch +
                                   ": " + message + result.log);
  return result;
}

llvm::Expected<GPUImage> minimax::buildImage(StringRef bitcode, StringRef arch,
                                             StringRef assembler) {
  llvm::LLVMContext context;
  auto kernels = readKernels(bitcode, context);
  if (!kernels)
    return kernels.takeError();
  llvm::Expected<std::string> ptx = emitPTX(**kernels, arch);
  if (!ptx)
    return ptx.takeError();
  GPUImage image;
  image.ptx = std::move(*ptx);
  std::optional<std::string> ptxas =
      assembler.empty() ? findPtxas() : assembler.str();
  if (!ptxas || *ptxas == kNoAssembler)
    return image;
  llvm::Expected<AssembledKernels> assembled =
      assemble(image.ptx, arch, *ptxas);
  if (!assembled)
    return assembled.takeError();
  image.cubin = std::move(assembled->cubin);
  image.log = std::move(assembled->log);
  return image;
}

llvm::Expected<std::string> minimax::emitEmulatedKernels(StringRef bitcode,
                                                         StringRef target) {
  llvm::LLVMContext context;
  auto kernels = readKernels(bitcode, context);
  if (!kernels)
    return kernels.takeError();
  if (llvm::Error error = lowerForEmulator(**kernels, getSymbolSuffix(target)))
    return error;
  return emitObject(**kernels, target);
}
