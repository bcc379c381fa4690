//===- entry_call.cc - calling one entry of a program ---------------------===//
//
// Fills the pointer table in the manifest's order: inputs, states, outputs,
// weights, arena.
//
//===----------------------------------------------------------------------===//
#include "core/entry_call.h"

#include <cstring>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "core/annotate.h"
#include "core/profile.h"
#include "formats/status_macros.h"

namespace minimax::runtime {

// Returns the input `name`, or null for an unknown one.
static const EntryInput* FindInput(absl::Span<const EntryInput> inputs,
                                   absl::string_view name) {
  const auto found = absl::c_find_if(
      inputs, [&](const EntryInput& input) { return input.name == name; });
  return found == inputs.end() ? nullptr : &*found;
}

absl::StatusOr<EntryCall> EntryCall::Create(const Weights& weights,
                                            const StatePools& states,
                                            absl::string_view name,
                                            absl::Span<const EntryInput> inputs,
                                            const EntryOptions& options) {
  const Artifact& artifact = *weights.artifact();
  const Manifest& manifest = artifact.manifest();
  const ManifestEntry* entry = manifest.FindEntry(name);
  const EntryCode* code = artifact.FindCode(name);
  if (entry == nullptr || code == nullptr) {
    return absl::UnimplementedError(
        absl::StrCat("the artifact has no entry ", name));
  }
  for (const ManifestTensor& input : entry->inputs) {
    const EntryInput* known = FindInput(inputs, input.name);
    if (known != nullptr && known->dtype == input.dtype) continue;
    return absl::UnimplementedError(absl::StrCat(
        "entry ", name, " wants the input ", input.name, " of type ",
        DTypeName(input.dtype), ", which this runtime does not provide"));
  }
  const std::shared_ptr<Device>& device = weights.device();
  EntryCall call(manifest, *entry, *code, device);
  call.pointers_.resize(entry->inputs.size());
  for (const ManifestTensor& input : entry->inputs) {
    if (device->shares_host_memory()) break;
    call.inputs_.emplace_back(device, absl::StrCat("input ", input.name));
  }
  for (size_t i = 0; i < manifest.states.size(); ++i) {
    call.pointers_.push_back(states.pool(static_cast<int64_t>(i)));
  }
  for (const ManifestTensor& output : entry->outputs) {
    call.buffers_.push_back(
        {GrowingDeviceBuffer(device, absl::StrCat("output ", output.name)),
         {},
         options.outputs.empty() ||
             absl::c_linear_search(options.outputs, output.name)});
    call.outputs_.push_back(
        {output.name, output.dtype, std::vector<int64_t>(output.shape.size())});
    call.pointers_.push_back(nullptr);
  }
  for (const void* weight : weights.pointers()) {
    // Weights may lie in read-only memory; programs do not write them.
    call.pointers_.push_back(const_cast<void*>(weight));
  }
  call.pointers_.push_back(nullptr);
  if (options.graphs && device->records_graphs()) call.graphs_.emplace();
  return call;
}

absl::Status EntryCall::BindInputs(absl::Span<const EntryInput> inputs,
                                   const DimValues& dims) {
  for (size_t i = 0; i < entry_->inputs.size(); ++i) {
    const ManifestTensor& tensor = entry_->inputs[i];
    const EntryInput& input = *FindInput(inputs, tensor.name);
    if (input.bytes != tensor.Bytes(dims)) {
      return absl::InternalError(absl::StrCat(
          "entry ", entry_->name, " wants ", tensor.Bytes(dims),
          " bytes of the input ", input.name, ", got ", input.bytes));
    }
    pointers_[i] = const_cast<void*>(input.data);
    if (inputs_.empty() || input.on_device) continue;
    MMRT_RETURN_IF_ERROR(inputs_[i].Reserve(input.bytes));
    MMRT_RETURN_IF_ERROR(
        device_->CopyToDevice(inputs_[i].data(), input.data, input.bytes));
    pointers_[i] = inputs_[i].data();
  }
  return absl::OkStatus();
}

absl::Status EntryCall::BindOutputs(const DimValues& dims) {
  const size_t first = entry_->inputs.size() + manifest_->states.size();
  for (size_t i = 0; i < outputs_.size(); ++i) {
    const ManifestTensor& output = entry_->outputs[i];
    OutputView& view = outputs_[i];
    view.bytes = output.Bytes(dims);
    if (view.bytes < 0) {
      return absl::ResourceExhaustedError(
          absl::StrCat("output ", output.name, " is too large"));
    }
    GrowingDeviceBuffer& buffer = buffers_[i].buffer;
    MMRT_RETURN_IF_ERROR(buffer.Reserve(view.bytes));
    for (size_t d = 0; d < output.shape.size(); ++d) {
      view.shape[d] = output.shape[d].Evaluate(dims);
    }
    pointers_[first + i] = buffer.data();
    view.data = nullptr;
    if (device_->shares_host_memory()) {
      view.data = buffer.data();
    } else if (buffers_[i].wanted) {
      MMRT_RETURN_IF_ERROR(buffers_[i].copy.Reserve(view.bytes));
      view.data = buffers_[i].copy.data();
    }
  }
  return absl::OkStatus();
}

absl::Status EntryCall::FetchOutputs() {
  if (device_->shares_host_memory() || !computed_) return absl::OkStatus();
  for (size_t i = 0; i < outputs_.size(); ++i) {
    if (!buffers_[i].wanted) continue;
    MMRT_RETURN_IF_ERROR(device_->CopyToHost(
        buffers_[i].copy.data(), buffers_[i].buffer.data(), outputs_[i].bytes));
  }
  return absl::OkStatus();
}

absl::Status EntryCall::BindArena(GrowingDeviceBuffer& arena) {
  const int64_t bytes = code_.arena(dims_.data());
  if (bytes < 0) {
    return absl::InternalError(absl::StrCat(
        "entry ", entry_->name, " asks for an arena of ", bytes, " bytes"));
  }
  MMRT_RETURN_IF_ERROR(arena.Reserve(bytes));
  pointers_.back() = arena.data();
  return absl::OkStatus();
}

// Steps of as many tokens as sequences decode. There are few sizes of them and
// their launches take as long as their work; others are neither.
static bool IsWorthRecording(const DimValues& dims) {
  constexpr int64_t kMostTokens = 64;
  return dims.tokens == dims.sequences && dims.tokens <= kMostTokens;
}

absl::StatusOr<int32_t> EntryCall::Call(Context& context,
                                        const DimValues& dims) {
  const auto program = [&] {
    return code_.run(&context, pointers_.data(), dims_.data());
  };
  // A profile marks where ops begin, which a graph does not tell.
  if (context.profile == nullptr && graphs_.has_value() &&
      IsWorthRecording(dims)) {
    return graphs_->Run(context, dims_, pointers_, program);
  }
  return program();
}

absl::Status EntryCall::Run(Context& context,
                            absl::Span<const EntryInput> inputs,
                            const DimValues& dims, GrowingDeviceBuffer& arena,
                            const std::vector<SequencePart>& parts) {
  dims_.clear();
  for (const DimSymbol symbol : manifest_->dims) {
    dims_.push_back(DimSize::Of(symbol).Evaluate(dims));
  }
  MMRT_RETURN_IF_ERROR(BindOutputs(dims));
  computed_ = dims.tokens > 0;
  if (!computed_) {
    // Nothing to compute: rows of sequences that add no token are zero.
    for (const OutputView& view : outputs_) {
      if (view.data == nullptr) continue;
      std::memset(const_cast<std::byte*>(view.data), 0, view.bytes);
    }
    return absl::OkStatus();
  }
  MMRT_RETURN_IF_ERROR(BindInputs(inputs, dims));
  MMRT_RETURN_IF_ERROR(BindArena(arena));
  Profile* const profile = parts.empty() ? nullptr : context.profile;
  if (profile != nullptr) profile->BeginStep(entry_->name, parts);
  const absl::StatusOr<int32_t> called = Call(context, dims);
  if (profile != nullptr) profile->EndStep();
  const absl::Status finished = context.Finish();
  MMRT_RETURN_IF_ERROR(Annotate(called.ok() ? finished : called.status(),
                                absl::StrCat("entry ", entry_->name)));
  if (*called == 0) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("entry ", entry_->name, " failed with code ", *called));
}

}  // namespace minimax::runtime
