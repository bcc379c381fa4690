//===- artifact.cc - a loaded compiled program ----------------------------===//
//
// Implements loading from a file and from the end of an executable.
//
//===----------------------------------------------------------------------===//
#include "core/artifact.h"

#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/annotate.h"
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

// Reads and checks the manifest of an artifact.
static absl::StatusOr<Manifest> ReadManifest(const ElfImage& image) {
  MMRT_ASSIGN_OR_RETURN(const absl::string_view text, image.Manifest());
  return ParseManifest(text);
}

absl::Status Artifact::LoadFrom(absl::string_view file,
                                absl::string_view target) {
  MMRT_ASSIGN_OR_RETURN(const absl::string_view payload, FindPayload(file));
  MMRT_ASSIGN_OR_RETURN(const ElfImage image, ElfImage::Parse(payload));
  MMRT_ASSIGN_OR_RETURN(manifest_, ReadManifest(image));
  MMRT_ASSIGN_OR_RETURN(target_,
                        ChooseTarget(manifest_, processor_, target,
                                     [&image](absl::string_view symbol) {
                                       return image.Exports(symbol);
                                     }));
  LogInfo(path_, ": using the code for ", target_);
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
    const std::string& path, absl::string_view target,
    const Processor& processor) {
  MMRT_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  std::shared_ptr<Artifact> artifact(new Artifact(path, processor));
  MMRT_RETURN_IF_ERROR(
      Annotate(artifact->LoadFrom(file.contents(), target), path));
  return artifact;
}

// Calls `read` with the image of the artifact in the file `path`.
template <typename T>
static absl::StatusOr<T> InspectFile(
    const std::string& path, absl::StatusOr<T> (*read)(const ElfImage& image)) {
  MMRT_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  const absl::StatusOr<absl::string_view> payload =
      FindPayload(file.contents());
  MMRT_RETURN_IF_ERROR(Annotate(payload.status(), path));
  const absl::StatusOr<ElfImage> image = ElfImage::Parse(*payload);
  MMRT_RETURN_IF_ERROR(Annotate(image.status(), path));
  absl::StatusOr<T> result = read(*image);
  MMRT_RETURN_IF_ERROR(Annotate(result.status(), path));
  return result;
}

absl::StatusOr<Manifest> Artifact::Inspect(const std::string& path) {
  return InspectFile<Manifest>(path, ReadManifest);
}

static absl::StatusOr<std::vector<KernelSummary>> ReadKernels(
    const ElfImage& image) {
  MMRT_ASSIGN_OR_RETURN(const Manifest manifest, ReadManifest(image));
  std::vector<KernelSummary> summaries;
  for (const std::string& target : manifest.targets) {
    if (!ParseCudaTarget(target)) continue;
    KernelSummary& summary = summaries.emplace_back();
    const std::string suffix = SymbolSuffix(target);
    summary.target = target;
    summary.names = manifest.KernelsOf(target);
    summary.ptx_bytes =
        image.ReadNumber(absl::StrCat("mm_ptx_size", suffix)).value_or(0);
    summary.cubin_bytes =
        image.ReadNumber(absl::StrCat("mm_cubin_size", suffix)).value_or(0);
    summary.emulated =
        !summary.names.empty() &&
        image.Exports(absl::StrCat("mm_emulated_", summary.names[0], suffix));
  }
  return summaries;
}

absl::StatusOr<std::vector<KernelSummary>> Artifact::InspectKernels(
    const std::string& path) {
  return InspectFile<std::vector<KernelSummary>>(path, ReadKernels);
}

bool Artifact::IsEmbeddedIn(const std::string& executable) {
  const absl::StatusOr<MappedFile> file = MappedFile::Open(executable);
  return file.ok() && absl::EndsWith(file->contents(), kEmbeddedMagic);
}

void* Artifact::Find(const std::string& name) const {
  return dlsym(library_, absl::StrCat(name, SymbolSuffix(target_)).c_str());
}

absl::StatusOr<void*> Artifact::Resolve(const std::string& function) const {
  void* address = Find(function);
  if (address == nullptr) {
    return absl::DataLossError(absl::StrCat("the artifact lacks the function ",
                                            function, SymbolSuffix(target_),
                                            " of its manifest"));
  }
  return address;
}

// Returns the bytes `name` with the length `name`_size; empty without them.
absl::string_view Artifact::FindBytes(const std::string& name) const {
  const void* bytes = Find(name);
  const void* size = Find(absl::StrCat(name, "_size"));
  if (bytes == nullptr || size == nullptr) return "";
  return {static_cast<const char*>(bytes), *static_cast<const uint64_t*>(size)};
}

absl::Status Artifact::LinkKernels() {
  kernel_code_.names = manifest_.KernelsOf(target_);
  kernel_code_.ptx = FindBytes("mm_ptx");
  kernel_code_.cubin = FindBytes("mm_cubin");
  if (processor_.kind != Processor::Kind::kEmulator) return absl::OkStatus();
  for (const std::string& name : kernel_code_.names) {
    MMRT_ASSIGN_OR_RETURN(void* kernel,
                          Resolve(absl::StrCat("mm_emulated_", name)));
    kernel_code_.emulated.push_back(
        reinterpret_cast<mmrt_emulated_kernel_fn>(kernel));
  }
  return absl::OkStatus();
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
  return LinkKernels();
}

const EntryCode* Artifact::FindCode(absl::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second;
}

}  // namespace minimax::runtime
