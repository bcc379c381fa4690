//===- options.h - the command line of minimax-run --------------*- C++ -*-===//
//
// Turns arguments into one struct, and knows the help text.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_TOOLS_MINIMAX_RUN_OPTIONS_H
#define MINIMAX_TOOLS_MINIMAX_RUN_OPTIONS_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/profile_report.h"
#include "core/sampler.h"
#include "devices/open_device.h"

namespace minimax::run {

/// What to do.
enum class Command { kHelp, kVersion, kGenerate, kScore, kInfo };

/// One flag that contributes sequences.
struct Source {
  enum class Kind { kText, kTextFile, kTokens, kTokensFile };
  Kind kind;
  /// Text, ids or the name of a file.
  std::string value;
};

/// The whole command line. Members are named after their flags.
struct Options {
  Command command = Command::kHelp;
  /// Empty: the artifact inside this executable.
  std::string artifact;
  std::string weights;
  std::string tokenizer;
  std::string target;
  /// Empty: the default of runtime::DefaultDevice.
  std::optional<runtime::DeviceName> device;
  std::string weights_cache;
  /// In the order in which they were given.
  std::vector<Source> sources;
  int64_t threads = 0;
  int64_t capacity = 0;
  int64_t max_memory = 0;
  int64_t max_batch = 32;
  int64_t chunk = 2048;
  bool json = false;
  bool graphs = true;
  /// File of --profile=FILE; empty without one.
  std::string profile_trace;
  /// --profile without a file, or --profile-summary.
  bool profile_summary = false;
  runtime::ProfilePeaks profile_peaks;

  int64_t max_new_tokens = 128;
  runtime::SamplerOptions sampler;
  bool ignore_eos = false;
  bool stream = true;

  bool batch = false;
  std::string logits;
  std::string hidden;
  std::string states;
};

/// Parses what follows the program's name. `embedded` tells that the program
/// holds an artifact, so that none is to be named. InvalidArgument, with a
/// hint, for anything that the help text does not allow.
absl::StatusOr<Options> ParseOptions(absl::Span<const char* const> arguments,
                                     bool embedded);

/// What --help prints.
std::string HelpText();

}  // namespace minimax::run

#endif  // MINIMAX_TOOLS_MINIMAX_RUN_OPTIONS_H
