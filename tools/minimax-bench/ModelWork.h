//===- ModelWork.h - configurations and what they cost ----------*- C++ -*-===//
//
// The models of the suites, and the operations and bytes of a step.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_BENCH_MODELWORK_H
#define MINIMAX_TOOLS_BENCH_MODELWORK_H

#include "Case.h"
#include "formats/model_config.h"

namespace mlir::minimax::bench {

using ::minimax::runtime::LayerKind;
using ::minimax::runtime::ModelConfig;

/// Tokens in a block of lightning attention, as minimax-compile's default.
constexpr int64_t kChunk = 64;
/// Bytes of a number in the state of lightning attention.
constexpr int64_t kStateBytes = 4;

/// The models of docs/SPEC.md 9 called `small` and `mid`, with other layers if
/// need be. Weights are stored in bf16, as released checkpoints are.
ModelConfig getSmallConfig(std::vector<LayerKind> layers);
ModelConfig getMidConfig(std::vector<LayerKind> layers);
/// Layers of MiniMax-Text-01 in full size.
ModelConfig getFullConfig(std::vector<LayerKind> layers);

/// Twice seven lightning layers and a softmax layer.
std::vector<LayerKind> getHybridLayers();

/// Operations of the lightning core for one head and `length` tokens, walked
/// in chunks of `kChunk`: the products query * state, transpose(key) * value
/// and, of the chunk's own products, the causal half.
double countLightningFlops(int64_t length, int64_t dim);

/// Operations of the softmax core for one head: query * key and
/// probability * value for every token and each that it sees.
double countSoftmaxFlops(Sequence sequence, int64_t dim);

/// Work of the entry `step`: products with weights (of the chosen experts),
/// attention cores, logits of each sequence's last token; states and caches
/// read once and written once. Experts' weights count by the share of experts
/// that random routing meets.
Work countStep(const ModelConfig &config, const CaseOptions &options,
               const Call &call);

/// The program of `config`.
ProgramSource getModelProgram(const ModelConfig &config, llvm::StringRef key,
                              const CaseOptions &options);

/// What products compute with.
Arithmetic getArithmetic(const CaseOptions &options);

} // namespace mlir::minimax::bench

#endif // MINIMAX_TOOLS_BENCH_MODELWORK_H
