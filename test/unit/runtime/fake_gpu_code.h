/*===- fake_gpu_code.h - the fake artifact's code for GPUs ------------------===
 *
 * The same model as host code that launches kernels, and kernels for the
 * emulator, of one thread each. Included by fake_artifact.c. The kernels are
 *
 *   0 sequence   what run_sequence does for one sequence, the rows of
 *                "hidden.embed" in the arena
 *   1 touch      nothing, in two blocks (of one cluster on sm_90a)
 *   2 spoil      makes the logits NaN; launched with a grid of 0 blocks
 *
 * PTX and machine code only name the kernels; fake_cuda_driver.cc reads them.
 *===----------------------------------------------------------------------===*/

enum { kSequence, kTouch, kSpoil };

/* Pointers of the entry "score"; "step" lacks two of them. */
enum { kPointers = 12, kHidden = 7, kRouter = 8, kArena = 11 };

/* Brings the pointers of "step" to their places among those of "score". */
static void widen(void *const *pointers, int score, void **wide) {
  for (int i = 0; i < kPointers; ++i) {
    const int from = score || i < kHidden ? i : i - 2;
    const int missing = !score && (i == kHidden || i == kRouter);
    wide[i] = missing ? NULL : pointers[from];
  }
}

static void launch_sequence(mmrt_context *context, void **wide,
                            const float *moduli, const int64_t *dims,
                            int32_t score, uint32_t waits, int64_t n) {
  int64_t tokens = dims[0];
  int64_t capacity = dims[3];
  void *arguments[kPointers + 5];
  for (int i = 0; i < kPointers; ++i) arguments[i] = &wide[i];
  arguments[kPointers] = &moduli;
  arguments[kPointers + 1] = &tokens;
  arguments[kPointers + 2] = &capacity;
  arguments[kPointers + 3] = &score;
  arguments[kPointers + 4] = &n;
  /* More shared memory than a kernel gets without asking. */
  const mmrt_launch_shape shape = {
      {1, 1, 1}, {1, 1, 1}, {1, 1, 1}, 96 << 10, waits};
  mmrt_launch(context, kSequence, &shape, arguments);
}

static int32_t run_on_gpu(mmrt_context *context, void *const *pointers,
                          const int64_t *dims, int32_t score,
                          uint32_t cluster) {
  void *wide[kPointers];
  widen(pointers, score, wide);
  /* Kernels of sm_90a wait for those before them. */
  const uint32_t waits = cluster > 1;
  const mmrt_launch_shape pair = {
      {2, 1, 1}, {1, 1, 1}, {cluster, 1, 1}, 0, waits};
  const mmrt_launch_shape none = {{0, 1, 1}, {1, 1, 1}, {1, 1, 1}, 0, waits};
  void *logits[] = {&wide[6]};
  mmrt_begin_op(context, 0);
  const float *moduli = mmrt_constant(context, kModuli, sizeof(kModuli));
#ifdef FAKE_BAD_LAUNCH
  mmrt_launch(context, 9, &pair, NULL);
#endif
  mmrt_launch(context, kTouch, &pair, logits);
  for (int64_t n = 0; n < dims[1]; ++n) {
    launch_sequence(context, wide, moduli, dims, score, waits, n);
  }
  mmrt_launch(context, kSpoil, &none, logits);
  mmrt_begin_op(context, 1);
  if (!score) return 0;
  mmrt_copy(context, wide[kHidden], (float *)wide[kArena] + dims[0],
            dims[0] * 2 * (int64_t)sizeof(float));
  return 0;
}

void mm_emulated_sequence__cuda_sm_80(void *const *arguments) {
  void *pointers[kPointers];
  for (int i = 0; i < kPointers; ++i) pointers[i] = *(void **)arguments[i];
  const int64_t tokens = *(const int64_t *)arguments[kPointers + 1];
  const int64_t dims[4] = {tokens, 0, 0,
                           *(const int64_t *)arguments[kPointers + 2]};
  const int score = *(const int32_t *)arguments[kPointers + 3];
  /* The copy afterwards fills the output. */
  pointers[kHidden] = (float *)pointers[kArena] + tokens;
  void *narrow[kPointers - 2];
  for (int i = 0; i < kPointers - 2; ++i) {
    narrow[i] = pointers[i < kHidden ? i : i + 2];
  }
  const call c = {score ? pointers : narrow, dims, score,
                  *(const float *const *)arguments[kPointers]};
  run_sequence((void *)&c, *(const int64_t *)arguments[kPointers + 4]);
}

void mm_emulated_touch__cuda_sm_80(void *const *arguments) { (void)arguments; }

#ifndef FAKE_NO_KERNEL
void mm_emulated_spoil__cuda_sm_80(void *const *arguments) {
  **(float **)arguments[0] = NAN;
}
#endif

#define FAKE_POINTERS_6                                          \
  ".param .u64 a, .param .u64 b, .param .u64 c, .param .u64 d, " \
  ".param .u64 e, .param .u64 f, "
#define FAKE_PTX(ARCH, BODY)                                       \
  ".version 8.0\n.target " ARCH                                    \
  "\n.address_size 64\n"                                           \
  ".visible .entry sequence(" FAKE_POINTERS_6 FAKE_POINTERS_6      \
  ".param .u64 moduli, .param .u64 tokens, .param .u64 capacity, " \
  ".param .u32 score, .param .u64 n)\n{" BODY                      \
  "ret;\n}\n"                                                      \
  ".visible .entry touch(.param .u64 logits)\n{" BODY              \
  "ret;\n}\n"                                                      \
  ".visible .entry spoil(.param .u64 logits)\n{" BODY "ret;\n}\n"

#define FAKE_GPU_TARGET(SUFFIX, CLUSTER)                                   \
  int32_t mm_step__##SUFFIX(mmrt_context *context, void *const *pointers,  \
                            const int64_t *dims) {                         \
    return run_on_gpu(context, pointers, dims, 0, CLUSTER);                \
  }                                                                        \
  int32_t mm_score__##SUFFIX(mmrt_context *context, void *const *pointers, \
                             const int64_t *dims) {                        \
    return run_on_gpu(context, pointers, dims, 1, CLUSTER);                \
  }                                                                        \
  int64_t mm_step_arena__##SUFFIX(const int64_t *dims) {                   \
    return dims[0] * 3 * (int64_t)sizeof(float);                           \
  }                                                                        \
  int64_t mm_score_arena__##SUFFIX(const int64_t *dims) {                  \
    return dims[0] * 3 * (int64_t)sizeof(float);                           \
  }                                                                        \
  int32_t mm_pack_1__##SUFFIX(mmrt_context *context, const void *source,   \
                              void *destination, int64_t first_row) {      \
    return mm_pack_1__x86_64(context, source, destination, first_row);     \
  }

/* GPUs of sm_80 have no clusters. */
FAKE_GPU_TARGET(cuda_sm_80, 1)
FAKE_GPU_TARGET(cuda_sm_90a, 2)

#ifndef FAKE_NO_PTX
const char mm_ptx__cuda_sm_80[] = FAKE_PTX("sm_80", "\n");
const uint64_t mm_ptx_size__cuda_sm_80 = sizeof(mm_ptx__cuda_sm_80) - 1;
#endif
const char mm_cubin__cuda_sm_80[] = "fake cubin sm_80 sequence touch spoil ";
const uint64_t mm_cubin_size__cuda_sm_80 = sizeof(mm_cubin__cuda_sm_80);
const char mm_ptx__cuda_sm_90a[] =
    FAKE_PTX("sm_90a", "\ngriddepcontrol.wait;\n");
const uint64_t mm_ptx_size__cuda_sm_90a = sizeof(mm_ptx__cuda_sm_90a) - 1;
