//===- generate.cc - minimax-run generate ---------------------------------===//
//
// Runs prompts as one batch and prints text as it comes or at the end.
//
//===----------------------------------------------------------------------===//
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "commands.h"
#include "core/batcher.h"
#include "core/log.h"
#include "formats/status_macros.h"
#include "json_text.h"
#include "model.h"
#include "profiling.h"

namespace minimax::run {

namespace {

// Where the time went. A step that adds any prompt tokens counts as prefill;
// decode_tokens are those chosen by all other steps.
struct Timing {
  double load_seconds = 0;
  double prefill_seconds = 0;
  int64_t prefill_tokens = 0;
  double decode_seconds = 0;
  int64_t decode_tokens = 0;

  double TokensPerSecond() const {
    return decode_seconds > 0 ? decode_tokens / decode_seconds : 0;
  }
};

// Prints tokens of the only sequence as they come.
class Streamer {
 public:
  Streamer(const Model& model, const std::vector<int32_t>& stops)
      : stops_(&stops) {
    if (model.tokenizer.has_value()) decoder_.emplace(*model.tokenizer);
  }

  void Push(int32_t token) {
    if (std::find(stops_->begin(), stops_->end(), token) != stops_->end()) {
      return;
    }
    if (!decoder_.has_value()) return Write(absl::StrCat(token, " "));
    // The model's vocabulary may be padded beyond the tokenizer's.
    Write(decoder_->Push(token).value_or("\uFFFD"));
  }

  absl::Status Finish() {
    if (decoder_.has_value()) Write(decoder_->Finish());
    Write("\n");
    return status_;
  }

 private:
  void Write(absl::string_view text) {
    if (status_.ok()) status_ = Print(text);
  }

  const std::vector<int32_t>* stops_;
  std::optional<runtime::StreamDecoder> decoder_;
  absl::Status status_;
};

}  // namespace

// Returns the text of the new tokens without the stop token.
static std::string TextOf(const Model& model,
                          const runtime::GeneratedSequence& sequence) {
  runtime::StreamDecoder decoder(*model.tokenizer);
  const size_t count = sequence.tokens.size() - (sequence.stopped ? 1 : 0);
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    text += decoder.Push(sequence.tokens[i]).value_or("\uFFFD");
  }
  return text + decoder.Finish();
}

// Returns the tokens that a prompt of `size` tokens may grow to.
static int64_t TokensNeeded(const Options& options, size_t size) {
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
  // The last new token is not fed back.
  return static_cast<int64_t>(size) +
         std::clamp<int64_t>(options.max_new_tokens - 1, 0, kMost);
}

static absl::Status CheckCapacity(
    const Options& options, const std::vector<std::vector<int32_t>>& prompts) {
  if (options.capacity == 0) return absl::OkStatus();
  for (size_t i = 0; i < prompts.size(); ++i) {
    if (TokensNeeded(options, prompts[i].size()) <= options.capacity) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "prompt ", i, " has ", prompts[i].size(), " tokens: with ",
        options.max_new_tokens, " new ones it does not fit the capacity of ",
        options.capacity));
  }
  return absl::OkStatus();
}

// Rewrites one line on a terminal while a long prompt is read.
static void ShowProgress(int64_t done, int64_t total) {
  if (done < total) {
    absl::FPrintF(stderr, "\rprompt: %d of %d tokens", done, total);
  } else {
    absl::FPrintF(stderr, "\r\033[K");
  }
}

static absl::Status RunBatch(runtime::Batcher& batcher, int64_t prompt_tokens,
                             Timing& timing) {
  bool progress = false;
  while (!batcher.done()) {
    const double start = Now();
    MMRT_ASSIGN_OR_RETURN(const runtime::BatchStep step, batcher.Step());
    const double seconds = Now() - start;
    timing.prefill_tokens += step.prompt_tokens;
    if (step.prompt_tokens > 0) {
      timing.prefill_seconds += seconds;
      progress |= timing.prefill_tokens < prompt_tokens && isatty(2) == 1;
      if (progress) ShowProgress(timing.prefill_tokens, prompt_tokens);
    } else {
      timing.decode_seconds += seconds;
      timing.decode_tokens += step.new_tokens;
    }
  }
  return absl::OkStatus();
}

static std::string SequenceJson(const Model& model,
                                const runtime::GeneratedSequence& sequence) {
  return absl::StrCat(
      "{\"prompt_tokens\":", JsonArray(sequence.prompt),
      ",\"tokens\":", JsonArray(sequence.tokens), ",\"text\":",
      model.tokenizer ? JsonString(TextOf(model, sequence)) : "null", "}");
}

static std::string ResultJson(const Model& model,
                              const runtime::Batcher& batcher,
                              const Timing& timing) {
  std::vector<std::string> sequences;
  for (const runtime::GeneratedSequence& sequence : batcher.sequences()) {
    sequences.push_back(SequenceJson(model, sequence));
  }
  return absl::StrCat(
      "{\"sequences\":[", absl::StrJoin(sequences, ","),
      "],\"timing\":{\"load_seconds\":", JsonNumber(timing.load_seconds),
      ",\"prefill_seconds\":", JsonNumber(timing.prefill_seconds),
      ",\"prefill_tokens\":", timing.prefill_tokens,
      ",\"decode_seconds\":", JsonNumber(timing.decode_seconds),
      ",\"decode_tokens\":", timing.decode_tokens,
      ",\"tokens_per_second\":", JsonNumber(timing.TokensPerSecond()), "}}\n");
}

static absl::Status PrintSequences(const Model& model,
                                   const runtime::Batcher& batcher) {
  const bool several = batcher.sequences().size() > 1;
  for (size_t i = 0; i < batcher.sequences().size(); ++i) {
    const runtime::GeneratedSequence& sequence = batcher.sequences()[i];
    const std::string text = model.tokenizer
                                 ? TextOf(model, sequence)
                                 : absl::StrJoin(sequence.tokens, " ");
    MMRT_RETURN_IF_ERROR(Print(
        absl::StrCat(several ? absl::StrCat("[", i, "] ") : "", text, "\n")));
  }
  return absl::OkStatus();
}

static runtime::BatcherOptions BatcherOptionsOf(const Options& options,
                                                const Model& model) {
  runtime::BatcherOptions batch;
  batch.max_new_tokens = options.max_new_tokens;
  batch.chunk = options.chunk;
  batch.sampler = options.sampler;
  if (!options.ignore_eos) {
    batch.stop_tokens = model.artifact->manifest().model.eos_token_ids;
  }
  return batch;
}

absl::Status Generate(const Options& options) {
  MMRT_ASSIGN_OR_RETURN(const Model model, OpenModel(options));
  MMRT_ASSIGN_OR_RETURN(std::vector<std::vector<int32_t>> prompts,
                        ReadSequences(options, model));
  MMRT_RETURN_IF_ERROR(CheckCapacity(options, prompts));
  size_t longest = 0;
  int64_t total = 0;
  for (const std::vector<int32_t>& prompt : prompts) {
    longest = std::max(longest, prompt.size());
    total += static_cast<int64_t>(prompt.size());
  }
  MMRT_ASSIGN_OR_RETURN(
      const std::unique_ptr<runtime::Session> session,
      OpenSession(options, model, static_cast<int64_t>(prompts.size()),
                  TokensNeeded(options, longest)));
  const runtime::BatcherOptions batch = BatcherOptionsOf(options, model);
  MMRT_ASSIGN_OR_RETURN(runtime::Batcher batcher,
                        runtime::Batcher::Create(*session, batch));
  for (std::vector<int32_t>& prompt : prompts) {
    MMRT_RETURN_IF_ERROR(batcher.Add(std::move(prompt)).status());
  }
  const bool stream = options.stream && !options.json && prompts.size() == 1;
  Streamer streamer(model, batch.stop_tokens);
  if (stream) {
    batcher.set_on_token(
        [&](int64_t /*sequence*/, int32_t token) { streamer.Push(token); });
  }
  Timing timing;
  timing.load_seconds = model.load_seconds;
  MMRT_ASSIGN_OR_RETURN(Profiling profiling, Profiling::Start(options, model));
  MMRT_RETURN_IF_ERROR(RunBatch(batcher, total, timing));
  runtime::LogInfo(timing.prefill_tokens, " prompt tokens in ",
                   timing.prefill_seconds, " s, then ",
                   timing.TokensPerSecond(), " tokens/s");
  MMRT_RETURN_IF_ERROR(options.json ? Print(ResultJson(model, batcher, timing))
                       : stream     ? streamer.Finish()
                                    : PrintSequences(model, batcher));
  return profiling.Finish();
}

}  // namespace minimax::run
