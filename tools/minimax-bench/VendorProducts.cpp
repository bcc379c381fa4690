//===- VendorProducts.cpp - the installed library's products --------------===//
//
// Loads cuBLAS at run time; numbers are those of its headers.
//
//===----------------------------------------------------------------------===//

#include "VendorProducts.h"
#include "absl/strings/str_cat.h"
#include <cstdlib>
#include <dlfcn.h>

using namespace mlir::minimax::bench;
using ::minimax::runtime::cuda::CudaDevice;

static void *openLibrary() {
  if (const char *path = std::getenv("MINIMAX_BENCH_CUBLAS"))
    return dlopen(path, RTLD_NOW);
  for (const char *name : {"libcublas.so.13", "libcublas.so.12"})
    if (void *library = dlopen(name, RTLD_NOW))
      return library;
  return nullptr;
}

absl::StatusOr<std::unique_ptr<VendorProducts>>
VendorProducts::load(std::shared_ptr<CudaDevice> device) {
  // Never closed: it keeps threads.
  void *library = openLibrary();
  if (!library)
    return absl::NotFoundError("no libcublas of CUDA 12 or 13");
  auto create = reinterpret_cast<CreateFn>(dlsym(library, "cublasCreate_v2"));
  auto setStream =
      reinterpret_cast<SetStreamFn>(dlsym(library, "cublasSetStream_v2"));
  std::unique_ptr<VendorProducts> products(new VendorProducts());
  products->destroy =
      reinterpret_cast<DestroyFn>(dlsym(library, "cublasDestroy_v2"));
  products->gemm = reinterpret_cast<GemmFn>(dlsym(library, "cublasGemmEx"));
  if (!create || !setStream || !products->destroy || !products->gemm)
    return absl::NotFoundError("libcublas lacks cublasGemmEx");
  if (absl::Status status = device->Enter(); !status.ok())
    return status;
  int code = create(&products->handle);
  if (code == kOk)
    code = setStream(products->handle, device->stream().get());
  if (code != kOk)
    return absl::NotFoundError(
        absl::StrCat("libcublas does not start: status ", code));
  products->device = std::move(device);
  return products;
}

VendorProducts::~VendorProducts() {
  if (handle)
    destroy(handle);
}

absl::Status VendorProducts::multiply(Arithmetic arithmetic, int size,
                                      const void *a, const void *b, void *c) {
  // CUBLAS_OP_N and CUBLAS_OP_T, CUDA_R_16BF and CUDA_R_32F,
  // CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT.
  constexpr int kPlain = 0, kTransposed = 1, kTypeBF16 = 14, kTypeF32 = 0;
  constexpr int kComputeF32 = 68, kDefault = -1;
  int type = arithmetic == Arithmetic::BF16 ? kTypeBF16 : kTypeF32;
  float one = 1, zero = 0;
  if (absl::Status status = device->Enter(); !status.ok())
    return status;
  // Both factors have their sum's dimension innermost, as our weights do.
  int code =
      gemm(handle, kTransposed, kPlain, size, size, size, &one, a, type, size,
           b, type, size, &zero, c, type, size, kComputeF32, kDefault);
  if (code == kOk)
    return absl::OkStatus();
  return absl::InternalError(absl::StrCat("cublasGemmEx failed: ", code));
}
