//===- CheckpointLayout.cpp - tensors a model is made of ------------------===//
//
// Names and shapes of the family's checkpoints in their spellings.
//
//===----------------------------------------------------------------------===//

#include "minimax/Import/CheckpointLayout.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

using namespace mlir;
using namespace mlir::minimax;
using llvm::ArrayRef;
using llvm::StringRef;
using llvm::Twine;
using ::minimax::runtime::LayerKind;

//===----------------------------------------------------------------------===//
// Spelling
//===----------------------------------------------------------------------===//

/// "model.layers.3.self_attn.norm.weight", or without prefix a weight's name.
static std::string layerName(StringRef prefix, int64_t layer, StringRef rest) {
  return (prefix + "layers." + Twine(layer) + "." + rest).str();
}

/// Text models, VL models of transformers, VL models as released.
static NameStyle findPrefix(const Checkpoint &checkpoint) {
  const NameStyle candidates[] = {
      {"model.", "lm_head.weight"},
      {"model.language_model.", "lm_head.weight"},
      {"language_model.model.", "language_model.lm_head.weight"}};
  for (const NameStyle &style : candidates)
    if (checkpoint.Find(style.prefix + "embed_tokens.weight") ||
        checkpoint.Find(style.prefix + "norm.weight"))
      return style;
  return candidates[0];
}

/// Looks beyond the first layer so that a single missing tensor does not change
/// the names expected of all others.
static NameStyle findStyle(const ModelConfig &config,
                           const Checkpoint *checkpoint) {
  if (!checkpoint)
    return {};
  NameStyle style = findPrefix(*checkpoint);
  for (int64_t layer = 0; layer < config.num_hidden_layers; ++layer)
    for (StringRef name : {"mlp.experts.gate_up_proj", "mlp.experts.down_proj"})
      if (checkpoint->Find(layerName(style.prefix, layer, name)))
        style.stackedExperts = true;
  return style;
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

CheckpointLayout::CheckpointLayout(const ModelConfig &config,
                                   const Checkpoint *checkpoint)
    : names(findStyle(config, checkpoint)),
      tiedHead(config.tie_word_embeddings) {
  int64_t hidden = config.hidden_size, vocabulary = config.vocab_size;
  auto plain = [&](StringRef name, ArrayRef<int64_t> shape,
                   std::string source) {
    add(name.str(), shape, {std::move(source)}, shape, config.torch_dtype);
  };
  plain("embed_tokens", {vocabulary, hidden},
        names.prefix + "embed_tokens.weight");
  for (int64_t layer = 0; layer < config.num_hidden_layers; ++layer) {
    firstOfLayer.push_back(specs.size());
    addLayer(config, layer);
  }
  firstOfLayer.push_back(specs.size());
  plain("final_norm", {hidden}, names.prefix + "norm.weight");
  if (!tiedHead)
    plain("lm_head", {vocabulary, hidden}, names.head);
}

ArrayRef<WeightSpec> CheckpointLayout::layerWeights(int64_t layer) const {
  size_t first = firstOfLayer[layer];
  return ArrayRef(specs).slice(first, firstOfLayer[layer + 1] - first);
}

void CheckpointLayout::add(std::string name, ArrayRef<int64_t> shape,
                           std::vector<std::string> sources,
                           ArrayRef<int64_t> sourceShape, DType type) {
  WeightSpec spec;
  spec.name = std::move(name);
  spec.shape.assign(shape.begin(), shape.end());
  spec.sources = std::move(sources);
  spec.sourceShape.assign(sourceShape.begin(), sourceShape.end());
  spec.assumedType = type;
  specs.push_back(std::move(spec));
}

/// The order of these calls is the order of a layer function's arguments.
void CheckpointLayout::addLayer(const ModelConfig &config, int64_t layer) {
  auto norm = [&](StringRef name, StringRef source) {
    add(layerName("", layer, name), {config.hidden_size},
        {layerName(names.prefix, layer, source)}, {config.hidden_size},
        config.torch_dtype);
  };
  norm("input_norm", "input_layernorm.weight");
  addAttention(config, layer);
  norm("post_attention_norm", "post_attention_layernorm.weight");
  addExperts(config, layer);
  if (config.shared_intermediate_size > 0)
    addSharedExpert(config, layer);
}

/// Rows are heads one after the other; in the fused projection each head's
/// query, key and value follow one another (SPEC 2.4 (3)).
void CheckpointLayout::addAttention(const ModelConfig &config, int64_t layer) {
  int64_t hidden = config.hidden_size;
  int64_t width = config.num_attention_heads * config.head_dim;
  int64_t groups = config.num_key_value_heads * config.head_dim;
  auto plain = [&](StringRef name, StringRef source, ArrayRef<int64_t> shape) {
    add(layerName("", layer, name), shape,
        {layerName(names.prefix, layer, ("self_attn." + source).str())}, shape,
        config.torch_dtype);
  };
  if (config.layers[layer] == LayerKind::kLightning) {
    plain("qkv_proj", "qkv_proj.weight", {3 * width, hidden});
    plain("output_gate", "output_gate.weight", {width, hidden});
    plain("lightning_norm", "norm.weight", {width});
    plain("out_proj", "out_proj.weight", {hidden, width});
    return;
  }
  plain("q_proj", "q_proj.weight", {width, hidden});
  plain("k_proj", "k_proj.weight", {groups, hidden});
  plain("v_proj", "v_proj.weight", {groups, hidden});
  plain("o_proj", "o_proj.weight", {hidden, width});
}

void CheckpointLayout::addExperts(const ModelConfig &config, int64_t layer) {
  int64_t hidden = config.hidden_size, ffn = config.intermediate_size;
  int64_t experts = config.num_local_experts;
  auto source = [&](const Twine &name) {
    return layerName(names.prefix, layer, name.str());
  };
  StringRef moe = names.stackedExperts ? "mlp" : "block_sparse_moe";
  // Routers are stored and used in f32 (SPEC 1.3).
  add(layerName("", layer, "router"), {experts, hidden},
      {source(moe + ".gate.weight")}, {experts, hidden}, DType::kF32);

  std::string gateUp = layerName("", layer, "experts_gate_up");
  std::string down = layerName("", layer, "experts_down");
  DType type = config.torch_dtype;
  if (names.stackedExperts) {
    add(gateUp, {experts, 2 * ffn, hidden},
        {source("mlp.experts.gate_up_proj")}, {experts, 2 * ffn, hidden}, type);
    add(down, {experts, hidden, ffn}, {source("mlp.experts.down_proj")},
        {experts, hidden, ffn}, type);
    return;
  }
  // Stacking the sources row by row gives what stacked checkpoints hold.
  std::vector<std::string> gateUpSources, downSources;
  for (int64_t expert = 0; expert < experts; ++expert) {
    std::string base = "block_sparse_moe.experts." + std::to_string(expert);
    gateUpSources.push_back(source(base + ".w1.weight"));
    gateUpSources.push_back(source(base + ".w3.weight"));
    downSources.push_back(source(base + ".w2.weight"));
  }
  add(gateUp, {experts, 2 * ffn, hidden}, std::move(gateUpSources),
      {ffn, hidden}, type);
  add(down, {experts, hidden, ffn}, std::move(downSources), {hidden, ffn},
      type);
}

/// None of the released models has one (SPEC 1.3).
void CheckpointLayout::addSharedExpert(const ModelConfig &config,
                                       int64_t layer) {
  int64_t hidden = config.hidden_size, ffn = config.shared_intermediate_size;
  auto source = [&](StringRef name) {
    return layerName(names.prefix, layer, name);
  };
  DType type = config.torch_dtype;
  add(layerName("", layer, "shared_gate_up"), {2 * ffn, hidden},
      {source("shared_mlp.gate_proj.weight"),
       source("shared_mlp.up_proj.weight")},
      {ffn, hidden}, type);
  add(layerName("", layer, "shared_down"), {hidden, ffn},
      {source("shared_mlp.down_proj.weight")}, {hidden, ffn}, type);
  add(layerName("", layer, "shared_coefficient"), {1, hidden},
      {source("coefficient.weight")}, {1, hidden}, type);
}

bool CheckpointLayout::isIgnorable(StringRef name) const {
  // Recomputed from the configuration, in f32 (SPEC 1.4, 8.1 D5).
  constexpr StringRef buffers[] = {".slope_rate", ".query_decay", ".key_decay",
                                   ".diagonal_decay", ".inv_freq"};
  if (llvm::any_of(buffers, [&](StringRef s) { return name.ends_with(s); }))
    return true;
  if (tiedHead && name == names.head)
    return true;
  // The vision part of VL models; theirs is another program.
  name.consume_front("model.");
  constexpr StringRef vision[] = {"vision_tower.", "multi_modal_projector.",
                                  "image_newline"};
  return llvm::any_of(vision, [&](StringRef s) { return name.starts_with(s); });
}
