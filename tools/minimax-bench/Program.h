//===- Program.h - a compiled program with random contents ------*- C++ -*-===//
//
// Owns the memory that an entry works on: weights, states, inputs, outputs.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_BENCH_PROGRAM_H
#define MINIMAX_TOOLS_BENCH_PROGRAM_H

#include "Case.h"
#include "Machine.h"
#include "RandomFill.h"
#include "absl/status/statusor.h"
#include "core/device.h"
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
  /// Allocates and fills the weights. `machine` outlives the program.
  static absl::StatusOr<std::unique_ptr<Program>>
  create(std::shared_ptr<const ::minimax::runtime::Artifact> artifact,
         Machine &machine);

  /// Prepares `call` of `entry`. States hold what `positions` tokens left
  /// behind if `keepStates`, otherwise random numbers.
  absl::Status bind(llvm::StringRef entry, const Call &call, bool keepStates);

  /// Runs what was bound, on a GPU starts it. Each call reads other tokens than
  /// the one before.
  absl::Status run();

  /// InvalidArgument, naming the output, if the last call left f32 values that
  /// are not numbers. Waits for the device.
  absl::Status checkOutputs();

  /// Calls that differ by the tokens they read, before they begin anew.
  static constexpr int64_t kTokenShifts = 64;

  ::minimax::runtime::Context &getContext() { return *context; }
  const ::minimax::runtime::Manifest &getManifest() const {
    return artifact->manifest();
  }
  /// Of the bound call.
  const ::minimax::runtime::ManifestEntry &getEntry() const { return *entry; }
  const std::vector<::minimax::runtime::SequencePart> &getParts() const {
    return parts;
  }

  /// Bytes that the bound call must move: inputs, outputs, weights times
  /// `work.weightShare`, states.
  double countBytes(const Work &work) const;

private:
  using Buffer = ::minimax::runtime::DeviceBuffer;

  Program(std::shared_ptr<const ::minimax::runtime::Artifact> artifact,
          std::shared_ptr<::minimax::runtime::Context> context,
          bool isPredicted)
      : artifact(std::move(artifact)), context(std::move(context)),
        isPredicted(isPredicted), arena(this->context->device(), "the arena") {}

  absl::Status createWeights();
  absl::Status fillScales(const ::minimax::runtime::ManifestWeight &weight,
                          std::byte *data);
  absl::Status fillStates(int64_t tokens);
  absl::Status createStates(const Call &call, bool keepStates);
  absl::Status createTensors(const Call &call);
  absl::Status createArena();
  absl::Status fillInput(const ::minimax::runtime::ManifestTensor &input,
                         void *data, int64_t bytes, const Call &call);
  absl::Status fill(void *data, int64_t bytes, ::minimax::runtime::DType dtype,
                    Range range);
  absl::Status copy(void *data, const void *source, int64_t bytes);
  void fillTokens(void *data, int64_t count);

  std::shared_ptr<const ::minimax::runtime::Artifact> artifact;
  std::shared_ptr<::minimax::runtime::Context> context;
  bool isPredicted;
  RandomFill random;
  std::vector<Buffer> weights;
  std::optional<::minimax::runtime::StatePools> states;
  /// Slots and capacity of `states`, and how many tokens of each slot are
  /// filled.
  int64_t slots = 0, capacity = 0, filled = 0;

  // The bound call.
  const ::minimax::runtime::ManifestEntry *entry = nullptr;
  std::vector<::minimax::runtime::SequencePart> parts;
  ::minimax::runtime::DimValues dims;
  std::vector<Buffer> tensors;
  ::minimax::runtime::GrowingDeviceBuffer arena;
  std::vector<void *> pointers;
  std::vector<int64_t> dimValues;
  /// Where `tokens` lies in `pointers`, and how often it has moved on.
  int64_t tokensInput = -1;
  int64_t runs = 0;
};

} // namespace mlir::minimax::bench

#endif // MINIMAX_TOOLS_BENCH_PROGRAM_H
