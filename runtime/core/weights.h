//===- weights.h - a checkpoint's tensors as a program wants them *- C++
//-*-===//
//
// Matches a checkpoint with an artifact and packs what needs packing.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CORE_WEIGHTS_H
#define MINIMAX_RUNTIME_CORE_WEIGHTS_H

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/artifact.h"
#include "core/buffer.h"
#include "core/context.h"
#include "core/packed_cache.h"
#include "formats/safetensors.h"

namespace minimax::runtime {

/// Where packed weights are kept between runs.
struct WeightsOptions {
  /// Folder of the cache file. Empty: `.minimax` in the checkpoint's folder,
  /// or else $XDG_CACHE_HOME/minimax or ~/.cache/minimax. "off": memory only.
  std::string cache;
};

/// The weights of one artifact from one checkpoint. Immutable; several
/// sessions may share it.
class Weights {
 public:
  /// Maps the checkpoint in `dir`, checks it against the manifest and packs
  /// its weights, or maps what an earlier run packed. `context` runs the
  /// packing and is not kept. FailedPrecondition, naming tensors, if the
  /// checkpoint is not the one the artifact was compiled for.
  static absl::StatusOr<std::shared_ptr<const Weights>> Open(
      std::shared_ptr<const Artifact> artifact, const std::string& dir,
      Context& context, const WeightsOptions& options = {});

  Weights(const Weights&) = delete;
  Weights& operator=(const Weights&) = delete;

  /// One pointer per weight of the manifest, in its order. Mapped weights are
  /// aligned to their element, packed ones to MMRT_ALIGNMENT.
  absl::Span<const void* const> pointers() const { return pointers_; }
  const std::shared_ptr<const Artifact>& artifact() const { return artifact_; }
  /// The cache file in use; empty if the weights are packed in memory only or
  /// none needs packing.
  const std::string& cache_path() const { return packed_.path(); }

 private:
  Weights(std::shared_ptr<const Artifact> artifact, Checkpoint checkpoint)
      : artifact_(std::move(artifact)), checkpoint_(std::move(checkpoint)) {}

  absl::Status UseMapped();
  absl::Status UsePacked(Context& context, const WeightsOptions& options);
  absl::Status Pack(Context& context, std::byte* payload) const;

  std::shared_ptr<const Artifact> artifact_;
  Checkpoint checkpoint_;
  PackedCache packed_;
  std::vector<Buffer> realigned_;
  std::vector<const void*> pointers_;
};

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_CORE_WEIGHTS_H
