/*===- abi.h - what compiled programs and the runtime agree on --------------===
 *
 * The only header that generated code and the runtime share. C, <stdint.h> only.
 *
 * A compiled program is an ELF shared object that exports, for every target in
 * its manifest (suffix: the target with '-' and ':' replaced by '_', e.g.
 * "__x86_64_v3"):
 *
 *   mm_<entry>__<target>        an mmrt_entry_fn
 *   mm_<entry>_arena__<target>  an mmrt_arena_fn
 *   mm_pack_<k>__<target>       an mmrt_pack_fn
 *
 * A target "cuda:sm_NN" (suffix "__cuda_sm_NN") has host code for any x86-64-v3
 * under these names, and its kernels as
 *
 *   mm_ptx__<target>, mm_ptx_size__<target>      PTX text and its bytes (uint64_t)
 *   mm_cubin__<target>, mm_cubin_size__<target>  machine code, if it was assembled
 *   mm_emulated_<kernel>__<target>               an mmrt_emulated_kernel_fn for
 *                                                each, if it was asked for
 *
 * and, once, `minimax_manifest` (UTF-8 JSON) with `minimax_manifest_size`
 * (uint64_t, bytes without a terminator). It imports nothing but the mmrt_*
 * functions declared below and, for block copies, memcpy, memmove and memset.
 *===----------------------------------------------------------------------===*/
#ifndef MINIMAX_RUNTIME_ABI_H
#define MINIMAX_RUNTIME_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised whenever anything in this file, the manifest's schema or the order of
 * an entry's pointers changes. A loader refuses any other version. */
#define MMRT_ABI_VERSION 4

/* Alignment in bytes of the arena, of packed weights and of state pools. */
#define MMRT_ALIGNMENT 64

/* Opaque to generated code, which only hands it back to mmrt_* calls. */
typedef struct mmrt_context mmrt_context;

/* One tile of a parallel loop: `captures` is the loop's environment and `index`
 * is in [0, count). Tiles of one loop are independent and may run in any order
 * on any worker. */
typedef void (*mmrt_tile_fn)(void *captures, int64_t index);

/* Runs `tile(captures, i)` once for each i in [0, count) and returns when all
 * are done. Never nested. */
void mmrt_parallel_for(mmrt_context *context, mmrt_tile_fn tile, void *captures,
                       int64_t count);

/* Tells that the program now begins its op number `op`, an index into the
 * manifest's `ops`; it ends where the next one begins or the entry returns. Does
 * nothing but to a context that records a profile. Called by the thread that
 * called the entry, outside of parallel loops. */
void mmrt_begin_op(mmrt_context *context, int64_t op);

/* The shape of a launch; `cluster` is 1, 1, 1 for kernels without clusters. */
typedef struct mmrt_launch_shape {
  uint32_t grid[3];
  uint32_t block[3];
  uint32_t cluster[3];
  /* Bytes of dynamic shared memory of each block. */
  uint32_t shared_bytes;
  /* Nonzero if every thread of the kernel waits for the kernels before it
   * (PTX: griddepcontrol.wait) before it accesses global memory: its blocks may
   * then begin while the last of the kernel before run. */
  uint32_t waits;
} mmrt_launch_shape;

/* Starts kernel number `kernel` of the target, an index into the manifest's
 * `kernels`, behind all launches and copies before it, and returns before it has
 * run. `arguments[i]` points to the value of the kernel's parameter i and is
 * read before the call returns. A grid of 0 blocks does nothing. The context
 * keeps the first failure, and later launches and copies do nothing. */
void mmrt_launch(mmrt_context *context, int64_t kernel,
                 const mmrt_launch_shape *shape, void *const *arguments);

/* Copies `bytes` from `source` to `destination`, both memory of the device, in
 * order with launches. */
void mmrt_copy(mmrt_context *context, void *destination, const void *source,
               int64_t bytes);

/* The address on the device of `bytes` bytes of constants of the program at
 * `host`, which are copied there at the first call with this `host`. */
const void *mmrt_constant(mmrt_context *context, const void *host,
                          int64_t bytes);

/* A kernel compiled for the emulator: runs one thread of a launch. */
typedef void (*mmrt_emulated_kernel_fn)(void *const *arguments);

/* An entry. `pointers` holds, in the manifest's order, the buffers of
 * `inputs`, `states`, `outputs`, `weights` and, last, the arena; for a GPU
 * target they are addresses on the device. `dims` holds
 * the values of the manifest's `dims` in their order. Outputs do not alias
 * inputs. Returns 0, or a nonzero code that the program defines. */
typedef int32_t (*mmrt_entry_fn)(mmrt_context *context, void *const *pointers,
                                 const int64_t *dims);

/* Bytes of arena that the entry needs for these dims. */
typedef int64_t (*mmrt_arena_fn)(const int64_t *dims);

/* Packs one source tensor into a packed weight. `source` is the tensor as
 * stored in the checkpoint (row-major, any alignment), `destination` the whole
 * packed weight, zeroed before the first source. `first_row` is the row of the
 * logical weight (leading dimensions flattened) at which the source starts. */
typedef int32_t (*mmrt_pack_fn)(mmrt_context *context, const void *source,
                                void *destination, int64_t first_row);

#ifdef __cplusplus
}
#endif

#endif /* MINIMAX_RUNTIME_ABI_H */
