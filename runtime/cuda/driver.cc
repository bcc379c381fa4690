//===- driver.cc - the CUDA driver, loaded when asked for -----------------===//
//
// Implements loading by dlopen, so that the runtime needs no driver to start.
//
//===----------------------------------------------------------------------===//
#include "cuda/driver.h"

#include <dlfcn.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "formats/status_macros.h"

namespace minimax::runtime::cuda {

// The first with everything that is used here (clusters: 11.8).
static constexpr int kLeastVersion = 12000;

static std::string VersionText(int version) {
  return absl::StrCat(version / 1000, ".", version % 1000 / 10);
}

template <typename Function>
static absl::Status Resolve(void* library, const char* name,
                            Function*& function) {
  function = reinterpret_cast<Function*>(dlsym(library, name));
  if (function != nullptr) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the CUDA driver lacks the function ", name));
}

// The version is asked for first: an old driver lacks functions.
static absl::Status CheckVersion(void* library) {
  Driver driver;
  MMRT_RETURN_IF_ERROR(
      Resolve(library, "cuDriverGetVersion", driver.cuDriverGetVersion));
  int version = 0;
  if (driver.cuDriverGetVersion(&version) != kSuccess) version = 0;
  if (version >= kLeastVersion) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the NVIDIA driver is for CUDA ", VersionText(version),
                   "; this runtime needs one for CUDA ",
                   VersionText(kLeastVersion), " or later: update the driver"));
}

static absl::StatusOr<const Driver*> LoadLibrary() {
  const char* name = std::getenv("MMRT_CUDA_DRIVER");
  if (name == nullptr || *name == '\0') name = "libcuda.so.1";
  void* library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("no CUDA driver: ", dlerror(),
                     "; install NVIDIA's driver, or run with --device=cpu or "
                     "--device=emulator"));
  }
  MMRT_RETURN_IF_ERROR(CheckVersion(library));
  static Driver driver;
#define MMRT_CUDA_RESOLVE(name, parameters) \
  MMRT_RETURN_IF_ERROR(Resolve(library, #name, driver.name));
  MMRT_CUDA_FUNCTIONS(MMRT_CUDA_RESOLVE)
#undef MMRT_CUDA_RESOLVE
  const CUresult started = driver.cuInit(0);
  if (started == kErrorNoDevice) {
    return absl::FailedPreconditionError(
        "no GPU: the CUDA driver finds none in this machine");
  }
  MMRT_RETURN_IF_ERROR(driver.Check(started, "start the CUDA driver"));
  return &driver;
}

absl::StatusOr<const Driver*> Driver::Load() {
  // The library stays: its threads may run until the process ends.
  static const auto& driver = *new absl::StatusOr<const Driver*>(LoadLibrary());
  return driver;
}

std::string Driver::Describe(CUresult result) const {
  const char* name = nullptr;
  const char* text = nullptr;
  if (cuGetErrorName(result, &name) != kSuccess || name == nullptr ||
      cuGetErrorString(result, &text) != kSuccess || text == nullptr) {
    return absl::StrCat("CUDA error ", result);
  }
  return absl::StrCat(name, " (", text, ")");
}

absl::Status Driver::Check(CUresult result, absl::string_view action) const {
  if (result == kSuccess) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("cannot ", action, ": ", Describe(result)));
}

}  // namespace minimax::runtime::cuda
