//===- CompareTensors.cpp - a checkpoint against its layout ---------------===//
//
// Looks every expected tensor up and accounts for every tensor there is.
//
//===----------------------------------------------------------------------===//

#include "minimax/Import/CheckpointLayout.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/Twine.h"

using namespace mlir;
using namespace mlir::minimax;
using llvm::ArrayRef;
using llvm::StringRef;
using llvm::Twine;
using ::minimax::runtime::TensorView;

bool TensorReport::isError() const {
  return status == TensorStatus::Missing ||
         status == TensorStatus::WrongShape ||
         status == TensorStatus::WrongType;
}

static std::string typeName(DType type) {
  return std::string(::minimax::runtime::DTypeName(type));
}

/// "[32, 6144]".
static std::string shapeText(ArrayRef<int64_t> shape) {
  std::string text = "[";
  for (int64_t size : shape)
    text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

/// Whether a weight may be stored in this type; quantized checkpoints are not
/// read.
static bool isWeightType(DType type) {
  return type == DType::kF32 || type == DType::kBF16 || type == DType::kF16;
}

/// A tensor that is not in the checkpoint, or for which there is none.
static TensorReport reportAbsent(const WeightSpec &spec, StringRef name,
                                 const Checkpoint *checkpoint) {
  TensorReport report;
  report.tensor = name.str();
  report.weight = spec.name;
  if (checkpoint) {
    report.status = TensorStatus::Missing;
    report.detail = "expected " + shapeText(spec.sourceShape);
    report.file = checkpoint->dir();
    return report;
  }
  report.status = TensorStatus::Expected;
  report.detail =
      typeName(spec.assumedType) + " " + shapeText(spec.sourceShape);
  report.elements = ::minimax::runtime::ElementCount(spec.sourceShape);
  report.bytes =
      report.elements * ::minimax::runtime::DTypeBytes(spec.assumedType);
  return report;
}

/// A tensor that is there, before anything is asked of it.
static TensorReport reportPresent(const TensorView &view) {
  TensorReport report;
  report.status = TensorStatus::Mapped;
  report.tensor = view.name;
  report.detail = typeName(view.dtype) + " " + shapeText(view.shape);
  report.file = view.path;
  report.elements = ::minimax::runtime::ElementCount(view.shape);
  report.bytes = view.bytes;
  return report;
}

/// Checks a source of `spec`; `first` is the weight's first source, whose
/// element type the others share.
static TensorReport reportSource(const WeightSpec &spec, const TensorView &view,
                                 const TensorView *first) {
  TensorReport report = reportPresent(view);
  report.weight = spec.name;
  if (ArrayRef<int64_t>(view.shape) != ArrayRef<int64_t>(spec.sourceShape)) {
    report.status = TensorStatus::WrongShape;
    report.detail = "expected shape " + shapeText(spec.sourceShape) +
                    ", but got " + shapeText(view.shape);
  } else if (!isWeightType(view.dtype)) {
    report.status = TensorStatus::WrongType;
    report.detail =
        "expected dtype f32, bf16 or f16, but got " + typeName(view.dtype);
  } else if (first && first->dtype != view.dtype) {
    report.status = TensorStatus::WrongType;
    report.detail = "expected the dtype of '" + first->name + "', " +
                    typeName(first->dtype) + ", but got " +
                    typeName(view.dtype);
  }
  return report;
}

/// Appends a report for each source of `spec`.
static void compareWeight(const WeightSpec &spec, const Checkpoint *checkpoint,
                          std::vector<TensorReport> &reports) {
  const TensorView *first =
      checkpoint ? checkpoint->Find(spec.sources[0]) : nullptr;
  for (const std::string &name : spec.sources) {
    const TensorView *view = checkpoint ? checkpoint->Find(name) : nullptr;
    reports.push_back(view ? reportSource(spec, *view, first)
                           : reportAbsent(spec, name, checkpoint));
  }
}

std::vector<TensorReport>
mlir::minimax::compareTensors(const CheckpointLayout &layout,
                              const Checkpoint *checkpoint) {
  std::vector<TensorReport> reports;
  for (const WeightSpec &spec : layout.weights())
    compareWeight(spec, checkpoint, reports);
  if (!checkpoint)
    return reports;

  // What no weight asked for.
  llvm::StringSet<> used;
  for (const TensorReport &report : reports)
    used.insert(report.tensor);
  for (const std::string &name : checkpoint->Names()) {
    if (used.contains(name))
      continue;
    TensorReport report = reportPresent(*checkpoint->Find(name));
    report.status = layout.isIgnorable(name) ? TensorStatus::Ignored
                                             : TensorStatus::Unexpected;
    reports.push_back(std::move(report));
  }
  return reports;
}
