//===- session.cc - sequences being continued by a program ----------------===//
//
// Checks steps, keeps positions and calls the program's entries.
//
//===----------------------------------------------------------------------===//
#include "core/session.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "formats/status_macros.h"

namespace minimax::runtime {

static absl::Status CheckOptions(const SessionOptions& options) {
  constexpr int64_t kMax = std::numeric_limits<int32_t>::max();
  if (options.slots < 1 || options.slots > kMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected 1 to ", kMax, " slots, got ", options.slots));
  }
  if (options.capacity < 1 || options.capacity > kMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected a capacity of 1 to ", kMax, " tokens, got ",
                     options.capacity));
  }
  if (options.max_memory < 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "memory limit must not be negative, got ", options.max_memory));
  }
  return absl::OkStatus();
}

// Returns the index of the step's logits among the outputs.
static absl::StatusOr<int64_t> FindLogits(const Manifest& manifest) {
  const ManifestEntry* entry = manifest.FindEntry("step");
  for (size_t i = 0; entry != nullptr && i < entry->outputs.size(); ++i) {
    const ManifestTensor& output = entry->outputs[i];
    if (output.name == "logits" && output.dtype == DType::kF32 &&
        output.shape.size() == 2 &&
        output.shape[0].symbol == DimSymbol::kSequences &&
        output.shape[1] == DimSize::Static(manifest.model.vocab_size)) {
      return static_cast<int64_t>(i);
    }
  }
  return absl::UnimplementedError(
      absl::StrCat("the artifact has no entry step with f32 logits [N, ",
                   manifest.model.vocab_size, "]"));
}

Session::Session(std::shared_ptr<const Weights> weights,
                 std::shared_ptr<Context> context,
                 const SessionOptions& options, StatePools states)
    : weights_(std::move(weights)),
      context_(std::move(context)),
      options_(options),
      states_(std::move(states)),
      slots_(options.slots),
      arena_(context_->device(), "arena") {}

absl::StatusOr<std::unique_ptr<Session>> Session::Create(
    std::shared_ptr<const Weights> weights, std::shared_ptr<Context> context,
    const SessionOptions& options) {
  MMRT_RETURN_IF_ERROR(CheckOptions(options));
  const std::shared_ptr<Device> device = context->device();
  if (weights->device() != device) {
    return absl::InvalidArgumentError(
        absl::StrCat("the weights lie on device ", weights->device()->name(),
                     ", the context runs on ", device->name()));
  }
  const Manifest& manifest = weights->artifact()->manifest();
  const int64_t limit = options.max_memory > 0 ? options.max_memory
                        : device->shares_host_memory()
                            ? PhysicalMemory()
                            : std::numeric_limits<int64_t>::max();
  MMRT_ASSIGN_OR_RETURN(StatePools states,
                        StatePools::Allocate(manifest, options.slots,
                                             options.capacity, limit, device));
  std::unique_ptr<Session> session(new Session(
      std::move(weights), std::move(context), options, std::move(states)));
  MMRT_ASSIGN_OR_RETURN(session->logits_output_, FindLogits(manifest));
  MMRT_ASSIGN_OR_RETURN(
      session->step_,
      EntryCall::Create(*session->weights_, session->states_, "step",
                        session->Inputs(),
                        {.outputs = {}, .graphs = options.graphs}));
  return session;
}

absl::StatusOr<int32_t> Session::AddSequence() {
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].open) continue;
    slots_[i] = {.open = true, .in_step = false, .position = 0};
    return static_cast<int32_t>(i);
  }
  return absl::ResourceExhaustedError(
      absl::StrCat("all ", slots_.size(), " slots of the session are taken"));
}

absl::Status Session::RemoveSequence(int32_t slot) {
  MMRT_RETURN_IF_ERROR(FindOpen(slot).status());
  slots_[slot].open = false;
  return absl::OkStatus();
}

absl::StatusOr<const Session::Slot*> Session::FindOpen(int32_t slot) const {
  if (slot >= 0 && slot < static_cast<int64_t>(slots_.size()) &&
      slots_[slot].open) {
    return &slots_[slot];
  }
  return absl::NotFoundError(absl::StrCat("slot ", slot, " is not open"));
}

absl::StatusOr<int64_t> Session::Position(int32_t slot) const {
  MMRT_ASSIGN_OR_RETURN(const Slot* open, FindOpen(slot));
  return open->position;
}

absl::StatusOr<HostTensor> Session::ReadState(int32_t slot,
                                              absl::string_view name) const {
  MMRT_ASSIGN_OR_RETURN(const Slot* open, FindOpen(slot));
  return states_.Read(name, slot, open->position);
}

absl::Status Session::CheckSequence(int64_t index,
                                    const SequenceStep& step) const {
  MMRT_ASSIGN_OR_RETURN(const Slot* slot, FindOpen(step.slot));
  const int64_t needed =
      slot->position + static_cast<int64_t>(step.tokens.size());
  if (needed > options_.capacity) {
    return absl::OutOfRangeError(
        absl::StrCat("slot ", step.slot, " holds up to ", options_.capacity,
                     " tokens, sequence ", index, " needs ", needed));
  }
  const int64_t vocab = manifest().model.vocab_size;
  for (size_t i = 0; i < step.tokens.size(); ++i) {
    if (step.tokens[i] >= 0 && step.tokens[i] < vocab) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "sequence ", index, ", position ", slot->position + i, ": token ",
        step.tokens[i], " is not in the vocabulary of ", vocab));
  }
  return absl::OkStatus();
}

absl::Status Session::CheckTotals(
    absl::Span<const SequenceStep> sequences) const {
  int64_t total = 0;
  for (const SequenceStep& step : sequences) {
    total += static_cast<int64_t>(step.tokens.size());
  }
  constexpr int64_t kMax = std::numeric_limits<int32_t>::max();
  if (total <= kMax) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("a step takes up to ", kMax, " tokens, got ", total));
}

absl::Status Session::Check(absl::Span<const SequenceStep> sequences) {
  if (failed_) {
    return absl::FailedPreconditionError(
        "the session is unusable after a failed step");
  }
  MMRT_RETURN_IF_ERROR(CheckTotals(sequences));
  for (size_t i = 0; i < sequences.size(); ++i) {
    MMRT_RETURN_IF_ERROR(CheckSequence(static_cast<int64_t>(i), sequences[i]));
  }
  for (Slot& slot : slots_) slot.in_step = false;
  for (const SequenceStep& step : sequences) {
    if (std::exchange(slots_[step.slot].in_step, true)) {
      return absl::InvalidArgumentError(
          absl::StrCat("slot ", step.slot, " is given twice in one step"));
    }
  }
  return absl::OkStatus();
}

void Session::FillInputs(absl::Span<const SequenceStep> sequences) {
  inputs_.tokens.clear();
  inputs_.positions.clear();
  inputs_.slots.clear();
  inputs_.cu_seqlens.assign(1, 0);
  for (const SequenceStep& step : sequences) {
    const int64_t first = slots_[step.slot].position;
    for (size_t i = 0; i < step.tokens.size(); ++i) {
      inputs_.tokens.push_back(step.tokens[i]);
      inputs_.positions.push_back(static_cast<int32_t>(first + i));
    }
    inputs_.slots.push_back(step.slot);
    inputs_.cu_seqlens.push_back(static_cast<int32_t>(inputs_.tokens.size()));
  }
}

std::vector<EntryInput> Session::Inputs() const {
  return {InputOf("tokens", DType::kI32, inputs_.tokens),
          InputOf("cu_seqlens", DType::kI32, inputs_.cu_seqlens),
          InputOf("positions", DType::kI32, inputs_.positions),
          InputOf("slots", DType::kI32, inputs_.slots)};
}

// What each sequence adds, for a profile.
std::vector<SequencePart> Session::Parts() const {
  std::vector<SequencePart> parts;
  for (size_t n = 0; n + 1 < inputs_.cu_seqlens.size(); ++n) {
    const int32_t first = inputs_.cu_seqlens[n];
    const int32_t tokens = inputs_.cu_seqlens[n + 1] - first;
    parts.push_back({tokens > 0 ? inputs_.positions[first] : 0, tokens});
  }
  return parts;
}

DimValues Session::StepDims() const {
  DimValues dims;
  dims.tokens = static_cast<int64_t>(inputs_.tokens.size());
  dims.sequences = static_cast<int64_t>(inputs_.slots.size());
  dims.slots = options_.slots;
  dims.capacity = options_.capacity;
  return dims;
}

absl::Status Session::Run(EntryCall& entry,
                          absl::Span<const SequenceStep> sequences) {
  MMRT_RETURN_IF_ERROR(Check(sequences));
  FillInputs(sequences);
  const absl::Status status =
      entry.Run(*context_, Inputs(), StepDims(), arena_, Parts());
  if (!status.ok()) {
    failed_ = true;
    return status;
  }
  for (const SequenceStep& step : sequences) {
    slots_[step.slot].position += static_cast<int64_t>(step.tokens.size());
  }
  return absl::OkStatus();
}

absl::StatusOr<Logits> Session::Step(absl::Span<const SequenceStep> sequences) {
  MMRT_RETURN_IF_ERROR(Run(*step_, sequences));
  MMRT_RETURN_IF_ERROR(step_->FetchOutputs());
  const OutputView& output = step_->outputs()[logits_output_];
  return Logits{output.floats(), output.shape[0], output.shape[1]};
}

absl::StatusOr<absl::Span<const int32_t>> Session::Sample(
    absl::Span<const SequenceStep> sequences,
    absl::Span<const SampleParameters> parameters) {
  if (parameters.size() != sequences.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected parameters of ", sequences.size(),
                     " sequences, got ", parameters.size()));
  }
  if (!choice_.has_value()) {
    MMRT_ASSIGN_OR_RETURN(
        choice_, TokenChoice::Create(*weights_, states_, options_.graphs));
  }
  MMRT_RETURN_IF_ERROR(Run(*step_, sequences));
  absl::StatusOr<absl::Span<const int32_t>> tokens =
      choice_->Run(*context_, step_->device_data(logits_output_), parameters,
                   StepDims(), arena_);
  failed_ = !tokens.ok();
  return tokens;
}

absl::StatusOr<absl::Span<const OutputView>> Session::Score(
    absl::Span<const SequenceStep> sequences) {
  if (!score_.has_value()) {
    MMRT_ASSIGN_OR_RETURN(
        score_, EntryCall::Create(*weights_, states_, "score", Inputs(),
                                  {.outputs = options_.score_outputs,
                                   .graphs = options_.graphs}));
  }
  MMRT_RETURN_IF_ERROR(Run(*score_, sequences));
  MMRT_RETURN_IF_ERROR(score_->FetchOutputs());
  return score_->outputs();
}

}  // namespace minimax::runtime
