//===- manifest.h - the manifest of a compiled artifact --------*- C++ -*-===//
//
// The JSON that minimax-compile puts into an artifact and the runtime reads
// back; docs/Runtime.md defines it.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_FORMATS_MANIFEST_H_
#define MINIMAX_RUNTIME_FORMATS_MANIFEST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "formats/dtype.h"
#include "formats/step_cost.h"
#include "minimax/runtime/abi.h"

namespace minimax::runtime {

/// What a size in a shape stands for.
enum class DimSymbol : uint8_t {
  kStatic,            // the number in DimSize::value
  kTokens,            // "T": tokens of this step
  kSequences,         // "N": sequences of this step
  kSequencesPlusOne,  // "N+1"
  kSlots,             // "S": slots of the session
  kCapacity,          // "C": tokens a slot can hold
};

/// The values of all symbols in one call.
struct DimValues {
  int64_t tokens = 0;
  int64_t sequences = 0;
  int64_t slots = 0;
  int64_t capacity = 0;
};

/// One size of a shape.
struct DimSize {
  DimSymbol symbol = DimSymbol::kStatic;
  int64_t value = 0;

  /// A size known when compiling.
  static DimSize Static(int64_t value) { return {DimSymbol::kStatic, value}; }
  /// A size known when running.
  static DimSize Of(DimSymbol symbol) { return {symbol, 0}; }

  /// The size for the given values.
  int64_t Evaluate(const DimValues& values) const;

  friend bool operator==(const DimSize& a, const DimSize& b) {
    return a.symbol == b.symbol && a.value == b.value;
  }
};

/// An input or an output of an entry.
struct ManifestTensor {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<DimSize> shape;

  /// Size in bytes for the given values, or -1 if it does not fit.
  int64_t Bytes(const DimValues& values) const;
};

/// A buffer that lives as long as a session.
struct ManifestState : ManifestTensor {
  /// "lightning_state" or "kv_cache".
  std::string kind;
};

/// A tensor of the checkpoint that a weight is made of.
struct ManifestSource {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
  /// Row of the weight (leading sizes flattened) at which the source starts.
  int64_t first_row = 0;
};

/// A weight as the program wants it.
struct ManifestWeight {
  std::string name;
  /// "none": passed as mapped. Anything else: packed by `pack`.
  std::string packing = "none";
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
  /// Product of `shape` times the size of an element.
  int64_t bytes = 0;
  /// Symbol of the packing function without its target suffix; empty for
  /// packing "none".
  std::string pack;
  std::vector<ManifestSource> sources;

  /// Whether the weight is used in place.
  bool IsMapped() const { return packing == "none"; }
};

/// A function of the program.
struct ManifestEntry {
  std::string name;
  std::vector<ManifestTensor> inputs;
  std::vector<ManifestTensor> outputs;
};

/// An op of the program, for profiles. Its place in the manifest is the number
/// that the program passes to mmrt_begin_op.
struct ManifestOp {
  /// The dialect's name of the op, e.g. "linear".
  std::string name;
  /// Name of the weight that it reads, without the layer; may be empty.
  std::string weight;
  /// The entry or kind of layer that it is part of.
  std::string function;
  /// Element type of its first operand of numbers.
  DType dtype = DType::kF32;
  CostSum flops;
  CostSum bytes;
};

/// What the runtime needs to know of the model.
struct ManifestModel {
  std::string model_type;
  int64_t vocab_size = 0;
  int64_t hidden_size = 0;
  int64_t num_hidden_layers = 0;
  int64_t num_local_experts = 0;
  int64_t num_experts_per_tok = 0;
  int64_t max_position_embeddings = 0;
  std::vector<int32_t> eos_token_ids;
};

/// The kernels of one GPU target.
struct ManifestKernels {
  /// One of the manifest's targets.
  std::string target;
  /// In the order of the numbers that the program passes to mmrt_launch.
  std::vector<std::string> names;
};

/// The whole manifest, version 4.
struct Manifest {
  int64_t abi_version = MMRT_ABI_VERSION;
  /// Program and version that wrote the artifact.
  std::string compiler;
  /// Identifies code and weights layout; names the packed-weights cache.
  std::string content_hash;
  /// Element type of the activations.
  DType dtype = DType::kF32;
  ManifestModel model;
  /// Best first.
  std::vector<std::string> targets;
  /// Kernels by GPU target; a target without any is left out.
  std::vector<ManifestKernels> kernels;
  /// Order of the values that entries get; symbols but "N+1".
  std::vector<DimSymbol> dims = {DimSymbol::kTokens, DimSymbol::kSequences,
                                 DimSymbol::kSlots, DimSymbol::kCapacity};
  std::vector<ManifestState> states;
  std::vector<ManifestWeight> weights;
  std::vector<ManifestEntry> entries;
  /// Ops of one function stand together, in the order in which they run.
  std::vector<ManifestOp> ops;

  /// The entry `name`, or null.
  const ManifestEntry* FindEntry(absl::string_view name) const;
  /// Names of the kernels of `target`; none for a target without kernels.
  const std::vector<std::string>& KernelsOf(absl::string_view target) const;
};

/// A GPU that code was compiled for: "cuda:sm_80", "cuda:sm_90a".
struct CudaTarget {
  /// The compute capability without its dot, e.g. 80.
  int capability = 0;
  /// Whether it ends in 'a': for GPUs of exactly this capability.
  bool exact = false;
};

/// What the target's name says, or nothing if it does not name a GPU.
std::optional<CudaTarget> ParseCudaTarget(absl::string_view target);

/// The spelling of a symbol, e.g. "N+1". Empty for kStatic.
absl::string_view DimSymbolName(DimSymbol symbol);

/// Reads and checks a manifest. FailedPrecondition if it was written for
/// another ABI version; InvalidArgument, naming the field, for anything else
/// that is wrong.
absl::StatusOr<Manifest> ParseManifest(absl::string_view text);

/// The manifest's JSON: equal manifests give equal bytes. Does not validate;
/// InvalidArgument only for strings that are not UTF-8.
absl::StatusOr<std::string> SerializeManifest(const Manifest& manifest);

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_FORMATS_MANIFEST_H_
