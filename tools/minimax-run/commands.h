//===- commands.h - what minimax-run does -----------------------*- C++ -*-===//
//
// One function per command; each prints to stdout and returns a status.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_TOOLS_MINIMAX_RUN_COMMANDS_H
#define MINIMAX_TOOLS_MINIMAX_RUN_COMMANDS_H

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "options.h"

namespace minimax::run {

/// Continues every sequence and prints what follows.
absl::Status Generate(const Options& options);

/// Prints how likely the model finds every sequence; writes its outputs.
absl::Status Score(const Options& options);

/// Prints what the artifact's manifest says.
absl::Status Info(const Options& options);

/// Writes to stdout; DataLoss if that fails (a full disk, say).
absl::Status Print(absl::string_view text);

}  // namespace minimax::run

#endif  // MINIMAX_TOOLS_MINIMAX_RUN_COMMANDS_H
