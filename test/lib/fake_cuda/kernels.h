/*===- kernels.h - who runs kernels for the fake CUDA driver ----------------===
 *
 * Functions that an executable may export so that the fake driver computes.
 * Without them its kernels do nothing.
 *===----------------------------------------------------------------------===*/
#ifndef MINIMAX_TEST_LIB_FAKE_CUDA_KERNELS_H
#define MINIMAX_TEST_LIB_FAKE_CUDA_KERNELS_H

#include <stdint.h>

#include "minimax/runtime/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Memory of the GPU that kernels may touch from now on, and no more. */
void fake_cuda_add_memory(const void *begin, int64_t bytes);
void fake_cuda_remove_memory(const void *begin);

/* Runs a kernel; returns null, or what is wrong with it. */
const char *fake_cuda_run_kernel(mmrt_emulated_kernel_fn kernel,
                                 const char *name,
                                 const mmrt_launch_shape *shape,
                                 void *const *arguments);

#ifdef __cplusplus
}
#endif

#endif /* MINIMAX_TEST_LIB_FAKE_CUDA_KERNELS_H */
