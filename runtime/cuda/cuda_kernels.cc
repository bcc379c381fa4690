//===- cuda_kernels.cc - the kernels of an artifact on a GPU --------------===//
//
// Implements loading and launching.
//
//===----------------------------------------------------------------------===//
#include "cuda/cuda_kernels.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/log.h"
#include "formats/status_macros.h"

namespace minimax::runtime::cuda {

absl::StatusOr<std::shared_ptr<KernelLibrary>> CudaKernels::Load(
    std::shared_ptr<CudaDevice> device, const Artifact& artifact) {
  MMRT_RETURN_IF_ERROR(device->Enter());
  const Driver& driver = device->driver();
  std::shared_ptr<CudaKernels> kernels(new CudaKernels(std::move(device)));
  const std::vector<std::string>& names = artifact.kernel_code().names;
  if (names.empty()) return kernels;
  MMRT_RETURN_IF_ERROR(kernels->LoadModule(artifact));
  for (const std::string& name : names) {
    Kernel& kernel = kernels->kernels_.emplace_back();
    kernel.name = &kernels->device_->KeepName(name);
    const CUresult result = driver.cuModuleGetFunction(
        &kernel.function, kernels->module_, name.c_str());
    if (result == kSuccess) continue;
    return absl::DataLossError(
        absl::StrCat(artifact.path(), ": the code for ", artifact.target(),
                     " lacks the kernel ", name,
                     " of its manifest: ", driver.Describe(result)));
  }
  return kernels;
}

CudaKernels::~CudaKernels() {
  if (module_ != nullptr && device_->Enter().ok()) {
    device_->driver().cuModuleUnload(module_);
  }
}

absl::Status CudaKernels::LoadModule(const Artifact& artifact) {
  const absl::string_view cubin = artifact.kernel_code().cubin;
  if (cubin.empty()) return LoadPtx(artifact, "");
  const Driver& driver = device_->driver();
  const CUresult result =
      driver.cuModuleLoadDataEx(&module_, cubin.data(), 0, nullptr, nullptr);
  if (result == kSuccess) return absl::OkStatus();
  module_ = nullptr;
  return LoadPtx(artifact, driver.Describe(result));
}

// `refused` is why the machine code does not serve; empty if there is none.
absl::Status CudaKernels::LoadPtx(const Artifact& artifact,
                                  absl::string_view refused) {
  // The driver wants an end.
  const std::string text(artifact.kernel_code().ptx);
  const std::string where = absl::StrCat(artifact.path(), ": the code for ",
                                         artifact.target(), " does not load");
  const std::string reason =
      refused.empty() ? "" : absl::StrCat("; its machine code: ", refused);
  if (text.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(where, ": there is no PTX", reason));
  }
  LogInfo(artifact.path(), ": the driver compiles the PTX for ",
          artifact.target(), reason);
  char log[4096] = "";
  int options[] = {kJitErrorLogBuffer, kJitErrorLogBufferBytes};
  void* values[] = {log, reinterpret_cast<void*>(uintptr_t{sizeof(log)})};
  const Driver& driver = device_->driver();
  const CUresult result =
      driver.cuModuleLoadDataEx(&module_, text.c_str(), 2, options, values);
  if (result == kSuccess) return absl::OkStatus();
  module_ = nullptr;
  const std::string details = absl::StrReplaceAll(
      absl::StripAsciiWhitespace(absl::string_view(log)), {{"\n", " "}});
  return absl::FailedPreconditionError(
      absl::StrCat(where, ": its PTX: ", driver.Describe(result),
                   details.empty() ? "" : ": ", details, reason));
}

// Large shared memory and clusters of more than 8 blocks are to be asked for.
absl::Status CudaKernels::AllowShape(Kernel& kernel,
                                     const mmrt_launch_shape& shape) {
  const Driver& driver = device_->driver();
  if (shape.shared_bytes > kernel.shared_bytes) {
    const int most = device_->Attribute(kMaxSharedMemoryPerBlockOptIn);
    MMRT_RETURN_IF_ERROR(driver.Check(
        driver.cuFuncSetAttribute(kernel.function, kMaxDynamicSharedBytes,
                                  static_cast<int>(shape.shared_bytes)),
        absl::StrCat("give kernel ", *kernel.name, " ", shape.shared_bytes,
                     " bytes of shared memory (a block of ", device_->name(),
                     " has up to ", most, ")")));
    kernel.shared_bytes = shape.shared_bytes;
  }
  const uint32_t size = shape.cluster[0] * shape.cluster[1] * shape.cluster[2];
  if (size > kernel.cluster_size) {
    MMRT_RETURN_IF_ERROR(
        driver.Check(driver.cuFuncSetAttribute(kernel.function,
                                               kNonPortableClusterAllowed, 1),
                     absl::StrCat("give kernel ", *kernel.name, " clusters of ",
                                  size, " blocks")));
    kernel.cluster_size = size;
  }
  return absl::OkStatus();
}

CUresult CudaKernels::LaunchIn(CUstream stream, CUfunction function,
                               const mmrt_launch_shape& shape, bool overlaps,
                               void* const* arguments) const {
  CUlaunchAttribute attributes[2] = {};
  unsigned count = 0;
  const uint32_t* cluster = shape.cluster;
  if (cluster[0] * cluster[1] * cluster[2] > 1) {
    attributes[count].id = kLaunchAttributeCluster;
    attributes[count++].value.cluster = {cluster[0], cluster[1], cluster[2]};
  }
  if (overlaps) {
    attributes[count].id = kLaunchAttributeOverlap;
    attributes[count++].value.overlap = 1;
  }
  const CUlaunchConfig config = {
      shape.grid[0],  shape.grid[1],  shape.grid[2],      shape.block[0],
      shape.block[1], shape.block[2], shape.shared_bytes, stream,
      attributes,     count};
  return device_->driver().cuLaunchKernelEx(
      &config, function, const_cast<void**>(arguments), nullptr);
}

static std::string Extents(const uint32_t (&extents)[3]) {
  return absl::StrCat(extents[0], " x ", extents[1], " x ", extents[2]);
}

absl::Status CudaKernels::Launch(int64_t index, const mmrt_launch_shape& shape,
                                 void* const* arguments) {
  Kernel& kernel = kernels_[index];
  MMRT_RETURN_IF_ERROR(device_->Enter());
  MMRT_RETURN_IF_ERROR(AllowShape(kernel, shape));
  device_->set_last_launch(*kernel.name);
  const CUresult result = device_->stream().Launch(
      shape.waits != 0 && device_->overlaps(),
      [&](CUstream stream, bool overlaps) {
        return LaunchIn(stream, kernel.function, shape, overlaps, arguments);
      });
  if (result == kSuccess) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(
      "cannot launch kernel ", *kernel.name, " (", Extents(shape.grid),
      " blocks of ", Extents(shape.block), " threads, clusters of ",
      Extents(shape.cluster), ", ", shape.shared_bytes,
      " bytes of shared memory): ", device_->driver().Describe(result)));
}

}  // namespace minimax::runtime::cuda
