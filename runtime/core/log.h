//===- log.h - one-line progress messages -----------------------*- C++ -*-===//
//
// Lines on stderr: information (off unless MMRT_LOG=info) and warnings.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CORE_LOG_H
#define MINIMAX_RUNTIME_CORE_LOG_H

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace minimax::runtime {

/// Whether the environment asks for information lines (MMRT_LOG=info). Read
/// once per process.
bool LogInfoEnabled();

/// Writes `I minimax: <text>` to stderr in one write.
void WriteInfoLine(absl::string_view text);

/// Writes `W minimax: <text>` to stderr in one write, whatever MMRT_LOG says.
void WriteWarningLine(absl::string_view text);

/// Information for whoever debugs a deployment; costs a branch when off.
template <typename... Parts>
void LogInfo(const Parts&... parts) {
  if (LogInfoEnabled()) WriteInfoLine(absl::StrCat(parts...));
}

/// Something the user should know although the program goes on.
template <typename... Parts>
void LogWarning(const Parts&... parts) {
  WriteWarningLine(absl::StrCat(parts...));
}

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_CORE_LOG_H
