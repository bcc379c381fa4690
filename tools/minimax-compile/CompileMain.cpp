//===- CompileMain.cpp - the compiler driver ------------------------------===//
//
// Flags, the phases and the files of minimax-compile.
//
//===----------------------------------------------------------------------===//

#include "CompileMain.h"
#include "../FlagErrors.h"
#include "Output.h"
#include "minimax/Codegen/Pipelines.h"
#include "minimax/Import/Import.h"
#include "minimax/InitAll.h"
#include "minimax/Target/Artifact.h"
#include "minimax/Target/CodeGenerator.h"
#include "minimax/Target/ExplainMemory.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/Timing.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"
#include <csignal>

using namespace mlir;
using namespace mlir::minimax;
namespace cl = llvm::cl;

/// Forgets the flags of LLVM's own tools, one of which is called like ours.
/// Runs before the flags below register themselves.
static const bool onlyOurFlags = [] {
  cl::ResetCommandLineParser();
  return true;
}();

static cl::OptionCategory category("minimax-compile");

static cl::opt<std::string>
    input(cl::Positional, cl::desc("<checkpoint directory or .mlir file>"),
          cl::Required, cl::cat(category));
static cl::opt<std::string>
    output("o", cl::value_desc("file"), cl::cat(category),
           cl::desc("output; default: the input's name with the suffix of "
                    "what is emitted, or stdout for text"));
enum class Emit { MLIR, LLVM, Object, SharedObject, Executable };
static cl::opt<Emit> emitKind(
    "emit", cl::cat(category), cl::desc("what to write"),
    cl::init(Emit::SharedObject),
    cl::values(clEnumValN(Emit::MLIR, "mlir",
                          "IR after the last phase (see --stop-after)"),
               clEnumValN(Emit::LLVM, "llvm",
                          "optimised LLVM IR for the first target"),
               clEnumValN(Emit::Object, "obj", "relocatable object"),
               clEnumValN(Emit::SharedObject, "so",
                          "artifact for minimax-run (default)"),
               clEnumValN(Emit::Executable, "exe",
                          "minimax-run and the artifact in one file")));
static cl::opt<std::string>
    stopAfter("stop-after", cl::value_desc("phase"), cl::cat(category),
              cl::desc("print the IR after import, fuse, decompose, pack, "
                       "bufferize, kernels or llvm"));
static cl::opt<std::string>
    dtype("dtype", cl::init("f32"), cl::cat(category),
          cl::desc("arithmetic of products: f32 (default) or bf16"));
static cl::opt<std::string>
    quantize("quantize", cl::value_desc("scheme"), cl::cat(category),
             cl::desc("w8a16: int8 weights, one scale a row, and 16-bit "
                      "activations: integers, or bf16 with --dtype=bf16 and a "
                      "GPU target; default: weights as stored"));
static cl::opt<std::string>
    quantizeScope("quantize-scope", cl::init("experts"), cl::cat(category),
                  cl::desc("what --quantize takes: experts (default), or all: "
                           "projections of attention too"));
static cl::opt<std::string>
    cacheDtype("kv-dtype", cl::init("f32"), cl::cat(category),
               cl::desc("elements of key-value caches: f32 (default) or bf16"));
static cl::opt<int64_t>
    chunk("chunk", cl::init(64), cl::cat(category),
          cl::desc("tokens per block of lightning attention (default 64)"));
static cl::list<std::string>
    targets("targets", cl::CommaSeparated, cl::cat(category),
            cl::desc("x86-64 variants, best first (default "
                     "znver4,x86-64-v4,x86-64-v3), and GPUs: cuda:sm_80, "
                     "cuda:sm_90a or cuda, which is the latter"));
static cl::alias targetAlias("target", cl::CommaSeparated,
                             cl::aliasopt(targets), cl::cat(category),
                             cl::desc("alias for --targets"));
static cl::opt<bool>
    emulate("emulator", cl::cat(category),
            cl::desc("compile kernels of GPU targets for minimax-run "
                     "--device=emulator too"));
static cl::opt<std::string>
    ptxas("ptxas", cl::cat(category), cl::value_desc("path"),
          cl::desc("NVIDIA's assembler (default: from $CUDA_HOME, the PATH or "
                   "/usr/local/cuda); none: PTX only"));
enum class Report { None, Table, JSON };
static cl::opt<Report>
    kernelReport("kernel-report", cl::ValueOptional, cl::init(Report::None),
                 cl::cat(category),
                 cl::desc("print what each kernel of GPU targets needs: "
                          "registers, spills, shared memory, occupancy, FLOPs, "
                          "bytes and the least time"),
                 cl::values(clEnumValN(Report::Table, "", ""),
                            clEnumValN(Report::Table, "table", "a table"),
                            clEnumValN(Report::JSON, "json", "JSON")));
static cl::opt<std::string>
    reportGPU("kernel-report-gpu", cl::init("H200"), cl::cat(category),
              cl::desc("whose peaks it takes: A100, H100 or H200 (default)"));
static cl::opt<std::string> reportStep(
    "kernel-report-step", cl::init("8192"), cl::cat(category),
    cl::value_desc("tokens[,sequences[,position]]"),
    cl::desc("whose work it counts: tokens of each sequence (default 8192), "
             "sequences (1), position of their first token (0)"));
enum class DryRun { Off, Full, Summary };
static cl::opt<DryRun>
    dryRun("dry-run", cl::ValueOptional, cl::init(DryRun::Off),
           cl::cat(category),
           cl::desc("list the tensors of the checkpoint and compile nothing"),
           cl::values(clEnumValN(DryRun::Full, "", ""),
                      clEnumValN(DryRun::Full, "full", "every tensor"),
                      clEnumValN(DryRun::Summary, "summary",
                                 "only what is wrong, and totals")));
static cl::opt<bool>
    chunkParallel("chunk-parallel", cl::cat(category),
                  cl::desc("run chunks of lightning attention in parallel"));
static cl::opt<bool>
    splitKeys("split-keys", cl::cat(category),
              cl::desc("split softmax attention into shares of the keys"));
static cl::opt<bool> deterministic(
    "deterministic", cl::cat(category),
    cl::desc("give the same bits for any batch, cut of prompts and threads"));
static cl::opt<int64_t> multiprocessors(
    "multiprocessors", cl::init(0), cl::cat(category),
    cl::desc("how many the GPU has: grids of kernels that run on all of them "
             "(default: 132, as H100 SXM and H200 have)"));
static cl::opt<std::string> schedules(
    "schedules", cl::value_desc("table.json"), cl::cat(category),
    cl::desc("tiles of products on GPUs, see minimax-set-schedules"));
static cl::opt<std::string> explainMemory(
    "explain-memory", cl::ValueOptional,
    cl::value_desc("tokens[,sequences[,step]]"), cl::cat(category),
    cl::desc("print the memory of a run with this many tokens in each of this "
             "many sequences (default 4096,1), step new tokens of each at "
             "once (default 2048), and compile nothing"));
static cl::opt<std::string> deviceMemory(
    "device-memory", cl::value_desc("[count x]size"), cl::cat(category),
    cl::desc("with --explain-memory: does it fit? e.g. 8x80GB or 64GiB"));
static cl::opt<bool>
    printPipeline("print-pipeline", cl::cat(category),
                  cl::desc("print the passes of each phase and stop"));
static cl::opt<bool> timing("timing", cl::cat(category),
                            cl::desc("print the time of each pass"));
static cl::opt<std::string>
    crashReproducer("crash-reproducer", cl::value_desc("file"),
                    cl::cat(category),
                    cl::desc("where to write IR and pipeline if a pass fails"));

/// Prints one line and returns exit code `code`.
static int fail(const llvm::Twine &message, int code = 1) {
  llvm::errs() << "minimax-compile: " << message << "\n";
  return code;
}

/// Reports a wrong flag.
static int failUsage(StringRef errors) {
  StringRef line = describeFlagError(errors);
  return line.empty() ? 2 : fail(line, 2);
}

/// Prints a diagnostic as the tool's one line.
static LogicalResult printDiagnostic(Diagnostic &diagnostic) {
  llvm::errs() << "minimax-compile: ";
  if (auto location = dyn_cast<FileLineColLoc>(diagnostic.getLocation()))
    llvm::errs() << location.getFilename().getValue() << ":"
                 << location.getLine() << ":" << location.getColumn() << ": ";
  if (diagnostic.getSeverity() == DiagnosticSeverity::Warning)
    llvm::errs() << "warning: ";
  llvm::errs() << diagnostic.str() << "\n";
  return success();
}

static bool isGPU(StringRef target) { return getGPUArch(target).has_value(); }

static bool hasGPUTarget() { return llvm::any_of(targets, isGPU); }

/// Calls `phase` with the options that the flags ask for.
static void build(const Phase &phase, OpPassManager &pm) {
  PipelineOptions options;
  options.dtype = std::string(dtype);
  options.quantize = std::string(quantize);
  options.quantizeScope = std::string(quantizeScope);
  // One program serves all targets, and matrix units of GPUs multiply bf16.
  bool roundsToBF16 = dtype == "bf16" && hasGPUTarget();
  options.quantizeActivations = roundsToBF16 ? "bf16" : "i16";
  options.chunkParallel = bool(chunkParallel);
  options.splitKeys = bool(splitKeys);
  options.deterministic = bool(deterministic);
  options.schedules = std::string(schedules);
  // Which share of the keys a block has would depend on the step.
  options.workspace = hasGPUTarget() && !deterministic;
  options.gatherRows = !targets.empty() && llvm::all_of(targets, isGPU);
  options.target = targets.empty() ? ArtifactOptions().targets[0] : targets[0];
  phase.build(pm, options);
}

static bool isExplaining() { return explainMemory.getNumOccurrences() > 0; }

static std::string checkMemoryFlags() {
  if (!isExplaining())
    return deviceMemory.empty() ? ""
                                : "--device-memory: needs --explain-memory";
  auto request = MemoryRequest::parse(explainMemory);
  if (!request)
    return "--explain-memory: " + llvm::toString(request.takeError());
  if (!stopAfter.empty())
    return "--explain-memory: does not go with --stop-after";
  if (deviceMemory.empty())
    return "";
  auto device = DeviceMemory::parse(deviceMemory);
  return device ? "" : "--device-memory: " + llvm::toString(device.takeError());
}

static constexpr StringLiteral kGPUTargets[] = {"cuda:sm_90a", "cuda:sm_80"};

/// Checks values that the flag parser cannot; returns an error or "".
static std::string checkFlags() {
  if (dtype != "f32" && dtype != "bf16")
    return "--dtype: expected f32 or bf16, but got '" + dtype + "'";
  if (!quantize.empty() && quantize != "w8a16")
    return "--quantize: expected w8a16, but got '" + quantize + "'";
  if (quantizeScope != "experts" && quantizeScope != "all")
    return "--quantize-scope: expected experts or all, but got '" +
           quantizeScope + "'";
  if (quantize.empty() && quantizeScope.getNumOccurrences() > 0)
    return "--quantize-scope: expected --quantize beside it";
  if (cacheDtype != "f32" && cacheDtype != "bf16")
    return "--kv-dtype: expected f32 or bf16, but got '" + cacheDtype + "'";
  if (chunk < 1)
    return "--chunk: expected a positive number of tokens";
  if (deterministic && (chunkParallel || splitKeys))
    return "--deterministic: cannot be combined with --chunk-parallel or "
           "--split-keys, whose parts depend on how a prompt is cut";
  for (std::string &target : targets) {
    if (target == "cuda")
      target = kGPUTargets[0];
    if (!llvm::is_contained(ArtifactOptions().targets, target) &&
        !llvm::is_contained(kGPUTargets, target))
      return "--target: expected x86-64-v3, x86-64-v4, znver4, cuda:sm_80 or "
             "cuda:sm_90a, but got '" +
             target + "'";
  }
  if (emulate && !hasGPUTarget())
    return "--emulator: expected a GPU target, such as --target=cuda:sm_80";
  if (multiprocessors.getNumOccurrences() > 0 &&
      (multiprocessors < 1 || !hasGPUTarget()))
    return "--multiprocessors: expected a positive number and a GPU target";
  if (!schedules.empty() && !hasGPUTarget())
    return "--schedules: expected a GPU target, such as --target=cuda:sm_90a";
  if (kernelReport != Report::None && !hasGPUTarget())
    return "--kernel-report: expected a GPU target, such as "
           "--target=cuda:sm_90a";
  if (auto gpu = GPUModel::get(reportGPU); !gpu)
    return "--kernel-report-gpu: " + llvm::toString(gpu.takeError());
  if (auto step = ReportedStep::parse(reportStep); !step)
    return "--kernel-report-step: " + llvm::toString(step.takeError());
  if (std::string problem = checkMemoryFlags(); !problem.empty())
    return problem;
  bool known = stopAfter.empty() || stopAfter == "import";
  for (const Phase &phase : getPhases())
    known |= phase.name == stopAfter;
  if (!known)
    return "--stop-after: expected import, fuse, decompose, pack, bufferize, "
           "kernels or "
           "llvm, but got '" +
           stopAfter + "'";
  return "";
}

static FailureOr<OwningOpRef<ModuleOp>> loadModule(MLIRContext &context) {
  if (llvm::sys::fs::is_directory(input)) {
    ImportOptions options;
    options.chunk = chunk;
    if (cacheDtype == "bf16")
      options.cacheType = ::minimax::runtime::DType::kBF16;
    return importDirectory(&context, input, options);
  }
  if (!llvm::sys::fs::exists(input)) {
    fail(input + ": no such file or directory");
    return failure();
  }
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(input, &context);
  if (!module)
    return failure();
  return module;
}

/// Prints the memory that `module` needs.
static int explain(ModuleOp module) {
  auto request = llvm::cantFail(MemoryRequest::parse(explainMemory));
  std::optional<DeviceMemory> device;
  if (!deviceMemory.empty())
    device = llvm::cantFail(DeviceMemory::parse(deviceMemory));
  FailureOr<MemoryEstimate> estimate = estimateMemory(module, request);
  if (failed(estimate))
    return 1;
  printMemory(llvm::outs(), *estimate, request, device);
  return 0;
}

/// The output that the flags name.
static Output chooseOutput(bool isText) {
  Output result;
  result.executable =
      emitKind == Emit::Executable || emitKind == Emit::SharedObject;
  StringRef suffix = emitKind == Emit::Object         ? ".o"
                     : emitKind == Emit::SharedObject ? ".so"
                                                      : "";
  result.path = !output.empty() ? std::string(output)
                : isText        ? "-"
                                : defaultOutputName(input, suffix);
  return result;
}

static int write(const Output &destination, StringRef bytes) {
  llvm::Error error = destination.write(bytes);
  return error ? fail(llvm::toString(std::move(error))) : 0;
}

static void configure(PassManager &pm, TimingScope &scope) {
  pm.enableTiming(scope);
  if (!crashReproducer.empty())
    pm.enableCrashReproducerGeneration(crashReproducer);
}

/// Runs the phases up to `last` (inclusive).
static LogicalResult runPhases(ModuleOp module, StringRef last,
                               TimingScope &scope) {
  if (last == "import")
    return success();
  PassManager pm(module.getContext());
  configure(pm, scope);
  for (const Phase &phase : getPhases()) {
    build(phase, pm);
    if (phase.name == last)
      break;
  }
  return pm.run(module);
}

static int printPhases(MLIRContext &context) {
  for (const Phase &phase : getPhases()) {
    PassManager pm(&context);
    build(phase, pm);
    llvm::outs() << phase.name << ": ";
    pm.printAsTextualPipeline(llvm::outs());
    llvm::outs() << "\n";
  }
  return 0;
}

static void printReport(const KernelReport &report,
                        ArrayRef<::minimax::runtime::ManifestOp> ops) {
  printKernelReport(llvm::outs(), report, ops,
                    llvm::cantFail(GPUModel::get(reportGPU)),
                    llvm::cantFail(ReportedStep::parse(reportStep)),
                    kernelReport == Report::JSON);
}

static int emitArtifact(ModuleOp module, const char *argv0,
                        TimingScope &scope) {
  ArtifactOptions options;
  options.dtype = dtype;
  options.deterministic = deterministic;
  options.schedules = schedules;
  options.emulate = emulate;
  options.ptxas = ptxas;
  options.warn = [](const std::string &what) {
    llvm::errs() << "minimax-compile: warning: " << what << "\n";
  };
  if (kernelReport != Report::None)
    options.onKernels = printReport;
  options.configure = [&](PassManager &pm) { configure(pm, scope); };
  if (!targets.empty())
    options.targets.assign(targets.begin(), targets.end());
  if (emitKind == Emit::LLVM)
    options.kind = ArtifactKind::LLVMIR;
  if (emitKind == Emit::Object)
    options.kind = ArtifactKind::Object;
  // Linking resets all flags: what is needed afterwards is read before.
  Output destination = chooseOutput(emitKind == Emit::LLVM);
  bool isExecutable = emitKind == Emit::Executable;
  FailureOr<std::string> bytes = compileArtifact(module, options);
  if (failed(bytes))
    return 1;
  if (!isExecutable)
    return write(destination, *bytes);
  std::string self =
      llvm::sys::fs::getMainExecutable(argv0, (void *)&compileMain);
  auto program = makeExecutable(*bytes, llvm::sys::path::parent_path(self));
  return program ? write(destination, *program)
                 : fail(llvm::toString(program.takeError()));
}

static int compile(const char *argv0) {
  DialectRegistry registry;
  registerAllDialects(registry);
  registerTargetTranslations(registry);
  MLIRContext context(registry);
  ScopedDiagnosticHandler handler(&context, printDiagnostic);
  DefaultTimingManager manager;
  manager.setEnabled(timing);
  TimingScope scope = manager.getRootScope();
  if (printPipeline)
    return printPhases(context);
  FailureOr<OwningOpRef<ModuleOp>> module = loadModule(context);
  if (failed(module))
    return 1;
  // Kernels of products ask for it (ProductGPU.h).
  if (multiprocessors > 0)
    (**module)->setAttr("minimax.multiprocessors",
                        Builder(&context).getI64IntegerAttr(multiprocessors));
  bool text = (emitKind == Emit::MLIR || !stopAfter.empty()) && !isExplaining();
  StringRef last = !stopAfter.empty() ? StringRef(stopAfter)
                   : text             ? "llvm"
                                      : "bufferize";
  if (failed(runPhases(**module, last, scope)))
    return 1;
  if (isExplaining())
    return explain(**module);
  if (!text)
    return emitArtifact(**module, argv0, scope);
  std::string ir;
  llvm::raw_string_ostream os(ir);
  (*module)->print(os);
  os << "\n";
  return write(chooseOutput(/*isText=*/true), ir);
}

int mlir::minimax::compileMain(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  // A limit on the size of files is reported where it is met, like a full disk.
  std::signal(SIGXFSZ, SIG_IGN);
  cl::HideUnrelatedOptions(category);
  std::string errors;
  llvm::raw_string_ostream os(errors);
  if (!cl::ParseCommandLineOptions(
          argc, argv, "compiles a checkpoint or IR to a deployment binary\n",
          &os))
    return failUsage(errors);
  std::string problem = checkFlags();
  if (!problem.empty())
    return fail(problem, 2);
  if (dryRun != DryRun::Off) {
    DryRunOptions options;
    options.summary = dryRun == DryRun::Summary;
    std::string reason;
    llvm::raw_string_ostream errors(reason);
    if (succeeded(printDryRunOfDirectory(llvm::outs(), errors, input, options)))
      return 0;
    return reason.empty() ? 1 : fail(StringRef(reason).rtrim());
  }
  return compile(argv[0]);
}
