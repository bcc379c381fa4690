//===- ModelWork.cpp - configurations and what they cost ------------------===//
//
// Counts from shapes alone.
//
//===----------------------------------------------------------------------===//

#include "ModelWork.h"
#include "minimax/Import/Import.h"
#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace mlir::minimax;
using namespace mlir::minimax::bench;

std::vector<LayerKind> mlir::minimax::bench::getHybridLayers() {
  std::vector<LayerKind> layers(16, LayerKind::kLightning);
  layers[7] = layers[15] = LayerKind::kSoftmax;
  return layers;
}

namespace {
/// In what models of the family differ.
struct Sizes {
  int64_t hidden, heads, groups, headDim, rotary, experts, width, vocabulary,
      block;
};
} // namespace

static ModelConfig getConfig(std::vector<LayerKind> layers,
                             const Sizes &sizes) {
  ModelConfig config;
  config.model_type = "minimax_text_01";
  config.num_hidden_layers = layers.size();
  config.layers = std::move(layers);
  config.rope_theta = 1e7;
  config.max_position_embeddings = 1 << 20;
  config.num_experts_per_tok = 2;
  config.torch_dtype = ::minimax::runtime::DType::kBF16;
  double alpha = std::pow(2.0 * config.num_hidden_layers, 0.25);
  config.full_alpha = config.linear_alpha = config.mlp_alpha = alpha;
  config.hidden_size = sizes.hidden;
  config.num_attention_heads = sizes.heads;
  config.num_key_value_heads = sizes.groups;
  config.head_dim = sizes.headDim;
  config.rotary_dim = sizes.rotary;
  config.num_local_experts = sizes.experts;
  config.intermediate_size = sizes.width;
  config.vocab_size = sizes.vocabulary;
  config.block_size = sizes.block;
  return config;
}

ModelConfig
mlir::minimax::bench::getSmallConfig(std::vector<LayerKind> layers) {
  return getConfig(std::move(layers), {384, 8, 2, 64, 32, 8, 576, 2048, 64});
}

ModelConfig mlir::minimax::bench::getMidConfig(std::vector<LayerKind> layers) {
  return getConfig(std::move(layers),
                   {1536, 16, 4, 128, 64, 16, 2304, 32000, 256});
}

ModelConfig mlir::minimax::bench::getFullConfig(std::vector<LayerKind> layers) {
  return getConfig(std::move(layers),
                   {6144, 64, 8, 128, 64, 32, 9216, 200064, 256});
}

double mlir::minimax::bench::countLightningFlops(int64_t length, int64_t dim) {
  double flops = 4.0 * length * dim * dim;
  for (int64_t done = 0; done < length; done += kChunk) {
    double chunk = std::min(kChunk, length - done);
    flops += 2.0 * dim * chunk * (chunk + 1);
  }
  return flops;
}

double mlir::minimax::bench::countSoftmaxFlops(Sequence sequence, int64_t dim) {
  double length = sequence.length;
  double pairs = length * sequence.position + length * (length + 1) / 2;
  return 4.0 * dim * pairs;
}

/// Weights that one token is multiplied with in a layer of `kind`.
static double countLayerWeights(const ModelConfig &config, LayerKind kind) {
  double hidden = config.hidden_size;
  double wide = config.num_attention_heads * config.head_dim;
  double narrow = config.num_key_value_heads * config.head_dim;
  double attention = kind == LayerKind::kLightning
                         ? 5 * hidden * wide
                         : 2 * hidden * (wide + narrow);
  double experts = 3.0 * config.num_experts_per_tok * config.intermediate_size;
  return attention + hidden * (experts + config.num_local_experts);
}

static void addCore(const ModelConfig &config, const CaseOptions &options,
                    LayerKind kind, Sequence sequence, Work &work) {
  int64_t heads = config.num_attention_heads, dim = config.head_dim;
  if (kind == LayerKind::kLightning) {
    work.flops += heads * countLightningFlops(sequence.length, dim);
    work.stateBytes += 2.0 * kStateBytes * heads * dim * dim;
    return;
  }
  work.flops += heads * countSoftmaxFlops(sequence, dim);
  double row = 2.0 * options.cacheBytes() * config.num_key_value_heads * dim;
  // The step's own rows are written, then read with all others.
  work.stateBytes += row * (sequence.position + 2.0 * sequence.length);
}

Work mlir::minimax::bench::countStep(const ModelConfig &config,
                                     const CaseOptions &options,
                                     const Call &call) {
  Work work;
  double tokens = call.tokens();
  for (LayerKind kind : config.layers) {
    work.flops += 2 * tokens * countLayerWeights(config, kind);
    for (const Sequence &sequence : call.sequences)
      addCore(config, options, kind, sequence, work);
  }
  work.flops +=
      2.0 * call.sequences.size() * config.hidden_size * config.vocab_size;
  double experts = config.num_local_experts;
  double missed = 1 - config.num_experts_per_tok / experts;
  double met = 1 - std::pow(missed, tokens);
  double embedded = std::min(1.0, tokens / config.vocab_size);
  work.weightShare = [=](llvm::StringRef name) {
    return name.contains("experts")           ? met
           : name.starts_with("embed_tokens") ? embedded
                                              : 1.0;
  };
  return work;
}

ProgramSource
mlir::minimax::bench::getModelProgram(const ModelConfig &config,
                                      llvm::StringRef key,
                                      const CaseOptions &options) {
  ProgramSource source;
  source.key = (key + "/" + options.dtype).str();
  source.dtype = options.dtype.str();
  bool narrowCache = options.hasNarrowCache();
  source.build = [=](MLIRContext *context) {
    ImportOptions importing;
    importing.chunk = kChunk;
    if (narrowCache)
      importing.cacheType = ::minimax::runtime::DType::kBF16;
    auto module =
        importModel(context, config, /*checkpoint=*/nullptr, importing);
    return succeeded(module) ? std::move(*module) : OwningOpRef<ModuleOp>();
  };
  return source;
}

/// int8 weights meet integers on a CPU and bf16 on a GPU.
Arithmetic mlir::minimax::bench::getArithmetic(const CaseOptions &options) {
  if (options.dtype == "f32")
    return Arithmetic::F32;
  bool isInteger = options.dtype == "w8a16" && !options.isGPU;
  return isInteger ? Arithmetic::Int16 : Arithmetic::BF16;
}
