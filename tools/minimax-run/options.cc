//===- options.cc - the command line of minimax-run -----------------------===//
//
// One table of flags serves parsing, checking and the help text.
//
//===----------------------------------------------------------------------===//
#include "options.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "formats/status_macros.h"

namespace minimax::run {

namespace {

// Where a flag's value goes. A null pointer to a member that has no such type.
struct Flag {
  absl::string_view name;
  // Commands that take it, by their first letters.
  absl::string_view commands;
  absl::string_view value;
  absl::string_view help;
  absl::Status (*set)(Options& options, absl::string_view value);
};

}  // namespace

template <std::string Options::*kMember>
static absl::Status SetText(Options& options, absl::string_view value) {
  options.*kMember = std::string(value);
  return absl::OkStatus();
}

template <bool Options::*kMember, bool kValue>
static absl::Status SetBool(Options& options, absl::string_view value) {
  if (!value.empty() && value != "true" && value != "false") {
    return absl::InvalidArgumentError(
        absl::StrCat("expected true or false, got '", value, "'"));
  }
  options.*kMember = (value == "false") != kValue;
  return absl::OkStatus();
}

static absl::Status ParseNumber(absl::string_view text, int64_t minimum,
                                int64_t& number) {
  if (absl::SimpleAtoi(text, &number) && number >= minimum) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "expected an integer of at least ", minimum, ", got '", text, "'"));
}

template <int64_t Options::*kMember, int64_t kMinimum>
static absl::Status SetNumber(Options& options, absl::string_view value) {
  return ParseNumber(value, kMinimum, options.*kMember);
}

template <double runtime::SamplerOptions::*kMember>
static absl::Status SetReal(Options& options, absl::string_view value) {
  if (absl::SimpleAtod(value, &(options.sampler.*kMember))) {
    return runtime::ValidateSamplerOptions(options.sampler);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("expected a number, got '", value, "'"));
}

static absl::Status SetTopK(Options& options, absl::string_view value) {
  return ParseNumber(value, 0, options.sampler.top_k);
}

static absl::Status SetSeed(Options& options, absl::string_view value) {
  if (absl::SimpleAtoi(value, &options.sampler.seed)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "expected an integer from 0 to 2^64 - 1, got '", value, "'"));
}

static absl::Status SetGraphs(Options& options, absl::string_view value) {
  if (value != "on" && value != "off") {
    return absl::InvalidArgumentError(
        absl::StrCat("expected on or off, got '", value, "'"));
  }
  options.graphs = value == "on";
  return absl::OkStatus();
}

static absl::Status SetDevice(Options& options, absl::string_view value) {
  MMRT_ASSIGN_OR_RETURN(options.device, runtime::ParseDeviceName(value));
  return absl::OkStatus();
}

template <Source::Kind kKind>
static absl::Status AddSource(Options& options, absl::string_view value) {
  options.sources.push_back({kKind, std::string(value)});
  return absl::OkStatus();
}

static absl::Status SetProfile(Options& options, absl::string_view value) {
  if (value.empty()) options.profile_summary = true;
  options.profile_trace = std::string(value);
  return absl::OkStatus();
}

// Peaks are given in units of 1e9 per second.
static absl::Status SetPeaks(Options& options, absl::string_view value) {
  runtime::ProfilePeaks& peaks = options.profile_peaks;
  const std::pair<absl::string_view, double*> known[] = {
      {"f32", &peaks.f32_flops},
      {"bf16", &peaks.bf16_flops},
      {"dram", &peaks.bytes}};
  for (absl::string_view part : absl::StrSplit(value, ',')) {
    const std::pair<absl::string_view, absl::string_view> peak =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    double number = 0;
    const auto* found = std::find_if(
        std::begin(known), std::end(known),
        [&](const auto& entry) { return entry.first == peak.first; });
    if (found == std::end(known) || !absl::SimpleAtod(peak.second, &number) ||
        !(number > 0) || number > 1e9) {
      return absl::InvalidArgumentError(absl::StrCat(
          "expected f32=GFLOPS, bf16=GFLOPS or dram=GBYTES between commas, "
          "got '",
          part, "'"));
    }
    *found->second = number * 1e9;
  }
  return absl::OkStatus();
}

// A flag without a value text is a switch; a value in brackets may be left out.
static constexpr Flag kFlags[] = {
    {"weights", "gs", "DIR",
     "checkpoint folder (default: the folder of the artifact)",
     SetText<&Options::weights>},
    {"tokenizer", "gs", "FILE",
     "tokenizer.json (default: the one in the checkpoint folder, if any)",
     SetText<&Options::tokenizer>},
    {"prompt", "gs", "TEXT", "a sequence; may be repeated",
     AddSource<Source::Kind::kText>},
    {"prompt-file", "gs", "FILE", "a sequence: the whole file; repeatable",
     AddSource<Source::Kind::kTextFile>},
    {"text", "s", "TEXT", "same as --prompt", AddSource<Source::Kind::kText>},
    {"text-file", "s", "FILE", "same as --prompt-file",
     AddSource<Source::Kind::kTextFile>},
    {"tokens", "gs", "IDS", "a sequence as ids, e.g. \"1 2 3\"; repeatable",
     AddSource<Source::Kind::kTokens>},
    {"tokens-file", "gs", "FILE", "one sequence a line, ids between blanks",
     AddSource<Source::Kind::kTokensFile>},
    {"max-new-tokens", "g", "N", "new tokens of a sequence (default: 128)",
     SetNumber<&Options::max_new_tokens, 0>},
    {"temperature", "g", "X", "0 takes the most likely token (default: 0)",
     SetReal<&runtime::SamplerOptions::temperature>},
    {"top-k", "g", "N", "sample among the k most likely (default: 0, all)",
     SetTopK},
    {"top-p", "g", "X", "sample among those that reach p (default: 1, all)",
     SetReal<&runtime::SamplerOptions::top_p>},
    {"seed", "g", "N", "seed of the random numbers (default: 0)", SetSeed},
    {"ignore-eos", "g", "", "go on after an end-of-sequence token",
     SetBool<&Options::ignore_eos, true>},
    {"no-stream", "g", "", "print the text of a single prompt at the end",
     SetBool<&Options::stream, false>},
    {"max-batch", "gs", "N", "sequences that are run at once (default: 32)",
     SetNumber<&Options::max_batch, 1>},
    {"batch", "s", "", "score --max-batch sequences at once, not one by one",
     SetBool<&Options::batch, true>},
    {"logits", "s", "FILE", "write logits.<i> [T, V] as safetensors",
     SetText<&Options::logits>},
    {"hidden", "s", "FILE", "write every other output as <name>.<i>",
     SetText<&Options::hidden>},
    {"states", "s", "FILE", "write the final states as <name>.<i>",
     SetText<&Options::states>},
    {"chunk", "gs", "N",
     "tokens a sequence adds in one step at most (default: 2048)",
     SetNumber<&Options::chunk, 1>},
    {"capacity", "gs", "N",
     "tokens a slot can hold (default: what the longest sequence needs)",
     SetNumber<&Options::capacity, 1>},
    {"max-memory", "gs", "BYTES",
     "limit for all states (default: the machine's memory)",
     SetNumber<&Options::max_memory, 1>},
    {"threads", "gs", "N", "threads (default: 0, one for each available core)",
     SetNumber<&Options::threads, 0>},
    {"weights-cache", "gs", "DIR",
     "folder of packed weights, or \"off\" (default: .minimax in the "
     "checkpoint folder, else ~/.cache/minimax)",
     SetText<&Options::weights_cache>},
    {"device", "gs", "NAME",
     "cpu, cuda or cuda:<number>, or emulator: GPU kernels on the CPU "
     "(default: cpu if the artifact has code for it, else cuda)",
     SetDevice},
    {"target", "gs", "NAME",
     "use the code for this target (default: the best the device runs)",
     SetText<&Options::target>},
    {"graphs", "gs", "on|off",
     "whether a GPU records steps that decode and launches each as a whole "
     "(default: on)",
     SetGraphs},
    {"profile", "gs", "[FILE]",
     "write a trace of every op for Perfetto; without FILE print a table to "
     "stderr",
     SetProfile},
    {"profile-summary", "gs", "", "print the table as well as a trace",
     SetBool<&Options::profile_summary, true>},
    {"profile-peaks", "gs", "f32=G,bf16=G,dram=G",
     "what the machine can do, in GFLOP/s and GB/s; adds fractions of it",
     SetPeaks},
    {"json", "gsi", "", "print one JSON object", SetBool<&Options::json, true>},
};

static bool IsOptional(const Flag& flag) {
  return absl::StartsWith(flag.value, "[");
}

std::string HelpText() {
  std::string text =
      "usage: minimax-run generate ARTIFACT [flags]   continue prompts\n"
      "       minimax-run score ARTIFACT [flags]      likelihood of text\n"
      "       minimax-run info ARTIFACT [--json]      what an artifact holds\n"
      "       minimax-run --help | --version\n"
      "An executable with an artifact inside takes no ARTIFACT.\n\n"
      "flags (g: generate, s: score, i: info):\n";
  for (const Flag& flag : kFlags) {
    std::string name = absl::StrCat("--", flag.name, "=", flag.value);
    if (flag.value.empty()) name.pop_back();
    if (IsOptional(flag)) {
      name = absl::StrCat("--", flag.name, "[=", flag.value.substr(1));
    }
    absl::StrAppendFormat(&text, "  %-3s  %-22s %s\n", flag.commands, name,
                          flag.help);
  }
  return text;
}

static absl::StatusOr<Command> ParseCommand(absl::string_view word) {
  if (word == "generate") return Command::kGenerate;
  if (word == "score") return Command::kScore;
  if (word == "info") return Command::kInfo;
  if (word == "help" || word == "--help" || word == "-h") return Command::kHelp;
  if (word == "--version") return Command::kVersion;
  return absl::InvalidArgumentError(
      absl::StrCat("unknown command '", word, "', see --help"));
}

static char CommandLetter(Command command) {
  return command == Command::kGenerate ? 'g'
         : command == Command::kScore  ? 's'
                                       : 'i';
}

// Parses the flag at the front of `rest` and removes it.
static absl::Status ParseFlag(absl::Span<const char* const>& rest,
                              Options& options) {
  const absl::string_view argument = rest.front();
  rest.remove_prefix(1);
  const size_t equals = argument.find('=');
  const absl::string_view name = argument.substr(2, equals - 2);
  const auto* flag =
      std::find_if(std::begin(kFlags), std::end(kFlags),
                   [name](const Flag& known) { return known.name == name; });
  if (flag == std::end(kFlags)) {
    return absl::InvalidArgumentError(
        absl::StrCat("unknown flag --", name, ", see --help"));
  }
  if (!absl::StrContains(flag->commands, CommandLetter(options.command))) {
    return absl::InvalidArgumentError(
        absl::StrCat("flag --", name, " does not belong to this command"));
  }
  absl::string_view value;
  if (equals != absl::string_view::npos) {
    value = argument.substr(equals + 1);
  } else if (!flag->value.empty() && !IsOptional(*flag)) {
    if (rest.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("flag --", name, " needs a value"));
    }
    value = rest.front();
    rest.remove_prefix(1);
  }
  const absl::Status status = flag->set(options, value);
  if (status.ok()) return status;
  return absl::InvalidArgumentError(
      absl::StrCat("flag --", name, ": ", status.message()));
}

static absl::Status CheckOptions(const Options& options, bool embedded) {
  if (options.artifact.empty() && !embedded) {
    return absl::InvalidArgumentError("expected an artifact, see --help");
  }
  if (options.command != Command::kInfo && options.sources.empty()) {
    return absl::InvalidArgumentError(
        "nothing to run: give --prompt, --prompt-file, --tokens or "
        "--tokens-file");
  }
  return absl::OkStatus();
}

absl::StatusOr<Options> ParseOptions(absl::Span<const char* const> arguments,
                                     bool embedded) {
  Options options;
  if (arguments.empty()) {
    return absl::InvalidArgumentError("expected a command, see --help");
  }
  MMRT_ASSIGN_OR_RETURN(options.command, ParseCommand(arguments.front()));
  absl::Span<const char* const> rest = arguments.subspan(1);
  while (!rest.empty()) {
    const absl::string_view argument = rest.front();
    if (argument == "--help" || argument == "-h") {
      options.command = Command::kHelp;
    }
    if (options.command == Command::kHelp ||
        options.command == Command::kVersion) {
      return options;
    }
    if (absl::StartsWith(argument, "--")) {
      MMRT_RETURN_IF_ERROR(ParseFlag(rest, options));
      continue;
    }
    if (!options.artifact.empty() || embedded || argument.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("unexpected argument '", argument, "', see --help"));
    }
    options.artifact = std::string(argument);
    rest.remove_prefix(1);
  }
  if (options.command == Command::kHelp ||
      options.command == Command::kVersion) {
    return options;
  }
  MMRT_RETURN_IF_ERROR(CheckOptions(options, embedded));
  return options;
}

}  // namespace minimax::run
