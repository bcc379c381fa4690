//===- mapped_file.h - read-only file mapping ------------------*- C++ -*-===//
//
// Maps a whole file into memory for reading and unmaps it when destroyed.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_FORMATS_MAPPED_FILE_H_
#define MINIMAX_RUNTIME_FORMATS_MAPPED_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace minimax::runtime {

/// A read-only private mapping of one file. Move-only; its bytes stay at the
/// same address when it is moved. Another process that shortens the file while
/// it is mapped makes later reads fail with SIGBUS.
class MappedFile {
 public:
  /// Maps the regular file `path`. NotFound, PermissionDenied,
  /// InvalidArgument (not a regular file) or Internal, naming the path.
  static absl::StatusOr<MappedFile> Open(const std::string& path);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  /// The file's first byte; null for an empty file.
  const char* data() const { return data_; }
  /// Size in bytes.
  size_t size() const { return size_; }
  /// The whole file.
  absl::string_view contents() const { return {data_, size_}; }

 private:
  MappedFile(const char* data, size_t size) : data_(data), size_(size) {}

  const char* data_ = nullptr;
  size_t size_ = 0;
};

/// Lets go of the pages that lie whole within `bytes` bytes of a mapped file;
/// reading them again brings them back. Pages that have been read count as this
/// process's memory until it does so.
void ReleasePages(const void* begin, size_t bytes);

/// Reads a text file of at most `limit` bytes whole. Errors as
/// MappedFile::Open, and ResourceExhausted for a longer file.
absl::StatusOr<std::string> ReadTextFile(const std::string& path,
                                         size_t limit = size_t{1} << 30);

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_FORMATS_MAPPED_FILE_H_
