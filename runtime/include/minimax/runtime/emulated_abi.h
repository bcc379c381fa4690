/*===- emulated_abi.h - what emulated kernels import ------------------------===
 *
 * Compiled kernels (include/minimax/Target/Emulation.h) import these functions.
 * C, <stdint.h> only. A kernel's thread is a fiber; what waits lets others run.
 *
 * An operation, e.g. mmrt_emulated_shfl_sync_idx_i32, is named after the
 * intrinsic of LLVM without "llvm.nvvm." and the types of pointers. It takes a
 * structure of the intrinsic's operands, in C's layout, and writes a structure
 * of its results. `site` tells the instructions of a module apart. Operations
 * that LLVM has no intrinsic for come from inline assembly; their operands are
 * in lib/Target/EmulationAssembly.cpp.
 *===----------------------------------------------------------------------===*/
#ifndef MINIMAX_RUNTIME_EMULATED_ABI_H
#define MINIMAX_RUNTIME_EMULATED_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MMRT_EMULATED_EXPORT __attribute__((visibility("default")))

/* A running thread. */
typedef struct mmrt_emulated_thread mmrt_emulated_thread;

/* The thread that runs. Called first of all, with the bytes of shared memory
 * that the kernel has besides those that its launch adds. */
MMRT_EMULATED_EXPORT mmrt_emulated_thread *mmrt_emulated_enter(
    int64_t static_shared_bytes);

/* The thread that runs, for functions that kernels call. */
MMRT_EMULATED_EXPORT mmrt_emulated_thread *mmrt_emulated_current(void);

/* Whether to run the code that calls the functions of accesses below. */
MMRT_EMULATED_EXPORT int32_t
mmrt_emulated_checking(mmrt_emulated_thread *thread);

/* The block's shared memory, at an address below 4 GiB. */
MMRT_EMULATED_EXPORT void *mmrt_emulated_shared(mmrt_emulated_thread *thread);

/* Accesses about to happen: of shared memory, and of memory that may be global
 * or shared. `alignment` is what the instruction requires of the address. */
#define MMRT_EMULATED_ACCESS(NAME)                                      \
  MMRT_EMULATED_EXPORT void mmrt_emulated_##NAME(                       \
      mmrt_emulated_thread *thread, const void *address, int64_t bytes, \
      int32_t alignment, int32_t site)
MMRT_EMULATED_ACCESS(read_shared);
MMRT_EMULATED_ACCESS(write_shared);
MMRT_EMULATED_ACCESS(read_global);
MMRT_EMULATED_ACCESS(write_global);
/* A read, and a write if one happens, that cannot be divided. */
MMRT_EMULATED_ACCESS(atomic);

/* Special registers. */
/* clang-format off */
#define MMRT_EMULATED_REGISTERS(X) \
  X(tid_x) X(tid_y) X(tid_z) X(ntid_x) X(ntid_y) X(ntid_z) X(ctaid_x) \
  X(ctaid_y) X(ctaid_z) X(nctaid_x) X(nctaid_y) X(nctaid_z) X(laneid) \
  X(warpid) X(nwarpid) X(warpsize) X(lanemask_eq) X(lanemask_le) \
  X(lanemask_lt) X(lanemask_ge) X(lanemask_gt) \
  X(cluster_ctaid_x) X(cluster_ctaid_y) X(cluster_ctaid_z) X(cluster_nctaid_x) \
  X(cluster_nctaid_y) X(cluster_nctaid_z) X(clusterid_x) X(clusterid_y) \
  X(clusterid_z) X(nclusterid_x) X(nclusterid_y) X(nclusterid_z) \
  X(cluster_ctarank) X(cluster_nctarank)
/* clang-format on */

#define MMRT_EMULATED_DECLARE_REGISTER(NAME)              \
  MMRT_EMULATED_EXPORT int32_t mmrt_emulated_read_##NAME( \
      mmrt_emulated_thread *thread);
MMRT_EMULATED_REGISTERS(MMRT_EMULATED_DECLARE_REGISTER)

/* Functions of numbers that x86-64 has no instruction for. */
#define MMRT_EMULATED_MATH_F32(X)                                         \
  X(exp_f32)                                                              \
  X(exp2_f32) X(exp10_f32) X(log_f32) X(log2_f32) X(log10_f32) X(sin_f32) \
      X(cos_f32) X(tanh_f32)
#define MMRT_EMULATED_MATH_F64(X)                                         \
  X(exp_f64)                                                              \
  X(exp2_f64) X(exp10_f64) X(log_f64) X(log2_f64) X(log10_f64) X(sin_f64) \
      X(cos_f64) X(tanh_f64)

#define MMRT_EMULATED_DECLARE_F32(NAME) \
  MMRT_EMULATED_EXPORT float mmrt_emulated_##NAME(float value);
#define MMRT_EMULATED_DECLARE_F64(NAME) \
  MMRT_EMULATED_EXPORT double mmrt_emulated_##NAME(double value);
MMRT_EMULATED_MATH_F32(MMRT_EMULATED_DECLARE_F32)
MMRT_EMULATED_MATH_F64(MMRT_EMULATED_DECLARE_F64)
MMRT_EMULATED_EXPORT float mmrt_emulated_pow_f32(float base, float exponent);
MMRT_EMULATED_EXPORT double mmrt_emulated_pow_f64(double base, double exponent);
MMRT_EMULATED_EXPORT float mmrt_emulated_fmod_f32(float value, float divisor);
MMRT_EMULATED_EXPORT double mmrt_emulated_fmod_f64(double value,
                                                   double divisor);

/* Operations. */
/* clang-format off */
#define MMRT_EMULATED_OPERATIONS(X) \
  X(barrier0) X(barrier0_popc) X(barrier0_and) X(barrier0_or) X(barrier_n) \
  X(barrier) X(bar_sync) X(barrier_sync) X(barrier_sync_cnt) X(barrier_arrive) \
  X(bar_warp_sync) \
  X(shfl_sync_idx_i32) X(shfl_sync_idx_f32) X(shfl_sync_idx_i32p) \
  X(shfl_sync_idx_f32p) X(shfl_sync_bfly_i32) X(shfl_sync_bfly_f32) \
  X(shfl_sync_bfly_i32p) X(shfl_sync_bfly_f32p) X(shfl_sync_up_i32) \
  X(shfl_sync_up_f32) X(shfl_sync_up_i32p) X(shfl_sync_up_f32p) \
  X(shfl_sync_down_i32) X(shfl_sync_down_f32) X(shfl_sync_down_i32p) \
  X(shfl_sync_down_f32p) \
  X(vote_all_sync) X(vote_any_sync) X(vote_uni_sync) X(vote_ballot_sync) \
  X(match_any_sync_i32) X(match_all_sync_i32p) X(activemask) X(redux_sync_add) \
  X(redux_sync_min) X(redux_sync_max) X(redux_sync_umin) X(redux_sync_umax) \
  X(redux_sync_and) X(redux_sync_or) X(redux_sync_xor) X(elect_sync) \
  X(ldmatrix_sync_aligned_m8n8_x1_b16) X(ldmatrix_sync_aligned_m8n8_x2_b16) \
  X(ldmatrix_sync_aligned_m8n8_x4_b16) \
  X(ldmatrix_sync_aligned_m8n8_x1_trans_b16) \
  X(ldmatrix_sync_aligned_m8n8_x2_trans_b16) \
  X(ldmatrix_sync_aligned_m8n8_x4_trans_b16) X(stmatrix_x1) X(stmatrix_x2) \
  X(stmatrix_x4) X(stmatrix_x1_trans) X(stmatrix_x2_trans) \
  X(stmatrix_x4_trans) X(mma_m16n8k16_row_col_bf16) \
  X(mma_m16n8k16_row_col_f32_f32) X(mma_m16n8k8_row_col_tf32) \
  X(cp_async_ca_shared_global_4) X(cp_async_ca_shared_global_8) \
  X(cp_async_ca_shared_global_16) X(cp_async_cg_shared_global_16) \
  X(cp_async_ca_shared_global_4_s) X(cp_async_ca_shared_global_8_s) \
  X(cp_async_ca_shared_global_16_s) X(cp_async_cg_shared_global_16_s) \
  X(cp_async_commit_group) X(cp_async_wait_group) X(cp_async_wait_all) \
  X(mbarrier_init_shared) X(mbarrier_inval_shared) X(mbarrier_arrive_shared) \
  X(mbarrier_arrive_expect_tx) X(mbarrier_wait_parity) X(fence_proxy_async) \
  X(bulk_load) X(bulk_prefetch) X(tensor_load) X(tensor_store) \
  X(griddepcontrol_wait) \
  X(cp_async_bulk_commit_group) \
  X(cp_async_bulk_wait_group) X(cp_async_bulk_wait_group_read) X(wgmma) \
  X(wgmma_commit_group) X(wgmma_wait_group) \
  X(barrier_cluster_arrive) X(barrier_cluster_arrive_aligned) \
  X(barrier_cluster_arrive_relaxed) X(barrier_cluster_arrive_relaxed_aligned) \
  X(barrier_cluster_wait) X(barrier_cluster_wait_aligned) X(mapa) \
  X(mapa_shared_cluster)
/* clang-format on */

#define MMRT_EMULATED_OPERATION(NAME)                                    \
  MMRT_EMULATED_EXPORT void mmrt_emulated_##NAME(                        \
      mmrt_emulated_thread *thread, void *results, const void *operands, \
      int32_t site)
#define MMRT_EMULATED_DECLARE_OPERATION(NAME) MMRT_EMULATED_OPERATION(NAME);
MMRT_EMULATED_OPERATIONS(MMRT_EMULATED_DECLARE_OPERATION)

#ifdef __cplusplus
}
#endif

#endif /* MINIMAX_RUNTIME_EMULATED_ABI_H */
