//===- decay_slopes.cc - decay of lightning attention ---------------------===//
//
// Slopes per head (Press et al., "Train Short, Test Long", appendix) times the
// factor that makes later layers forget more slowly.
//
//===----------------------------------------------------------------------===//
#include <cmath>

#include "formats/model_config.h"

namespace minimax::runtime {

// 2^(-8 (i+1) / heads) for each head i.
static std::vector<double> GeometricSlopes(int64_t heads) {
  std::vector<double> slopes;
  for (int64_t i = 0; i < heads; ++i)
    slopes.push_back(std::exp2(-8.0 * static_cast<double>(i + 1) /
                               static_cast<double>(heads)));
  return slopes;
}

// For heads that are no power of two: the slopes of the next smaller power,
// then every other slope of the next larger one.
static std::vector<double> AlibiSlopes(int64_t heads) {
  int64_t power = 1;
  while (power * 2 <= heads) power *= 2;
  std::vector<double> slopes = GeometricSlopes(power);
  std::vector<double> finer = GeometricSlopes(2 * power);
  for (int64_t i = 0; power + i < heads; ++i) slopes.push_back(finer[2 * i]);
  return slopes;
}

static double LayerFactor(const ModelConfig& config, int64_t layer) {
  constexpr double kOffset = 1e-5;
  double last = static_cast<double>(config.num_hidden_layers - 1);
  if (config.slope_rule == SlopeRule::kTransformers) last += kOffset;
  if (last == 0) return 1 + kOffset;
  return 1 - static_cast<double>(layer) / last + kOffset;
}

std::vector<double> DecaySlopes(const ModelConfig& config, int64_t layer) {
  std::vector<double> slopes =
      config.slope_rule == SlopeRule::kOriginal
          ? AlibiSlopes(config.num_attention_heads)
          : GeometricSlopes(config.num_attention_heads);
  double factor = LayerFactor(config, layer);
  for (double& slope : slopes) slope *= factor;
  return slopes;
}

}  // namespace minimax::runtime
