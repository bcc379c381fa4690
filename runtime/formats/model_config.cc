//===- model_config.cc - config.json of the model family ------------------===//
//
// One reader for the keys both spellings share, one for each spelling, and the
// checks on the result.
//
//===----------------------------------------------------------------------===//
#include "formats/model_config.h"

#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "formats/json.h"
#include "formats/mapped_file.h"
#include "formats/status_macros.h"

namespace minimax::runtime {
namespace {

// The model types and whose spelling each uses.
struct KnownModel {
  const char* model_type;
  ConfigSpelling spelling;
};
constexpr KnownModel kKnownModels[] = {
    {"minimax_text_01", ConfigSpelling::kOriginal},
    {"MiniMaxText01", ConfigSpelling::kOriginal},
    {"minimax_m1", ConfigSpelling::kOriginal},
    {"MiniMaxM1", ConfigSpelling::kOriginal},
    {"minimax", ConfigSpelling::kTransformers},
};

// Far above any real model, and small enough that products of three sizes and
// an element size fit in 64 bits.
constexpr int64_t kLargestSize = int64_t{1} << 20;
constexpr int64_t kLargestCount = int64_t{1} << 16;
constexpr int64_t kLargestPosition = int64_t{1} << 40;

}  // namespace

static void CheckRange(JsonReader& reader, const char* name, int64_t value,
                       int64_t low, int64_t high) {
  if (value < low || value > high)
    reader.Fail(name, absl::StrCat("expected ", low, " to ", high, ", but got ",
                                   value));
}

static void ReadSize(JsonReader& reader, const char* name, int64_t high,
                     int64_t* out) {
  reader.Required(name, out);
  if (reader.ok()) CheckRange(reader, name, *out, 1, high);
}

static void ReadPositive(JsonReader& reader, const char* name, double* out) {
  reader.Optional(name, out);
  if (!(*out > 0) || !std::isfinite(*out))
    reader.Fail(name,
                absl::StrCat("expected a positive number, but got ", *out));
}

static void ReadModelType(JsonReader& reader, ModelConfig* config) {
  reader.Required("model_type", &config->model_type);
  for (const KnownModel& known : kKnownModels)
    if (config->model_type == known.model_type) {
      config->spelling = known.spelling;
      return;
    }
  std::string names = absl::StrJoin(
      kKnownModels, ", ", [](std::string* out, const KnownModel& known) {
        absl::StrAppend(out, known.model_type);
      });
  reader.Fail("model_type",
              absl::StrCat("unknown model_type '", config->model_type,
                           "', known are ", names));
}

static void ReadSizes(JsonReader& reader, ModelConfig* config) {
  ReadSize(reader, "hidden_size", kLargestSize, &config->hidden_size);
  ReadSize(reader, "num_hidden_layers", kLargestCount,
           &config->num_hidden_layers);
  ReadSize(reader, "num_attention_heads", kLargestCount,
           &config->num_attention_heads);
  ReadSize(reader, "num_key_value_heads", kLargestCount,
           &config->num_key_value_heads);
  ReadSize(reader, "num_local_experts", kLargestCount,
           &config->num_local_experts);
  ReadSize(reader, "num_experts_per_tok", kLargestCount,
           &config->num_experts_per_tok);
  ReadSize(reader, "intermediate_size", kLargestSize,
           &config->intermediate_size);
  ReadSize(reader, "vocab_size", kLargestSize * 16, &config->vocab_size);
  ReadSize(reader, "max_position_embeddings", kLargestPosition,
           &config->max_position_embeddings);
  reader.Optional("shared_intermediate_size",
                  &config->shared_intermediate_size);
  CheckRange(reader, "shared_intermediate_size",
             config->shared_intermediate_size, 0, kLargestSize);
  reader.Optional("block_size", &config->block_size);
  CheckRange(reader, "block_size", config->block_size, 1, kLargestCount);
}

// Features that some relative of these models has and we do not compute.
static void RejectUnsupported(JsonReader& reader) {
  for (const char* name :
       {"attention_bias", "qkv_bias", "use_qkv_bias", "mlp_bias", "use_bias",
        "use_qk_norm", "lm_head_bias"}) {
    bool value = false;
    reader.Optional(name, &value);
    if (value) reader.Fail(name, "true is not supported");
  }
  for (const char* name : {"sliding_window", "quantization_config",
                           "text_config", "vision_config"})
    if (const Json* value = reader.Find(name))
      reader.Fail(
          name, absl::StrCat("expected null, but got ", DescribeJson(*value)));
  for (const auto& [name, expected] :
       {std::pair("hidden_act", "silu"), std::pair("scoring_func", "softmax"),
        std::pair("shared_moe_mode", "sigmoid")}) {
    std::string value = expected;
    reader.Optional(name, &value);
    if (value != expected)
      reader.Fail(name, absl::StrCat("expected '", expected, "', but got '",
                                     value, "'"));
  }
}

// The rotary dimension is given as such, as a fraction, both or not at all:
// then it is the whole head, as in the classes the files belong to.
static void ResolveRotaryDim(JsonReader& reader, double factor,
                             ModelConfig* config) {
  bool given = reader.Find("rotary_dim") != nullptr;
  bool has_factor = !std::isnan(factor);
  reader.Optional("rotary_dim", &config->rotary_dim);
  if (!has_factor) factor = 1;
  if (!(factor > 0 && factor <= 1)) {
    reader.Fail(
        "partial_rotary_factor",
        absl::StrCat("expected a number above 0, at most 1, but got ", factor));
    return;
  }
  // Truncation is what transformers does.
  int64_t by_factor =
      static_cast<int64_t>(static_cast<double>(config->head_dim) * factor);
  if (!given) config->rotary_dim = by_factor;
  if (given && has_factor && config->rotary_dim != by_factor)
    reader.Fail("rotary_dim",
                absl::StrCat("expected ", by_factor,
                             " by partial_rotary_factor, but got ",
                             config->rotary_dim));
  CheckRange(reader, "rotary_dim", config->rotary_dim, 2, config->head_dim);
  if (config->rotary_dim % 2 != 0)
    reader.Fail("rotary_dim", absl::StrCat("expected an even number, but got ",
                                           config->rotary_dim));
}

// Reads `rope_parameters` or `rope_scaling`, of which only the plain kind is
// supported.
static absl::Status ReadRopeObject(JsonReader& reader, const char* name,
                                   double* theta, double* factor) {
  const Json* json = reader.Find(name);
  if (json == nullptr) return absl::OkStatus();
  JsonReader rope = reader.Child(name, *json);
  std::string type = "default";
  for (const char* key : {"type", "rope_type"}) {
    rope.Optional(key, &type);
    if (type != "default")
      rope.Fail(key, absl::StrCat("expected 'default', but got '", type, "'"));
  }
  rope.Optional("rope_theta", theta);
  rope.Optional("partial_rotary_factor", factor);
  return rope.status();
}

static absl::Status ReadRotary(JsonReader& reader, ModelConfig* config) {
  double factor = std::nan("");  // absent; JSON has no such number
  reader.Optional("rope_theta", &config->rope_theta);
  reader.Optional("partial_rotary_factor", &factor);
  for (const char* name : {"rope_scaling", "rope_parameters"})
    MMRT_RETURN_IF_ERROR(
        ReadRopeObject(reader, name, &config->rope_theta, &factor));
  if (config->rope_theta == 0 && reader.Find("rope_theta") == nullptr)
    reader.Required("rope_theta", &config->rope_theta);
  if (!(config->rope_theta > 0) || !std::isfinite(config->rope_theta))
    reader.Fail("rope_theta", absl::StrCat("expected a positive number, but "
                                           "got ",
                                           config->rope_theta));
  if (reader.ok()) ResolveRotaryDim(reader, factor, config);
  return reader.status();
}

static void ReadHeads(JsonReader& reader, ModelConfig* config) {
  if (!reader.ok()) return;
  int64_t heads = config->num_attention_heads;
  if (heads % config->num_key_value_heads != 0)
    reader.Fail("num_key_value_heads",
                absl::StrCat("expected a divisor of the ", heads,
                             " attention heads, but got ",
                             config->num_key_value_heads));
  if (reader.Find("head_dim") != nullptr)
    ReadSize(reader, "head_dim", kLargestCount, &config->head_dim);
  else if (config->hidden_size % heads == 0)
    config->head_dim = config->hidden_size / heads;
  else
    reader.Required("head_dim", &config->head_dim);
  if (config->num_experts_per_tok > config->num_local_experts)
    reader.Fail(
        "num_experts_per_tok",
        absl::StrCat("expected at most the ", config->num_local_experts,
                     " experts, but got ", config->num_experts_per_tok));
}

static void CheckLayerCount(JsonReader& reader, const char* name, size_t count,
                            const ModelConfig& config) {
  if (reader.ok() && static_cast<int64_t>(count) != config.num_hidden_layers)
    reader.Fail(name,
                absl::StrCat("expected one value per layer (",
                             config.num_hidden_layers, "), but got ", count));
}

static void ReadOriginal(JsonReader& reader, ModelConfig* config) {
  std::vector<int64_t> types;
  reader.Required("attn_type_list", &types);
  CheckLayerCount(reader, "attn_type_list", types.size(), *config);
  for (int64_t type : types) {
    if (type != 0 && type != 1)
      reader.Fail("attn_type_list",
                  absl::StrCat("expected 0 (lightning) or 1 (softmax), but "
                               "got ",
                               type));
    config->layers.push_back(type == 1 ? LayerKind::kSoftmax
                                       : LayerKind::kLightning);
  }
  ReadPositive(reader, "layernorm_full_attention_alpha", &config->full_alpha);
  ReadPositive(reader, "layernorm_full_attention_beta", &config->full_beta);
  ReadPositive(reader, "layernorm_linear_attention_alpha",
               &config->linear_alpha);
  ReadPositive(reader, "layernorm_linear_attention_beta", &config->linear_beta);
  ReadPositive(reader, "layernorm_mlp_alpha", &config->mlp_alpha);
  ReadPositive(reader, "layernorm_mlp_beta", &config->mlp_beta);
  config->postnorm = false;  // the original class's default
  reader.Optional("postnorm", &config->postnorm);
  config->slope_rule = SlopeRule::kOriginal;
}

static void ReadTransformers(JsonReader& reader, ModelConfig* config) {
  std::vector<std::string> types;
  reader.Required("layer_types", &types);
  CheckLayerCount(reader, "layer_types", types.size(), *config);
  for (const std::string& type : types) {
    if (type != "linear_attention" && type != "full_attention")
      reader.Fail("layer_types", absl::StrCat("expected 'linear_attention' or "
                                              "'full_attention', but got '",
                                              type, "'"));
    config->layers.push_back(type == "full_attention" ? LayerKind::kSoftmax
                                                      : LayerKind::kLightning);
  }
  ReadPositive(reader, "full_attn_alpha_factor", &config->full_alpha);
  ReadPositive(reader, "full_attn_beta_factor", &config->full_beta);
  ReadPositive(reader, "linear_attn_alpha_factor", &config->linear_alpha);
  ReadPositive(reader, "linear_attn_beta_factor", &config->linear_beta);
  ReadPositive(reader, "mlp_alpha_factor", &config->mlp_alpha);
  ReadPositive(reader, "mlp_beta_factor", &config->mlp_beta);
  // The class computes nothing else, whatever the file says.
  reader.Optional("postnorm", &config->postnorm);
  if (!config->postnorm) reader.Fail("postnorm", "expected true");
  if (config->shared_intermediate_size != 0)
    reader.Fail(
        "shared_intermediate_size",
        absl::StrCat("expected 0, but got ", config->shared_intermediate_size));
  config->slope_rule = SlopeRule::kTransformers;
}

// eos_token_id is null, one id or a list of ids.
static void ReadEos(JsonReader& reader, ModelConfig* config) {
  constexpr char kName[] = "eos_token_id";
  const Json* value = reader.Find(kName);
  if (value == nullptr) return;
  std::vector<int64_t> ids(1);
  if (value->is_array())
    reader.Required(kName, &ids);
  else
    reader.Required(kName, &ids[0]);
  for (int64_t id : ids) {
    if (id < 0 || id >= config->vocab_size)
      reader.Fail(kName, absl::StrCat("expected an id below vocab_size (",
                                      config->vocab_size, "), but got ", id));
    else
      config->eos_token_ids.push_back(static_cast<int32_t>(id));
  }
}

static void ReadDType(JsonReader& reader, ModelConfig* config) {
  // Newer files call the field `dtype`.
  for (const char* field : {"dtype", "torch_dtype"}) {
    std::string name = "float32";
    if (reader.Find(field) == nullptr) continue;
    reader.Required(field, &name);
    if (name == "float32")
      config->torch_dtype = DType::kF32;
    else if (name == "bfloat16")
      config->torch_dtype = DType::kBF16;
    else if (name == "float16")
      config->torch_dtype = DType::kF16;
    else
      reader.Fail(field, absl::StrCat("expected float32, bfloat16 or float16, "
                                      "but got '",
                                      name, "'"));
  }
}

absl::StatusOr<ModelConfig> ParseModelConfig(absl::string_view text,
                                             const std::string& file) {
  MMRT_ASSIGN_OR_RETURN(Json json, ParseJson(text, file));
  JsonReader reader(json, file);
  ModelConfig config;
  ReadModelType(reader, &config);
  ReadSizes(reader, &config);
  RejectUnsupported(reader);
  ReadHeads(reader, &config);
  MMRT_RETURN_IF_ERROR(reader.status());
  MMRT_RETURN_IF_ERROR(ReadRotary(reader, &config));
  ReadPositive(reader, "rms_norm_eps", &config.rms_norm_eps);
  reader.Optional("tie_word_embeddings", &config.tie_word_embeddings);
  if (config.spelling == ConfigSpelling::kOriginal)
    ReadOriginal(reader, &config);
  else
    ReadTransformers(reader, &config);
  ReadEos(reader, &config);
  ReadDType(reader, &config);
  MMRT_RETURN_IF_ERROR(reader.status());
  return config;
}

absl::StatusOr<ModelConfig> ReadModelConfig(const std::string& dir) {
  std::string path = absl::StrCat(dir, "/config.json");
  constexpr size_t kLargestConfig = size_t{1} << 24;
  MMRT_ASSIGN_OR_RETURN(std::string text, ReadTextFile(path, kLargestConfig));
  return ParseModelConfig(text, path);
}

}  // namespace minimax::runtime
