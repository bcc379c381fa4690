//===- model.h - everything a command needs of a model ----------*- C++ -*-===//
//
// Opens artifact, weights and tokenizer, and reads the sequences to run.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_TOOLS_MINIMAX_RUN_MODEL_H
#define MINIMAX_TOOLS_MINIMAX_RUN_MODEL_H

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/artifact.h"
#include "core/context.h"
#include "core/device.h"
#include "core/session.h"
#include "core/weights.h"
#include "cpu/thread_pool.h"
#include "formats/tokenizer.h"
#include "options.h"

namespace minimax::run {

/// An opened model.
struct Model {
  std::shared_ptr<const runtime::Artifact> artifact;
  std::shared_ptr<runtime::Device> device;
  std::shared_ptr<runtime::ThreadPool> pool;
  /// What programs run on: the pool, or the device with the pool beside it.
  std::shared_ptr<runtime::Context> context;
  std::shared_ptr<const runtime::Weights> weights;
  /// Absent if the checkpoint has none and none was named.
  std::optional<runtime::Tokenizer> tokenizer;
  double load_seconds = 0;
};

/// Opens what the options name.
absl::StatusOr<Model> OpenModel(const Options& options);

/// Token ids of all sequences, in the order of their flags. InvalidArgument
/// if text is given and there is no tokenizer.
absl::StatusOr<std::vector<std::vector<int32_t>>> ReadSequences(
    const Options& options, const Model& model);

/// Opens a session for `sequences` sequences (at most --max-batch at once) of
/// up to `tokens` tokens unless --capacity says otherwise.
absl::StatusOr<std::unique_ptr<runtime::Session>> OpenSession(
    const Options& options, const Model& model, int64_t sequences,
    int64_t tokens);

/// The artifact's file: the one named, or this executable.
std::string ArtifactPath(const Options& options);

/// Seconds on a clock that only moves forward.
double Now();

}  // namespace minimax::run

#endif  // MINIMAX_TOOLS_MINIMAX_RUN_MODEL_H
