//===- HandLightning.h - lightning attention by hand ------------*- C++ -*-===//
//
// What a person writes with AVX-512 intrinsics for heads of 128: the measure
// for the generated core. One chunk of C tokens of one head, with the decay
// l = exp(-slope), the state S and the tokens i, j of the chunk:
//
//   P[i,j] = l^(i-j) (Q K^T)[i,j]  for j <= i
//   O      = l^(i+1) (Q S) + P V            in the same registers
//   S      = l^C S + (l^(C-1-j) K)^T V
//
// Source: docs/SPEC.md 2, chunked form. f32 multiplies floats; bf16 multiplies
// pairs of bf16, which are the same 32-bit units, and keeps S in f32.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_BENCHMARKS_PEERS_HANDLIGHTNING_H
#define MINIMAX_BENCHMARKS_PEERS_HANDLIGHTNING_H

#include <cmath>
#include <cstdint>
#include <cstring>
#include <immintrin.h>

namespace peers {

/// `Element` is float or uint16_t (bf16).
template <typename Element> class HandLightning {
public:
  static constexpr int chunk = 64, width = 128;

  /// Begins a sequence of a head.
  void begin(float slope) {
    for (int k = 0; k < 2 * chunk + panel; ++k)
      mask[k] = k < chunk ? std::exp(-slope * float(chunk - 1 - k)) : 0.0f;
    for (int i = 0; i < chunk; ++i) {
      queryDecay[i] = std::exp(-slope * float(i + 1));
      keyDecay[i] = std::exp(-slope * float(chunk - 1 - i));
    }
    chunkDecay = std::exp(-slope * float(chunk));
    std::memset(state, 0, sizeof(state));
    std::memset(narrowState, 0, sizeof(narrowState));
  }

  /// One chunk; rows of a token are `stride` elements apart.
  void run(const Element *query, const Element *key, const Element *value,
           Element *output, int64_t stride) {
    pack(key, value, stride);
    for (int i = 0; i < chunk; i += rows) {
      score(query + i * stride, i, stride);
      attend(query + i * stride, output + i * stride, i, stride);
    }
    advance();
  }

private:
  static constexpr bool isBF16 = sizeof(Element) == 2;
  /// Elements in a 32-bit unit.
  static constexpr int pair = isBF16 ? 2 : 1;
  /// The register tile: `rows` times `panel` results.
  static constexpr int rows = 8, vectors = 2, panel = 16 * vectors;

  struct Tile {
    __m512 at[rows][vectors];
  };

  static const int *units(const Element *data) {
    return reinterpret_cast<const int *>(data);
  }

  /// tile += a * b over `depth` units; a is [rows][depth], or its transpose.
  template <bool isTransposed>
  static void multiply(Tile &tile, const int *a, int64_t stride, const int *b,
                       int64_t bStride, int depth) {
    for (int k = 0; k < depth; ++k)
      for (int r = 0; r < rows; ++r) {
        __m512i unit = _mm512_set1_epi32(isTransposed ? a[k * stride + r]
                                                      : a[r * stride + k]);
        for (int t = 0; t < vectors; ++t) {
          __m512i other = _mm512_loadu_si512(b + k * bStride + 16 * t);
          if constexpr (isBF16)
            tile.at[r][t] = _mm512_dpbf16_ps(tile.at[r][t], (__m512bh)unit,
                                             (__m512bh)other);
          else
            tile.at[r][t] =
                _mm512_fmadd_ps((__m512)unit, (__m512)other, tile.at[r][t]);
        }
      }
  }

  /// Stores 16 results as elements.
  static void store(Element *to, __m512 values) {
    if constexpr (isBF16)
      _mm256_storeu_si256(reinterpret_cast<__m256i *>(to),
                          (__m256i)_mm512_cvtneps_pbh(values));
    else
      _mm512_storeu_ps(to, values);
  }

  static __m512 widen(const Element *from) {
    if constexpr (isBF16)
      return (__m512)_mm512_slli_epi32(
          _mm512_cvtepu16_epi32(
              _mm256_loadu_si256(reinterpret_cast<const __m256i *>(from))),
          16);
    else
      return _mm512_loadu_ps(from);
  }

  /// 16 units of which each holds `low`, and in bf16 also `high`.
  static __m512i join(__m512 low, __m512 high) {
    if constexpr (!isBF16)
      return (__m512i)low;
    auto narrow = [](__m512 values) {
      return _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(values));
    };
    return _mm512_or_si512(narrow(low), _mm512_slli_epi32(narrow(high), 16));
  }

  static void transpose16(const int *in, int64_t inStride, int *out,
                          int64_t outStride);
  void pack(const Element *key, const Element *value, int64_t stride);
  void score(const Element *query, int first, int64_t stride);
  void attend(const Element *query, Element *output, int first, int64_t stride);
  void advance();

  /// Units of K^T in panels [chunk / panel][width][panel], of the decayed K
  /// [chunk][width] and of V in panels [width / panel][chunk][panel].
  alignas(64) int keyPanels[chunk * width];
  alignas(64) int decayedKeys[chunk * width];
  alignas(64) int valuePanels[chunk * width];
  alignas(64) Element scores[chunk * chunk];
  alignas(64) float state[width * width];
  /// In bf16, pairs of rows of the state; the products read it.
  alignas(64) int narrowState[width / 2 * width];
  /// l^(i-j) at chunk - 1 - i + j, 0 above the diagonal.
  float mask[2 * chunk + panel];
  float queryDecay[chunk], keyDecay[chunk], chunkDecay;
};

template <typename Element>
void HandLightning<Element>::transpose16(const int *in, int64_t inStride,
                                         int *out, int64_t outStride) {
  __m512i r[16], t[16];
  for (int i = 0; i < 16; ++i)
    r[i] = _mm512_loadu_si512(in + i * inStride);
  for (int i = 0; i < 8; ++i) {
    t[2 * i] = _mm512_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
    t[2 * i + 1] = _mm512_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  for (int i = 0; i < 4; ++i) {
    t[i] = _mm512_shuffle_i32x4(r[i], r[4 + i], 0x88);
    t[4 + i] = _mm512_shuffle_i32x4(r[i], r[4 + i], 0xdd);
    t[8 + i] = _mm512_shuffle_i32x4(r[8 + i], r[12 + i], 0x88);
    t[12 + i] = _mm512_shuffle_i32x4(r[8 + i], r[12 + i], 0xdd);
  }
  for (int i = 0; i < 8; ++i) {
    _mm512_storeu_si512(out + i * outStride,
                        _mm512_shuffle_i32x4(t[i], t[8 + i], 0x88));
    _mm512_storeu_si512(out + (i + 8) * outStride,
                        _mm512_shuffle_i32x4(t[i], t[8 + i], 0xdd));
  }
}

template <typename Element>
void HandLightning<Element>::pack(const Element *key, const Element *value,
                                  int64_t stride) {
  constexpr int depth = width / pair;
  for (int i = 0; i < chunk; i += 16)
    for (int d = 0; d < depth; d += 16)
      transpose16(units(key + i * stride) + d, stride / pair,
                  keyPanels + i / panel * panel * depth + d * panel + i % panel,
                  panel);
  for (int i = 0; i < chunk; i += pair)
    for (int d = 0; d < width; d += 16) {
      const Element *k = key + i * stride + d, *v = value + i * stride + d;
      // In f32 the second of the pair is read but not used.
      int64_t next = (pair - 1) * stride;
      __m512 low = widen(k) * _mm512_set1_ps(keyDecay[i]);
      __m512 high = widen(k + next) * _mm512_set1_ps(keyDecay[i + pair - 1]);
      _mm512_store_si512(decayedKeys + i / pair * width + d, join(low, high));
      _mm512_store_si512(valuePanels + d / panel * panel * (chunk / pair) +
                             i / pair * panel + d % panel,
                         join(widen(v), widen(v + next)));
    }
}

/// `rows` rows of P from row `first` on.
template <typename Element>
void HandLightning<Element>::score(const Element *query, int first,
                                   int64_t stride) {
  constexpr int depth = width / pair;
  for (int j = 0; j < first + rows; j += panel) {
    Tile tile = {};
    multiply<false>(tile, units(query), stride / pair, keyPanels + j * depth,
                    panel, depth);
    for (int r = 0; r < rows; ++r)
      for (int t = 0; t < vectors; ++t)
        store(scores + (first + r) * chunk + j + 16 * t,
              tile.at[r][t] *
                  _mm512_loadu_ps(mask + chunk - 1 - (first + r) + j + 16 * t));
  }
}

template <typename Element>
void HandLightning<Element>::attend(const Element *query, Element *output,
                                    int first, int64_t stride) {
  const int *oldState =
      isBF16 ? narrowState : reinterpret_cast<const int *>(state);
  for (int d = 0; d < width; d += panel) {
    Tile tile = {};
    multiply<false>(tile, units(query), stride / pair, oldState + d, width,
                    width / pair);
    for (int r = 0; r < rows; ++r)
      for (int t = 0; t < vectors; ++t)
        tile.at[r][t] *= _mm512_set1_ps(queryDecay[first + r]);
    multiply<false>(tile, units(scores + first * chunk), chunk / pair,
                    valuePanels + d * (chunk / pair), panel,
                    (first + rows) / pair);
    for (int r = 0; r < rows; ++r)
      for (int t = 0; t < vectors; ++t)
        store(output + r * stride + d + 16 * t, tile.at[r][t]);
  }
}

template <typename Element> void HandLightning<Element>::advance() {
  for (int i = 0; i < width; i += rows)
    for (int d = 0; d < width; d += panel) {
      Tile tile;
      for (int r = 0; r < rows; ++r)
        for (int t = 0; t < vectors; ++t)
          tile.at[r][t] = _mm512_set1_ps(chunkDecay) *
                          _mm512_load_ps(state + (i + r) * width + d + 16 * t);
      multiply<true>(tile, decayedKeys + i, width,
                     valuePanels + d * (chunk / pair), panel, chunk / pair);
      for (int r = 0; r < rows; ++r)
        for (int t = 0; t < vectors; ++t)
          _mm512_store_ps(state + (i + r) * width + d + 16 * t, tile.at[r][t]);
    }
  if constexpr (isBF16)
    for (int i = 0; i < width; i += 2)
      for (int d = 0; d < width; d += 16)
        _mm512_store_si512(narrowState + i / 2 * width + d,
                           join(_mm512_load_ps(state + i * width + d),
                                _mm512_load_ps(state + (i + 1) * width + d)));
}

} // namespace peers

#endif // MINIMAX_BENCHMARKS_PEERS_HANDLIGHTNING_H
