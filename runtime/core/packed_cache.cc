//===- packed_cache.cc - packed weights kept between runs -----------------===//
//
// Implements the cache file of packed weights.
//
//===----------------------------------------------------------------------===//
#include "core/packed_cache.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/annotate.h"
#include "core/log.h"
#include "formats/atomic_file.h"
#include "formats/mapped_file.h"
#include "formats/status_macros.h"

namespace minimax::runtime {

static constexpr absl::string_view kMagic = "MMXPACK1";

// Returns the header of a file for `key`, filled up to whole pages.
static std::string MakeHeader(const PackedCacheKey& key) {
  constexpr size_t kPage = 4096;
  std::string header(kMagic);
  const uint64_t bytes = static_cast<uint64_t>(key.bytes);
  header.append(reinterpret_cast<const char*>(&bytes), sizeof(bytes));
  header.append(key.text);
  header.resize((header.size() + kPage - 1) / kPage * kPage, '\0');
  return header;
}

// FNV-1a, 64 bits: only names the file, the header decides.
static uint64_t Fingerprint(absl::string_view text) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }
  return hash;
}

PackedCache::PackedCache(PackedCache&& other) noexcept
    : path_(std::move(other.path_)),
      base_(std::exchange(other.base_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      payload_offset_(other.payload_offset_) {}

PackedCache& PackedCache::operator=(PackedCache&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(base_, other.base_);
  std::swap(size_, other.size_);
  std::swap(payload_offset_, other.payload_offset_);
  return *this;
}

PackedCache::~PackedCache() {
  if (base_ != nullptr) munmap(base_, size_);
}

const std::byte* PackedCache::payload() const {
  return base_ == nullptr ? nullptr : base_ + payload_offset_;
}

// A negative `file` means anonymous memory.
absl::Status PackedCache::Map(int file, const PackedCacheKey& key,
                              int protection) {
  const int64_t header = static_cast<int64_t>(MakeHeader(key).size());
  const int64_t bytes = header + key.bytes;
  const int flags =
      file < 0 ? MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE : MAP_SHARED;
  void* base = mmap(nullptr, bytes, protection, flags, file, 0);
  if (base == MAP_FAILED) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot map ", bytes,
                     " bytes for packed weights: ", std::strerror(errno)));
  }
  base_ = static_cast<std::byte*>(base);
  size_ = bytes;
  payload_offset_ = header;
  return absl::OkStatus();
}

absl::StatusOr<PackedCache> PackedCache::MapExisting(
    const std::string& path, const PackedCacheKey& key) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return absl::NotFoundError(std::strerror(errno));
  const std::string header = MakeHeader(key);
  const int64_t size = static_cast<int64_t>(header.size()) + key.bytes;
  PackedCache cache;
  struct stat info {};
  absl::Status status = absl::DataLossError("it has another size");
  if (fstat(file, &info) == 0 && info.st_size == size) {
    status = cache.Map(file, key, PROT_READ);
  }
  close(file);
  MMRT_RETURN_IF_ERROR(status);
  if (std::memcmp(cache.base_, header.data(), header.size()) != 0) {
    return absl::DataLossError("it has another header");
  }
  cache.path_ = path;
  return cache;
}

absl::StatusOr<PackedCache> PackedCache::Make(int file,
                                              const PackedCacheKey& key,
                                              const FillFunction& fill) {
  PackedCache cache;
  MMRT_RETURN_IF_ERROR(cache.Map(file, key, PROT_READ | PROT_WRITE));
  MMRT_RETURN_IF_ERROR(fill(cache.base_ + cache.payload_offset_));
  mprotect(cache.base_, cache.size_, PROT_READ);
  return cache;
}

// Makes `folder` and its parents.
static absl::Status MakeFolders(const std::string& folder) {
  for (size_t end = folder.find('/', 1);; end = folder.find('/', end + 1)) {
    const std::string part = folder.substr(0, end);
    if (mkdir(part.c_str(), 0777) != 0 && errno != EEXIST && errno != EISDIR &&
        access(part.c_str(), X_OK) != 0) {
      return absl::PermissionDeniedError(absl::StrCat(
          "cannot make the folder ", part, ": ", std::strerror(errno)));
    }
    if (end == std::string::npos) return absl::OkStatus();
  }
}

// Starts a file of the right size with the right header. The disk space is
// taken now: running out of it while a mapping is written would be a signal.
static absl::StatusOr<AtomicFile> StartFile(const std::string& folder,
                                            const std::string& path,
                                            const PackedCacheKey& key) {
  const std::string header = MakeHeader(key);
  MMRT_RETURN_IF_ERROR(MakeFolders(folder));
  MMRT_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  MMRT_RETURN_IF_ERROR(file.Write(header));
  const int error = posix_fallocate(
      file.fd(), 0, static_cast<int64_t>(header.size()) + key.bytes);
  if (error != 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("no room for ", key.bytes, " bytes of packed weights in ",
                     folder, ": ", std::strerror(error)));
  }
  return file;
}

// Gives a finished file its name. A failure is only worth a warning: without
// a name the mapped file still serves this run.
static bool Publish(AtomicFile& file) {
  const absl::Status status = file.Commit();
  if (!status.ok()) {
    LogWarning("packed weights are not kept: ", status.message());
    return false;
  }
  LogInfo(file.path(), ": packed weights written");
  return true;
}

absl::StatusOr<PackedCache> PackedCache::Open(
    const std::vector<std::string>& folders, const PackedCacheKey& key,
    const FillFunction& fill) {
  const std::string name = absl::StrCat(
      "/", absl::Hex(Fingerprint(key.text), absl::kZeroPad16), ".packed");
  for (const std::string& folder : folders) {
    absl::StatusOr<PackedCache> found = MapExisting(folder + name, key);
    if (found.ok()) return found;
    LogInfo(folder, name, ": not used: ", found.status().message());
  }
  for (const std::string& folder : folders) {
    absl::StatusOr<AtomicFile> file = StartFile(folder, folder + name, key);
    if (absl::IsResourceExhausted(file.status())) {
      LogWarning(file.status().message());
    }
    if (!file.ok()) {
      LogInfo(folder, ": not used: ", file.status().message());
      continue;
    }
    MMRT_ASSIGN_OR_RETURN(PackedCache cache, Make(file->fd(), key, fill));
    if (Publish(*file)) cache.path_ = file->path();
    return cache;
  }
  return Make(/*file=*/-1, key, fill);
}

std::vector<std::string> DefaultCacheFolders(
    const std::string& checkpoint_dir) {
  std::vector<std::string> folders = {
      absl::StrCat(checkpoint_dir, "/.minimax")};
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  if (cache != nullptr && cache[0] == '/') {
    folders.push_back(absl::StrCat(cache, "/minimax"));
  } else if (home != nullptr && home[0] == '/') {
    folders.push_back(absl::StrCat(home, "/.cache/minimax"));
  }
  return folders;
}

}  // namespace minimax::runtime
