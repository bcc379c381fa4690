//===- KernelReport.cpp - what kernels cost on a GPU ----------------------===//
//
// Reads the assembler's log and prints it beside the roofline of each op.
//
//===----------------------------------------------------------------------===//

#include "minimax/Target/KernelReport.h"
#include "formats/step_cost.h"
#include "minimax/Codegen/GPU/Passes.h"
#include "minimax/Codegen/Pipelines.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::minimax;
namespace runtime = ::minimax::runtime;

std::vector<KernelUse> mlir::minimax::describeKernels(ModuleOp module) {
  std::vector<KernelUse> result;
  llvm::StringMap<int64_t> shared;
  module.walk([&](gpu::LaunchFuncOp launch) {
    if (Value bytes = launch.getDynamicSharedMemorySize())
      shared[launch.getKernelName()] = getConstantIntValue(bytes).value_or(0);
  });
  module.walk([&](gpu::GPUFuncOp kernel) {
    KernelUse use;
    use.name = kernel.getName().str();
    if (auto ops = kernel->getAttrOfType<ArrayAttr>(kKernelOps))
      for (auto op : ops.getAsRange<IntegerAttr>())
        use.ops.push_back(op.getInt());
    use.threads = 1;
    if (auto size = kernel.getKnownBlockSize())
      for (int32_t dim : *size)
        use.threads *= dim;
    use.sharedBytes = shared.lookup(use.name);
    result.push_back(std::move(use));
  });
  return result;
}

/// The number before `what` in a line of ptxas.
static std::optional<int64_t> numberBefore(StringRef line, StringRef what) {
  size_t end = line.find(what);
  if (end == StringRef::npos)
    return std::nullopt;
  StringRef text = line.take_front(end).rtrim();
  int64_t number;
  if (text.substr(text.find_last_not_of("0123456789") + 1)
          .getAsInteger(10, number))
    return std::nullopt;
  return number;
}

void mlir::minimax::readAssemblerLog(StringRef log, KernelReport &report) {
  llvm::StringMap<KernelUse *> kernels;
  for (KernelUse &kernel : report.kernels)
    kernels[kernel.name] = &kernel;
  KernelUse *current = nullptr;
  SmallVector<StringRef> lines;
  log.split(lines, '\n');
  for (StringRef line : lines) {
    if (line.contains("(C75"))
      report.warnings.push_back(line.str());
    if (line.contains("Compiling entry function"))
      current = kernels.lookup(line.split('\'').second.split('\'').first);
    if (!current)
      continue;
    if (auto bytes = numberBefore(line, " bytes spill stores"))
      current->spillStores = *bytes;
    if (auto bytes = numberBefore(line, " bytes spill loads"))
      current->spillLoads = *bytes;
    if (auto registers = numberBefore(line, " registers"))
      current->registers = *registers;
  }
}

llvm::Expected<GPUModel> GPUModel::get(StringRef name) {
  // NVIDIA's data sheets of the SXM models, without sparsity.
  static constexpr GPUModel models[] = {
      {"A100", 80, 108, 2.039e12, 19.5e12, 312e12},
      {"H100", 90, 132, 3.35e12, 67e12, 989e12},
      {"H200", 90, 132, 4.8e12, 67e12, 989e12},
  };
  for (const GPUModel &model : models)
    if (model.name == name)
      return model;
  return llvm::createStringError("expected A100, H100 or H200, but got '" +
                                 name + "'");
}

llvm::Expected<ReportedStep> ReportedStep::parse(StringRef text) {
  ReportedStep step;
  StringRef rest = text;
  int64_t least = 1;
  for (int64_t *number : {&step.tokens, &step.sequences, &step.position}) {
    if (number == &step.position)
      least = 0;
    if (rest.consumeInteger(10, *number) || *number < least ||
        *number > INT32_MAX)
      break;
    if (rest.empty())
      return step;
    if (!rest.consume_front(","))
      break;
  }
  return llvm::createStringError(
      "expected tokens[,sequences[,first position]], but got '" + text + "'");
}

int64_t mlir::minimax::getOccupancy(const KernelUse &kernel, StringRef arch) {
  // CUDA C++ Programming Guide, technical specifications: the same for compute
  // capability 8.0 and 9.0 but for shared memory.
  constexpr int64_t kThreads = 2048, kBlocks = 32, kRegisters = 65536;
  constexpr int64_t kRegisterUnit = 8, kReserved = 1024;
  int64_t sharedOfAll = (arch == "sm_80" ? 164 : 228) * 1024;
  if (kernel.threads == 0)
    return 0;
  int64_t blocks = std::min(kBlocks, kThreads / kernel.threads);
  blocks = std::min(blocks, sharedOfAll / (kernel.sharedBytes + kReserved));
  if (kernel.registers && *kernel.registers > 0)
    blocks =
        std::min(blocks, kRegisters / (kernel.threads *
                                       static_cast<int64_t>(llvm::alignTo(
                                           *kernel.registers, kRegisterUnit))));
  return blocks * kernel.threads * 100 / kThreads;
}

namespace {
/// The work of one op in a step.
struct Work {
  int64_t flops = 0, bytes = 0;
  double seconds = 0;
};
} // namespace

bool mlir::minimax::usesMatrixUnits(StringRef name) {
  return name.contains("_matrix") || name.contains("_warpgroups");
}

namespace {
/// A kernel in the service of an op; -1 for none.
struct Service {
  int64_t op;
  const KernelUse *kernel;
};
} // namespace

/// The kernels of each op, in the order of ops.
static std::vector<Service> getServices(const KernelReport &report) {
  std::vector<Service> services;
  for (const KernelUse &kernel : report.kernels) {
    for (int64_t op : kernel.ops)
      services.push_back({op, &kernel});
    if (kernel.ops.empty())
      services.push_back({-1, &kernel});
  }
  llvm::stable_sort(
      services, [](const Service &a, const Service &b) { return a.op < b.op; });
  return services;
}

/// Whether one of the op's kernels multiplies bf16 on matrix units.
static bool hasMatrixKernel(ArrayRef<Service> services, int64_t op) {
  return llvm::any_of(services, [&](const Service &service) {
    return service.op == op && usesMatrixUnits(service.kernel->name);
  });
}

static Work getWork(const runtime::ManifestOp &op, bool matrixUnits,
                    const GPUModel &gpu, const ReportedStep &step) {
  std::vector<runtime::SequencePart> parts(step.sequences,
                                           {step.position, step.tokens});
  Work work{runtime::EvaluateCost(op.flops, parts),
            runtime::EvaluateCost(op.bytes, parts)};
  double peak = matrixUnits ? gpu.flopsBF16 : gpu.flopsF32;
  work.seconds = std::max(work.flops / peak, work.bytes / gpu.bandwidth);
  return work;
}

static llvm::json::Object toJson(const KernelUse &kernel, StringRef arch,
                                 const runtime::ManifestOp *op,
                                 const Work &work) {
  llvm::json::Object row{{"name", kernel.name},
                         {"threads", kernel.threads},
                         {"shared_bytes", kernel.sharedBytes},
                         {"spill_store_bytes", kernel.spillStores},
                         {"spill_load_bytes", kernel.spillLoads},
                         {"occupancy_percent", getOccupancy(kernel, arch)}};
  if (kernel.registers)
    row["registers"] = *kernel.registers;
  if (op) {
    row["op"] = op->name;
    row["function"] = op->function;
    row["weight"] = op->weight;
    row["flops"] = work.flops;
    row["bytes"] = work.bytes;
    row["roofline_us"] = work.seconds * 1e6;
  }
  return row;
}

static void printRow(llvm::raw_ostream &os, const KernelUse &kernel,
                     StringRef arch, const runtime::ManifestOp *op,
                     const Work &work) {
  std::string registers =
      kernel.registers ? std::to_string(*kernel.registers) : "?";
  os << llvm::format(
      "| %s | %s | %lld | %s | %lld/%lld | %lld | %lld %% | ",
      kernel.name.c_str(), op ? (op->function + " " + op->weight).c_str() : "",
      (long long)kernel.threads, registers.c_str(),
      (long long)kernel.spillStores, (long long)kernel.spillLoads,
      (long long)kernel.sharedBytes, (long long)getOccupancy(kernel, arch));
  if (op)
    os << llvm::format("%.3g | %.3g | %.2f |\n", work.flops / 1e9,
                       work.bytes / 1e6, work.seconds * 1e6);
  else
    os << "| | |\n";
}

void mlir::minimax::printKernelReport(llvm::raw_ostream &os,
                                      const KernelReport &report,
                                      ArrayRef<runtime::ManifestOp> ops,
                                      const GPUModel &gpu,
                                      const ReportedStep &step, bool json) {
  StringRef arch = *getGPUArch(report.target);
  llvm::json::Array rows;
  if (!json)
    os << "Kernels for " << report.target << "; least times on one " << gpu.name
       << " for " << step.sequences << " x " << step.tokens
       << " tokens at position " << step.position << ".\n\n"
       << "| kernel | of | threads | registers | spilled bytes, stores/loads "
          "| shared bytes | occupancy | GFLOP | MB | least us |\n"
       << "|---|---|---|---|---|---|---|---|---|---|\n";
  DenseSet<int64_t> seen;
  std::vector<Service> services = getServices(report);
  for (auto [number, kernel] : services) {
    bool first = number >= 0 && seen.insert(number).second;
    const runtime::ManifestOp *op = first ? &ops[number] : nullptr;
    Work work = op ? getWork(*op, hasMatrixKernel(services, number), gpu, step)
                   : Work();
    if (json)
      rows.push_back(toJson(*kernel, arch, op, work));
    else
      printRow(os, *kernel, arch, op, work);
  }
  if (!json) {
    for (const std::string &warning : report.warnings)
      os << "\nwarning: " << warning << "\n";
    return;
  }
  llvm::json::Object all{{"target", report.target},
                         {"gpu", gpu.name},
                         {"tokens", step.tokens},
                         {"sequences", step.sequences},
                         {"position", step.position},
                         {"kernels", std::move(rows)},
                         {"warnings", llvm::json::Array(report.warnings)}};
  os << llvm::formatv("{0:2}", llvm::json::Value(std::move(all))) << "\n";
}
