//===- weights.cc - a checkpoint as a program wants it --------------------===//
//
// Implements matching a checkpoint with a manifest, packing and uploading.
//
//===----------------------------------------------------------------------===//
#include "core/weights.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/annotate.h"
#include "formats/status_macros.h"

namespace minimax::runtime {

static std::string Describe(DType dtype, const std::vector<int64_t>& shape) {
  return absl::StrCat(DTypeName(dtype), " [", absl::StrJoin(shape, ", "), "]");
}

// Returns what is wrong with the tensor for `source`, or nothing.
static std::string FindMismatch(const ManifestSource& source,
                                const Checkpoint& checkpoint) {
  const TensorView* tensor = checkpoint.Find(source.name);
  if (tensor == nullptr)
    return absl::StrCat("tensor ", source.name, ": missing");
  if (tensor->dtype == source.dtype && tensor->shape == source.shape) return "";
  return absl::StrCat("tensor ", source.name, ": expected ",
                      Describe(source.dtype, source.shape), ", found ",
                      Describe(tensor->dtype, tensor->shape));
}

// Compares every tensor that the manifest asks for with the checkpoint.
static absl::Status CheckSources(const Manifest& manifest,
                                 const Checkpoint& checkpoint) {
  constexpr size_t kShown = 3;
  std::vector<std::string> shown;
  size_t wrong = 0;
  size_t total = 0;
  for (const ManifestWeight& weight : manifest.weights) {
    for (const ManifestSource& source : weight.sources) {
      ++total;
      std::string mismatch = FindMismatch(source, checkpoint);
      if (mismatch.empty()) continue;
      if (++wrong <= kShown) shown.push_back(std::move(mismatch));
    }
  }
  if (wrong == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      checkpoint.dir(),
      ": weights do not belong to this artifact: ", absl::StrJoin(shown, "; "),
      wrong > kShown ? absl::StrCat("; and ", wrong - kShown, " more") : "",
      " (", wrong, " of ", total, " tensors do not match)"));
}

absl::StatusOr<std::shared_ptr<const Weights>> Weights::Open(
    std::shared_ptr<const Artifact> artifact, const std::string& dir,
    Context& context, const WeightsOptions& options) {
  const Device& device = *context.device();
  if (artifact->processor().kind != device.processor().kind) {
    return absl::InvalidArgumentError(absl::StrCat(
        artifact->path(), ": its code for ", artifact->target(),
        " was loaded, which does not run on device ", device.name()));
  }
  MMRT_ASSIGN_OR_RETURN(Checkpoint checkpoint, Checkpoint::Open(dir));
  MMRT_RETURN_IF_ERROR(CheckSources(artifact->manifest(), checkpoint));
  std::shared_ptr<Weights> weights(new Weights(
      std::move(artifact), std::move(checkpoint), context.device()));
  MMRT_RETURN_IF_ERROR(weights->AllocateOnDevice());
  MMRT_RETURN_IF_ERROR(weights->UseMapped());
  MMRT_RETURN_IF_ERROR(weights->UsePacked(context, options));
  if (!weights->device_->shares_host_memory()) {
    MMRT_RETURN_IF_ERROR(weights->Upload());
    return weights;
  }
  // Headers and samples have been read; weights in place come back when used.
  for (const SafetensorsFile& file : weights->checkpoint_->files()) {
    file.Release();
  }
  return weights;
}

absl::Status Weights::UseMapped() {
  for (const ManifestWeight& weight : artifact_->manifest().weights) {
    pointers_.push_back(nullptr);
    if (!weight.IsMapped()) continue;
    if (weight.sources.size() != 1) {
      return absl::DataLossError(absl::StrCat(
          "weight ", weight.name, ": expected one source, the manifest has ",
          weight.sources.size()));
    }
    const TensorView& tensor = *checkpoint_->Find(weight.sources[0].name);
    pointers_.back() = tensor.data;
    const auto address = reinterpret_cast<uintptr_t>(tensor.data);
    if (address % DTypeBytes(tensor.dtype) == 0) continue;
    // Safetensors may start a tensor at any byte; code may not read it there.
    MMRT_ASSIGN_OR_RETURN(Buffer copy, Buffer::Allocate(tensor.bytes));
    std::memcpy(copy.data(), tensor.data, tensor.bytes);
    pointers_.back() = copy.data();
    realigned_.push_back(std::move(copy));
  }
  return absl::OkStatus();
}

static int64_t AlignUp(int64_t bytes) {
  return (bytes + MMRT_ALIGNMENT - 1) / MMRT_ALIGNMENT * MMRT_ALIGNMENT;
}

// Returns a few bytes from up to 64 tensors: they tell apart checkpoints whose
// files agree in name, size and (as in reproducible images) time.
static std::string SampleTensors(const Checkpoint& checkpoint) {
  constexpr size_t kSamples = 64;
  constexpr int64_t kSampleBytes = 16;
  const std::vector<std::string> names = checkpoint.Names();
  const size_t stride = std::max<size_t>(1, names.size() / kSamples);
  std::string samples;
  for (size_t i = 0; i < names.size(); i += stride) {
    const TensorView& tensor = *checkpoint.Find(names[i]);
    const int64_t bytes = std::min(kSampleBytes, tensor.bytes);
    samples.append(
        static_cast<const char*>(tensor.data) + (tensor.bytes - bytes) / 2,
        bytes);
  }
  return absl::BytesToHexString(samples);
}

// Returns the identity of the packed weights: the artifact's hash and each
// file's name, size and time of change.
static absl::StatusOr<std::string> CacheKey(const Artifact& artifact,
                                            const Checkpoint& checkpoint) {
  std::string key = absl::StrCat(artifact.manifest().content_hash, "\n");
  for (const SafetensorsFile& file : checkpoint.files()) {
    struct stat info {};
    if (stat(file.path().c_str(), &info) != 0) {
      return absl::NotFoundError(
          absl::StrCat(file.path(), ": the file has vanished"));
    }
    const size_t slash = file.path().rfind('/') + 1;
    absl::StrAppend(&key, file.path().substr(slash), " ", info.st_size, " ",
                    info.st_mtim.tv_sec, ".", info.st_mtim.tv_nsec, "\n");
  }
  absl::StrAppend(&key, SampleTensors(checkpoint), "\n");
  return key;
}

absl::Status Weights::UsePacked(Context& context,
                                const WeightsOptions& options) {
  const std::vector<ManifestWeight>& weights = artifact_->manifest().weights;
  PackedCacheKey key;
  std::vector<int64_t> offsets;
  for (const ManifestWeight& weight : weights) {
    offsets.push_back(key.bytes);
    if (!weight.IsMapped()) key.bytes += AlignUp(weight.bytes);
  }
  if (key.bytes == 0) return absl::OkStatus();
  MMRT_ASSIGN_OR_RETURN(key.text, CacheKey(*artifact_, *checkpoint_));
  std::vector<std::string> folders;
  if (options.cache.empty()) folders = DefaultCacheFolders(checkpoint_->dir());
  if (!options.cache.empty() && options.cache != "off") {
    folders = {options.cache};
  }
  MMRT_ASSIGN_OR_RETURN(
      packed_,
      PackedCache::Open(folders, key, [this, &context](std::byte* payload) {
        return Pack(context, payload);
      }));
  cache_path_ = packed_.path();
  for (size_t i = 0; i < weights.size(); ++i) {
    if (weights[i].IsMapped()) continue;
    pointers_[i] = packed_.payload() + offsets[i];
  }
  return absl::OkStatus();
}

absl::Status Weights::Pack(Context& context, std::byte* payload) const {
  const std::vector<ManifestWeight>& weights = artifact_->manifest().weights;
  for (size_t i = 0; i < weights.size(); ++i) {
    if (weights[i].IsMapped()) continue;
    for (const ManifestSource& source : weights[i].sources) {
      const TensorView& tensor = *checkpoint_->Find(source.name);
      const int32_t code = artifact_->pack(static_cast<int64_t>(i))(
          &context, tensor.data, payload, source.first_row);
      ReleasePages(tensor.data, tensor.bytes);
      if (code == 0) continue;
      return absl::InternalError(absl::StrCat("packing tensor ", source.name,
                                              " into weight ", weights[i].name,
                                              " failed with code ", code));
    }
    payload += AlignUp(weights[i].bytes);
  }
  return absl::OkStatus();
}

// Before the weights are packed, which may take long and be for nothing.
absl::Status Weights::AllocateOnDevice() {
  if (device_->shares_host_memory()) return absl::OkStatus();
  for (const ManifestWeight& weight : artifact_->manifest().weights) {
    MMRT_ASSIGN_OR_RETURN(
        DeviceBuffer buffer,
        DeviceBuffer::Allocate(device_, weight.bytes,
                               absl::StrCat("weight ", weight.name)));
    uploaded_.push_back(std::move(buffer));
  }
  return absl::OkStatus();
}

absl::Status Weights::Upload() {
  for (size_t i = 0; i < uploaded_.size(); ++i) {
    const DeviceBuffer& buffer = uploaded_[i];
    MMRT_RETURN_IF_ERROR(
        device_->CopyToDevice(buffer.data(), pointers_[i], buffer.size()));
    ReleasePages(pointers_[i], buffer.size());
    pointers_[i] = buffer.data();
  }
  packed_ = PackedCache();
  realigned_.clear();
  checkpoint_.reset();
  return absl::OkStatus();
}

}  // namespace minimax::runtime
