//===- fake_cublas.cc - a cuBLAS for tests without a GPU ------------------===//
//
// Checks what it is called with and computes nothing.
//
//===----------------------------------------------------------------------===//

static int opened;
static void* stream_of_products;

extern "C" int cublasCreate_v2(void** handle) {
  *handle = &opened;
  return 0;
}

extern "C" int cublasDestroy_v2(void* handle) { return handle != &opened; }

extern "C" int cublasSetStream_v2(void* handle, void* stream) {
  stream_of_products = stream;
  return handle != &opened || stream == nullptr;
}

// 14 is CUDA_R_16BF, 68 CUBLAS_COMPUTE_32F; 7 CUBLAS_STATUS_INVALID_VALUE.
extern "C" int cublasGemmEx(void* handle, int transposeA, int transposeB, int m,
                            int n, int k, const void* alpha, const void* a,
                            int typeA, int strideA, const void* b, int typeB,
                            int strideB, const void* beta, void* c, int typeC,
                            int strideC, int computeType, int algorithm) {
  const bool bf16 = typeA == 14;
  const bool types = (bf16 || typeA == 0) && typeB == typeA && typeC == typeA &&
                     computeType == 68 && algorithm == -1;
  const bool sizes = m == n && n == k && m == (bf16 ? 8192 : 4096) &&
                     strideA == k && strideB == k && strideC == m;
  const bool values = *static_cast<const float*>(alpha) == 1 &&
                      *static_cast<const float*>(beta) == 0 &&
                      transposeA == 1 && transposeB == 0;
  const bool pointers = a != nullptr && b != nullptr && c != nullptr &&
                        a != b && b != c && stream_of_products != nullptr;
  return handle == &opened && types && sizes && values && pointers ? 0 : 7;
}
