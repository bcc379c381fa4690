//===- utf8.h - checking and repairing UTF-8 -------------------*- C++ -*-===//
//
// UTF-8 validation and replacement of what is not UTF-8.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_FORMATS_UTF8_H_
#define MINIMAX_RUNTIME_FORMATS_UTF8_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace minimax::runtime {

/// Whether `bytes` is well-formed UTF-8 (no surrogates, no overlong forms).
bool IsUtf8(absl::string_view bytes);

/// `bytes` with each maximal ill-formed part replaced by U+FFFD, as Unicode
/// recommends and Rust's `String::from_utf8_lossy` does.
std::string ReplaceInvalidUtf8(absl::string_view bytes);

/// Bytes at the end of `bytes` that may be the start of a character that later
/// bytes complete: 0 to 3.
size_t IncompleteUtf8Suffix(absl::string_view bytes);

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_FORMATS_UTF8_H_
