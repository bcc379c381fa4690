/* serial_runtime.c - the runtime's side of abi.h for tests that call an
 * artifact from Python: tiles one after the other, last one first, so that a
 * test notices tiles that depend on each other. */
#include "minimax/runtime/abi.h"

void mmrt_parallel_for(mmrt_context *context, mmrt_tile_fn tile, void *captures,
                       int64_t count) {
  (void)context;
  for (int64_t index = count; index-- > 0;)
    tile(captures, index);
}

void mmrt_begin_op(mmrt_context *context, int64_t op) {
  (void)context;
  (void)op;
}
