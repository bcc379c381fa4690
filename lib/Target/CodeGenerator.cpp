//===- CodeGenerator.cpp - machine code for one kind of CPU ---------------===//
//
// LLVM's optimiser and code generator, set up to be independent of the machine
// that the compiler runs on.
//
//===----------------------------------------------------------------------===//

#include "minimax/Target/CodeGenerator.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;

static constexpr StringLiteral kTriple = "x86_64-unknown-linux-gnu";

void minimax::registerTargetTranslations(DialectRegistry &registry) {
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

ArrayRef<StringRef> minimax::getSupportedTargets() {
  static constexpr StringRef targets[] = {"znver4", "x86-64-v4", "x86-64-v3"};
  return targets;
}

std::string minimax::getSymbolSuffix(StringRef target) {
  std::string suffix = ("__" + target).str();
  std::replace(suffix.begin(), suffix.end(), '-', '_');
  std::replace(suffix.begin(), suffix.end(), ':', '_');
  return suffix;
}

/// The processor that `target`'s code on the CPU is for; GPUs stand in any
/// machine.
static StringRef getProcessor(StringRef target) {
  return target.starts_with("cuda:") ? minimax::getSupportedTargets().back()
                                     : target;
}

static llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createMachine(StringRef target) {
  // Once, whichever of the targets' threads comes first.
  [[maybe_unused]] static const bool initialized = [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    return true;
  }();
  std::string error;
  const llvm::Target *backend =
      llvm::TargetRegistry::lookupTarget(kTriple, error);
  if (!backend)
    return llvm::createStringError(error);
  return std::unique_ptr<llvm::TargetMachine>(backend->createTargetMachine(
      kTriple, getProcessor(target), /*Features=*/"", llvm::TargetOptions(),
      llvm::Reloc::PIC_, std::nullopt, llvm::CodeGenOptLevel::Default));
}

/// Gives everything the linkage and names of an artifact.
static void setLinkage(llvm::Module &code, const llvm::StringSet<> &exported,
                       StringRef suffix) {
  for (llvm::GlobalObject &object : code.global_objects()) {
    if (object.isDeclaration())
      continue;
    if (exported.contains(object.getName()))
      object.setName(object.getName() + suffix);
    else
      object.setLinkage(llvm::GlobalValue::InternalLinkage);
  }
}

/// An entry of many layers only hands pointers to them: its loops are functions
/// of their own. Optimising it would take longer than all kernels.
static void skipEntries(llvm::Module &code) {
  constexpr unsigned kManyInstructions = 1000;
  for (llvm::Function &function : code) {
    if (function.hasInternalLinkage() ||
        function.getInstructionCount() < kManyInstructions)
      continue;
    function.addFnAttr(llvm::Attribute::OptimizeNone);
    function.addFnAttr(llvm::Attribute::NoInline);
  }
}

/// Attributes that a C compiler would give to the same code.
static void setAttributes(llvm::Module &code, StringRef target) {
  for (llvm::Function &function : code) {
    if (function.isIntrinsic())
      continue;
    function.addFnAttr(llvm::Attribute::NoUnwind);
    if (getProcessor(target) != "x86-64-v3")
      function.addFnAttr("prefer-vector-width", "512");
  }
}

static void optimize(llvm::Module &code, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  // Kernels come vectorised and tiled; doing it again costs seconds and code.
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = tuning.SLPVectorization = false;
  tuning.LoopInterleaving = tuning.LoopUnrolling = false;
  llvm::PassBuilder builder(&machine, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2)
      .run(code, modules);
}

llvm::Expected<std::unique_ptr<llvm::Module>>
minimax::buildLLVMModule(ModuleOp module, StringRef target,
                         llvm::LLVMContext &context) {
  auto machine = createMachine(target);
  if (!machine)
    return machine.takeError();
  llvm::StringSet<> exported;
  for (auto function : module.getOps<LLVM::LLVMFuncOp>())
    if (!function.isExternal() && function.isPublic())
      exported.insert(function.getSymName());
  std::unique_ptr<llvm::Module> code =
      translateModuleToLLVMIR(module, context, "minimax");
  if (!code)
    return llvm::createStringError("cannot translate to LLVM IR");
  code->setTargetTriple(kTriple);
  code->setDataLayout((*machine)->createDataLayout());
  setLinkage(*code, exported, getSymbolSuffix(target));
  setAttributes(*code, target);
  skipEntries(*code);
  return code;
}

llvm::Error mlir::minimax::optimizeModule(llvm::Module &module,
                                          StringRef target) {
  auto machine = createMachine(target);
  if (!machine)
    return machine.takeError();
  optimize(module, **machine);
  return llvm::Error::success();
}

llvm::Expected<std::string> minimax::emitObject(llvm::Module &module,
                                                StringRef target) {
  auto machine = createMachine(target);
  if (!machine)
    return machine.takeError();
  llvm::SmallString<0> object;
  llvm::raw_svector_ostream stream(object);
  llvm::legacy::PassManager passes;
  if ((*machine)->addPassesToEmitFile(passes, stream, /*DwoOut=*/nullptr,
                                      llvm::CodeGenFileType::ObjectFile))
    return llvm::createStringError("cannot emit object files for " + target);
  passes.run(module);
  return object.str().str();
}

/// Adds a constant that the artifact exports.
static void addExport(llvm::Module &module, llvm::Constant *value,
                      StringRef name, StringRef section) {
  auto *global =
      new llvm::GlobalVariable(module, value->getType(), /*isConstant=*/true,
                               llvm::GlobalValue::ExternalLinkage, value, name);
  global->setSection(section);
  global->setAlignment(llvm::Align(64));
}

llvm::Expected<std::string>
minimax::emitDataObject(ArrayRef<ExportedData> exports) {
  llvm::LLVMContext context;
  llvm::Module module("minimax", context);
  StringRef target = getSupportedTargets().back();
  auto machine = createMachine(target);
  if (!machine)
    return machine.takeError();
  module.setTargetTriple(kTriple);
  module.setDataLayout((*machine)->createDataLayout());
  for (const ExportedData &data : exports) {
    addExport(module,
              llvm::ConstantDataArray::getString(context, data.bytes,
                                                 /*AddNull=*/false),
              data.name, data.section);
    addExport(module,
              llvm::ConstantInt::get(llvm::Type::getInt64Ty(context),
                                     data.bytes.size()),
              data.sizeName, data.section);
  }
  return emitObject(module, target);
}
