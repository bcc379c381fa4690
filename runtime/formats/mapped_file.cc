//===- mapped_file.cc - read-only file mapping ----------------------------===//
//
// Maps a whole file into memory for reading and unmaps it when destroyed.
//
//===----------------------------------------------------------------------===//
#include "formats/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "formats/file_error.h"
#include "formats/status_macros.h"

namespace minimax::runtime {

// Maps the open file `fd` of `size` bytes.
static absl::StatusOr<const char*> Map(int fd, const std::string& path,
                                       size_t size) {
  if (size == 0) return nullptr;
  void* data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (data == MAP_FAILED) return FileError(errno, path, "map");
  return static_cast<const char*>(data);
}

absl::StatusOr<MappedFile> MappedFile::Open(const std::string& path) {
  // Not blocking: opening a named pipe must not wait for a writer.
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return FileError(errno, path, "open");
  struct stat info;
  if (fstat(fd, &info) != 0) {
    absl::Status status = FileError(errno, path, "stat");
    close(fd);
    return status;
  }
  if (!S_ISREG(info.st_mode)) {
    close(fd);
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": expected a regular file"));
  }
  size_t size = static_cast<size_t>(info.st_size);
  absl::StatusOr<const char*> data = Map(fd, path, size);
  close(fd);
  if (!data.ok()) return data.status();
  return MappedFile(*data, size);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) munmap(const_cast<char*>(data_), size_);
}

void ReleasePages(const void* begin, size_t bytes) {
  const uintptr_t page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t address = reinterpret_cast<uintptr_t>(begin);
  const uintptr_t first = (address + page - 1) / page * page;
  const uintptr_t end = (address + bytes) / page * page;
  if (first >= end) return;
  // Advice: if it fails, the pages stay.
  (void)madvise(reinterpret_cast<void*>(first), end - first, MADV_DONTNEED);
}

absl::StatusOr<std::string> ReadTextFile(const std::string& path,
                                         size_t limit) {
  MMRT_ASSIGN_OR_RETURN(MappedFile file, MappedFile::Open(path));
  if (file.size() > limit)
    return absl::ResourceExhaustedError(absl::StrCat(
        path, ": expected at most ", limit, " bytes, but got ", file.size()));
  return std::string(file.contents());
}

}  // namespace minimax::runtime
