//===- artifact.h - a loaded compiled program -------------------*- C++ -*-===//
//
// Loads an artifact, chooses the code for this CPU or GPU and resolves its
// functions.
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
#include "core/processor.h"
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

/// The kernels of a GPU target.
struct KernelCode {
  /// In the order of the numbers that the program passes to mmrt_launch.
  std::vector<std::string> names;
  /// PTX text, without a terminator; empty if the artifact has none.
  absl::string_view ptx;
  /// Machine code; empty if the artifact has none.
  absl::string_view cubin;
  /// For each name the kernel for the emulator; empty without them.
  std::vector<mmrt_emulated_kernel_fn> emulated;
};

/// What an artifact file holds of a GPU target.
struct KernelSummary {
  std::string target;
  std::vector<std::string> names;
  /// 0 if there is none.
  uint64_t ptx_bytes = 0;
  uint64_t cubin_bytes = 0;
  bool emulated = false;
};

/// A compiled program in memory. Immutable; unloaded when the last owner goes.
class Artifact {
 public:
  /// Loads the file `path`, an artifact or an executable with one inside (then
  /// from memory). The manifest is read and its version checked
  /// before any code is mapped. `target` names one of the manifest's targets;
  /// empty takes the best for `processor`, see ChooseTarget. InvalidArgument if
  /// the file is no artifact, DataLoss if it is truncated, FailedPrecondition
  /// for another ABI version or when there is no code for `processor`; every
  /// message starts with the path.
  static absl::StatusOr<std::shared_ptr<const Artifact>> Load(
      const std::string& path, absl::string_view target = "",
      const Processor& processor = {});

  /// The manifest of the file `path`, whatever it is for. Errors as Load.
  static absl::StatusOr<Manifest> Inspect(const std::string& path);

  /// The kernels in the file `path`, by GPU target. Errors as Load.
  static absl::StatusOr<std::vector<KernelSummary>> InspectKernels(
      const std::string& path);

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

  /// What the target's code runs on.
  const Processor& processor() const { return processor_; }
  /// The target's kernels; none for a CPU.
  const KernelCode& kernel_code() const { return kernel_code_; }

  /// The code of the manifest's entry `name`, or null.
  const EntryCode* FindCode(absl::string_view name) const;
  /// The packing function of the manifest's weight `index`, or null.
  mmrt_pack_fn pack(int64_t index) const { return packs_[index]; }

 private:
  Artifact(std::string path, const Processor& processor)
      : path_(std::move(path)), processor_(processor) {}

  absl::Status LoadFrom(absl::string_view file, absl::string_view target);
  absl::Status Link(const std::string& file);
  absl::Status LinkKernels();
  void* Find(const std::string& name) const;
  absl::string_view FindBytes(const std::string& name) const;
  absl::StatusOr<void*> Resolve(const std::string& function) const;

  std::string path_;
  Processor processor_;
  std::string target_;
  Manifest manifest_;
  void* library_ = nullptr;
  // The copy of an embedded artifact. Open as long as the library: libc knows
  // libraries by name, and this one's name is the descriptor's number.
  int memory_file_ = -1;
  absl::flat_hash_map<std::string, EntryCode> entries_;
  std::vector<mmrt_pack_fn> packs_;
  KernelCode kernel_code_;
};

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_CORE_ARTIFACT_H
