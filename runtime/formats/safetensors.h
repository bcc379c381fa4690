//===- safetensors.h - safetensors files and checkpoints -------*- C++ -*-===//
//
// Maps and validates safetensors files, alone or as shards of one checkpoint,
// and writes them.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_FORMATS_SAFETENSORS_H_
#define MINIMAX_RUNTIME_FORMATS_SAFETENSORS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "formats/dtype.h"
#include "formats/mapped_file.h"

namespace minimax::runtime {

/// One tensor of a mapped file: row-major, little endian, any alignment.
struct TensorView {
  std::string name;
  DType dtype = DType::kF32;
  /// Empty for a scalar; a size may be 0.
  std::vector<int64_t> shape;
  /// First byte; owned by the file and valid as long as it.
  const void* data = nullptr;
  /// Product of `shape` times the size of an element.
  int64_t bytes = 0;
  /// The file that holds the tensor, for messages.
  std::string path;
};

/// One validated safetensors file. Move-only; views survive a move.
class SafetensorsFile {
 public:
  /// Maps `path` and checks its whole header. Rejects what the reference
  /// implementation rejects (overlaps, gaps and trailing bytes included) and
  /// duplicate names; DataLoss naming the file and the tensor.
  static absl::StatusOr<SafetensorsFile> Open(const std::string& path);

  /// As Open, on bytes that the caller owns and keeps alive. `path` is only
  /// used in messages.
  static absl::StatusOr<SafetensorsFile> Parse(absl::string_view bytes,
                                               const std::string& path);

  SafetensorsFile(SafetensorsFile&&) = default;
  SafetensorsFile& operator=(SafetensorsFile&&) = default;

  /// The tensor `name`, or null. Owned by this object; valid until it is
  /// destroyed.
  const TensorView* Find(absl::string_view name) const;

  /// All tensors in the order of their bytes in the file.
  const std::vector<TensorView>& tensors() const { return tensors_; }
  /// The strings of `__metadata__`.
  const std::map<std::string, std::string>& metadata() const {
    return metadata_;
  }
  /// The path that was opened.
  const std::string& path() const { return path_; }
  /// Lets go of the pages that have been read so far (see ReleasePages).
  void Release() const {
    for (const MappedFile& file : mapping_)
      ReleasePages(file.data(), file.size());
  }

 private:
  SafetensorsFile() = default;
  absl::Status ParseHeader(absl::string_view bytes);

  std::string path_;
  std::vector<MappedFile> mapping_;  // at most one
  std::vector<TensorView> tensors_;
  absl::flat_hash_map<std::string, int64_t> index_;
  std::map<std::string, std::string> metadata_;
};

/// All tensors of a model folder.
class Checkpoint {
 public:
  /// Opens, in this order: `model.safetensors.index.json` and its shards,
  /// `model.safetensors`, or the only `*.safetensors` file of `dir`. Errors
  /// name the file and the tensor.
  static absl::StatusOr<Checkpoint> Open(const std::string& dir);

  Checkpoint(Checkpoint&&) = default;
  Checkpoint& operator=(Checkpoint&&) = default;

  /// The tensor `name`, or null. Owned by this object; valid until it is
  /// destroyed.
  const TensorView* Find(absl::string_view name) const;

  /// The tensor `name`, or NotFound naming the folder and the tensor.
  absl::StatusOr<const TensorView*> Get(absl::string_view name) const;

  /// All names, sorted.
  std::vector<std::string> Names() const;

  /// The files, in the order of their names.
  const std::vector<SafetensorsFile>& files() const { return files_; }
  /// The folder that was opened.
  const std::string& dir() const { return dir_; }

 private:
  Checkpoint() = default;
  absl::Status OpenFile(const std::string& name);
  absl::Status OpenShards(const std::string& index_path);

  std::string dir_;
  std::vector<SafetensorsFile> files_;
  // The views belong to files_ and stay where they are when it moves.
  absl::flat_hash_map<std::string, const TensorView*> index_;
};

/// A tensor to be written.
struct TensorToWrite {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
  /// The tensor's bytes, row-major, little endian; owned by the caller.
  const void* data = nullptr;
};

/// Writes `tensors` to `path`, whole or not at all, largest elements first and
/// then by name, so that each is aligned and the file is deterministic.
/// InvalidArgument for a duplicate or reserved name or a negative size;
/// otherwise AtomicFile's errors.
absl::Status WriteSafetensors(
    const std::string& path, absl::Span<const TensorToWrite> tensors,
    const std::map<std::string, std::string>& metadata = {});

/// Number of elements of `shape`, or -1 for a negative size or a product that
/// does not fit.
int64_t ElementCount(absl::Span<const int64_t> shape);

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_FORMATS_SAFETENSORS_H_
