//===- model_config.h - config.json of the model family --------*- C++ -*-===//
//
// Reads the configuration of a hybrid-attention MoE model in the spelling of
// the original releases or of transformers' `minimax`, and checks it.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_FORMATS_MODEL_CONFIG_H_
#define MINIMAX_RUNTIME_FORMATS_MODEL_CONFIG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "formats/dtype.h"

namespace minimax::runtime {

/// Whose key names and conventions a configuration uses.
enum class ConfigSpelling : uint8_t {
  kOriginal,      // minimax_text_01, minimax_m1: attn_type_list, postnorm
  kTransformers,  // minimax: layer_types, *_alpha_factor
};

/// How the decay per head and layer is computed; the two agree to 1.3e-7 when
/// the number of heads is a power of two.
enum class SlopeRule : uint8_t {
  kOriginal,      // two-level ALiBi rule, layer factor over L - 1
  kTransformers,  // 2^(-8 (i+1) / H), layer factor over L - 1 + 1e-5
};

/// The attention of one layer.
enum class LayerKind : uint8_t { kLightning, kSoftmax };

/// Everything that the shape and the arithmetic of a model depend on.
struct ModelConfig {
  /// As in the file, e.g. "minimax_text_01".
  std::string model_type;
  ConfigSpelling spelling = ConfigSpelling::kOriginal;

  int64_t hidden_size = 0;
  int64_t num_hidden_layers = 0;
  int64_t num_attention_heads = 0;
  int64_t num_key_value_heads = 0;
  int64_t head_dim = 0;
  /// Leading dimensions of each head that are rotated; even.
  int64_t rotary_dim = 0;
  double rope_theta = 0;
  int64_t max_position_embeddings = 0;

  int64_t num_local_experts = 0;
  int64_t num_experts_per_tok = 0;
  /// Width of an expert.
  int64_t intermediate_size = 0;
  /// Width of the shared expert; 0 for none.
  int64_t shared_intermediate_size = 0;
  int64_t vocab_size = 0;

  /// Of the norms of layers and of the final norm.
  double rms_norm_eps = 1e-5;
  /// Of the norm inside lightning attention; no file sets it.
  double linear_norm_eps = 1e-6;

  /// One per layer.
  std::vector<LayerKind> layers;

  /// Residual and branch factors of softmax attention, lightning attention and
  /// MoE.
  double full_alpha = 1;
  double full_beta = 1;
  double linear_alpha = 1;
  double linear_beta = 1;
  double mlp_alpha = 1;
  double mlp_beta = 1;
  /// Whether residuals carry the normalised input.
  bool postnorm = true;

  bool tie_word_embeddings = false;
  /// Tokens in a block of lightning attention.
  int64_t block_size = 256;
  std::vector<int32_t> eos_token_ids;
  SlopeRule slope_rule = SlopeRule::kOriginal;
  /// kF32, kBF16 or kF16: the type the checkpoint was saved in.
  DType torch_dtype = DType::kF32;
};

/// Reads the JSON `text`; `file` is used in messages. InvalidArgument, naming
/// the file and the field, for anything missing, wrong or not supported.
absl::StatusOr<ModelConfig> ParseModelConfig(absl::string_view text,
                                             const std::string& file);

/// Reads `<dir>/config.json`.
absl::StatusOr<ModelConfig> ReadModelConfig(const std::string& dir);

/// Decay per token of each head of layer `layer` (0-based among all layers):
/// the state is multiplied by exp(-slope) a token.
std::vector<double> DecaySlopes(const ModelConfig& config, int64_t layer);

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_FORMATS_MODEL_CONFIG_H_
