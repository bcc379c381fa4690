//===- cuda_kernels.h - the kernels of an artifact on a GPU -----*- C++ -*-===//
//
// Loads machine code or PTX and launches kernels.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CUDA_CUDA_KERNELS_H
#define MINIMAX_RUNTIME_CUDA_CUDA_KERNELS_H

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/artifact.h"
#include "core/device.h"
#include "cuda/cuda_device.h"

namespace minimax::runtime::cuda {

/// Loaded kernels. Launches go to the device's stream.
class CudaKernels final : public KernelLibrary {
 public:
  /// Loads the artifact's machine code or, if there is none or the driver
  /// refuses it, has its PTX compiled by the driver. FailedPrecondition if
  /// neither serves, DataLoss if a kernel of the manifest is missing.
  static absl::StatusOr<std::shared_ptr<KernelLibrary>> Load(
      std::shared_ptr<CudaDevice> device, const Artifact& artifact);

  ~CudaKernels() override;

  absl::Status Launch(int64_t kernel, const mmrt_launch_shape& shape,
                      void* const* arguments) override;

 private:
  struct Kernel {
    // Lives as long as the device.
    const std::string* name;
    CUfunction function = nullptr;
    // What the function was last allowed to use.
    uint32_t shared_bytes = kSharedWithoutAsking;
    uint32_t cluster_size = kClusterWithoutAsking;
  };
  static constexpr uint32_t kSharedWithoutAsking = 48 << 10;
  static constexpr uint32_t kClusterWithoutAsking = 8;

  explicit CudaKernels(std::shared_ptr<CudaDevice> device)
      : device_(std::move(device)) {}

  absl::Status LoadModule(const Artifact& artifact);
  absl::Status LoadPtx(const Artifact& artifact, absl::string_view refused);
  absl::Status AllowShape(Kernel& kernel, const mmrt_launch_shape& shape);
  CUresult LaunchIn(CUstream stream, CUfunction function,
                    const mmrt_launch_shape& shape, bool overlaps,
                    void* const* arguments) const;

  std::shared_ptr<CudaDevice> device_;
  CUmodule module_ = nullptr;
  std::vector<Kernel> kernels_;
};

}  // namespace minimax::runtime::cuda

#endif  // MINIMAX_RUNTIME_CUDA_CUDA_KERNELS_H
