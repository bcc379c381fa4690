//===- KernelReport.h - what kernels cost on a GPU --------------*- C++ -*-===//
//
// Registers, spills and shared memory as the assembler reports them, occupancy,
// and the least time that a GPU needs for the work of their ops.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TARGET_KERNELREPORT_H
#define MINIMAX_TARGET_KERNELREPORT_H

#include "formats/manifest.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include <optional>
#include <string>
#include <vector>

namespace mlir::minimax {

/// One kernel of a GPU target.
struct KernelUse {
  std::string name;
  /// Numbers of the ops that launch it.
  std::vector<int64_t> ops;
  /// Threads of a block and bytes of its dynamic shared memory.
  int64_t threads = 0, sharedBytes = 0;
  /// What ptxas says; none without ptxas.
  std::optional<int64_t> registers;
  int64_t spillStores = 0, spillLoads = 0;
};

/// All kernels of a target.
struct KernelReport {
  std::string target;
  std::vector<KernelUse> kernels;
  /// Lines in which ptxas warns of lost performance (C75xx).
  std::vector<std::string> warnings;
};

/// The kernels of `module`, which is at the end of the kernels phase.
std::vector<KernelUse> describeKernels(ModuleOp module);

/// Whether the kernel `name` multiplies bf16 on matrix units, whatever the type
/// of its operands.
bool usesMatrixUnits(StringRef name);

/// Adds what `ptxas -v` said.
void readAssemblerLog(StringRef log, KernelReport &report);

/// A GPU by the name under which it is sold; figures for dense matrices.
struct GPUModel {
  StringRef name;
  /// Compute capability without its dot.
  int capability;
  int64_t multiprocessors;
  /// Per second: bytes of memory, operations in f32 and with bf16 matrices.
  double bandwidth, flopsF32, flopsBF16;

  /// A100, H100 or H200.
  static llvm::Expected<GPUModel> get(StringRef name);
};

/// The step whose work is reported: equal sequences.
struct ReportedStep {
  int64_t tokens = 8192, sequences = 1, position = 0;

  /// Reads `tokens[,sequences[,first position]]`.
  static llvm::Expected<ReportedStep> parse(StringRef text);
};

/// Blocks of a kernel that one multiprocessor of `arch` holds at once, in
/// percent of the threads that it could hold.
int64_t getOccupancy(const KernelUse &kernel, StringRef arch);

/// Prints a table, or JSON. `ops` are those of the program's manifest; an op's
/// work stands at the first of its kernels.
void printKernelReport(llvm::raw_ostream &os, const KernelReport &report,
                       ArrayRef<::minimax::runtime::ManifestOp> ops,
                       const GPUModel &gpu, const ReportedStep &step,
                       bool json);

} // namespace mlir::minimax

#endif // MINIMAX_TARGET_KERNELREPORT_H
