//===- ModelCases.cpp - single layers and whole models --------------------===//
//
// The suites `layer` and `model`, both through the entry `step`.
//
//===----------------------------------------------------------------------===//

#include "ModelWork.h"

using namespace mlir::minimax;
using namespace mlir::minimax::bench;

// Of each sequence, before a decode step.
static constexpr int64_t kContext = 4096;

/// Tokens in a softmax layer's caches and the program itself do not depend on
/// the call, so all calls of a model share its program.
static Case getStep(llvm::StringRef suite, llvm::StringRef model,
                    const ModelConfig &config, const CaseOptions &options) {
  Case step;
  step.suite = suite.str();
  step.dtype = options.dtype.str();
  step.arithmetic = getArithmetic(options);
  step.program = getModelProgram(config, (suite + "/" + model).str(), options);
  step.entry = "step";
  step.unit = Unit::TokensPerSecond;
  return step;
}

/// One prompt of `tokens` tokens.
static void addPrefill(Case step, llvm::StringRef model,
                       const ModelConfig &config, const CaseOptions &options,
                       int64_t tokens, std::vector<Case> &cases) {
  step.name = (model + "/prefill/" + llvm::Twine(tokens)).str();
  step.call = {{{tokens, 0}}, tokens, {}};
  step.work = countStep(config, options, step.call);
  cases.push_back(std::move(step));
}

/// One more token for each of `batch` sequences.
static void addDecode(Case step, llvm::StringRef model,
                      const ModelConfig &config, const CaseOptions &options,
                      int64_t batch, std::vector<Case> &cases) {
  step.name = (model + "/decode/batch" + llvm::Twine(batch)).str();
  step.call = {std::vector<Sequence>(batch, {1, kContext}), kContext + 1, {}};
  step.work = countStep(config, options, step.call);
  cases.push_back(std::move(step));
}

/// Sizes of the suite `layer`.
static void addLayer(LayerKind kind, const CaseOptions &options,
                     std::vector<Case> &cases) {
  llvm::StringRef name =
      kind == LayerKind::kLightning ? "lightning" : "softmax";
  ModelConfig config =
      options.isGPU ? getFullConfig({kind}) : getMidConfig({kind});
  // Next to the layer itself, embedding and head shall not count.
  config.vocab_size = 256;
  std::vector<int64_t> prompts{512, 4096}, batches{1, 4, 16};
  if (options.isGPU) {
    prompts = {8192};
    batches = {1, 8, 64};
  }
  Case step = getStep("layer", name, config, options);
  for (int64_t tokens : prompts)
    addPrefill(step, name, config, options, tokens, cases);
  for (int64_t batch : batches)
    addDecode(step, name, config, options, batch, cases);
}

void mlir::minimax::bench::addLayerCases(const CaseOptions &options,
                                         std::vector<Case> &cases) {
  for (LayerKind kind : {LayerKind::kLightning, LayerKind::kSoftmax})
    addLayer(kind, options, cases);
}

void mlir::minimax::bench::addModelCases(const CaseOptions &options,
                                         std::vector<Case> &cases) {
  ModelConfig small = getSmallConfig(getHybridLayers());
  ModelConfig mid = getMidConfig(getHybridLayers());
  for (auto [name, config] : {std::pair("small", small), {"mid", mid}}) {
    Case step = getStep("model", name, config, options);
    addPrefill(step, name, config, options, kContext, cases);
    addDecode(step, name, config, options, /*batch=*/1, cases);
  }
}
