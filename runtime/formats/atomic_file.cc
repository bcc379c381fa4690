//===- atomic_file.cc - write a file whole or not at all ------------------===//
//
// Writes under a temporary name and renames only once everything is on disk.
//
//===----------------------------------------------------------------------===//
#include "formats/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "formats/file_error.h"
#include "formats/status_macros.h"

namespace minimax::runtime {

// A name that no other writer in this process uses; O_EXCL settles clashes
// with other processes.
static std::string TemporaryName(const std::string& path) {
  static std::atomic<int64_t> counter{0};
  return absl::StrCat(path, ".tmp.", getpid(), ".", counter.fetch_add(1));
}

static std::string DirectoryOf(const std::string& path) {
  size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Makes a rename in `dir` durable. Not every file system can: those say EINVAL.
static absl::Status SyncDirectory(const std::string& dir) {
  int fd = open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return FileError(errno, dir, "open");
  int error = fsync(fd) == 0 ? 0 : errno;
  close(fd);
  if (error != 0 && error != EINVAL) return FileError(error, dir, "flush");
  return absl::OkStatus();
}

AtomicFile::AtomicFile(std::string path, std::string temporary, int fd)
    : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {}

absl::StatusOr<AtomicFile> AtomicFile::Create(const std::string& path,
                                              int mode) {
  struct stat info;
  if (stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode))
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": exists and is not a regular file"));
  constexpr int kAttempts = 100;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::string temporary = TemporaryName(path);
    int fd = open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
                  static_cast<mode_t>(mode));
    if (fd >= 0) return AtomicFile(path, std::move(temporary), fd);
    if (errno != EEXIST) break;
  }
  return FileError(errno, path, "create");
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      fd_(std::exchange(other.fd_, -1)) {}

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(temporary_, other.temporary_);
  std::swap(fd_, other.fd_);
  return *this;
}

AtomicFile::~AtomicFile() { Discard(); }

void AtomicFile::Discard() {
  if (fd_ < 0) return;
  close(std::exchange(fd_, -1));
  unlink(temporary_.c_str());
}

absl::Status AtomicFile::Write(const void* data, size_t size) {
  if (fd_ < 0)
    return absl::FailedPreconditionError(absl::StrCat(path_, ": not open"));
  const char* next = static_cast<const char*>(data);
  // Linux writes at most 2 GiB at once.
  constexpr size_t kLargestWrite = size_t{1} << 30;
  while (size > 0) {
    ssize_t written = write(fd_, next, std::min(size, kLargestWrite));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileError(errno, path_, "write");
    if (written == 0) return FileError(ENOSPC, path_, "write");
    next += written;
    size -= static_cast<size_t>(written);
  }
  return absl::OkStatus();
}

absl::Status AtomicFile::Commit() {
  if (fd_ < 0)
    return absl::FailedPreconditionError(absl::StrCat(path_, ": not open"));
  int error = fsync(fd_) == 0 ? 0 : errno;
  // A network file system may report a failed write only here.
  if (close(std::exchange(fd_, -1)) != 0 && error == 0) error = errno;
  if (error == 0 && rename(temporary_.c_str(), path_.c_str()) != 0)
    error = errno;
  if (error != 0) {
    unlink(temporary_.c_str());
    return FileError(error, path_, "write");
  }
  return SyncDirectory(DirectoryOf(path_));
}

absl::Status WriteFileAtomically(const std::string& path,
                                 absl::string_view contents) {
  MMRT_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  MMRT_RETURN_IF_ERROR(file.Write(contents));
  return file.Commit();
}

}  // namespace minimax::runtime
