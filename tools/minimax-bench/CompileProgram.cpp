//===- CompileProgram.cpp - from IR to a loaded artifact ------------------===//
//
// Forks, compiles as minimax-compile does, and hands the file over.
//
//===----------------------------------------------------------------------===//

#include "CompileProgram.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "core/cpu_features.h"
#include "minimax/Codegen/Pipelines.h"
#include "minimax/InitAll.h"
#include "minimax/Target/Artifact.h"
#include "minimax/Target/CodeGenerator.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include <sys/wait.h>
#include <unistd.h>

using namespace mlir;
using namespace mlir::minimax;
using namespace mlir::minimax::bench;
using ::minimax::runtime::Artifact;

std::string mlir::minimax::bench::chooseTarget() {
  for (const std::string &target : ::minimax::runtime::SupportedTargets())
    if (llvm::is_contained(ArtifactOptions().targets, target))
      return target;
  return "";
}

/// The one place that turns a case's arithmetic into the pipeline's options.
static void setArithmetic(const ProgramSource &source,
                          PipelineOptions &pipeline,
                          ArtifactOptions &artifact) {
  // What is not quantised is done in bf16.
  bool isQuantized = source.dtype == "w8a16";
  pipeline.dtype = isQuantized ? "bf16" : source.dtype;
  artifact.dtype = pipeline.dtype;
  pipeline.deterministic = artifact.deterministic = source.deterministic;
  pipeline.schedules = artifact.schedules = source.schedules;
  if (!isQuantized)
    return;
  pipeline.quantize = source.dtype;
  pipeline.quantizeScope = "all";
}

/// The artifact's bytes; diagnostics go to `messages`.
static FailureOr<std::string> compileHere(const ProgramSource &source,
                                          const std::string &target,
                                          llvm::raw_ostream &messages) {
  DialectRegistry registry;
  registerAllDialects(registry);
  registerTargetTranslations(registry);
  MLIRContext context(registry);
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
      messages << diagnostic << "\n";
    return success();
  });
  OwningOpRef<ModuleOp> module = source.build(&context);
  if (!module)
    return failure();
  PipelineOptions pipeline;
  ArtifactOptions artifact;
  setArithmetic(source, pipeline, artifact);
  pipeline.target = target;
  // As minimax-compile does.
  pipeline.workspace = getGPUArch(target) && !source.deterministic;
  pipeline.gatherRows = getGPUArch(target).has_value();
  pipeline.quantizeActivations = getGPUArch(target) ? "bf16" : "i16";
  artifact.targets = {target};
  PassManager pm(&context);
  for (const Phase &phase : getPhases()) {
    phase.build(pm, pipeline);
    if (phase.name == "bufferize")
      break;
  }
  if (failed(pm.run(*module)))
    return failure();
  return compileArtifact(*module, artifact);
}

/// What the forked process does: writes the artifact to `path` and what went
/// wrong to `pipe`. Returns its exit code.
static int compileToFile(const ProgramSource &source, const std::string &target,
                         llvm::StringRef path, int pipe) {
  llvm::raw_fd_ostream messages(pipe, /*shouldClose=*/true);
  FailureOr<std::string> bytes = compileHere(source, target, messages);
  if (failed(bytes))
    return 1;
  std::error_code error;
  llvm::raw_fd_ostream file(path, error);
  if (!error) {
    file << *bytes;
    file.close();
    error = file.error();
    file.clear_error();
  }
  if (!error)
    return 0;
  messages << path << ": " << error.message() << "\n";
  return 1;
}

static std::string readAll(int file) {
  std::string text;
  char buffer[4096];
  for (ssize_t got; (got = read(file, buffer, sizeof buffer)) > 0;)
    text.append(buffer, got);
  return text;
}

/// Forks and waits; an error tells what the forked process said first.
static absl::Status compileInChild(const ProgramSource &source,
                                   const std::string &target,
                                   llvm::StringRef path) {
  int ends[2];
  if (pipe(ends) != 0)
    return absl::ErrnoToStatus(errno, "cannot create a pipe");
  pid_t child = fork();
  if (child < 0)
    return absl::ErrnoToStatus(errno, "cannot fork");
  if (child == 0) {
    close(ends[0]);
    _exit(compileToFile(source, target, path, ends[1]));
  }
  close(ends[1]);
  std::string messages = readAll(ends[0]);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
    return absl::OkStatus();
  StringRef first = StringRef(messages).split('\n').first;
  return absl::InternalError(
      absl::StrCat("cannot compile: ",
                   first.empty() ? "the compiler crashed" : first.str()));
}

absl::StatusOr<std::shared_ptr<const Artifact>>
mlir::minimax::bench::compileProgram(
    const ProgramSource &source, const std::string &target,
    const ::minimax::runtime::Processor &processor) {
  llvm::SmallString<128> path;
  if (std::error_code error =
          llvm::sys::fs::createTemporaryFile("minimax-bench", "so", path))
    return absl::InternalError("cannot create a temporary file: " +
                               error.message());
  auto cleanup = llvm::make_scope_exit([&] { llvm::sys::fs::remove(path); });
  absl::Status compiled = compileInChild(source, target, path);
  if (!compiled.ok())
    return compiled;
  return Artifact::Load(path.str().str(), target, processor);
}
