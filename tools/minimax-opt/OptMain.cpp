//===- OptMain.cpp - the driver behind minimax-opt ------------------------===//
//
// Adds the flags of `--check-each-pass` to MlirOptMain.
//
//===----------------------------------------------------------------------===//

#include "OptMain.h"
#include "minimax/Interpreter/CheckEachPass.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Support/WithColor.h"

using namespace mlir;
using namespace mlir::minimax;

static llvm::cl::OptionCategory category("result checking");
static llvm::cl::opt<bool> checkEachPass(
    "check-each-pass", llvm::cl::cat(category),
    llvm::cl::desc("interpret functions before and after each pass on random "
                   "arguments and name the first pass that changes a result"));
static llvm::cl::opt<std::string> checkFunction(
    "check-function", llvm::cl::cat(category),
    llvm::cl::desc("function to check; default: all public ones"));
static llvm::cl::opt<std::string> checkDims(
    "check-dims", llvm::cl::cat(category),
    llvm::cl::desc("tokens and sequences of the step, default T=7,N=3"));
static llvm::cl::opt<uint64_t>
    checkSeed("check-seed", llvm::cl::cat(category), llvm::cl::init(1),
              llvm::cl::desc("seed of the random arguments"));
static llvm::cl::opt<double> checkTolerance(
    "check-tolerance", llvm::cl::cat(category), llvm::cl::init(1e-9),
    llvm::cl::desc("error allowed, relative to a result's largest value"));
static llvm::cl::opt<double> checkNarrowTolerance(
    "check-narrow-tolerance", llvm::cl::cat(category), llvm::cl::init(5e-2),
    llvm::cl::desc("relative L2 error allowed after a pass that rounds more "
                   "values to 16 bits"));

static llvm::Expected<CheckEachPassOptions> checkOptions() {
  CheckEachPassOptions options;
  options.function = checkFunction;
  options.tolerance = checkTolerance;
  options.narrowTolerance = checkNarrowTolerance;
  options.inputs.seed = checkSeed;
  llvm::Expected<RandomInputOptions> inputs =
      options.inputs.withDims(checkDims);
  if (!inputs)
    return inputs.takeError();
  options.inputs = *inputs;
  return options;
}

/// Prints `message` as the tool's one line and fails.
static LogicalResult fail(const llvm::Twine &message) {
  llvm::WithColor::error(llvm::errs(), "minimax-opt") << message << "\n";
  return failure();
}

LogicalResult minimax::optMain(int argc, char **argv,
                               DialectRegistry &registry) {
  llvm::InitLLVM init(argc, argv);
  auto [inputPath, outputPath] =
      registerAndParseCLIOptions(argc, argv, "MiniMax pass driver\n", registry);
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  MlirOptMainConfig pipeline = config;
  std::shared_ptr<const CheckEachPassReport> report;
  if (checkEachPass) {
    llvm::Expected<CheckEachPassOptions> options = checkOptions();
    if (!options)
      return fail("--check-dims: " + llvm::toString(options.takeError()));
    config.setPassPipelineSetupFn(
        [&, options = *options](PassManager &manager) {
          report = addCheckEachPass(manager, options);
          return pipeline.setupPassPipeline(manager);
        });
  }
  std::string message;
  auto input = openInputFile(inputPath, &message);
  if (!input)
    return fail(message);
  auto output = openOutputFile(outputPath, &message);
  if (!output)
    return fail(message);
  if (failed(MlirOptMain(output->os(), std::move(input), registry, config)))
    return failure();
  output->keep();
  return success(!report || report->failedPass.empty());
}
