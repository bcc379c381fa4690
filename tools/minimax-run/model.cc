//===- model.cc - everything a command needs of a model -------------------===//
//
// Implements opening a model and reading sequences from flags and files.
//
//===----------------------------------------------------------------------===//
#include "model.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/annotate.h"
#include "formats/mapped_file.h"
#include "formats/status_macros.h"

namespace minimax::run {

double Now() {
  return std::chrono::duration<double>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::string ArtifactPath(const Options& options) {
  if (!options.artifact.empty()) return options.artifact;
  char path[4096];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof(path));
  return size > 0 ? std::string(path, size) : "/proc/self/exe";
}

static std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Opens the tokenizer that is named, or the checkpoint's if it has one.
static absl::StatusOr<std::optional<runtime::Tokenizer>> OpenTokenizer(
    const Options& options, const std::string& checkpoint) {
  const std::string path = options.tokenizer.empty()
                               ? absl::StrCat(checkpoint, "/tokenizer.json")
                               : options.tokenizer;
  if (options.tokenizer.empty() && access(path.c_str(), F_OK) != 0) {
    return std::optional<runtime::Tokenizer>();
  }
  MMRT_ASSIGN_OR_RETURN(runtime::Tokenizer tokenizer,
                        runtime::Tokenizer::Load(path));
  return std::optional<runtime::Tokenizer>(std::move(tokenizer));
}

// Opens the device, loads the program for it and starts the workers.
static absl::Status OpenProgram(const Options& options, const std::string& path,
                                int threads, Model& model) {
  MMRT_ASSIGN_OR_RETURN(const runtime::Manifest manifest,
                        runtime::Artifact::Inspect(path));
  const runtime::DeviceName device =
      options.device.value_or(runtime::DefaultDevice(manifest, options.target));
  MMRT_ASSIGN_OR_RETURN(model.pool, runtime::ThreadPool::Create(threads));
  MMRT_ASSIGN_OR_RETURN(model.device, runtime::OpenDevice(device, threads));
  MMRT_ASSIGN_OR_RETURN(
      model.artifact,
      runtime::Artifact::Load(path, options.target, model.device->processor()));
  MMRT_ASSIGN_OR_RETURN(
      model.context,
      runtime::MakeContext(model.device, model.artifact, model.pool));
  return absl::OkStatus();
}

absl::StatusOr<Model> OpenModel(const Options& options) {
  const double start = Now();
  Model model;
  const std::string path = ArtifactPath(options);
  const int threads =
      static_cast<int>(std::min<int64_t>(options.threads, 1 << 20));
  MMRT_RETURN_IF_ERROR(OpenProgram(options, path, threads, model));
  const std::string dir =
      options.weights.empty() ? FolderOf(path) : options.weights;
  MMRT_ASSIGN_OR_RETURN(model.tokenizer, OpenTokenizer(options, dir));
  MMRT_ASSIGN_OR_RETURN(
      model.weights, runtime::Weights::Open(model.artifact, dir, *model.context,
                                            {options.weights_cache}));
  model.load_seconds = Now() - start;
  return model;
}

static absl::StatusOr<std::vector<int32_t>> ParseIds(absl::string_view text) {
  std::vector<int32_t> ids;
  for (absl::string_view word :
       absl::StrSplit(text, absl::ByAnyChar(" \t\r\n,"), absl::SkipEmpty())) {
    int32_t id = 0;
    if (!absl::SimpleAtoi(word, &id)) {
      return absl::InvalidArgumentError(
          absl::StrCat("expected a token id, got '", word, "'"));
    }
    ids.push_back(id);
  }
  return ids;
}

static absl::Status AppendLines(const std::string& path,
                                std::vector<std::vector<int32_t>>& sequences) {
  MMRT_ASSIGN_OR_RETURN(const std::string text, runtime::ReadTextFile(path));
  const absl::string_view lines = absl::StripSuffix(text, "\n");
  int64_t number = 0;
  for (absl::string_view line : absl::StrSplit(lines, '\n')) {
    absl::StatusOr<std::vector<int32_t>> ids = ParseIds(line);
    MMRT_RETURN_IF_ERROR(runtime::Annotate(
        ids.status(), absl::StrCat(path, ": line ", ++number)));
    sequences.push_back(*std::move(ids));
  }
  return absl::OkStatus();
}

static absl::StatusOr<std::vector<int32_t>> EncodeText(const Model& model,
                                                       absl::string_view text) {
  if (!model.tokenizer.has_value()) {
    return absl::InvalidArgumentError(
        "text needs a tokenizer and the checkpoint folder has no "
        "tokenizer.json: give --tokenizer, or --tokens instead of text");
  }
  return model.tokenizer->Encode(text);
}

static absl::Status AppendSource(const Source& source, const Model& model,
                                 std::vector<std::vector<int32_t>>& sequences) {
  if (source.kind == Source::Kind::kTokensFile) {
    return AppendLines(source.value, sequences);
  }
  if (source.kind == Source::Kind::kTokens) {
    absl::StatusOr<std::vector<int32_t>> ids = ParseIds(source.value);
    MMRT_RETURN_IF_ERROR(runtime::Annotate(ids.status(), "--tokens"));
    sequences.push_back(*std::move(ids));
    return absl::OkStatus();
  }
  std::string text = source.value;
  if (source.kind == Source::Kind::kTextFile) {
    MMRT_ASSIGN_OR_RETURN(text, runtime::ReadTextFile(source.value));
  }
  MMRT_ASSIGN_OR_RETURN(std::vector<int32_t> ids, EncodeText(model, text));
  sequences.push_back(std::move(ids));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::vector<int32_t>>> ReadSequences(
    const Options& options, const Model& model) {
  std::vector<std::vector<int32_t>> sequences;
  for (const Source& source : options.sources) {
    MMRT_RETURN_IF_ERROR(AppendSource(source, model, sequences));
  }
  return sequences;
}

absl::StatusOr<std::unique_ptr<runtime::Session>> OpenSession(
    const Options& options, const Model& model, int64_t sequences,
    int64_t tokens) {
  runtime::SessionOptions session;
  session.slots = std::clamp<int64_t>(sequences, 1,
                                      std::max<int64_t>(1, options.max_batch));
  session.capacity =
      options.capacity > 0 ? options.capacity : std::max<int64_t>(tokens, 1);
  session.max_memory = options.max_memory;
  session.graphs = options.graphs;
  if (options.hidden.empty()) session.score_outputs = {"logits"};
  return runtime::Session::Create(model.weights, model.context, session);
}

}  // namespace minimax::run
