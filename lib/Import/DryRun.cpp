//===- DryRun.cpp - report of an import that is not done ------------------===//
//
// One line per tensor, then how many of each kind and the model's size.
//
//===----------------------------------------------------------------------===//

#include "ReadDirectory.h"
#include "minimax/Import/Import.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::minimax;

/// The word that opens a tensor's line.
static StringRef statusName(TensorStatus status) {
  switch (status) {
  case TensorStatus::Expected:
    return "expected";
  case TensorStatus::Mapped:
    return "mapped";
  case TensorStatus::Ignored:
    return "ignored";
  case TensorStatus::Missing:
    return "missing";
  case TensorStatus::Unexpected:
    return "unexpected";
  case TensorStatus::WrongShape:
    return "wrong shape";
  case TensorStatus::WrongType:
    return "wrong dtype";
  }
  llvm_unreachable("all statuses are listed");
}

/// 1234567 as "1,234,567".
static std::string withSeparators(int64_t value) {
  std::string text = std::to_string(value);
  for (int64_t at = static_cast<int64_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(at, ",");
  return text;
}

/// Status, name, type and shape or what is wrong with them, weight.
static void printTensor(raw_ostream &os, const TensorReport &report) {
  os << llvm::left_justify(statusName(report.status), 12) << report.tensor
     << "  " << report.detail;
  if (!report.weight.empty())
    os << "  -> " << report.weight;
  os << "\n";
}

/// Counts of each status; elements and bytes of the tensors that make up the
/// model. Both are also printed without separators, for programs to read.
static void printTotals(raw_ostream &os, ArrayRef<TensorReport> reports) {
  int64_t counts[7] = {}, elements = 0, bytes = 0;
  for (const TensorReport &report : reports) {
    ++counts[static_cast<int>(report.status)];
    if (report.status != TensorStatus::Mapped &&
        report.status != TensorStatus::Expected)
      continue;
    elements += report.elements;
    bytes += report.bytes;
  }
  os << "tensors:";
  const char *separator = " ";
  for (int status = 0; status < 7; ++status) {
    // Without a checkpoint there is nothing but expectations.
    bool expected = status == static_cast<int>(TensorStatus::Expected);
    if (expected != (counts[0] > 0))
      continue;
    os << separator << counts[status] << " "
       << statusName(static_cast<TensorStatus>(status));
    separator = ", ";
  }
  os << "\nparameters: " << withSeparators(elements) << " (" << elements
     << ")\nbytes: " << withSeparators(bytes) << " (" << bytes << ")\n";
}

LogicalResult mlir::minimax::printDryRun(raw_ostream &os,
                                         const ModelConfig &config,
                                         const Checkpoint *checkpoint,
                                         const DryRunOptions &options) {
  CheckpointLayout layout(config, checkpoint);
  std::vector<TensorReport> reports = compareTensors(layout, checkpoint);
  bool failed = false;
  for (const TensorReport &report : reports) {
    failed |= report.isError();
    if (!options.summary || report.isError() ||
        report.status == TensorStatus::Unexpected)
      printTensor(os, report);
  }
  printTotals(os, reports);
  return failure(failed);
}

LogicalResult
mlir::minimax::printDryRunOfDirectory(raw_ostream &os, raw_ostream &errors,
                                      StringRef dir,
                                      const DryRunOptions &options) {
  absl::StatusOr<ModelDirectory> model = readModelDirectory(dir);
  if (!model.ok()) {
    errors << toStringRef(model.status().message()) << "\n";
    return failure();
  }
  return printDryRun(os, model->config, model->getCheckpoint(), options);
}
