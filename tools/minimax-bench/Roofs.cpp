//===- Roofs.cpp - loops that reach the machine's limits ------------------===//
//
// Written with intrinsics in functions of their own target, so that the tool
// itself runs on any x86-64.
//
//===----------------------------------------------------------------------===//

#include "Roofs.h"
#include <immintrin.h>

using namespace mlir::minimax::bench;

// Enough chains to cover the latency (4-5 cycles, two a cycle), few enough to
// leave registers for the operands.
static constexpr int kWideChains = 24;
static constexpr int kNarrowChains = 12;

/// Unrolls and keeps each accumulator in a register of its own: without the
/// empty statement the compiler would merge or reorder chains.
#define MINIMAX_BENCH_ROUNDS(chains, sums, step)                               \
  for (int64_t round = 0; round < rounds; ++round) {                           \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < (chains); ++i) {    \
      sums[i] = step;                                                          \
      asm volatile("" : "+v"(sums[i]));                                        \
    }                                                                          \
  }

__attribute__((target("avx512f"), noinline)) static void
multiplyAddWide(int64_t rounds) {
  __m512 sums[kWideChains] = {};
  __m512 a = _mm512_set1_ps(1.0001f), b = _mm512_set1_ps(0.5f);
  MINIMAX_BENCH_ROUNDS(kWideChains, sums, _mm512_fmadd_ps(a, b, sums[i]))
}

__attribute__((target("avx2,fma"), noinline)) static void
multiplyAddNarrow(int64_t rounds) {
  __m256 sums[kNarrowChains] = {};
  __m256 a = _mm256_set1_ps(1.0001f), b = _mm256_set1_ps(0.5f);
  MINIMAX_BENCH_ROUNDS(kNarrowChains, sums, _mm256_fmadd_ps(a, b, sums[i]))
}

__attribute__((target("avx512f,avx512bf16"), noinline)) static void
dotBF16(int64_t rounds) {
  __m512 sums[kWideChains] = {};
  __m512bh a = (__m512bh)_mm512_set1_epi32(0x3f803f80);
  __m512bh b = (__m512bh)_mm512_set1_epi32(0x3f003f00);
  MINIMAX_BENCH_ROUNDS(kWideChains, sums, _mm512_dpbf16_ps(sums[i], a, b))
}

__attribute__((target("avx512f,avx512vnni"), noinline)) static void
dotInt8(int64_t rounds) {
  __m512i sums[kWideChains] = {};
  __m512i a = _mm512_set1_epi32(0x01020304), b = _mm512_set1_epi32(0x01010101);
  MINIMAX_BENCH_ROUNDS(kWideChains, sums, _mm512_dpbusd_epi32(sums[i], a, b))
}

__attribute__((target("avx512f,avx512vnni"), noinline)) static void
dotInt16(int64_t rounds) {
  __m512i sums[kWideChains] = {};
  __m512i a = _mm512_set1_epi32(0x00010002), b = _mm512_set1_epi32(0x00010001);
  MINIMAX_BENCH_ROUNDS(kWideChains, sums, _mm512_dpwssd_epi32(sums[i], a, b))
}

ArithmeticLoop mlir::minimax::bench::getArithmeticLoop(Arithmetic arithmetic) {
  switch (arithmetic) {
  case Arithmetic::F32:
    if (__builtin_cpu_supports("avx512f"))
      return {multiplyAddWide, kWideChains * 16 * 2.0};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
      return {multiplyAddNarrow, kNarrowChains * 8 * 2.0};
    return {};
  case Arithmetic::BF16:
    if (__builtin_cpu_supports("avx512bf16"))
      return {dotBF16, kWideChains * 32 * 2.0};
    return {};
  case Arithmetic::Int16:
    if (__builtin_cpu_supports("avx512vnni"))
      return {dotInt16, kWideChains * 32 * 2.0};
    return {};
  case Arithmetic::Int8:
    if (__builtin_cpu_supports("avx512vnni"))
      return {dotInt8, kWideChains * 64 * 2.0};
    return {};
  }
  return {};
}

/// Sums the lines of `Streams` equal parts in turn, prefetching `Ahead` bytes.
template <int Streams, int Ahead>
__attribute__((target("avx2"), noinline)) static void
readStreams(const std::byte *data, size_t bytes) {
  constexpr int kSums = 8;
  constexpr size_t kStride = Streams >= kSums / 2 ? 64 : 64 * 4 / Streams;
  __m256i sums[kSums] = {};
  size_t part = bytes / Streams;
  for (size_t at = 0; at < part; at += kStride) {
    _Pragma("clang loop unroll(full)") for (int s = 0; s < Streams; ++s) {
      _Pragma("clang loop unroll(full)") for (size_t i = 0; i < kStride;
                                              i += 32) {
        const std::byte *line = data + s * part + at + i;
        if (Ahead > 0 && i % 64 == 0)
          _mm_prefetch((const char *)line + Ahead, _MM_HINT_T0);
        __m256i &sum = sums[(s * (kStride / 32) + i / 32) % kSums];
        sum = _mm256_add_epi32(sum, _mm256_load_si256((const __m256i *)line));
      }
    }
  }
  for (__m256i &sum : sums)
    asm volatile("" : "+x"(sum));
}

llvm::ArrayRef<ReadLoop> mlir::minimax::bench::getReadLoops() {
  static constexpr ReadLoop loops[] = {
      readStreams<1, 0>,    readStreams<1, 1024>, readStreams<1, 2048>,
      readStreams<1, 4096>, readStreams<4, 0>,    readStreams<4, 1024>,
      readStreams<8, 0>,    readStreams<8, 1024>,
  };
  return loops;
}
