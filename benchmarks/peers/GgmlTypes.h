//===- GgmlTypes.h - minimax-bench's dtypes in ggml -------------*- C++ -*-===//
//
// Which type of ggml's weights stands beside which dtype of minimax-bench.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_BENCHMARKS_PEERS_GGMLTYPES_H
#define MINIMAX_BENCHMARKS_PEERS_GGMLTYPES_H

#include <ggml.h>

#include <optional>
#include <string_view>

namespace peers {

/// The type of weights for `dtype`; q8_0 for W8A16 is the nearest there is.
inline std::optional<ggml_type> weightType(std::string_view dtype) {
  if (dtype == "f32")
    return GGML_TYPE_F32;
  if (dtype == "bf16")
    return GGML_TYPE_BF16;
  if (dtype == "w8a16")
    return GGML_TYPE_Q8_0;
  return std::nullopt;
}

} // namespace peers

#endif // MINIMAX_BENCHMARKS_PEERS_GGMLTYPES_H
