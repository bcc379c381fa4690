//===- score.cc - minimax-run score ---------------------------------------===//
//
// Scores sequences in chunks that carry their states, and collects outputs.
//
//===----------------------------------------------------------------------===//
#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "commands.h"
#include "formats/safetensors.h"
#include "formats/status_macros.h"
#include "json_text.h"
#include "likelihood.h"
#include "model.h"
#include "profiling.h"

namespace minimax::run {

namespace {

// What has been computed for one sequence.
struct Scored {
  std::vector<int32_t> tokens;
  double sum = 0;
  // Outputs to be written, by name; rows are appended chunk by chunk.
  std::map<std::string, runtime::HostTensor> outputs;
  std::vector<runtime::HostTensor> states;

  // The first token is given, not predicted.
  double Mean() const {
    return tokens.size() < 2 ? NAN
                             : sum / static_cast<double>(tokens.size() - 1);
  }
};

// Scores all sequences on one session.
class Scorer {
 public:
  Scorer(const Options& options, const Model& model, runtime::Session& session)
      : options_(options), model_(model), session_(session) {}

  // Scores `group` at once; each has a slot of its own.
  absl::Status ScoreGroup(absl::Span<Scored> group);

 private:
  absl::Status ScoreChunk(absl::Span<Scored> group, size_t first);
  void Collect(Scored& scored, const runtime::OutputView& output, int64_t row,
               int64_t rows) const;
  void AddLikelihood(Scored& scored, const runtime::OutputView& output,
                     int64_t row, size_t first, size_t count) const;

  const Options& options_;
  const Model& model_;
  runtime::Session& session_;
  std::vector<int32_t> slots_;
};

}  // namespace

void Scorer::Collect(Scored& scored, const runtime::OutputView& output,
                     int64_t row, int64_t rows) const {
  const std::string& file =
      output.name == "logits" ? options_.logits : options_.hidden;
  if (file.empty()) return;
  runtime::HostTensor& tensor = scored.outputs[std::string(output.name)];
  if (tensor.shape.empty()) {
    tensor = {std::string(output.name), output.dtype, output.shape, {}};
    tensor.shape[0] = 0;
  }
  const int64_t stride =
      output.shape[0] == 0 ? 0 : output.bytes / output.shape[0];
  tensor.shape[0] += rows;
  tensor.data.insert(tensor.data.end(), output.data + row * stride,
                     output.data + (row + rows) * stride);
}

void Scorer::AddLikelihood(Scored& scored, const runtime::OutputView& output,
                           int64_t row, size_t first, size_t count) const {
  const int64_t vocab = output.shape[1];
  // The last token's logits predict nothing that is known.
  const absl::Span<const int32_t> targets =
      absl::MakeConstSpan(scored.tokens)
          .subspan(first)
          .subspan(std::min<size_t>(1, scored.tokens.size() - first));
  scored.sum += SumNegativeLogLikelihood(
      *model_.pool, output.floats() + row * vocab, vocab,
      targets.first(std::min(count, targets.size())));
}

absl::Status Scorer::ScoreChunk(absl::Span<Scored> group, size_t first) {
  std::vector<runtime::SequenceStep> steps;
  for (size_t i = 0; i < group.size(); ++i) {
    const absl::Span<const int32_t> tokens = group[i].tokens;
    const size_t from = std::min(first, tokens.size());
    steps.push_back({slots_[i], tokens.subspan(from, options_.chunk)});
  }
  MMRT_ASSIGN_OR_RETURN(const absl::Span<const runtime::OutputView> outputs,
                        session_.Score(steps));
  int64_t row = 0;
  for (size_t i = 0; i < group.size(); ++i) {
    const size_t count = steps[i].tokens.size();
    for (const runtime::OutputView& output : outputs) {
      Collect(group[i], output, row, static_cast<int64_t>(count));
      if (output.name != "logits" || count == 0) continue;
      AddLikelihood(group[i], output, row, first, count);
    }
    row += static_cast<int64_t>(count);
  }
  return absl::OkStatus();
}

absl::Status Scorer::ScoreGroup(absl::Span<Scored> group) {
  size_t longest = 1;
  slots_.clear();
  for (const Scored& scored : group) {
    longest = std::max(longest, scored.tokens.size());
    MMRT_ASSIGN_OR_RETURN(const int32_t slot, session_.AddSequence());
    slots_.push_back(slot);
  }
  for (size_t first = 0; first < longest; first += options_.chunk) {
    MMRT_RETURN_IF_ERROR(ScoreChunk(group, first));
  }
  for (size_t i = 0; i < group.size(); ++i) {
    for (const auto& state : session_.manifest().states) {
      if (options_.states.empty()) break;
      MMRT_ASSIGN_OR_RETURN(runtime::HostTensor tensor,
                            session_.ReadState(slots_[i], state.name));
      group[i].states.push_back(std::move(tensor));
    }
    MMRT_RETURN_IF_ERROR(session_.RemoveSequence(slots_[i]));
  }
  return absl::OkStatus();
}

// Checks that the entry gives what this command reads.
static absl::Status CheckEntry(const runtime::Manifest& manifest) {
  const runtime::ManifestEntry* entry = manifest.FindEntry("score");
  if (entry == nullptr) {
    return absl::UnimplementedError(
        "the artifact has no entry score: compile it with one");
  }
  for (const runtime::ManifestTensor& output : entry->outputs) {
    const bool rows = !output.shape.empty() &&
                      output.shape[0].symbol == runtime::DimSymbol::kTokens;
    const bool logits =
        output.name != "logits" ||
        (output.dtype == runtime::DType::kF32 && output.shape.size() == 2);
    if (rows && logits) continue;
    return absl::UnimplementedError(
        absl::StrCat("output ", output.name,
                     " of entry score has an unknown shape or type"));
  }
  return absl::OkStatus();
}

static absl::Status WriteTensors(
    const std::string& path,
    const std::vector<std::pair<size_t, const runtime::HostTensor*>>& tensors) {
  if (path.empty()) return absl::OkStatus();
  std::vector<runtime::TensorToWrite> list;
  for (const auto& [index, tensor] : tensors) {
    list.push_back({absl::StrCat(tensor->name, ".", index), tensor->dtype,
                    tensor->shape, tensor->data.data()});
  }
  return runtime::WriteSafetensors(path, list);
}

static absl::Status WriteOutputs(const Options& options,
                                 const std::vector<Scored>& all) {
  std::vector<std::pair<size_t, const runtime::HostTensor*>> logits, hidden,
      states;
  for (size_t i = 0; i < all.size(); ++i) {
    for (const auto& [name, tensor] : all[i].outputs) {
      (name == "logits" ? logits : hidden).emplace_back(i, &tensor);
    }
    for (const runtime::HostTensor& state : all[i].states) {
      states.emplace_back(i, &state);
    }
  }
  MMRT_RETURN_IF_ERROR(WriteTensors(options.logits, logits));
  MMRT_RETURN_IF_ERROR(WriteTensors(options.hidden, hidden));
  return WriteTensors(options.states, states);
}

static absl::Status PrintScores(const Options& options, const Model& model,
                                const std::vector<Scored>& all,
                                double seconds) {
  std::vector<std::string> json;
  std::string text;
  int64_t total = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    const size_t tokens = all[i].tokens.size();
    const double mean = all[i].Mean();
    total += static_cast<int64_t>(tokens);
    json.push_back(
        absl::StrCat("{\"tokens\":", tokens, ",\"mean_nll\":", JsonNumber(mean),
                     ",\"perplexity\":", JsonNumber(std::exp(mean)), "}"));
    absl::StrAppendFormat(
        &text, "sequence %d: %d tokens, mean NLL %.6f, perplexity %.6f\n", i,
        tokens, mean, std::exp(mean));
  }
  if (!options.json) return Print(text);
  return Print(absl::StrCat(
      "{\"sequences\":[", absl::StrJoin(json, ","),
      "],\"timing\":{\"load_seconds\":", JsonNumber(model.load_seconds),
      ",\"score_seconds\":", JsonNumber(seconds), ",\"tokens\":", total,
      ",\"tokens_per_second\":", JsonNumber(seconds > 0 ? total / seconds : 0),
      "}}\n"));
}

absl::Status Score(const Options& options) {
  MMRT_ASSIGN_OR_RETURN(const Model model, OpenModel(options));
  MMRT_RETURN_IF_ERROR(CheckEntry(model.artifact->manifest()));
  MMRT_ASSIGN_OR_RETURN(std::vector<std::vector<int32_t>> sequences,
                        ReadSequences(options, model));
  std::vector<Scored> all;
  size_t longest = 0;
  for (std::vector<int32_t>& tokens : sequences) {
    longest = std::max(longest, tokens.size());
    all.emplace_back();
    all.back().tokens = std::move(tokens);
  }
  MMRT_ASSIGN_OR_RETURN(
      const std::unique_ptr<runtime::Session> session,
      OpenSession(options, model,
                  options.batch ? static_cast<int64_t>(all.size()) : 1,
                  static_cast<int64_t>(longest)));
  Scorer scorer(options, model, *session);
  MMRT_ASSIGN_OR_RETURN(Profiling profiling, Profiling::Start(options, model));
  const double start = Now();
  const size_t group = static_cast<size_t>(session->options().slots);
  for (size_t first = 0; first < all.size(); first += group) {
    MMRT_RETURN_IF_ERROR(
        scorer.ScoreGroup(absl::MakeSpan(all).subspan(first, group)));
  }
  const double seconds = Now() - start;
  MMRT_RETURN_IF_ERROR(profiling.Finish());
  MMRT_RETURN_IF_ERROR(WriteOutputs(options, all));
  return PrintScores(options, model, all, seconds);
}

}  // namespace minimax::run
