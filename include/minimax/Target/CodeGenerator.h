//===- CodeGenerator.h - machine code for one kind of CPU -------*- C++ -*-===//
//
// From the LLVM dialect to optimised LLVM IR and object files.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TARGET_CODEGENERATOR_H
#define MINIMAX_TARGET_CODEGENERATOR_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"
#include <string>

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace mlir::minimax {

/// Adds what translation needs to know of the dialects.
void registerTargetTranslations(DialectRegistry &registry);

/// The targets that code can be generated for, best first.
ArrayRef<StringRef> getSupportedTargets();

/// What `target` adds to the names of its functions, e.g. "__x86_64_v3".
std::string getSymbolSuffix(StringRef target);

/// Translates a module of LLVM ops for `target`. Public functions get the
/// target's suffix, all else becomes internal.
llvm::Expected<std::unique_ptr<llvm::Module>>
buildLLVMModule(ModuleOp module, StringRef target, llvm::LLVMContext &context);

/// Optimises `module` for `target`. Modules of different contexts may be
/// optimised and emitted by different threads at the same time.
llvm::Error optimizeModule(llvm::Module &module, StringRef target);

/// The bytes of a relocatable object file with the code of `module`.
llvm::Expected<std::string> emitObject(llvm::Module &module, StringRef target);

/// Bytes that an artifact exports as constant `name`, and how many there are as
/// the uint64_t `sizeName`.
struct ExportedData {
  std::string name, sizeName;
  StringRef section, bytes;
};

/// As emitObject, of data.
llvm::Expected<std::string> emitDataObject(ArrayRef<ExportedData> exports);

} // namespace mlir::minimax

#endif // MINIMAX_TARGET_CODEGENERATOR_H
