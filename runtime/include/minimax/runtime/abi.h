/*===- abi.h - what compiled programs and the runtime agree on --------------===
 *
 * The only header that generated code and the runtime share. C, <stdint.h> only.
 *
 * A compiled program is an ELF shared object that exports, for every target in
 * its manifest (suffix: the target with '-' replaced by '_', e.g.
 * "__x86_64_v3"):
 *
 *   mm_<entry>__<target>        an mmrt_entry_fn
 *   mm_<entry>_arena__<target>  an mmrt_arena_fn
 *   mm_pack_<k>__<target>       an mmrt_pack_fn
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
#define MMRT_ABI_VERSION 2

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

/* An entry. `pointers` holds, in the manifest's order, the buffers of
 * `inputs`, `states`, `outputs`, `weights` and, last, the arena. `dims` holds
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
