//===- LongCases.cpp - contexts of up to a million tokens -----------------===//
//
// The suite `long`: what a step costs far into a sequence.
//
//===----------------------------------------------------------------------===//

#include "Measure.h"
#include "ModelWork.h"

using namespace mlir::minimax;
using namespace mlir::minimax::bench;

static constexpr int64_t kStepTokens = 8192;

/// Seven lightning layers of the model `small` compute the whole sequence. With
/// a softmax layer behind them the time grows with the square of the length, so
/// that one starts from caches with random contents.
void mlir::minimax::bench::addLongCases(const CaseOptions &options,
                                        int64_t maxTokens,
                                        std::vector<Case> &cases) {
  for (bool isHybrid : {false, true}) {
    llvm::StringRef name = isHybrid ? "hybrid" : "lightning";
    std::vector<LayerKind> layers(7, LayerKind::kLightning);
    if (isHybrid)
      layers.push_back(LayerKind::kSoftmax);
    ModelConfig config = getSmallConfig(layers);
    Case step;
    step.suite = "long";
    step.dtype = options.dtype.str();
    step.arithmetic = getArithmetic(options);
    step.program = getModelProgram(config, ("long/" + name).str(), options);
    step.entry = "step";
    step.unit = Unit::MicrosecondsPerToken;
    step.continues = !isHybrid;
    for (int64_t tokens = kStepTokens; tokens <= maxTokens; tokens *= 2) {
      step.name = (name + "/" + llvm::Twine(tokens)).str();
      step.call = {{{kStepTokens, tokens - kStepTokens}}, maxTokens, {}};
      step.work = countStep(config, options, step.call);
      cases.push_back(step);
    }
  }
}

std::optional<Result>
mlir::minimax::bench::deriveSoftmaxShare(const std::vector<Result> &results) {
  Result share = results.back();
  llvm::StringRef length = share.name;
  if (share.suite != "long" || !length.consume_front("hybrid/"))
    return std::nullopt;
  auto isBase = [&](const Result &result) {
    return result.suite == share.suite && result.dtype == share.dtype &&
           result.name == "lightning/" + length.str();
  };
  auto base = llvm::find_if(results, isBase);
  if (base == results.end())
    return std::nullopt;
  share.name = "softmax/" + length.str();
  share.seconds = {share.seconds.median - base->seconds.median,
                   share.seconds.min - base->seconds.max,
                   share.seconds.max - base->seconds.min};
  share.flops -= base->flops;
  share.bytes -= base->bytes;
  share.rssGrowth -= base->rssGrowth;
  share.boundSeconds -= base->boundSeconds;
  double fraction = share.boundSeconds / share.seconds.median;
  share.fraction = {fraction, share.boundSeconds / share.seconds.max,
                    share.boundSeconds / share.seconds.min};
  return share;
}
