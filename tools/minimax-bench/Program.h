//===- Program.h - a compiled program with random contents ------*- C++ -*-===//
//
// Owns the memory that an entry works on: weights, states, inputs, outputs.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_BENCH_PROGRAM_H
#define MINIMAX_TOOLS_BENCH_PROGRAM_H

#include "Case.h"
#include "RandomFill.h"
#include "absl/status/statusor.h"
#include "core/artifact.h"
#include "core/buffer.h"
#include "core/context.h"
#include "core/state_pools.h"
#include <memory>
#include <optional>

namespace mlir::minimax::bench {

/// A loaded artifact whose weights are random numbers in memory, in the packed
/// layout: nothing is packed and no checkpoint is needed. The runtime's own
/// EntryCall takes its inputs from sequences of tokens only; kernels also want
/// matrices, so this fills the table of pointers (abi.h) itself.
class Program {
public:
  /// Allocates and fills the weights.
  static absl::StatusOr<std::unique_ptr<Program>>
  create(std::shared_ptr<const ::minimax::runtime::Artifact> artifact);

  /// Prepares `call` of `entry`. States hold what `positions` tokens left
  /// behind if `keepStates`, otherwise random numbers.
  absl::Status bind(llvm::StringRef entry, const Call &call, bool keepStates);

  /// Runs what was bound. Each call reads other tokens than the one before.
  absl::Status run(::minimax::runtime::Context &context);

  /// InvalidArgument, naming the output, if the last call left f32 values that
  /// are not numbers.
  absl::Status checkOutputs() const;

  /// Bytes that the bound call must move: inputs, outputs, weights times
  /// `work.weightShare`, states.
  double countBytes(const Work &work) const;

private:
  explicit Program(std::shared_ptr<const ::minimax::runtime::Artifact> artifact)
      : artifact(std::move(artifact)) {}

  using Buffer = ::minimax::runtime::Buffer;

  absl::Status createWeights();
  void fillScales(const ::minimax::runtime::ManifestWeight &weight,
                  std::byte *data);
  absl::Status createStates(const Call &call, bool keepStates);
  absl::Status createTensors(const Call &call);
  absl::Status createArena();
  void fillInput(const ::minimax::runtime::ManifestTensor &input, void *data,
                 int64_t bytes, const Call &call);
  void fillTokens(void *data, int64_t count);

  std::shared_ptr<const ::minimax::runtime::Artifact> artifact;
  RandomFill random;
  std::vector<Buffer> weights;
  std::optional<::minimax::runtime::StatePools> states;
  /// Slots and capacity of `states`, and how many tokens of each slot are
  /// filled.
  int64_t slots = 0, capacity = 0, filled = 0;

  // The bound call.
  const ::minimax::runtime::ManifestEntry *entry = nullptr;
  ::minimax::runtime::DimValues dims;
  std::vector<Buffer> tensors;
  ::minimax::runtime::GrowingBuffer arena;
  std::vector<void *> pointers;
  std::vector<int64_t> dimValues;
  /// Where `tokens` lies in `pointers`, and how often it has moved on.
  int64_t tokensInput = -1;
  int64_t runs = 0;
};

} // namespace mlir::minimax::bench

#endif // MINIMAX_TOOLS_BENCH_PROGRAM_H
