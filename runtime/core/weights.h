//===- weights.h - a checkpoint as a program wants it -----------*- C++ -*-===//
//
// Matches a checkpoint with an artifact, packs what needs packing and brings
// it to the device.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CORE_WEIGHTS_H
#define MINIMAX_RUNTIME_CORE_WEIGHTS_H

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/artifact.h"
#include "core/buffer.h"
#include "core/context.h"
#include "core/device.h"
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
  /// packing and is not kept. For a device with memory of its own the weights
  /// are then copied there, and what the host held of them is let go.
  /// FailedPrecondition, naming tensors, if the checkpoint is not the one the
  /// artifact was compiled for.
  static absl::StatusOr<std::shared_ptr<const Weights>> Open(
      std::shared_ptr<const Artifact> artifact, const std::string& dir,
      Context& context, const WeightsOptions& options = {});

  Weights(const Weights&) = delete;
  Weights& operator=(const Weights&) = delete;

  /// One pointer per weight of the manifest, in its order, to memory of the
  /// device. On the host mapped weights are aligned to their element, packed
  /// ones to MMRT_ALIGNMENT.
  absl::Span<const void* const> pointers() const { return pointers_; }
  const std::shared_ptr<const Artifact>& artifact() const { return artifact_; }
  /// Where the weights lie.
  const std::shared_ptr<Device>& device() const { return device_; }
  /// The cache file in use; empty if the weights are packed in memory only or
  /// none needs packing.
  const std::string& cache_path() const { return cache_path_; }

 private:
  Weights(std::shared_ptr<const Artifact> artifact, Checkpoint checkpoint,
          std::shared_ptr<Device> device)
      : artifact_(std::move(artifact)),
        checkpoint_(std::move(checkpoint)),
        device_(std::move(device)) {}

  absl::Status UseMapped();
  absl::Status UsePacked(Context& context, const WeightsOptions& options);
  absl::Status Pack(Context& context, std::byte* payload) const;
  absl::Status AllocateOnDevice();
  absl::Status Upload();

  std::shared_ptr<const Artifact> artifact_;
  // Only while the host's copies are in use.
  std::optional<Checkpoint> checkpoint_;
  PackedCache packed_;
  std::vector<Buffer> realigned_;
  // Only on a device with memory of its own.
  std::shared_ptr<Device> device_;
  std::vector<DeviceBuffer> uploaded_;
  std::string cache_path_;
  std::vector<const void*> pointers_;
};

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_CORE_WEIGHTS_H
