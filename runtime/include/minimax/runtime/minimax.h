/*===- minimax.h - the C interface of the runtime ---------------------------===
 *
 * Loads a compiled program, gives it a checkpoint's weights and continues
 * sequences of tokens with it.
 *
 *   mmrt_artifact_load -> mmrt_weights_open -> mmrt_session_open
 *     -> mmrt_session_add_sequence -> mmrt_session_step ...
 *
 * Every function but the *_close ones returns 0 or an error code; the text is
 * then in mmrt_last_error(). An output argument is written only on success.
 * Objects that are in use by others stay alive until those are closed, so they
 * may be closed in any order. Artifacts and weights may be shared by threads; a
 * context, and the sessions that use it, belong to one thread at a time.
 *
 * Link libMiniMaxRuntime.a and export the functions of abi.h from the
 * executable (-Wl,--export-dynamic-symbol=mmrt_parallel_for etc.; for the
 * emulator mmrt_emulated_* too): programs import them.
 *===----------------------------------------------------------------------===*/
#ifndef MINIMAX_RUNTIME_MINIMAX_H
#define MINIMAX_RUNTIME_MINIMAX_H

#include <stdint.h>

#include "minimax/runtime/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Error codes; the values are Abseil's. Others may be added. */
typedef enum mmrt_status {
  MMRT_OK = 0,
  MMRT_UNKNOWN = 2,
  MMRT_INVALID_ARGUMENT = 3,
  MMRT_NOT_FOUND = 5,
  MMRT_PERMISSION_DENIED = 7,
  MMRT_RESOURCE_EXHAUSTED = 8,
  MMRT_FAILED_PRECONDITION = 9,
  MMRT_OUT_OF_RANGE = 11,
  MMRT_UNIMPLEMENTED = 12,
  MMRT_INTERNAL = 13,
  MMRT_DATA_LOSS = 15
} mmrt_status;

typedef struct mmrt_artifact mmrt_artifact;
typedef struct mmrt_worker_pool mmrt_worker_pool;
typedef struct mmrt_weights mmrt_weights;
typedef struct mmrt_session mmrt_session;

/* Text of the last error of this thread, without a newline; "" if there was
 * none. Valid until this thread's next call that fails. */
const char *mmrt_last_error(void);

/* Loads the program in the file `path`, to run on `device`: "cpu" (also if it
 * is NULL), "cuda" or "cuda:<number>" for a GPU, or "emulator". `target` picks
 * one of its targets; NULL means the best for the device. */
int32_t mmrt_artifact_load(const char *path, const char *target,
                           const char *device, mmrt_artifact **artifact);
void mmrt_artifact_close(mmrt_artifact *artifact);

/* Sizes of the model: tokens are in [0, vocabulary). */
int32_t mmrt_artifact_vocabulary(const mmrt_artifact *artifact,
                                 int64_t *vocabulary);

/* Starts `threads` - 1 workers; 0 means one thread per available core. */
int32_t mmrt_worker_pool_open(int32_t threads, mmrt_worker_pool **pool);
void mmrt_worker_pool_close(mmrt_worker_pool *pool);

/* Maps the checkpoint in the folder `dir` and packs its weights, or maps what
 * an earlier run packed, and copies them to the device. `cache` is the folder
 * for packed weights, "off" to keep none, or NULL for the default. */
int32_t mmrt_weights_open(const mmrt_artifact *artifact, const char *dir,
                          const char *cache, mmrt_worker_pool *pool,
                          mmrt_weights **weights);
void mmrt_weights_close(mmrt_weights *weights);

/* Reserves states for `slots` sequences of up to `capacity` tokens, in at most
 * `max_memory` bytes (0: the machine's memory, or what the GPU has free). */
int32_t mmrt_session_open(const mmrt_weights *weights, mmrt_worker_pool *pool,
                          int64_t slots, int64_t capacity, int64_t max_memory,
                          mmrt_session **session);
void mmrt_session_close(mmrt_session *session);

/* Opens an empty sequence and stores its slot; ends a sequence. */
int32_t mmrt_session_add_sequence(mmrt_session *session, int32_t *slot);
int32_t mmrt_session_remove_sequence(mmrt_session *session, int32_t slot);

/* Stores the number of tokens that the sequence in `slot` holds. */
int32_t mmrt_session_position(const mmrt_session *session, int32_t slot,
                              int64_t *position);

/* What one sequence adds in a step: `count` tokens, perhaps none. */
typedef struct mmrt_sequence_step {
  int32_t slot;
  const int32_t *tokens;
  int64_t count;
} mmrt_sequence_step;

/* Appends tokens to `count` distinct sequences and stores a pointer to the
 * logits after each one's last token: `count` rows of `vocabulary` values,
 * valid until the session's next call. */
int32_t mmrt_session_step(mmrt_session *session,
                          const mmrt_sequence_step *sequences, int64_t count,
                          const float **logits);

/* Copies the state `name` of a sequence into `data`, which holds `size` bytes.
 * Stores the bytes needed in `needed` (may be NULL); if `size` is less, copies
 * nothing and returns MMRT_OUT_OF_RANGE. */
int32_t mmrt_session_read_state(const mmrt_session *session, int32_t slot,
                                const char *name, void *data, int64_t size,
                                int64_t *needed);

#ifdef __cplusplus
}
#endif

#endif /* MINIMAX_RUNTIME_MINIMAX_H */
