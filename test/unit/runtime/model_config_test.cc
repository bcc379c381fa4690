//===- model_config_test.cc - tests of config.json ------------------------===//
//
// Both spellings, every rejected field and the published decay constants.
//
//===----------------------------------------------------------------------===//
#include "formats/model_config.h"

#include <cmath>

#include "test_util.h"

namespace minimax::runtime {
namespace {

using absl::StatusCode;
using testing::ElementsAre;

constexpr char kOriginal[] = R"({
 "model_type": "minimax_text_01", "torch_dtype": "bfloat16",
 "hidden_act": "silu", "bos_token_id": null, "eos_token_id": 127,
 "vocab_size": 128, "hidden_size": 48, "intermediate_size": 40,
 "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 2,
 "head_dim": 16, "rotary_dim": 8, "rope_theta": 10000000.0,
 "num_local_experts": 8, "num_experts_per_tok": 2, "rms_norm_eps": 1e-05,
 "tie_word_embeddings": false, "max_position_embeddings": 65536,
 "sliding_window": null, "attn_type_list": [0, 0, 0, 1], "postnorm": true,
 "shared_intermediate_size": 0, "shared_moe_mode": "sigmoid",
 "layernorm_full_attention_alpha": 2.0, "layernorm_full_attention_beta": 1.5,
 "layernorm_linear_attention_alpha": 3.0,
 "layernorm_linear_attention_beta": 1.25,
 "layernorm_mlp_alpha": 4.0, "layernorm_mlp_beta": 1.125
})";

constexpr char kTransformers[] = R"({
 "model_type": "minimax", "dtype": "float16", "hidden_act": "silu",
 "eos_token_id": [5, 127], "vocab_size": 128, "hidden_size": 48,
 "intermediate_size": 40, "num_hidden_layers": 2, "num_attention_heads": 4,
 "num_key_value_heads": 2, "head_dim": 16, "num_local_experts": 8,
 "num_experts_per_tok": 2, "rms_norm_eps": 1e-05, "block_size": 64,
 "max_position_embeddings": 4096,
 "layer_types": ["linear_attention", "full_attention"],
 "rope_parameters": {"rope_type": "default", "rope_theta": 1000000.0,
                     "partial_rotary_factor": 0.5},
 "full_attn_alpha_factor": 2.0, "full_attn_beta_factor": 1.5,
 "linear_attn_alpha_factor": 3.0, "linear_attn_beta_factor": 1.25,
 "mlp_alpha_factor": 4.0, "mlp_beta_factor": 1.125
})";

absl::StatusOr<ModelConfig> Parse(const std::string& text) {
  return ParseModelConfig(text, "config.json");
}

void ExpectBothFactors(const ModelConfig& config) {
  EXPECT_EQ(config.full_alpha, 2);
  EXPECT_EQ(config.full_beta, 1.5);
  EXPECT_EQ(config.linear_alpha, 3);
  EXPECT_EQ(config.linear_beta, 1.25);
  EXPECT_EQ(config.mlp_alpha, 4);
  EXPECT_EQ(config.mlp_beta, 1.125);
  EXPECT_TRUE(config.postnorm);
}

TEST(ModelConfigTest, ReadsOriginalSpelling) {
  absl::StatusOr<ModelConfig> config = Parse(kOriginal);
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->model_type, "minimax_text_01");
  EXPECT_EQ(config->spelling, ConfigSpelling::kOriginal);
  EXPECT_EQ(config->slope_rule, SlopeRule::kOriginal);
  EXPECT_EQ(config->hidden_size, 48);
  EXPECT_EQ(config->num_attention_heads, 4);
  EXPECT_EQ(config->num_key_value_heads, 2);
  EXPECT_EQ(config->head_dim, 16);
  EXPECT_EQ(config->rotary_dim, 8);
  EXPECT_EQ(config->rope_theta, 1e7);
  EXPECT_EQ(config->max_position_embeddings, 65536);
  EXPECT_EQ(config->num_local_experts, 8);
  EXPECT_EQ(config->num_experts_per_tok, 2);
  EXPECT_EQ(config->intermediate_size, 40);
  EXPECT_EQ(config->vocab_size, 128);
  EXPECT_EQ(config->rms_norm_eps, 1e-5);
  EXPECT_EQ(config->linear_norm_eps, 1e-6);
  EXPECT_EQ(config->block_size, 256);
  EXPECT_EQ(config->torch_dtype, DType::kBF16);
  EXPECT_THAT(config->eos_token_ids, ElementsAre(127));
  EXPECT_THAT(config->layers,
              ElementsAre(LayerKind::kLightning, LayerKind::kLightning,
                          LayerKind::kLightning, LayerKind::kSoftmax));
  ExpectBothFactors(*config);
}

TEST(ModelConfigTest, ReadsTransformersSpelling) {
  absl::StatusOr<ModelConfig> config = Parse(kTransformers);
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->spelling, ConfigSpelling::kTransformers);
  EXPECT_EQ(config->slope_rule, SlopeRule::kTransformers);
  EXPECT_EQ(config->rotary_dim, 8);
  EXPECT_EQ(config->rope_theta, 1e6);
  EXPECT_EQ(config->block_size, 64);
  EXPECT_EQ(config->torch_dtype, DType::kF16);
  EXPECT_THAT(config->eos_token_ids, ElementsAre(5, 127));
  EXPECT_THAT(config->layers,
              ElementsAre(LayerKind::kLightning, LayerKind::kSoftmax));
  ExpectBothFactors(*config);
}

TEST(ModelConfigTest, KnowsAllModelTypes) {
  for (const char* type : {"minimax_m1", "MiniMaxM1", "MiniMaxText01"})
    EXPECT_THAT(Parse(Replaced(kOriginal, "minimax_text_01", type)), IsOk());
  EXPECT_THAT(Parse(Replaced(kOriginal, "minimax_text_01", "llama")),
              Fails(StatusCode::kInvalidArgument,
                    "config.json: field 'model_type': unknown model_type "
                    "'llama', known are minimax_text_01, MiniMaxText01, "
                    "minimax_m1, MiniMaxM1, minimax"));
}

// What rotary_dim is after `from` was replaced by `to`.
int64_t RotaryDim(const char* text, const char* from, const char* to) {
  absl::StatusOr<ModelConfig> config = Parse(Replaced(text, from, to));
  EXPECT_THAT(config, IsOk());
  return config.ok() ? config->rotary_dim : -1;
}

TEST(ModelConfigTest, ResolvesRotaryDim) {
  constexpr char kFactor[] = R"("partial_rotary_factor": 0.5})";
  EXPECT_EQ(RotaryDim(kOriginal, R"("rotary_dim": 8,)", ""), 16);
  EXPECT_EQ(RotaryDim(kOriginal, R"("rotary_dim": 8,)",
                      R"("partial_rotary_factor": 0.25,)"),
            4);
  EXPECT_EQ(RotaryDim(kOriginal, R"("rotary_dim": 8,)",
                      R"("rotary_dim": 8, "partial_rotary_factor": 0.5,)"),
            8);
  EXPECT_EQ(RotaryDim(kTransformers, kFactor, R"("x": 0})"), 16);
  EXPECT_EQ(RotaryDim(kTransformers, R"("rope_parameters")",
                      R"("rope_theta": 1e4, "rotary_dim": 8, "unused")"),
            8);
}

TEST(ModelConfigTest, FillsOptionalFields) {
  std::string text = kOriginal;
  text = Replaced(text, R"("head_dim": 16, "rotary_dim": 8,)", "");
  text = Replaced(text, R"("torch_dtype": "bfloat16",)", "");
  text = Replaced(text, R"("eos_token_id": 127,)", R"("eos_token_id": null,)");
  text = Replaced(text, R"("postnorm": true,)", "");
  text = Replaced(text, R"("layernorm_mlp_alpha": 4.0,)", "");
  absl::StatusOr<ModelConfig> config = Parse(text);
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->head_dim, 12);
  EXPECT_EQ(config->rotary_dim, 12);
  EXPECT_EQ(config->torch_dtype, DType::kF32);
  EXPECT_TRUE(config->eos_token_ids.empty());
  EXPECT_FALSE(config->postnorm);
  EXPECT_EQ(config->mlp_alpha, 1);
}

TEST(ModelConfigTest, NamesMissingFields) {
  for (const char* name :
       {"model_type", "hidden_size", "num_hidden_layers", "vocab_size",
        "num_attention_heads", "num_key_value_heads", "num_local_experts",
        "num_experts_per_tok", "intermediate_size", "rope_theta",
        "max_position_embeddings", "attn_type_list"}) {
    std::string quoted = absl::StrCat("\"", name, "\"");
    EXPECT_THAT(Parse(Replaced(kOriginal, quoted, "\"other\"")),
                Fails(StatusCode::kInvalidArgument,
                      absl::StrCat("config.json: missing field '", name, "'")));
  }
  EXPECT_THAT(Parse(Replaced(kTransformers, "layer_types", "other")),
              Fails(StatusCode::kInvalidArgument, "'layer_types'"));
}

class BadOriginalTest : public testing::TestWithParam<BadEdit> {};

TEST_P(BadOriginalTest, IsRejected) {
  EXPECT_THAT(Parse(Replaced(kOriginal, GetParam().from, GetParam().to)),
              Fails(StatusCode::kInvalidArgument, GetParam().message));
}

constexpr BadEdit kBadOriginals[] = {
    {"{", "[{", "malformed JSON"},
    {R"("hidden_size": 48)", R"("hidden_size": "48")",
     "'hidden_size': expected an integer, but got \"48\""},
    {R"("hidden_size": 48)", R"("hidden_size": 48.0)", "'hidden_size'"},
    {R"("hidden_size": 48)", R"("hidden_size": 0)", "1 to 1048576, but got 0"},
    {R"("hidden_size": 48)", R"("hidden_size": 4611686018427387904)",
     "'hidden_size'"},
    {R"("vocab_size": 128)", R"("vocab_size": -1)", "'vocab_size'"},
    {R"("num_attention_heads": 4)", R"("num_attention_heads": 5)",
     "'num_key_value_heads': expected a divisor of the 5"},
    {R"("head_dim": 16)", R"("head_dim": 0)", "'head_dim'"},
    {R"("rotary_dim": 8)", R"("rotary_dim": 7)", "an even number, but got 7"},
    {R"("rotary_dim": 8)", R"("rotary_dim": 18)", "2 to 16, but got 18"},
    {R"("rotary_dim": 8)", R"("rotary_dim": 0)", "2 to 16, but got 0"},
    {R"("rotary_dim": 8)", R"("partial_rotary_factor": 1.5)",
     "'partial_rotary_factor'"},
    {R"("rotary_dim": 8)", R"("partial_rotary_factor": 0)",
     "'partial_rotary_factor'"},
    {R"("rotary_dim": 8)", R"("rotary_dim": 8, "partial_rotary_factor": 1.0)",
     "'rotary_dim': expected 16 by partial_rotary_factor, but got 8"},
    {R"("rope_theta": 10000000.0)", R"("rope_theta": -1)", "'rope_theta'"},
    {R"("rope_theta": 10000000.0)", R"("rope_theta": 0)", "'rope_theta'"},
    {R"("rope_theta": 10000000.0)",
     R"("rope_theta": 1, "rope_scaling": {"type": "yarn"})",
     "'rope_scaling.type': expected 'default', but got 'yarn'"},
    {R"("rope_theta": 10000000.0)", R"("rope_theta": 1, "rope_scaling": 2)",
     "'rope_scaling': expected an object"},
    {R"("num_experts_per_tok": 2)", R"("num_experts_per_tok": 9)",
     "expected at most the 8 experts, but got 9"},
    {R"([0, 0, 0, 1])", R"([0, 0, 1])",
     "'attn_type_list': expected one value per layer (4), but got 3"},
    {R"([0, 0, 0, 1])", R"([0, 0, 0, 2])", "but got 2"},
    {R"([0, 0, 0, 1])", R"([0, 0, 0, "1"])", "an array of integers"},
    {R"("silu")", R"("gelu")", "'hidden_act': expected 'silu', but got 'gelu'"},
    {R"("sliding_window": null)", R"("sliding_window": 4096)",
     "'sliding_window': expected null, but got 4096"},
    {R"("sliding_window": null)", R"("attention_bias": true)",
     "'attention_bias': true is not supported"},
    {R"("sliding_window": null)", R"("quantization_config": {})",
     "'quantization_config'"},
    {R"("sliding_window": null)", R"("block_size": 0)", "'block_size'"},
    {R"("rms_norm_eps": 1e-05)", R"("rms_norm_eps": 0)", "'rms_norm_eps'"},
    {R"("layernorm_mlp_alpha": 4.0)", R"("layernorm_mlp_alpha": "4")",
     "'layernorm_mlp_alpha': expected a number"},
    {R"("tie_word_embeddings": false)", R"("tie_word_embeddings": 0)",
     "'tie_word_embeddings': expected true or false"},
    {R"("eos_token_id": 127)", R"("eos_token_id": 128)",
     "'eos_token_id': expected an id below vocab_size (128), but got 128"},
    {R"("eos_token_id": 127)", R"("eos_token_id": [1, -1])", "but got -1"},
    {R"("eos_token_id": 127)", R"("eos_token_id": "127")", "an integer"},
    {R"("bfloat16")", R"("float8")", "'torch_dtype'"},
    {R"("shared_intermediate_size": 0)", R"("shared_intermediate_size": -1)",
     "'shared_intermediate_size'"},
};

INSTANTIATE_TEST_SUITE_P(ModelConfigTest, BadOriginalTest,
                         testing::ValuesIn(kBadOriginals));

class BadTransformersTest : public testing::TestWithParam<BadEdit> {};

TEST_P(BadTransformersTest, IsRejected) {
  EXPECT_THAT(Parse(Replaced(kTransformers, GetParam().from, GetParam().to)),
              Fails(StatusCode::kInvalidArgument, GetParam().message));
}

constexpr BadEdit kBadTransformers[] = {
    {R"("full_attention"])", R"("sliding_attention"])",
     "but got 'sliding_attention'"},
    {R"("linear_attention",)", "", "one value per layer (2), but got 1"},
    {R"("rope_type": "default")", R"("rope_type": "yarn")",
     "'rope_parameters.rope_type'"},
    {R"("block_size": 64)", R"("postnorm": false)", "'postnorm'"},
    {R"("block_size": 64)", R"("shared_intermediate_size": 8)",
     "'shared_intermediate_size': expected 0, but got 8"},
    {R"("block_size": 64)", R"("rotary_dim": 4)",
     "expected 8 by partial_rotary_factor, but got 4"},
    {R"("float16")", R"("int8")", "'dtype'"},
};

INSTANTIATE_TEST_SUITE_P(ModelConfigTest, BadTransformersTest,
                         testing::ValuesIn(kBadTransformers));

TEST(ModelConfigTest, ReadsFolder) {
  TemporaryFolder folder;
  EXPECT_THAT(ReadModelConfig(folder.path()),
              Fails(StatusCode::kNotFound, "config.json"));
  WriteFile(folder / "config.json", kOriginal);
  EXPECT_THAT(ReadModelConfig(folder.path()), IsOk());
  WriteFile(folder / "config.json", "{}");
  EXPECT_THAT(
      ReadModelConfig(folder.path()),
      Fails(StatusCode::kInvalidArgument, folder / "config.json: missing"));
}

ModelConfig Slopes(SlopeRule rule, int64_t layers, int64_t heads) {
  ModelConfig config;
  config.slope_rule = rule;
  config.num_hidden_layers = layers;
  config.num_attention_heads = heads;
  return config;
}

TEST(DecaySlopesTest, MatchesPublishedConstants) {
  // 80 layers and 64 heads, as released.
  ModelConfig config = Slopes(SlopeRule::kOriginal, 80, 64);
  std::vector<double> first = DecaySlopes(config, 0);
  ASSERT_EQ(first.size(), 64u);
  EXPECT_DOUBLE_EQ(first[0], 0.9170132132451033);
  EXPECT_DOUBLE_EQ(first[0] / 1.00001, 0.9170040432046712);
  EXPECT_DOUBLE_EQ(first[63], 0.00390625 * 1.00001);
  EXPECT_DOUBLE_EQ(DecaySlopes(config, 1)[63], 0.00390625 * 0.9873517721518987);
  EXPECT_DOUBLE_EQ(DecaySlopes(config, 78)[63],
                   0.00390625 * 0.012668227848101222);
}

TEST(DecaySlopesTest, UsesTwoLevelRuleForOddHeads) {
  ModelConfig config = Slopes(SlopeRule::kOriginal, 2, 6);
  std::vector<double> slopes = DecaySlopes(config, 0);
  // Four heads of step 2^-2, then two of every other step 2^-1.
  const double expected[] = {0.25, 0.0625, 0.015625, 1 / 256., 0.5, 0.125};
  ASSERT_EQ(slopes.size(), 6u);
  for (int i = 0; i < 6; ++i)
    EXPECT_DOUBLE_EQ(slopes[i], expected[i] * 1.00001) << i;
}

TEST(DecaySlopesTest, FollowsTransformersRule) {
  ModelConfig config = Slopes(SlopeRule::kTransformers, 4, 6);
  std::vector<double> slopes = DecaySlopes(config, 3);
  for (int i = 0; i < 6; ++i)
    EXPECT_DOUBLE_EQ(slopes[i], std::pow(2.0, -8.0 * (i + 1) / 6) *
                                    (1 - 3 / (3 + 1e-5) + 1e-5))
        << i;
}

TEST(DecaySlopesTest, OneLayerDoesNotDivideByZero) {
  for (SlopeRule rule : {SlopeRule::kOriginal, SlopeRule::kTransformers}) {
    std::vector<double> slopes = DecaySlopes(Slopes(rule, 1, 1), 0);
    ASSERT_EQ(slopes.size(), 1u);
    EXPECT_DOUBLE_EQ(slopes[0], 0.00390625 * 1.00001);
  }
}

}  // namespace
}  // namespace minimax::runtime
