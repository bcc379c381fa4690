/*===- c_api_test.c - the C interface, from C -------------------------------===
 *
 * Loads the fake artifact, checks logits and states, and makes every kind of
 * error. Arguments: artifact, checkpoint folder, device. Run by
 * core_run_test.cc.
 *===----------------------------------------------------------------------===*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "minimax/runtime/minimax.h"

/* Ends the program with the line of a condition that does not hold. */
#define CHECK(condition)                                                       \
  do {                                                                         \
    if (!(condition)) {                                                        \
      fprintf(stderr, "line %d: %s does not hold; last error: %s\n", __LINE__, \
              #condition, mmrt_last_error());                                  \
      exit(1);                                                                 \
    }                                                                          \
  } while (0)

static void check_errors_of_loading(void) {
  mmrt_artifact *artifact = NULL;
  CHECK(strcmp(mmrt_last_error(), "") == 0);
  CHECK(mmrt_artifact_load(NULL, NULL, NULL, &artifact) ==
        MMRT_INVALID_ARGUMENT);
  CHECK(strstr(mmrt_last_error(), "'path' must not be null") != NULL);
  CHECK(mmrt_artifact_load("/nowhere.so", NULL, NULL, &artifact) ==
        MMRT_NOT_FOUND);
  CHECK(strstr(mmrt_last_error(), "/nowhere.so") != NULL);
  CHECK(mmrt_artifact_load("/nowhere.so", NULL, "abacus", &artifact) ==
        MMRT_INVALID_ARGUMENT);
  CHECK(strstr(mmrt_last_error(), "got 'abacus'") != NULL);
  CHECK(artifact == NULL);
  mmrt_worker_pool *pool = NULL;
  CHECK(mmrt_worker_pool_open(-1, &pool) == MMRT_INVALID_ARGUMENT);
  CHECK(pool == NULL);
}

static void check_steps(mmrt_session *session) {
  int32_t first = -1, second = -1;
  CHECK(mmrt_session_add_sequence(session, &first) == MMRT_OK);
  CHECK(mmrt_session_add_sequence(session, &second) == MMRT_OK);
  CHECK(mmrt_session_add_sequence(session, &second) == MMRT_RESOURCE_EXHAUSTED);
  const int32_t tokens[] = {1, 2, 3};
  const mmrt_sequence_step steps[] = {{first, tokens, 3}, {second, NULL, 0}};
  const float *logits = NULL;
  CHECK(mmrt_session_step(session, steps, 2, &logits) == MMRT_OK);
  /* s = 2, 9, 31; a = 14; (31 + 70 + 37) mod 97 = 41, plus panel 2 * 0. */
  CHECK(logits[0] == 41);
  CHECK(logits[16] == 0);
  int64_t position = 0;
  CHECK(mmrt_session_position(session, first, &position) == MMRT_OK);
  CHECK(position == 3);
  float state[4];
  int64_t needed = 0;
  CHECK(mmrt_session_read_state(session, first, "layers.0.lightning_state",
                                state, 3, &needed) == MMRT_OUT_OF_RANGE);
  CHECK(needed == sizeof(state));
  CHECK(mmrt_session_read_state(session, first, "layers.0.lightning_state",
                                state, sizeof(state), NULL) == MMRT_OK);
  CHECK(state[0] == 31);
  CHECK(mmrt_session_remove_sequence(session, first) == MMRT_OK);
  CHECK(mmrt_session_remove_sequence(session, first) == MMRT_NOT_FOUND);
  CHECK(mmrt_session_step(session, steps, 2, &logits) == MMRT_NOT_FOUND);
  CHECK(mmrt_session_step(session, steps, -1, &logits) ==
        MMRT_INVALID_ARGUMENT);
  const mmrt_sequence_step broken = {second, NULL, 4};
  CHECK(mmrt_session_step(session, &broken, 1, &logits) ==
        MMRT_INVALID_ARGUMENT);
}

int main(int argc, char **argv) {
  CHECK(argc == 4);
  check_errors_of_loading();
  mmrt_artifact *artifact = NULL;
  mmrt_worker_pool *pool = NULL;
  mmrt_weights *weights = NULL;
  mmrt_session *session = NULL;
  int64_t vocabulary = 0;
  CHECK(mmrt_artifact_load(argv[1], NULL, argv[3], &artifact) == MMRT_OK);
  CHECK(mmrt_artifact_vocabulary(artifact, &vocabulary) == MMRT_OK);
  CHECK(vocabulary == 16);
  CHECK(mmrt_worker_pool_open(2, &pool) == MMRT_OK);
  CHECK(mmrt_weights_open(artifact, "/nowhere", "off", pool, &weights) ==
        MMRT_NOT_FOUND);
  CHECK(mmrt_weights_open(artifact, argv[2], "off", pool, &weights) == MMRT_OK);
  CHECK(mmrt_session_open(weights, pool, 0, 8, 0, &session) ==
        MMRT_INVALID_ARGUMENT);
  /* One on workers of its own, one on those of the weights. */
  mmrt_worker_pool *other = NULL;
  CHECK(mmrt_worker_pool_open(1, &other) == MMRT_OK);
  CHECK(mmrt_session_open(weights, other, 2, 8, 0, &session) == MMRT_OK);
  mmrt_worker_pool_close(other);
  check_steps(session);
  mmrt_session_close(session);
  CHECK(mmrt_session_open(weights, pool, 2, 8, 0, &session) == MMRT_OK);
  /* The session keeps what it uses. */
  mmrt_artifact_close(artifact);
  mmrt_weights_close(weights);
  mmrt_worker_pool_close(pool);
  check_steps(session);
  mmrt_session_close(session);
  mmrt_session_close(NULL);
  return 0;
}
