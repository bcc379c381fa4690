//===- artifact.cc - a loaded compiled program ----------------------------===//
//
// Implements loading from a file and from the end of an executable.
//
//===----------------------------------------------------------------------===//
#include "core/artifact.h"

#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "core/annotate.h"
#include "core/cpu_features.h"
#include "core/elf_image.h"
#include "core/log.h"
#include "formats/mapped_file.h"
#include "formats/status_macros.h"

namespace minimax::runtime {

Artifact::~Artifact() {
  if (library_ != nullptr) dlclose(library_);
  if (memory_file_ >= 0) close(memory_file_);
}

// Returns the artifact in a file: the end of an executable that has one inside,
// otherwise all of it.
static absl::StatusOr<absl::string_view> FindPayload(absl::string_view file) {
  constexpr size_t kTrailer = 16;
  if (file.size() < kTrailer || !absl::EndsWith(file, kEmbeddedMagic)) {
    return file;
  }
  uint64_t length = 0;
  const size_t end = file.size() - kTrailer;
  std::memcpy(&length, file.data() + end, sizeof(length));
  if (length > end) {
    return absl::DataLossError(
        absl::StrCat("the artifact inside is truncated: expected ", length,
                     " bytes before the trailer, found ", end));
  }
  return file.substr(end - length, length);
}

// Writes all of `bytes` to the descriptor `file`.
static absl::Status WriteAll(int file, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "cannot copy the artifact inside to memory: ", std::strerror(errno)));
    }
    bytes.remove_prefix(written);
  }
  return absl::OkStatus();
}

// Reads and checks the manifest of an artifact's bytes.
static absl::StatusOr<Manifest> ReadManifest(absl::string_view bytes) {
  MMRT_ASSIGN_OR_RETURN(const ElfImage image, ElfImage::Parse(bytes));
  MMRT_ASSIGN_OR_RETURN(const absl::string_view text, image.Manifest());
  return ParseManifest(text);
}

absl::Status Artifact::LoadFrom(absl::string_view file,
                                absl::string_view target) {
  MMRT_ASSIGN_OR_RETURN(const absl::string_view payload, FindPayload(file));
  MMRT_ASSIGN_OR_RETURN(manifest_, ReadManifest(payload));
  MMRT_RETURN_IF_ERROR(ChooseTarget(target));
  if (payload.size() == file.size()) {
    // A name without a slash would be looked up in the system's folders.
    return Link(absl::StrContains(path_, "/") ? path_
                                              : absl::StrCat("./", path_));
  }
  memory_file_ = memfd_create("minimax-artifact", MFD_CLOEXEC);
  MMRT_RETURN_IF_ERROR(WriteAll(memory_file_, payload));
  return Link(absl::StrCat("/proc/self/fd/", memory_file_));
}

absl::StatusOr<std::shared_ptr<const Artifact>> Artifact::Load(
    const std::string& path, absl::string_view target) {
  MMRT_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  std::shared_ptr<Artifact> artifact(new Artifact(path));
  MMRT_RETURN_IF_ERROR(
      Annotate(artifact->LoadFrom(file.contents(), target), path));
  return artifact;
}

absl::StatusOr<Manifest> Artifact::Inspect(const std::string& path) {
  MMRT_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  absl::StatusOr<absl::string_view> payload = FindPayload(file.contents());
  MMRT_RETURN_IF_ERROR(Annotate(payload.status(), path));
  absl::StatusOr<Manifest> manifest = ReadManifest(*payload);
  MMRT_RETURN_IF_ERROR(Annotate(manifest.status(), path));
  return manifest;
}

bool Artifact::IsEmbeddedIn(const std::string& executable) {
  const absl::StatusOr<MappedFile> file = MappedFile::Open(executable);
  return file.ok() && absl::EndsWith(file->contents(), kEmbeddedMagic);
}

absl::Status Artifact::ChooseTarget(absl::string_view wanted) {
  const std::vector<std::string>& targets = manifest_.targets;
  const std::string has = absl::StrJoin(targets, ", ");
  const auto chosen = std::find_if(
      targets.begin(), targets.end(), [wanted](const std::string& target) {
        return wanted.empty() ? CpuSupportsTarget(target) : target == wanted;
      });
  const std::string cpu = absl::StrJoin(SupportedTargets(), ", ");
  if (chosen == targets.end() && !wanted.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the artifact has no code for target ", wanted, ", only for ", has));
  }
  if (chosen == targets.end() || !CpuSupportsTarget(*chosen)) {
    return absl::FailedPreconditionError(
        absl::StrCat("no code for this CPU: the artifact has ",
                     wanted.empty() ? has : *chosen, ", the CPU runs ", cpu));
  }
  target_ = *chosen;
  LogInfo(path_, ": using the code for ", target_);
  return absl::OkStatus();
}

absl::StatusOr<void*> Artifact::Resolve(const std::string& function) const {
  const std::string symbol =
      absl::StrCat(function, "__", absl::StrReplaceAll(target_, {{"-", "_"}}));
  void* address = dlsym(library_, symbol.c_str());
  if (address == nullptr) {
    return absl::DataLossError(absl::StrCat("the artifact lacks the function ",
                                            symbol, " of its manifest"));
  }
  return address;
}

absl::Status Artifact::Link(const std::string& file) {
  library_ = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library_ == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot load the artifact: ", dlerror()));
  }
  for (const ManifestEntry& entry : manifest_.entries) {
    const std::string function = absl::StrCat("mm_", entry.name);
    MMRT_ASSIGN_OR_RETURN(void* run, Resolve(function));
    MMRT_ASSIGN_OR_RETURN(void* arena,
                          Resolve(absl::StrCat(function, "_arena")));
    entries_[entry.name] = {reinterpret_cast<mmrt_entry_fn>(run),
                            reinterpret_cast<mmrt_arena_fn>(arena)};
  }
  for (const ManifestWeight& weight : manifest_.weights) {
    packs_.push_back(nullptr);
    if (weight.IsMapped()) continue;
    MMRT_ASSIGN_OR_RETURN(void* pack, Resolve(weight.pack));
    packs_.back() = reinterpret_cast<mmrt_pack_fn>(pack);
  }
  return absl::OkStatus();
}

const EntryCode* Artifact::FindCode(absl::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second;
}

}  // namespace minimax::runtime
