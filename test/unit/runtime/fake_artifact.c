/*===- fake_artifact.c - a compiled program written by hand -----------------===
 *
 * A toy model with exact integer arithmetic for tests of the runtime: it uses
 * every part of the C ABI, and its logits depend on all tokens of a sequence
 * through a recurrent state and through a cache.
 *
 *   s[p]      = (3 s[p-1] + token[p] + 1) mod 251
 *   a[p]      = sum over i <= p of (i + 1) token[i], mod 101
 *   logits[v] = (s[p] + 5 a[p] + 37 (v + 1)) mod 97 + embed[v] + panel[v]
 *
 * Token 13 makes an entry fail with code 7, token 14 makes NaN logits. The
 * FAKE_* macros make defective variants. With FAKE_GPU it also has code for two
 * GPUs (fake_gpu_code.h), that for sm_80 with kernels for the emulator.
 *===----------------------------------------------------------------------===*/
#include <math.h>
#include <string.h>

#include "minimax/runtime/abi.h"

enum { kVocab = 16 };

#ifndef FAKE_ABI
#define FAKE_ABI "4"
#endif
#define FAKE_NAMES "[\"sequence\", \"touch\", \"spoil\"]"
#ifdef FAKE_SM_90A
#define FAKE_TARGETS "[\"cuda:sm_90a\"]"
#define FAKE_KERNELS "\"kernels\": {\"cuda:sm_90a\": " FAKE_NAMES "},"
#elif defined(FAKE_GPU)
#define FAKE_TARGETS "[\"x86-64\", \"cuda:sm_80\", \"cuda:sm_90a\"]"
#define FAKE_KERNELS                                                           \
  "\"kernels\": {\"cuda:sm_80\": " FAKE_NAMES ", \"cuda:sm_90a\": " FAKE_NAMES \
  "},"
#endif
#ifndef FAKE_TARGETS
#define FAKE_TARGETS "[\"future-cpu\", \"x86-64\"]"
#endif
#ifndef FAKE_KERNELS
#define FAKE_KERNELS ""
#endif

#define INPUTS                                                                 \
  "[{\"name\": \"tokens\", \"dtype\": \"i32\", \"shape\": [\"T\"]},"           \
  "{\"name\": \"cu_seqlens\", \"dtype\": \"i32\", \"shape\": [\"N+1\"]},"      \
  "{\"name\": \"positions\", \"dtype\": \"i32\", \"shape\": [\"T\"]},"         \
  "{\"name\": \"slots\", \"dtype\": \"i32\", \"shape\": [\"N\"]}]"

#ifndef FAKE_NO_MANIFEST
const char minimax_manifest[] =
    "{\"format\": \"minimax-artifact\", \"abi_version\": " FAKE_ABI ","
    "\"compiler\": \"by hand\", \"content_hash\": \"fa4e\","
    "\"dtype\": \"f32\", \"model\": {\"model_type\": \"fake\","
    "\"vocab_size\": 16, \"hidden_size\": 2, \"num_hidden_layers\": 2,"
    "\"num_local_experts\": 1, \"num_experts_per_tok\": 1,"
    "\"max_position_embeddings\": 1024, \"eos_token_ids\": [0]},"
    "\"targets\": " FAKE_TARGETS "," FAKE_KERNELS
    "\"dims\": [\"T\", \"N\", \"S\", \"C\"],"
    "\"states\": ["
    "{\"name\": \"layers.0.lightning_state\", \"kind\": \"lightning_state\","
    " \"dtype\": \"f32\", \"shape\": [\"S\", 1, 2, 2]},"
    "{\"name\": \"layers.1.kv_cache.key\", \"kind\": \"kv_cache\","
    " \"dtype\": \"f32\", \"shape\": [\"S\", \"C\", 1, 2]}],"
    "\"weights\": ["
    "{\"name\": \"embed\", \"packing\": \"none\", \"dtype\": \"f32\","
    " \"shape\": [16], \"bytes\": 64, \"pack\": \"\","
    " \"sources\": [{\"name\": \"model.embed\", \"dtype\": \"f32\","
    " \"shape\": [16]}]},"
    "{\"name\": \"panel\", \"packing\": \"panels\", \"dtype\": \"f32\","
    " \"shape\": [16], \"bytes\": 64, \"pack\": \"mm_pack_1\","
    " \"sources\": [{\"name\": \"model.a\", \"dtype\": \"f32\","
    " \"shape\": [8], \"first_row\": 0}, {\"name\": \"model.b\","
    " \"dtype\": \"f32\", \"shape\": [8], \"first_row\": 8}]}],"
    "\"entries\": [{\"name\": \"step\", \"inputs\": " INPUTS ","
    " \"outputs\": [{\"name\": \"logits\", \"dtype\": \"f32\","
    " \"shape\": [\"N\", 16]}]}"
#ifndef FAKE_NO_SCORE
    ",{\"name\": \"score\", \"inputs\": " INPUTS ","
    " \"outputs\": [{\"name\": \"logits\", \"dtype\": \"f32\","
    " \"shape\": [\"T\", 16]}, {\"name\": \"hidden.embed\","
    " \"dtype\": \"f32\", \"shape\": [\"T\", 2]},"
    " {\"name\": \"router_topk_idx.layer_00\", \"dtype\": \"i32\","
    " \"shape\": [\"T\", 1]}]}"
#endif
    "], \"ops\": [{\"name\": \"layer_op\", \"weight\": \"panel\","
    " \"function\": \"layer\", \"dtype\": \"f32\", \"flops\": {\"T\": 2},"
    " \"bytes\": {\"1\": 64, \"keys\": 8}},"
    "{\"name\": \"head\", \"weight\": \"\", \"function\": \"step\","
    " \"dtype\": \"f32\", \"flops\": {}, \"bytes\": {}}]}";
const uint64_t minimax_manifest_size = sizeof(minimax_manifest) - 1;
#endif

/* Of the recurrent state, the sum over the cache and the logits. */
static const float kModuli[] = {251, 101, 97};

/* Everything that a tile needs. */
typedef struct call {
  void *const *pointers;
  const int64_t *dims;
  int score;
  const float *moduli;
} call;

/* Advances one sequence by one token and writes its logits. */
static void advance(const float *moduli, float *state, float *cache,
                    int32_t token, int32_t position, const float *embed,
                    const float *panel, float *logits) {
  if (position == 0)
    memset(state, 0, 4 * sizeof(float));
  state[0] = fmodf(3 * state[0] + (float)token + 1, moduli[0]);
  cache[2 * position] = (float)token;
  cache[2 * position + 1] = (float)position;
  float sum = 0;
  for (int32_t i = 0; i <= position; ++i) {
    sum = fmodf(sum + (cache[2 * i + 1] + 1) * cache[2 * i], moduli[1]);
  }
  for (int v = 0; v < kVocab; ++v) {
    logits[v] = fmodf(state[0] + 5 * sum + 37 * (float)(v + 1), moduli[2]) +
                embed[v] + panel[v];
    if (token == 14)
      logits[v] = NAN;
  }
}

/* One tile is one sequence. */
static void run_sequence(void *captures, int64_t n) {
  const call *c = captures;
  const int outputs = c->score ? 3 : 1;
  const int32_t *tokens = c->pointers[0];
  const int32_t *cu_seqlens = c->pointers[1];
  const int32_t *positions = c->pointers[2];
  const int32_t slot = ((const int32_t *)c->pointers[3])[n];
  float *state = (float *)c->pointers[4] + slot * 4;
  float *cache = (float *)c->pointers[5] + slot * c->dims[3] * 2;
  float *logits = c->pointers[6];
  const float *embed = c->pointers[6 + outputs];
  const float *panel = c->pointers[7 + outputs];
  float *arena = c->pointers[8 + outputs];
  if (!c->score)
    memset(logits + n * kVocab, 0, kVocab * sizeof(float));
  for (int32_t t = cu_seqlens[n]; t < cu_seqlens[n + 1]; ++t) {
    arena[t] = (float)tokens[t];
    advance(c->moduli, state, cache, tokens[t], positions[t], embed, panel,
            logits + (c->score ? t : n) * kVocab);
    if (!c->score)
      continue;
    ((float *)c->pointers[7])[2 * t] = arena[t];
    ((float *)c->pointers[7])[2 * t + 1] = (float)positions[t];
    ((int32_t *)c->pointers[8])[t] = tokens[t] % 3;
  }
}

static int32_t run(mmrt_context *context, void *const *pointers,
                   const int64_t *dims, int score) {
  const int32_t *tokens = pointers[0];
  for (int64_t t = 0; t < dims[0]; ++t) {
    if (tokens[t] == 13)
      return 7;
  }
  call c = {pointers, dims, score, kModuli};
  /* Two layers, the second of which has nothing to do. */
  mmrt_begin_op(context, 0);
  mmrt_parallel_for(context, run_sequence, &c, dims[1]);
  mmrt_begin_op(context, 0);
  mmrt_begin_op(context, 1);
  return 0;
}

#ifndef FAKE_NO_CODE
int32_t mm_step__x86_64(mmrt_context *context, void *const *pointers,
                        const int64_t *dims) {
  return run(context, pointers, dims, 0);
}
#endif

int32_t mm_score__x86_64(mmrt_context *context, void *const *pointers,
                         const int64_t *dims) {
  return run(context, pointers, dims, 1);
}

int64_t mm_step_arena__x86_64(const int64_t *dims) {
  return dims[0] * (int64_t)sizeof(float);
}

int64_t mm_score_arena__x86_64(const int64_t *dims) {
  return dims[0] * (int64_t)sizeof(float);
}

/* Packing doubles; a first value of -1 makes it fail with code 3. */
int32_t mm_pack_1__x86_64(mmrt_context *context, const void *source,
                          void *destination, int64_t first_row) {
  (void)context;
  float values[8];
  memcpy(values, source, sizeof(values));
  if (values[0] == -1)
    return 3;
  for (int i = 0; i < 8; ++i) {
    ((float *)destination)[first_row + i] = 2 * values[i];
  }
  return 0;
}

#ifdef FAKE_GPU
#include "fake_gpu_code.h"
#endif
