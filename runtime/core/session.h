//===- session.h - sequences being continued by a program -------*- C++ -*-===//
//
// Owns the states of a set of sequences and advances them step by step.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CORE_SESSION_H
#define MINIMAX_RUNTIME_CORE_SESSION_H

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/context.h"
#include "core/entry_call.h"
#include "core/sampler.h"
#include "core/state_pools.h"
#include "core/token_choice.h"
#include "core/weights.h"

namespace minimax::runtime {

/// The size of a session.
struct SessionOptions {
  /// Sequences that may be open at once.
  int64_t slots = 1;
  /// Tokens that a sequence may hold.
  int64_t capacity = 4096;
  /// Bytes that all states together may take; 0 means the machine's memory
  /// or, on a device with memory of its own, what is free there.
  int64_t max_memory = 0;
  /// Outputs of the entry "score" that are read; empty means all. Others may
  /// stay on the device.
  std::vector<std::string> score_outputs;
  /// Whether steps that decode are recorded as graphs, where the device can.
  bool graphs = true;
};

/// What one sequence adds in a step.
struct SequenceStep {
  /// From AddSequence.
  int32_t slot = 0;
  /// Its next tokens: a prompt, part of one, one token, or none.
  absl::Span<const int32_t> tokens;
};

/// Logits of a step, one row per sequence. Valid until the session's next call.
struct Logits {
  const float* data = nullptr;
  int64_t rows = 0;
  int64_t vocab = 0;

  /// The logits after the last token of the step's sequence `n`.
  absl::Span<const float> row(int64_t n) const {
    return {data + n * vocab, static_cast<size_t>(vocab)};
  }
};

/// A set of sequences and their states. One thread at a time may use it;
/// sessions with contexts of their own may share weights and run at once.
class Session {
 public:
  /// Reserves the states on the device of `context`, where the weights must
  /// lie. InvalidArgument or ResourceExhausted for sizes that cannot be;
  /// Unimplemented if the artifact has no entry "step".
  static absl::StatusOr<std::unique_ptr<Session>> Create(
      std::shared_ptr<const Weights> weights, std::shared_ptr<Context> context,
      const SessionOptions& options);

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Opens an empty sequence and returns its slot, the lowest that is free.
  /// ResourceExhausted when all are taken.
  absl::StatusOr<int32_t> AddSequence();

  /// Ends a sequence; its slot may be given out again. NotFound if not open.
  absl::Status RemoveSequence(int32_t slot);

  /// Tokens that the sequence holds so far.
  absl::StatusOr<int64_t> Position(int32_t slot) const;

  /// Appends tokens to any mix of sequences, each at most once, and returns
  /// the logits after each one's last token (zeros if it adds none). Nothing
  /// has changed when it fails with InvalidArgument (a token outside of the
  /// vocabulary, a slot given twice), NotFound (a slot that is not open) or
  /// OutOfRange (capacity); after any other failure the session is unusable.
  absl::StatusOr<Logits> Step(absl::Span<const SequenceStep> sequences);

  /// Whether the program chooses tokens itself, by the entry "sample".
  bool samples() const { return manifest().FindEntry("sample") != nullptr; }

  /// As Step, but returns the next token of each sequence instead of its
  /// logits, which stay on the device; -1 where the logits hold a NaN or no
  /// finite maximum. Takes one set of parameters a sequence. Valid until the
  /// next call.
  absl::StatusOr<absl::Span<const int32_t>> Sample(
      absl::Span<const SequenceStep> sequences,
      absl::Span<const SampleParameters> parameters);

  /// As Step, through the entry "score": returns all outputs of that entry,
  /// the logits of every token among them. Valid until the next call.
  absl::StatusOr<absl::Span<const OutputView>> Score(
      absl::Span<const SequenceStep> sequences);

  /// Copies the state `name` (of the manifest) of a sequence.
  absl::StatusOr<HostTensor> ReadState(int32_t slot,
                                       absl::string_view name) const;

  const Manifest& manifest() const { return weights_->artifact()->manifest(); }
  const SessionOptions& options() const { return options_; }

 private:
  struct StepInputs {
    std::vector<int32_t> tokens;
    std::vector<int32_t> cu_seqlens;
    std::vector<int32_t> positions;
    std::vector<int32_t> slots;
  };

  struct Slot {
    bool open = false;
    bool in_step = false;
    int64_t position = 0;
  };

  Session(std::shared_ptr<const Weights> weights,
          std::shared_ptr<Context> context, const SessionOptions& options,
          StatePools states);

  absl::StatusOr<const Slot*> FindOpen(int32_t slot) const;
  absl::Status Check(absl::Span<const SequenceStep> sequences);
  absl::Status CheckSequence(int64_t index, const SequenceStep& step) const;
  absl::Status CheckTotals(absl::Span<const SequenceStep> sequences) const;
  void FillInputs(absl::Span<const SequenceStep> sequences);
  std::vector<EntryInput> Inputs() const;
  std::vector<SequencePart> Parts() const;
  DimValues StepDims() const;
  absl::Status Run(EntryCall& entry, absl::Span<const SequenceStep> sequences);

  std::shared_ptr<const Weights> weights_;
  std::shared_ptr<Context> context_;
  SessionOptions options_;
  StatePools states_;
  std::vector<Slot> slots_;
  std::optional<EntryCall> step_;
  std::optional<EntryCall> score_;
  int64_t logits_output_ = 0;
  StepInputs inputs_;
  std::optional<TokenChoice> choice_;
  GrowingDeviceBuffer arena_;
  bool failed_ = false;
};

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_CORE_SESSION_H
