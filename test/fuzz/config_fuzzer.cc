//===- config_fuzzer.cc - hostile config.json -----------------------------===//
//
// Parses arbitrary text and uses the configuration that results.
//
//===----------------------------------------------------------------------===//
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "formats/model_config.h"

using minimax::runtime::ModelConfig;

// The promises that the importer relies on.
static bool IsSound(const ModelConfig& config) {
  return config.num_attention_heads % config.num_key_value_heads == 0 &&
         config.rotary_dim > 0 && config.rotary_dim <= config.head_dim &&
         config.num_experts_per_tok <= config.num_local_experts &&
         static_cast<int64_t>(config.layers.size()) == config.num_hidden_layers;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  absl::string_view text(reinterpret_cast<const char*>(data), size);
  absl::StatusOr<ModelConfig> config =
      minimax::runtime::ParseModelConfig(text, "input");
  if (!config.ok()) return 0;
  if (!IsSound(*config)) std::abort();
  for (int64_t layer : {int64_t{0}, config->num_hidden_layers - 1})
    for (double slope : DecaySlopes(*config, layer))
      if (!(slope > 0) || !std::isfinite(slope)) std::abort();
  return 0;
}
