//===- entry_call.h - calling one entry of a program ------------*- C++ -*-===//
//
// Keeps the pointer table, the inputs on a device and the outputs of an entry
// between calls.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CORE_ENTRY_CALL_H
#define MINIMAX_RUNTIME_CORE_ENTRY_CALL_H

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/artifact.h"
#include "core/buffer.h"
#include "core/context.h"
#include "core/device.h"
#include "core/profile.h"
#include "core/state_pools.h"
#include "core/step_graphs.h"
#include "core/weights.h"
#include "formats/manifest.h"

namespace minimax::runtime {

/// One input of a call; see docs/Runtime.md for those of every entry.
struct EntryInput {
  absl::string_view name;
  DType dtype = DType::kI32;
  /// In the host's memory, or `on_device`.
  const void* data = nullptr;
  int64_t bytes = 0;
  bool on_device = false;
};

/// An input in the host's memory, of type T = `dtype`.
template <typename T>
EntryInput InputOf(absl::string_view name, DType dtype,
                   const std::vector<T>& values) {
  return {name, dtype, values.data(),
          static_cast<int64_t>(values.size() * sizeof(T))};
}

/// One output of the last call. Owned by the EntryCall, valid until its next.
struct OutputView {
  absl::string_view name;
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
  /// In the host's memory; null if the output was not asked for and lies on
  /// another device.
  const std::byte* data = nullptr;
  int64_t bytes = 0;

  /// The output as f32 values; only if that is its type.
  const float* floats() const { return reinterpret_cast<const float*>(data); }
};

/// How an entry is called.
struct EntryOptions {
  /// The outputs that are read; empty means all.
  std::vector<std::string> outputs;
  /// Whether steps that decode are recorded as graphs, where the device can.
  bool graphs = true;
};

/// Calls one entry again and again. Memory grows to the largest call seen and
/// stays, so calls of a size seen before allocate nothing. Inputs are copied to
/// a device with memory of its own, and the outputs that are asked for back.
class EntryCall {
 public:
  /// Prepares the entry `name`, which will get `inputs`; `weights` and `states`
  /// outlive the result. Unimplemented if the artifact has no such entry or the
  /// entry wants something else.
  static absl::StatusOr<EntryCall> Create(const Weights& weights,
                                          const StatePools& states,
                                          absl::string_view name,
                                          absl::Span<const EntryInput> inputs,
                                          const EntryOptions& options);

  /// Runs the entry on the weights' device, which is that of `context`, and
  /// waits for it; without any token its outputs are zero and it is not called.
  /// `parts` is for a profile, which leaves the call out if there are none.
  /// Internal, with the entry's code, if it fails; the first failure of its
  /// launches and copies.
  absl::Status Run(Context& context, absl::Span<const EntryInput> inputs,
                   const DimValues& dims, GrowingDeviceBuffer& arena,
                   const std::vector<SequencePart>& parts);

  /// Copies the outputs of the last call that are wanted to the host.
  absl::Status FetchOutputs();

  /// The outputs of the last call, in the manifest's order. Their values are
  /// there after FetchOutputs.
  absl::Span<const OutputView> outputs() const { return outputs_; }

  /// Output `n` of the last call, on the device.
  const void* device_data(int64_t n) const { return buffers_[n].buffer.data(); }

 private:
  EntryCall(const Manifest& manifest, const ManifestEntry& entry,
            const EntryCode& code, std::shared_ptr<Device> device)
      : manifest_(&manifest),
        entry_(&entry),
        code_(code),
        device_(std::move(device)) {}

  /// An output on a device and, with memory of its own, its copy on the host.
  struct Output {
    GrowingDeviceBuffer buffer;
    GrowingBuffer copy;
    bool wanted = true;
  };

  absl::Status BindInputs(absl::Span<const EntryInput> inputs,
                          const DimValues& dims);
  absl::Status BindOutputs(const DimValues& dims);
  absl::Status BindArena(GrowingDeviceBuffer& arena);
  absl::StatusOr<int32_t> Call(Context& context, const DimValues& dims);

  const Manifest* manifest_;
  const ManifestEntry* entry_;
  EntryCode code_;
  std::shared_ptr<Device> device_;
  std::vector<void*> pointers_;
  std::vector<int64_t> dims_;
  // Only on a device with memory of its own.
  std::vector<GrowingDeviceBuffer> inputs_;
  std::vector<Output> buffers_;
  std::vector<OutputView> outputs_;
  // Whether the last call had anything to compute.
  bool computed_ = false;
  // Only where steps are recorded.
  std::optional<StepGraphs> graphs_;
};

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_CORE_ENTRY_CALL_H
