//===- json_text.h - writing JSON -------------------------------*- C++ -*-===//
//
// The few pieces of JSON that the tool prints.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_TOOLS_MINIMAX_RUN_JSON_TEXT_H
#define MINIMAX_TOOLS_MINIMAX_RUN_JSON_TEXT_H

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace minimax::run {

/// `text` (UTF-8) as a JSON string.
std::string JsonString(absl::string_view text);

/// `[1,2,3]`.
std::string JsonArray(absl::Span<const int32_t> values);

/// A number that reads back as the same double; null if it is not finite.
std::string JsonNumber(double value);

}  // namespace minimax::run

#endif  // MINIMAX_TOOLS_MINIMAX_RUN_JSON_TEXT_H
