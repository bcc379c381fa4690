//===- atomic_file.h - write a file whole or not at all --------*- C++ -*-===//
//
// Writes under a temporary name and renames only once everything is on disk.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_FORMATS_ATOMIC_FILE_H_
#define MINIMAX_RUNTIME_FORMATS_ATOMIC_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace minimax::runtime {

/// A file that appears under its name only when Commit succeeds; readers see
/// the old file, or none, until then. Move-only. Destruction without Commit
/// removes the temporary. A process that is killed leaves the temporary
/// `<path>.tmp.<pid>.<n>` behind.
class AtomicFile {
 public:
  /// Creates the temporary beside `path` with permissions `mode` less the
  /// umask. Errors name the path; an existing `path` that is not a regular file
  /// is InvalidArgument.
  static absl::StatusOr<AtomicFile> Create(const std::string& path,
                                           int mode = 0666);

  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&& other) noexcept;
  ~AtomicFile();

  /// Appends `size` bytes. A full disk is ResourceExhausted.
  absl::Status Write(const void* data, size_t size);
  /// Appends `text`.
  absl::Status Write(absl::string_view text) {
    return Write(text.data(), text.size());
  }

  /// The descriptor, open for reading and writing, for callers that map or
  /// seek. Owned by this object.
  int fd() const { return fd_; }
  /// The final name.
  const std::string& path() const { return path_; }
  /// The name while the file is being written.
  const std::string& temporary_path() const { return temporary_; }

  /// Flushes to disk, renames to `path` and flushes the directory. On failure
  /// the temporary is removed. Must be called at most once.
  absl::Status Commit();

  /// Removes the temporary now. Does nothing after Commit.
  void Discard();

 private:
  AtomicFile(std::string path, std::string temporary, int fd);

  std::string path_;
  std::string temporary_;
  int fd_ = -1;
};

/// Writes `contents` to `path` through an AtomicFile.
absl::Status WriteFileAtomically(const std::string& path,
                                 absl::string_view contents);

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_FORMATS_ATOMIC_FILE_H_
