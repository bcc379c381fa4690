//===- BenchMain.cpp - the benchmark driver -------------------------------===//
//
// Flags of minimax-bench, the choice of cases and the run.
//
//===----------------------------------------------------------------------===//

#include "BenchMain.h"
#include "../FlagErrors.h"
#include "CPUMachine.h"
#include "GPUMachine.h"
#include "Measure.h"
#include "PredictedGPU.h"
#include "Report.h"
#include "devices/open_device.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Regex.h"

using namespace mlir::minimax;
using namespace mlir::minimax::bench;
using llvm::StringRef;
using ::minimax::runtime::DeviceName;
using ::minimax::runtime::Processor;
namespace cl = llvm::cl;

/// Forgets the flags of LLVM's own tools. Runs before the flags below register
/// themselves.
static const bool onlyOurFlags = [] {
  cl::ResetCommandLineParser();
  return true;
}();

static cl::OptionCategory category("minimax-bench");

enum class Suite { Kernels, Layer, Model, Long };
static cl::list<Suite> suites(
    "suite", cl::CommaSeparated, cl::cat(category),
    cl::desc("what to measure (default kernels)"),
    cl::values(clEnumValN(Suite::Kernels, "kernels", "single ops"),
               clEnumValN(Suite::Layer, "layer", "one layer of each kind"),
               clEnumValN(Suite::Model, "model", "the models small and mid"),
               clEnumValN(Suite::Long, "long", "contexts from 8192 tokens")));
enum class DType { F32, BF16, W8A16 };
static cl::list<DType>
    dtypes("dtype", cl::CommaSeparated, cl::cat(category),
           cl::desc("arithmetic of products (default f32,bf16)"),
           cl::values(clEnumValN(DType::F32, "f32", ""),
                      clEnumValN(DType::BF16, "bf16", ""),
                      clEnumValN(DType::W8A16, "w8a16",
                                 "int8 weights where minimax-quantize may")));
static cl::opt<std::string>
    filter("filter", cl::value_desc("regex"), cl::cat(category),
           cl::desc("only cases with a match in suite/name/dtype"));
static cl::opt<int> threads("threads", cl::init(1), cl::cat(category),
                            cl::desc("workers, the caller included"));
static cl::opt<int64_t> repetitions("repetitions", cl::init(5),
                                    cl::cat(category),
                                    cl::desc("repetitions of a case"));
static cl::opt<double> minTime("min-time", cl::init(0.1),
                               cl::value_desc("seconds"), cl::cat(category),
                               cl::desc("least time of a repetition"));
static cl::opt<double>
    maxTime("max-time", cl::init(60), cl::value_desc("seconds"),
            cl::cat(category),
            cl::desc("time after which a case starts no further repetition"));
static cl::opt<int64_t>
    maxTokens("max-tokens", cl::init(1 << 20), cl::cat(category),
              cl::desc("longest context of the suite long"));
static cl::opt<Clock> clockKind(
    "clock", cl::init(Clock::Wall), cl::cat(category),
    cl::desc("time to count"),
    cl::values(clEnumValN(Clock::Wall, "wall", "what passes (default)"),
               clEnumValN(Clock::CPU, "cpu",
                          "what the process uses; for one thread on a machine "
                          "with other load")));
static cl::opt<std::string> deviceName(
    "device", cl::init("cpu"), cl::cat(category),
    cl::desc("what to measure: cpu (default), cuda or cuda:<number>; "
             "without a GPU times are predicted"));
static cl::opt<std::string>
    gpuName("gpu", cl::init("H200"), cl::cat(category),
            cl::desc("the GPU whose data sheet predictions, and peaks without "
                     "cuBLAS, are from: A100, H100 or H200 (default)"));
static cl::opt<std::string>
    schedules("schedules", cl::value_desc("table.json"), cl::cat(category),
              cl::desc("compile as minimax-compile --schedules does"));
enum class Format { Console, Markdown, JSON, CSV };
static cl::opt<Format> format(
    "format", cl::init(Format::Console), cl::cat(category),
    cl::desc("form of the results, see benchmarks/README.md"),
    cl::values(clEnumValN(Format::Console, "console", "table (default)"),
               clEnumValN(Format::Markdown, "md", "Markdown"),
               clEnumValN(Format::JSON, "json", "JSON"),
               clEnumValN(Format::CSV, "csv", "comma-separated values")));
static cl::opt<bool>
    deterministic("deterministic", cl::cat(category),
                  cl::desc("compile as minimax-compile --deterministic does"));
static cl::opt<bool> list("list", cl::cat(category),
                          cl::desc("print the names of the cases and stop"));

static constexpr char overview[] =
    R"(times generated programs beside their roofline

Each case is compiled for this CPU or a GPU, filled with random numbers and
called. Its bound is the longer of operations / peak and bytes / bandwidth, both
measured right before and after each repetition; the fraction is bound / time.
With --device=cuda and no GPU, times are predicted and marked so.
)";

/// Prints one line and returns exit code `code`.
static int fail(const llvm::Twine &message, int code = 1) {
  llvm::errs() << "minimax-bench: " << message << "\n";
  return code;
}

/// Reports a wrong flag.
static int failUsage(StringRef errors) {
  StringRef line = describeFlagError(errors);
  return line.empty() ? 2 : fail(line, 2);
}

static bool isGPU() { return StringRef(deviceName).starts_with("cuda"); }

/// Checks values that the flag parser cannot; returns an error or "".
static std::string checkFlags() {
  auto device = ::minimax::runtime::ParseDeviceName(deviceName);
  if (!device.ok() || device->kind == Processor::Kind::kEmulator)
    return "--device: expected cpu, cuda or cuda:<number>, but got '" +
           deviceName + "'";
  int cores = ::minimax::runtime::AvailableCores();
  if (threads < 1 || threads > cores)
    return "--threads: expected 1 to " + std::to_string(cores) +
           " (the cores of this process), but got " + std::to_string(threads);
  if (repetitions < 1)
    return "--repetitions: expected a positive number";
  if (minTime < 0 || maxTime < 0)
    return "--min-time, --max-time: expected no negative number of seconds";
  if (maxTokens < 8192)
    return "--max-tokens: expected at least 8192, one step of the suite long";
  if (clockKind == Clock::CPU && threads > 1)
    return "--clock=cpu: expected --threads=1, as idle workers use time too";
  if (isGPU() && (threads > 1 || clockKind == Clock::CPU))
    return "--threads, --clock: expected neither with --device=" + deviceName;
  if (!schedules.empty() && !isGPU())
    return "--schedules: expected --device=cuda";
  if (auto model = GPUModel::get(gpuName); !model)
    return "--gpu: " + llvm::toString(model.takeError());
  std::string error;
  if (!filter.empty() && !llvm::Regex(filter).isValid(error))
    return "--filter: '" + filter + "': " + error;
  return "";
}

static StringRef nameOf(DType dtype) {
  switch (dtype) {
  case DType::F32:
    return "f32";
  case DType::BF16:
    return "bf16";
  case DType::W8A16:
    return "w8a16";
  }
  return "";
}

static void addSuite(Suite suite, const CaseOptions &options,
                     std::vector<Case> &cases) {
  switch (suite) {
  case Suite::Kernels:
    return addKernelCases(options, cases);
  case Suite::Layer:
    return addLayerCases(options, cases);
  case Suite::Model:
    return addModelCases(options, cases);
  case Suite::Long:
    return addLongCases(options, maxTokens, cases);
  }
}

/// The cases that the flags name, in the order of the suites.
static std::vector<Case> chooseCases() {
  std::vector<Suite> chosen(suites.begin(), suites.end());
  if (chosen.empty())
    chosen = {Suite::Kernels};
  std::vector<DType> types(dtypes.begin(), dtypes.end());
  if (types.empty())
    types = {DType::F32, DType::BF16};
  std::vector<Case> cases;
  for (Suite suite : chosen)
    for (DType dtype : types)
      addSuite(suite, {nameOf(dtype), isGPU()}, cases);
  for (Case &benchmark : cases) {
    benchmark.program.deterministic = deterministic;
    benchmark.program.schedules = schedules;
  }
  llvm::Regex pattern(filter);
  if (!filter.empty())
    llvm::erase_if(cases, [&](const Case &benchmark) {
      return !pattern.match(benchmark.fullName());
    });
  return cases;
}

static std::unique_ptr<Report> createReport() {
  switch (format) {
  case Format::Console:
    return createConsoleReport(llvm::outs());
  case Format::Markdown:
    return createMarkdownReport(llvm::outs());
  case Format::JSON:
    return createJSONReport(llvm::outs());
  case Format::CSV:
    return createCSVReport(llvm::outs());
  }
  return nullptr;
}

/// Measures all cases; one that fails is reported and does not stop the others.
static int measureAll(llvm::ArrayRef<Case> cases, Bench &bench,
                      Report &report) {
  int code = 0;
  std::vector<Result> results;
  for (const Case &benchmark : cases) {
    absl::StatusOr<Result> result = bench.measure(benchmark);
    if (!result.ok()) {
      code = fail(benchmark.fullName() + ": " +
                  std::string(result.status().message()));
      continue;
    }
    report.add(*result);
    results.push_back(*result);
    if (std::optional<Result> share = deriveSoftmaxShare(results))
      report.add(*share);
  }
  return code;
}

/// The GPU that `name` means, or its prediction if there is none.
static absl::StatusOr<std::unique_ptr<Machine>>
createGPU(const DeviceName &name) {
  GPUModel model = llvm::cantFail(GPUModel::get(gpuName));
  auto machine = GPUMachine::create(name.ordinal, model);
  if (machine.ok() || !absl::IsFailedPrecondition(machine.status()))
    return machine;
  llvm::errs() << "minimax-bench: " << std::string(machine.status().message())
               << "; times are predicted for one " << gpuName << "\n";
  return PredictedGPU::create(model);
}

static absl::StatusOr<std::unique_ptr<Machine>> createMachine() {
  DeviceName name = *::minimax::runtime::ParseDeviceName(deviceName);
  if (name.kind == Processor::Kind::kCuda)
    return createGPU(name);
  return CPUMachine::create(threads, clockKind);
}

static int run(llvm::ArrayRef<Case> cases) {
  absl::StatusOr<std::unique_ptr<Machine>> machine = createMachine();
  if (!machine.ok())
    return fail(std::string(machine.status().message()));
  Environment environment = readEnvironment();
  (*machine)->describe(environment);
  MeasureOptions options{repetitions, minTime, maxTime};
  // A model says the same each time.
  if ((*machine)->isPredicted())
    options = {/*repetitions=*/1, /*minTime=*/0, maxTime};
  absl::StatusOr<Peaks> peaks = (*machine)->measureBest();
  if (!peaks.ok())
    return fail(std::string(peaks.status().message()));
  Bench bench(**machine, threads, options);
  std::unique_ptr<Report> report = createReport();
  report->begin(environment, *peaks);
  int code = measureAll(cases, bench, *report);
  report->end();
  return code;
}

int mlir::minimax::bench::benchMain(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cl::HideUnrelatedOptions(category);
  std::string errors;
  llvm::raw_string_ostream os(errors);
  if (!cl::ParseCommandLineOptions(argc, argv, overview, &os))
    return failUsage(errors);
  std::string problem = checkFlags();
  if (!problem.empty())
    return fail(problem, 2);
  std::vector<Case> cases = chooseCases();
  if (cases.empty())
    return fail("--filter: '" + filter + "' matches no case (see --list)", 2);
  if (!list)
    return run(cases);
  for (const Case &benchmark : cases)
    llvm::outs() << benchmark.fullName() << "\n";
  return 0;
}
