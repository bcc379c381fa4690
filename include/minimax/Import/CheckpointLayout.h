//===- CheckpointLayout.h - tensors a model is made of ----------*- C++ -*-===//
//
// Which tensors a checkpoint of a given configuration must hold, which weights
// of the program they become, and how an actual checkpoint compares with that.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_IMPORT_CHECKPOINTLAYOUT_H
#define MINIMAX_IMPORT_CHECKPOINTLAYOUT_H

#include "formats/dtype.h"
#include "formats/model_config.h"
#include "formats/safetensors.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <string>
#include <vector>

namespace mlir::minimax {

using ::minimax::runtime::Checkpoint;
using ::minimax::runtime::DType;
using ::minimax::runtime::ModelConfig;

/// A weight of the program and the checkpoint's tensors that it consists of.
struct WeightSpec {
  /// Name of the `minimax.weight`, e.g. "layers.3.qkv_proj".
  std::string name;
  llvm::SmallVector<int64_t, 3> shape;
  /// Tensors that follow one another in the weight's rows.
  std::vector<std::string> sources;
  /// Shape of each of them; all are alike.
  llvm::SmallVector<int64_t, 3> sourceShape;
  /// Element type that is assumed while there is no checkpoint to ask.
  DType assumedType = DType::kF32;
};

/// How a checkpoint spells the names of its tensors.
struct NameStyle {
  /// Before "layers.N", e.g. "model.".
  std::string prefix = "model.";
  std::string head = "lm_head.weight";
  /// Experts stacked as transformers 5 does (`mlp.experts.gate_up_proj`)
  /// instead of one tensor for each expert and matrix.
  bool stackedExperts = false;
};

/// The weights of a model, in the order in which the program names them.
class CheckpointLayout {
public:
  /// The layout for `config`. The spelling of names is taken from `checkpoint`
  /// if there is one, otherwise it is that of the original release.
  explicit CheckpointLayout(const ModelConfig &config,
                            const Checkpoint *checkpoint = nullptr);

  /// All weights: embedding, layers, final norm and, unless it is tied to the
  /// embedding, the head.
  llvm::ArrayRef<WeightSpec> weights() const { return specs; }

  /// The weights of one layer in the order of the layer function's arguments.
  llvm::ArrayRef<WeightSpec> layerWeights(int64_t layer) const;

  /// Whether a checkpoint may hold the tensor `name` without its being used:
  /// decay and rotary buffers, a tied head, the vision part of VL models.
  bool isIgnorable(llvm::StringRef name) const;

  const NameStyle &style() const { return names; }

private:
  void addLayer(const ModelConfig &config, int64_t layer);
  void addAttention(const ModelConfig &config, int64_t layer);
  void addExperts(const ModelConfig &config, int64_t layer);
  void addSharedExpert(const ModelConfig &config, int64_t layer);
  void add(std::string name, llvm::ArrayRef<int64_t> shape,
           std::vector<std::string> sources,
           llvm::ArrayRef<int64_t> sourceShape, DType type);

  NameStyle names;
  bool tiedHead;
  std::vector<WeightSpec> specs;
  /// Index into `specs` of each layer's first weight, and one past the last.
  std::vector<size_t> firstOfLayer;
};

/// What became of a tensor.
enum class TensorStatus {
  Expected,   // there is no checkpoint to look it up in
  Mapped,     // part of a weight
  Ignored,    // known and not needed
  Missing,    // the model needs it, the checkpoint has none
  Unexpected, // the checkpoint has it, the model has no use for it
  WrongShape,
  WrongType,
};

/// One tensor of the model or of the checkpoint.
struct TensorReport {
  TensorStatus status;
  std::string tensor;
  /// The weight that it is part of; empty if it is part of none.
  std::string weight;
  /// Element type and shape of a good tensor, otherwise what was expected and
  /// what was found.
  std::string detail;
  /// The file that holds it, or the folder that should.
  std::string file;
  int64_t elements = 0;
  int64_t bytes = 0;

  /// Whether the model cannot be imported because of it.
  bool isError() const;
};

/// Compares `checkpoint`, which may be null, with `layout`: first the tensors
/// of all weights in order, then the checkpoint's remaining tensors by name.
std::vector<TensorReport> compareTensors(const CheckpointLayout &layout,
                                         const Checkpoint *checkpoint);

} // namespace mlir::minimax

#endif // MINIMAX_IMPORT_CHECKPOINTLAYOUT_H
