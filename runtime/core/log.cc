//===- log.cc - one-line progress messages --------------------------------===//
//
// Writes log lines to stderr without interleaving them.
//
//===----------------------------------------------------------------------===//
#include "core/log.h"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace minimax::runtime {

static void WriteLine(absl::string_view level, absl::string_view text) {
  std::string line = absl::StrCat(level, " minimax: ", text, "\n");
  std::fwrite(line.data(), 1, line.size(), stderr);
}

bool LogInfoEnabled() {
  static const bool enabled = [] {
    const char* level = std::getenv("MMRT_LOG");
    return level != nullptr && absl::string_view(level) == "info";
  }();
  return enabled;
}

void WriteInfoLine(absl::string_view text) { WriteLine("I", text); }

void WriteWarningLine(absl::string_view text) { WriteLine("W", text); }

}  // namespace minimax::runtime
