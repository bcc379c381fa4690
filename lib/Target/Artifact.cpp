//===- Artifact.cpp - from bufferized programs to files ----------------===//
//
// Lowers one copy of the program for each target and links them into one
// artifact with its manifest.
//
//===----------------------------------------------------------------------===//

#include "minimax/Target/Artifact.h"
#include "minimax/Codegen/CPU/Passes.h"
#include "minimax/Codegen/GPU/Passes.h"
#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "minimax/Target/BuildManifest.h"
#include "minimax/Target/CodeGenerator.h"
#include "minimax/Target/GPUCode.h"
#include "minimax/Target/Linker.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"
#include <future>

using namespace mlir;
using namespace mlir::minimax;
namespace runtime = ::minimax::runtime;

static constexpr StringLiteral kManifestSection = ".minimax.manifest";
static constexpr StringLiteral kKernelSection = ".minimax.kernels";

/// Runs a phase after bufferization for one target; weights stay declared.
static LogicalResult lowerForTarget(
    ModuleOp module, StringRef target, const ArtifactOptions &options,
    function_ref<void(OpPassManager &, const PipelineOptions &)> buildPhase) {
  PassManager pm(module.getContext());
  if (options.configure)
    options.configure(pm);
  PipelineOptions pipeline;
  pipeline.target = target.str();
  pipeline.deterministic = options.deterministic;
  pipeline.schedules = options.schedules;
  buildPhase(pm, pipeline);
  return pm.run(module);
}

static LogicalResult dropDeclarations(ModuleOp module) {
  PassManager pm(module.getContext());
  pm.addPass(createCheckLowered());
  return pm.run(module);
}

static InFlightDiagnostic report(ModuleOp module, llvm::Error error) {
  return module.emitError() << llvm::toString(std::move(error));
}

/// The manifest's text, its hash covering `objects` and all else it says.
static FailureOr<std::string> finishManifest(ModuleOp module,
                                             runtime::Manifest manifest,
                                             ArrayRef<std::string> objects) {
  llvm::SHA256 hash;
  for (const std::string &object : objects)
    hash.update(object);
  auto text = runtime::SerializeManifest(manifest);
  if (text.ok()) {
    hash.update(StringRef(*text));
    manifest.content_hash = llvm::toHex(hash.final(), /*LowerCase=*/true);
    text = runtime::SerializeManifest(manifest);
  }
  if (!text.ok())
    return module.emitError() << text.status().ToString();
  return *text;
}

namespace {
/// LLVM's part of the work for one target, on a thread of its own.
struct TargetJob {
  std::string target;
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> code;
  std::future<llvm::Expected<std::string>> object;
  /// Of a GPU target: bitcode and description of its kernels.
  std::string kernels;
  KernelReport report;
};
} // namespace

/// Optimises the job's code and emits it as an object or as text.
static llvm::Expected<std::string>
generate(llvm::Module &code, std::string target, ArtifactKind kind) {
  if (llvm::Error error = optimizeModule(code, target))
    return std::move(error);
  if (kind != ArtifactKind::LLVMIR)
    return emitObject(code, target);
  std::string text;
  llvm::raw_string_ostream(text) << code;
  return text;
}

/// Lowers a copy of `module` for `target`, starts LLVM on it and notes in
/// `module` which function packs each weight.
static LogicalResult startJob(ModuleOp module, StringRef target,
                              const ArtifactOptions &options, TargetJob &job) {
  OwningOpRef<ModuleOp> lowered = module.clone();
  job.target = job.report.target = target.str();
  if (failed(lowerForTarget(*lowered, target, options, buildKernelsPhase)))
    return failure();
  job.report.kernels = describeKernels(*lowered);
  if (failed(lowerForTarget(*lowered, target, options, buildLLVMPhase)))
    return failure();
  SymbolTable symbols(module);
  for (auto weight : lowered->getOps<WeightOp>())
    if (auto pack = weight->getAttr("minimax.pack"))
      symbols.lookup(weight.getSymName())->setAttr("minimax.pack", pack);
  job.kernels = takeKernels(*lowered);
  if (failed(dropDeclarations(*lowered)))
    return failure();
  auto code = buildLLVMModule(*lowered, target, job.context);
  if (!code)
    return report(module, code.takeError());
  job.code = std::move(*code);
  job.object = std::async(std::launch::async, generate, std::ref(*job.code),
                          target.str(), options.kind);
  return success();
}

/// Adds an object with what a GPU target's kernels became: PTX, machine code if
/// there is an assembler, and code for the emulator if that is asked for.
static LogicalResult addGPUObjects(ModuleOp module, TargetJob &job,
                                   const ArtifactOptions &options,
                                   std::vector<std::string> &objects) {
  StringRef arch = *getGPUArch(job.target);
  std::string suffix = getSymbolSuffix(job.target);
  if (job.kernels.empty())
    return success();
  llvm::Expected<GPUImage> image = buildImage(job.kernels, arch, options.ptxas);
  if (!image)
    return report(module, image.takeError());
  readAssemblerLog(image->log, job.report);
  if (image->cubin.empty() && options.ptxas.empty() && options.warn)
    options.warn("no ptxas found: the artifact holds PTX for " + arch.str() +
                 ", which the driver assembles at load (install the CUDA "
                 "toolkit or set CUDA_HOME)");
  std::vector<ExportedData> exports = {
      {"mm_ptx" + suffix, "mm_ptx_size" + suffix, kKernelSection, image->ptx}};
  if (!image->cubin.empty())
    exports.push_back({"mm_cubin" + suffix, "mm_cubin_size" + suffix,
                       kKernelSection, image->cubin});
  llvm::Expected<std::string> data = emitDataObject(exports);
  if (!data)
    return report(module, data.takeError());
  objects.push_back(std::move(*data));
  if (!options.emulate)
    return success();
  llvm::Expected<std::string> emulated =
      emitEmulatedKernels(job.kernels, job.target);
  if (!emulated)
    return report(module, emulated.takeError());
  objects.push_back(std::move(*emulated));
  return success();
}

FailureOr<std::string>
mlir::minimax::compileArtifact(ModuleOp module,
                               const ArtifactOptions &options) {
  ArrayRef<std::string> targets(options.targets);
  if (options.kind == ArtifactKind::LLVMIR)
    targets = targets.take_front(1);
  std::vector<std::unique_ptr<TargetJob>> jobs;
  for (const std::string &target : targets)
    if (failed(startJob(module, target, options,
                        *jobs.emplace_back(std::make_unique<TargetJob>()))))
      return failure();
  std::vector<std::string> objects;
  for (std::unique_ptr<TargetJob> &job : jobs) {
    llvm::Expected<std::string> object = job->object.get();
    if (!object)
      return report(module, object.takeError()), failure();
    objects.push_back(std::move(*object));
  }
  if (options.kind == ArtifactKind::LLVMIR)
    return objects.front();
  FailureOr<runtime::Manifest> described = buildManifest(module);
  if (failed(described))
    return failure();
  described->compiler = "minimax-mlir " MINIMAX_VERSION;
  described->dtype = *runtime::DTypeFromName(options.dtype);
  described->targets.assign(options.targets.begin(), options.targets.end());
  for (std::unique_ptr<TargetJob> &job : jobs) {
    if (!getGPUArch(job->target))
      continue;
    runtime::ManifestKernels kernels{job->target, {}};
    for (const KernelUse &kernel : job->report.kernels)
      kernels.names.push_back(kernel.name);
    described->kernels.push_back(std::move(kernels));
    if (failed(addGPUObjects(module, *job, options, objects)))
      return failure();
    if (options.onKernels)
      options.onKernels(job->report, described->ops);
  }
  FailureOr<std::string> text = finishManifest(module, *described, objects);
  if (failed(text))
    return failure();
  llvm::Expected<std::string> data = emitDataObject(
      {{"minimax_manifest", "minimax_manifest_size", kManifestSection, *text}});
  if (!data)
    return report(module, data.takeError()), failure();
  objects.push_back(std::move(*data));
  bool relocatable = options.kind == ArtifactKind::Object;
  llvm::Expected<std::string> linked = linkObjects(
      objects, relocatable ? LinkKind::Relocatable : LinkKind::SharedObject);
  if (!linked)
    return report(module, linked.takeError()), failure();
  return *linked;
}
