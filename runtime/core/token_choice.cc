//===- token_choice.cc - tokens chosen by a program -----------------------===//
//
// Checks the entry "sample" and lays out its parameters by column.
//
//===----------------------------------------------------------------------===//
#include "core/token_choice.h"

#include <utility>

#include "formats/status_macros.h"

namespace minimax::runtime {

static absl::Status CheckOutputs(const Manifest& manifest) {
  const ManifestEntry* entry = manifest.FindEntry("sample");
  const std::vector<DimSize> rows = {DimSize::Of(DimSymbol::kSequences)};
  if (entry == nullptr ||
      (entry->outputs.size() == 1 && entry->outputs[0].dtype == DType::kI32 &&
       entry->outputs[0].shape == rows)) {
    return absl::OkStatus();
  }
  return absl::UnimplementedError(
      "expected the artifact's entry sample to have one output, i32 tokens "
      "[N]");
}

absl::StatusOr<TokenChoice> TokenChoice::Create(const Weights& weights,
                                                const StatePools& states,
                                                bool graphs) {
  const Manifest& manifest = weights.artifact()->manifest();
  MMRT_RETURN_IF_ERROR(CheckOutputs(manifest));
  MMRT_ASSIGN_OR_RETURN(EntryCall call,
                        EntryCall::Create(weights, states, "sample",
                                          {{"logits", DType::kF32},
                                           {"temperatures", DType::kF32},
                                           {"top_k", DType::kI32},
                                           {"top_p", DType::kF32},
                                           {"uniforms", DType::kF32}},
                                          {.outputs = {}, .graphs = graphs}));
  return TokenChoice(std::move(call), manifest.model.vocab_size);
}

absl::StatusOr<absl::Span<const int32_t>> TokenChoice::Run(
    Context& context, const void* logits,
    absl::Span<const SampleParameters> parameters, DimValues dims,
    GrowingDeviceBuffer& arena) {
  const size_t rows = parameters.size();
  temperatures_.clear();
  top_k_.clear();
  top_p_.clear();
  uniforms_.clear();
  for (const SampleParameters& row : parameters) {
    temperatures_.push_back(row.temperature);
    top_k_.push_back(row.top_k);
    top_p_.push_back(row.top_p);
    uniforms_.push_back(row.uniform);
  }
  const int64_t bytes = static_cast<int64_t>(rows * sizeof(float)) * vocab_;
  // A row of logits counts as a token; without tokens there are none.
  dims.tokens = dims.tokens > 0 ? static_cast<int64_t>(rows) : 0;
  MMRT_RETURN_IF_ERROR(
      call_.Run(context,
                {{"logits", DType::kF32, logits, bytes, /*on_device=*/true},
                 InputOf("temperatures", DType::kF32, temperatures_),
                 InputOf("top_k", DType::kI32, top_k_),
                 InputOf("top_p", DType::kF32, top_p_),
                 InputOf("uniforms", DType::kF32, uniforms_)},
                dims, arena, {}));
  MMRT_RETURN_IF_ERROR(call_.FetchOutputs());
  return absl::MakeConstSpan(
      reinterpret_cast<const int32_t*>(call_.outputs()[0].data), rows);
}

}  // namespace minimax::runtime
