//===- entry_call.cc - calling one entry of a program ---------------------===//
//
// Fills the pointer table in the manifest's order: inputs, states, outputs,
// weights, arena.
//
//===----------------------------------------------------------------------===//
#include "core/entry_call.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "core/profile.h"
#include "formats/status_macros.h"

namespace minimax::runtime {

// Returns the values for the input `name`, or null for an unknown one.
static const std::vector<int32_t>* FindInput(const StepInputs& inputs,
                                             absl::string_view name) {
  if (name == "tokens") return &inputs.tokens;
  if (name == "cu_seqlens") return &inputs.cu_seqlens;
  if (name == "positions") return &inputs.positions;
  if (name == "slots") return &inputs.slots;
  return nullptr;
}

absl::StatusOr<EntryCall> EntryCall::Create(const Weights& weights,
                                            const StatePools& states,
                                            absl::string_view name) {
  const Artifact& artifact = *weights.artifact();
  const Manifest& manifest = artifact.manifest();
  const ManifestEntry* entry = manifest.FindEntry(name);
  const EntryCode* code = artifact.FindCode(name);
  if (entry == nullptr || code == nullptr) {
    return absl::UnimplementedError(
        absl::StrCat("the artifact has no entry ", name));
  }
  const StepInputs known;
  for (const ManifestTensor& input : entry->inputs) {
    if (FindInput(known, input.name) != nullptr && input.dtype == DType::kI32) {
      continue;
    }
    return absl::UnimplementedError(absl::StrCat(
        "entry ", name, " wants the input ", input.name, " of type ",
        DTypeName(input.dtype), ", which this runtime does not provide"));
  }
  EntryCall call(manifest, *entry, *code);
  call.pointers_.resize(entry->inputs.size());
  for (size_t i = 0; i < manifest.states.size(); ++i) {
    call.pointers_.push_back(states.pool(static_cast<int64_t>(i)));
  }
  call.buffers_.resize(entry->outputs.size());
  for (const ManifestTensor& output : entry->outputs) {
    call.outputs_.push_back(
        {output.name, output.dtype, std::vector<int64_t>(output.shape.size())});
    call.pointers_.push_back(nullptr);
  }
  for (const void* weight : weights.pointers()) {
    // Weights may lie in read-only memory; programs do not write them.
    call.pointers_.push_back(const_cast<void*>(weight));
  }
  call.pointers_.push_back(nullptr);
  return call;
}

void EntryCall::BindInputs(const StepInputs& inputs) {
  for (size_t i = 0; i < entry_->inputs.size(); ++i) {
    const std::vector<int32_t>* values =
        FindInput(inputs, entry_->inputs[i].name);
    pointers_[i] = const_cast<int32_t*>(values->data());
  }
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
    MMRT_RETURN_IF_ERROR(buffers_[i].Reserve(view.bytes));
    for (size_t d = 0; d < output.shape.size(); ++d) {
      view.shape[d] = output.shape[d].Evaluate(dims);
    }
    view.data = buffers_[i].data();
    pointers_[first + i] = buffers_[i].data();
  }
  return absl::OkStatus();
}

absl::Status EntryCall::BindArena(GrowingBuffer& arena) {
  const int64_t bytes = code_.arena(dims_.data());
  if (bytes < 0) {
    return absl::InternalError(absl::StrCat(
        "entry ", entry_->name, " asks for an arena of ", bytes, " bytes"));
  }
  MMRT_RETURN_IF_ERROR(arena.Reserve(bytes));
  pointers_.back() = arena.data();
  return absl::OkStatus();
}

// What each sequence adds, for a profile.
static std::vector<SequencePart> PartsOf(const StepInputs& inputs) {
  std::vector<SequencePart> parts;
  for (size_t n = 0; n + 1 < inputs.cu_seqlens.size(); ++n) {
    const int32_t first = inputs.cu_seqlens[n];
    const int32_t tokens = inputs.cu_seqlens[n + 1] - first;
    parts.push_back({tokens > 0 ? inputs.positions[first] : 0, tokens});
  }
  return parts;
}

absl::Status EntryCall::Run(Context& context, const StepInputs& inputs,
                            const DimValues& dims, GrowingBuffer& arena) {
  dims_.clear();
  for (const DimSymbol symbol : manifest_->dims) {
    dims_.push_back(DimSize::Of(symbol).Evaluate(dims));
  }
  BindInputs(inputs);
  MMRT_RETURN_IF_ERROR(BindOutputs(dims));
  if (dims.tokens == 0) {
    // Nothing to compute: rows of sequences that add no token are zero.
    for (const OutputView& view : outputs_) {
      std::memset(const_cast<std::byte*>(view.data), 0, view.bytes);
    }
    return absl::OkStatus();
  }
  MMRT_RETURN_IF_ERROR(BindArena(arena));
  Profile* const profile = context.profile;
  if (profile != nullptr) profile->BeginStep(entry_->name, PartsOf(inputs));
  const int32_t code = code_.run(&context, pointers_.data(), dims_.data());
  if (profile != nullptr) profile->EndStep();
  if (code == 0) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("entry ", entry_->name, " failed with code ", code));
}

}  // namespace minimax::runtime
