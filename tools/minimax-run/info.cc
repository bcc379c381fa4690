//===- info.cc - minimax-run info -----------------------------------------===//
//
// Prints an artifact's manifest for people, or whole as JSON.
//
//===----------------------------------------------------------------------===//
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "commands.h"
#include "core/artifact.h"
#include "core/cpu_features.h"
#include "formats/manifest.h"
#include "formats/status_macros.h"
#include "model.h"

namespace minimax::run {

static std::string Describe(const runtime::ManifestTensor& tensor) {
  std::vector<std::string> sizes;
  for (const runtime::DimSize& size : tensor.shape) {
    sizes.push_back(size.symbol == runtime::DimSymbol::kStatic
                        ? absl::StrCat(size.value)
                        : std::string(runtime::DimSymbolName(size.symbol)));
  }
  return absl::StrCat(tensor.name, " ", runtime::DTypeName(tensor.dtype), "[",
                      absl::StrJoin(sizes, ", "), "]");
}

static std::string DescribeEntry(const runtime::ManifestEntry& entry) {
  constexpr size_t kShown = 4;
  std::vector<std::string> outputs;
  for (const runtime::ManifestTensor& output : entry.outputs) {
    if (outputs.size() == kShown) break;
    outputs.push_back(Describe(output));
  }
  const size_t hidden = entry.outputs.size() - outputs.size();
  return absl::StrCat(
      "entry:      ", entry.name, " -> ", absl::StrJoin(outputs, ", "),
      hidden > 0 ? absl::StrCat(", and ", hidden, " more") : "", "\n");
}

static std::string DescribeTargets(const runtime::Manifest& manifest) {
  std::vector<std::string> targets;
  for (const std::string& target : manifest.targets) {
    const bool here = runtime::ParseCudaTarget(target).has_value() ||
                      runtime::CpuSupportsTarget(target);
    targets.push_back(absl::StrCat(target, here ? "" : " (not on this CPU)"));
  }
  return absl::StrJoin(targets, ", ");
}

// State bytes of a slot: a constant part and a part for each token.
static std::string DescribeStates(const runtime::Manifest& manifest) {
  runtime::DimValues dims;
  dims.slots = 1;
  int64_t fixed = 0;
  int64_t with_token = 0;
  for (const runtime::ManifestState& state : manifest.states) {
    dims.capacity = 0;
    fixed += state.Bytes(dims);
    dims.capacity = 1;
    with_token += state.Bytes(dims);
  }
  return absl::StrCat(manifest.states.size(), ", a sequence takes ", fixed,
                      " bytes and ", with_token - fixed, " for each token");
}

static std::string DescribeWeights(const runtime::Manifest& manifest) {
  int64_t mapped = 0;
  int64_t packed = 0;
  for (const runtime::ManifestWeight& weight : manifest.weights) {
    (weight.IsMapped() ? mapped : packed) += weight.bytes;
  }
  return absl::StrCat(manifest.weights.size(), ", ", mapped,
                      " bytes used in place and ", packed, " packed");
}

// A line for each GPU target: the forms of its code and its kernels.
static std::string DescribeKernels(
    const std::vector<runtime::KernelSummary>& summaries) {
  std::string text;
  for (const runtime::KernelSummary& summary : summaries) {
    std::vector<std::string> forms;
    if (summary.cubin_bytes > 0) {
      forms.push_back(absl::StrCat(summary.cubin_bytes, " bytes of cubin"));
    }
    if (summary.ptx_bytes > 0) {
      forms.push_back(absl::StrCat(summary.ptx_bytes, " bytes of PTX"));
    }
    if (summary.emulated) forms.push_back("code for the emulator");
    if (forms.empty()) forms.push_back("no code");
    absl::StrAppend(&text, "kernels:    ", summary.target, ", ",
                    absl::StrJoin(forms, ", "), ", ", summary.names.size(),
                    summary.names.empty() ? "" : ": ",
                    absl::StrJoin(summary.names, " "), "\n");
  }
  return text;
}

absl::Status Info(const Options& options) {
  MMRT_ASSIGN_OR_RETURN(const runtime::Manifest manifest,
                        runtime::Artifact::Inspect(ArtifactPath(options)));
  if (options.json) {
    MMRT_ASSIGN_OR_RETURN(const std::string json,
                          runtime::SerializeManifest(manifest));
    return Print(absl::StrCat(json, "\n"));
  }
  MMRT_ASSIGN_OR_RETURN(
      const std::vector<runtime::KernelSummary> kernels,
      runtime::Artifact::InspectKernels(ArtifactPath(options)));
  const runtime::ManifestModel& model = manifest.model;
  std::string text = absl::StrCat(
      "compiler:   ", manifest.compiler, " (ABI ", manifest.abi_version, ")\n",
      "hash:       ", manifest.content_hash, "\n",
      "model:      ", model.model_type, ", ", model.num_hidden_layers,
      " layers, hidden ", model.hidden_size, ", vocabulary ", model.vocab_size,
      ", ");
  absl::StrAppend(
      &text, model.num_local_experts, " experts (", model.num_experts_per_tok,
      " per token)\n", "arithmetic: ", runtime::DTypeName(manifest.dtype), "\n",
      "targets:    ", DescribeTargets(manifest), "\n", DescribeKernels(kernels),
      "states:     ", DescribeStates(manifest), "\n",
      "weights:    ", DescribeWeights(manifest), "\n");
  for (const runtime::ManifestEntry& entry : manifest.entries) {
    text += DescribeEntry(entry);
  }
  return Print(text);
}

}  // namespace minimax::run
