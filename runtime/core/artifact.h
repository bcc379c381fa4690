//===- artifact.h - a loaded compiled program -------------------*- C++ -*-===//
//
// Loads an artifact, chooses the code for this CPU and resolves its functions.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CORE_ARTIFACT_H
#define MINIMAX_RUNTIME_CORE_ARTIFACT_H

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "formats/manifest.h"
#include "minimax/runtime/abi.h"

namespace minimax::runtime {

/// Last 16 bytes of an executable with an artifact inside: the artifact's
/// length (8 bytes, little endian), which ends where the trailer begins, and
/// this text.
inline constexpr absl::string_view kEmbeddedMagic = "MMXEXE01";

/// The functions of one entry.
struct EntryCode {
  mmrt_entry_fn run = nullptr;
  mmrt_arena_fn arena = nullptr;
};

/// A compiled program in memory. Immutable; unloaded when the last owner goes.
class Artifact {
 public:
  /// Loads the file `path`, an artifact or an executable with one inside (then
  /// from memory). The manifest is read and its version checked
  /// before any code is mapped. `target` names one of the manifest's targets;
  /// empty takes the first that this CPU supports. InvalidArgument if the file
  /// is no artifact, DataLoss if it is truncated, FailedPrecondition for
  /// another ABI version or when there is no code for this CPU; every message
  /// starts with the path.
  static absl::StatusOr<std::shared_ptr<const Artifact>> Load(
      const std::string& path, absl::string_view target = "");

  /// The manifest of the file `path`, whatever CPU it is for. Errors as Load.
  static absl::StatusOr<Manifest> Inspect(const std::string& path);

  /// Whether the file `executable` ends with an artifact.
  static bool IsEmbeddedIn(const std::string& executable);

  ~Artifact();
  Artifact(const Artifact&) = delete;
  Artifact& operator=(const Artifact&) = delete;

  const Manifest& manifest() const { return manifest_; }
  /// The file it was loaded from.
  const std::string& path() const { return path_; }
  /// The target whose code is used.
  const std::string& target() const { return target_; }

  /// The code of the manifest's entry `name`, or null.
  const EntryCode* FindCode(absl::string_view name) const;
  /// The packing function of the manifest's weight `index`, or null.
  mmrt_pack_fn pack(int64_t index) const { return packs_[index]; }

 private:
  explicit Artifact(std::string path) : path_(std::move(path)) {}

  absl::Status LoadFrom(absl::string_view file, absl::string_view target);
  absl::Status ChooseTarget(absl::string_view wanted);
  absl::Status Link(const std::string& file);
  absl::StatusOr<void*> Resolve(const std::string& function) const;

  std::string path_;
  std::string target_;
  Manifest manifest_;
  void* library_ = nullptr;
  // The copy of an embedded artifact. Open as long as the library: libc knows
  // libraries by name, and this one's name is the descriptor's number.
  int memory_file_ = -1;
  absl::flat_hash_map<std::string, EntryCode> entries_;
  std::vector<mmrt_pack_fn> packs_;
};

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_CORE_ARTIFACT_H
