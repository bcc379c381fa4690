//===- packed_cache.h - packed weights kept between runs --------*- C++ -*-===//
//
// Finds, makes and maps the file that holds a checkpoint's packed weights.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CORE_PACKED_CACHE_H
#define MINIMAX_RUNTIME_CORE_PACKED_CACHE_H

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace minimax::runtime {

/// What a cache file is for.
struct PackedCacheKey {
  /// Names artifact and checkpoint; stored in the file and compared whole.
  std::string text;
  /// Bytes of packed weights.
  int64_t bytes = 0;
};

/// Memory that holds packed weights: a mapped file or anonymous. Move-only.
///
/// The file is a header (magic, payload size, key; whole pages) and the
/// payload. It is written under a temporary name, so that one which has its
/// final name is whole; a file with another header or size is replaced.
class PackedCache {
 public:
  /// Fills `payload` (zeroed, key.bytes long).
  using FillFunction = std::function<absl::Status(std::byte* payload)>;

  PackedCache() = default;
  PackedCache(PackedCache&& other) noexcept;
  PackedCache& operator=(PackedCache&& other) noexcept;
  ~PackedCache();

  /// Maps the file for `key` from the first of `folders` that has it.
  /// Otherwise makes one in the first folder that takes it, or anonymous
  /// memory, by calling `fill` once. A folder that may not be written is passed
  /// over, one without room with a warning. Fails only if `fill` does or memory
  /// runs out.
  static absl::StatusOr<PackedCache> Open(
      const std::vector<std::string>& folders, const PackedCacheKey& key,
      const FillFunction& fill);

  /// The payload, aligned to 64 bytes; null when empty.
  const std::byte* payload() const;
  /// The file's name; empty for anonymous memory.
  const std::string& path() const { return path_; }

 private:
  static absl::StatusOr<PackedCache> MapExisting(const std::string& path,
                                                 const PackedCacheKey& key);
  static absl::StatusOr<PackedCache> Make(int file, const PackedCacheKey& key,
                                          const FillFunction& fill);
  absl::Status Map(int file, const PackedCacheKey& key, int protection);

  std::string path_;
  std::byte* base_ = nullptr;
  int64_t size_ = 0;
  int64_t payload_offset_ = 0;
};

/// The folders to look in for a checkpoint in `checkpoint_dir` when the user
/// names none; see WeightsOptions.
std::vector<std::string> DefaultCacheFolders(const std::string& checkpoint_dir);

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_CORE_PACKED_CACHE_H
