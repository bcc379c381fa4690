//===- print.cc - writing to stdout ---------------------------------------===//
//
// Writes at once, so that streamed text is seen, and notices failures.
//
//===----------------------------------------------------------------------===//
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "commands.h"

namespace minimax::run {

absl::Status Print(absl::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
      std::fflush(stdout) == 0) {
    return absl::OkStatus();
  }
  return absl::DataLossError(
      absl::StrCat("stdout: cannot write: ", std::strerror(errno)));
}

}  // namespace minimax::run
