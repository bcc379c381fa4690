//===- VendorProducts.h - the installed library's products ------*- C++ -*-===//
//
// cuBLAS as a measure of what a GPU reaches. Programs never call it.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_BENCH_VENDORPRODUCTS_H
#define MINIMAX_TOOLS_BENCH_VENDORPRODUCTS_H

#include "Roofs.h"
#include "absl/status/statusor.h"
#include "cuda/cuda_device.h"
#include <memory>

namespace mlir::minimax::bench {

/// Products of square matrices in bf16 or f32, summed in f32.
class VendorProducts {
public:
  /// Loads libcublas of CUDA 13 or 12, or the library that the environment
  /// names in MINIMAX_BENCH_CUBLAS, and opens it on the device's stream.
  /// NotFound without one.
  static absl::StatusOr<std::unique_ptr<VendorProducts>>
  load(std::shared_ptr<::minimax::runtime::cuda::CudaDevice> device);

  ~VendorProducts();
  VendorProducts(const VendorProducts &) = delete;
  VendorProducts &operator=(const VendorProducts &) = delete;

  /// Starts c[size x size] = a * b in `arithmetic`, f32 or bf16.
  absl::Status multiply(Arithmetic arithmetic, int size, const void *a,
                        const void *b, void *c);

private:
  // Of cublas_api.h; kOk is CUBLAS_STATUS_SUCCESS.
  static constexpr int kOk = 0;
  using CreateFn = int (*)(void **handle);
  using DestroyFn = int (*)(void *handle);
  using SetStreamFn = int (*)(void *handle, void *stream);
  using GemmFn = int (*)(void *handle, int transposeA, int transposeB, int m,
                         int n, int k, const void *alpha, const void *a,
                         int typeA, int strideA, const void *b, int typeB,
                         int strideB, const void *beta, void *c, int typeC,
                         int strideC, int computeType, int algorithm);

  VendorProducts() = default;

  std::shared_ptr<::minimax::runtime::cuda::CudaDevice> device;
  DestroyFn destroy = nullptr;
  GemmFn gemm = nullptr;
  void *handle = nullptr;
};

} // namespace mlir::minimax::bench

#endif // MINIMAX_TOOLS_BENCH_VENDORPRODUCTS_H
