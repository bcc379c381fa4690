//===- minimax.cc - the C interface of the runtime ------------------------===//
//
// Implements minimax.h: handles around shared owners, statuses as codes.
//
//===----------------------------------------------------------------------===//
#include "minimax/runtime/minimax.h"

#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/artifact.h"
#include "core/session.h"
#include "core/weights.h"
#include "cpu/thread_pool.h"
#include "devices/open_device.h"
#include "formats/status_macros.h"

namespace runtime = minimax::runtime;

struct mmrt_artifact {
  std::shared_ptr<const runtime::Artifact> artifact;
  std::shared_ptr<runtime::Device> device;
};
struct mmrt_worker_pool {
  std::shared_ptr<runtime::ThreadPool> pool;
};
struct mmrt_weights {
  std::shared_ptr<const runtime::Weights> weights;
  std::shared_ptr<runtime::Device> device;
  // Those that opened them. Kernels are loaded once for all sessions on them.
  std::shared_ptr<runtime::ThreadPool> pool;
  std::shared_ptr<runtime::Context> context;
};
struct mmrt_session {
  std::unique_ptr<runtime::Session> session;
  std::vector<runtime::SequenceStep> steps;
};

// Returns this thread's error text.
static std::string& LastError() {
  thread_local std::string text;
  return text;
}

// Stores the text of a failed status and returns its code.
static int32_t Finish(const absl::Status& status) {
  if (!status.ok()) LastError() = std::string(status.message());
  return static_cast<int32_t>(status.code());
}

// Fails for the first null pointer among named arguments.
static absl::Status CheckArguments(
    std::initializer_list<std::pair<const char*, const void*>> arguments) {
  for (const auto& [name, pointer] : arguments) {
    if (pointer != nullptr) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("argument '", name, "' must not be null"));
  }
  return absl::OkStatus();
}

// Wraps a value in a new handle, or passes its error on.
template <typename Handle, typename Value>
static int32_t Store(absl::StatusOr<Value> value, Handle** handle) {
  if (!value.ok()) return Finish(value.status());
  auto* made = new (std::nothrow) Handle{*std::move(value)};
  if (made == nullptr) {
    return Finish(absl::ResourceExhaustedError("out of memory"));
  }
  *handle = made;
  return MMRT_OK;
}

const char* mmrt_last_error(void) { return LastError().c_str(); }

static absl::StatusOr<mmrt_artifact> LoadArtifact(const char* path,
                                                  const char* target,
                                                  const char* device) {
  mmrt_artifact loaded;
  MMRT_ASSIGN_OR_RETURN(
      const runtime::DeviceName name,
      runtime::ParseDeviceName(device == nullptr ? "cpu" : device));
  MMRT_ASSIGN_OR_RETURN(loaded.device,
                        runtime::OpenDevice(name, /*threads=*/0));
  MMRT_ASSIGN_OR_RETURN(
      loaded.artifact,
      runtime::Artifact::Load(path, target == nullptr ? "" : target,
                              loaded.device->processor()));
  return loaded;
}

int32_t mmrt_artifact_load(const char* path, const char* target,
                           const char* device, mmrt_artifact** artifact) {
  const absl::Status status =
      CheckArguments({{"path", path}, {"artifact", artifact}});
  if (!status.ok()) return Finish(status);
  return Store(LoadArtifact(path, target, device), artifact);
}

void mmrt_artifact_close(mmrt_artifact* artifact) { delete artifact; }

int32_t mmrt_artifact_vocabulary(const mmrt_artifact* artifact,
                                 int64_t* vocabulary) {
  const absl::Status status =
      CheckArguments({{"artifact", artifact}, {"vocabulary", vocabulary}});
  if (status.ok())
    *vocabulary = artifact->artifact->manifest().model.vocab_size;
  return Finish(status);
}

int32_t mmrt_worker_pool_open(int32_t threads, mmrt_worker_pool** pool) {
  const absl::Status status = CheckArguments({{"pool", pool}});
  if (!status.ok()) return Finish(status);
  return Store(runtime::ThreadPool::Create(threads), pool);
}

void mmrt_worker_pool_close(mmrt_worker_pool* pool) { delete pool; }

static absl::StatusOr<mmrt_weights> OpenWeights(const mmrt_artifact& artifact,
                                                const char* dir,
                                                const char* cache,
                                                const mmrt_worker_pool& pool) {
  mmrt_weights opened;
  opened.device = artifact.device;
  opened.pool = pool.pool;
  MMRT_ASSIGN_OR_RETURN(
      opened.context,
      runtime::MakeContext(artifact.device, artifact.artifact, pool.pool));
  runtime::WeightsOptions options;
  if (cache != nullptr) options.cache = cache;
  MMRT_ASSIGN_OR_RETURN(
      opened.weights,
      runtime::Weights::Open(artifact.artifact, dir, *opened.context, options));
  return opened;
}

int32_t mmrt_weights_open(const mmrt_artifact* artifact, const char* dir,
                          const char* cache, mmrt_worker_pool* pool,
                          mmrt_weights** weights) {
  const absl::Status status = CheckArguments({{"artifact", artifact},
                                              {"dir", dir},
                                              {"pool", pool},
                                              {"weights", weights}});
  if (!status.ok()) return Finish(status);
  return Store(OpenWeights(*artifact, dir, cache, *pool), weights);
}

void mmrt_weights_close(mmrt_weights* weights) { delete weights; }

int32_t mmrt_session_open(const mmrt_weights* weights, mmrt_worker_pool* pool,
                          int64_t slots, int64_t capacity, int64_t max_memory,
                          mmrt_session** session) {
  const absl::Status status = CheckArguments(
      {{"weights", weights}, {"pool", pool}, {"session", session}});
  if (!status.ok()) return Finish(status);
  std::shared_ptr<runtime::Context> context = weights->context;
  if (pool->pool != weights->pool) {
    absl::StatusOr<std::shared_ptr<runtime::Context>> made =
        runtime::MakeContext(weights->device, weights->weights->artifact(),
                             pool->pool);
    if (!made.ok()) return Finish(made.status());
    context = *std::move(made);
  }
  return Store(runtime::Session::Create(weights->weights, std::move(context),
                                        {slots, capacity, max_memory, {}}),
               session);
}

void mmrt_session_close(mmrt_session* session) { delete session; }

int32_t mmrt_session_add_sequence(mmrt_session* session, int32_t* slot) {
  const absl::Status status =
      CheckArguments({{"session", session}, {"slot", slot}});
  if (!status.ok()) return Finish(status);
  const absl::StatusOr<int32_t> added = session->session->AddSequence();
  if (added.ok()) *slot = *added;
  return Finish(added.status());
}

int32_t mmrt_session_remove_sequence(mmrt_session* session, int32_t slot) {
  const absl::Status status = CheckArguments({{"session", session}});
  if (!status.ok()) return Finish(status);
  return Finish(session->session->RemoveSequence(slot));
}

int32_t mmrt_session_position(const mmrt_session* session, int32_t slot,
                              int64_t* position) {
  const absl::Status status =
      CheckArguments({{"session", session}, {"position", position}});
  if (!status.ok()) return Finish(status);
  const absl::StatusOr<int64_t> found = session->session->Position(slot);
  if (found.ok()) *position = *found;
  return Finish(found.status());
}

// Copies the caller's sequences into the session's scratch.
static absl::Status ReadSteps(const mmrt_sequence_step* sequences,
                              int64_t count,
                              std::vector<runtime::SequenceStep>& steps) {
  steps.clear();
  for (int64_t i = 0; i < count; ++i) {
    const mmrt_sequence_step& step = sequences[i];
    if (step.count < 0 || (step.count > 0 && step.tokens == nullptr)) {
      return absl::InvalidArgumentError(
          absl::StrCat("sequence ", i, ": expected ", step.count,
                       " tokens at a non-null pointer"));
    }
    steps.push_back({step.slot, absl::MakeConstSpan(step.tokens, step.count)});
  }
  return absl::OkStatus();
}

int32_t mmrt_session_step(mmrt_session* session,
                          const mmrt_sequence_step* sequences, int64_t count,
                          const float** logits) {
  absl::Status status = CheckArguments(
      {{"session", session}, {"sequences", sequences}, {"logits", logits}});
  if (status.ok() && count < 0) {
    status = absl::InvalidArgumentError(
        absl::StrCat("argument 'count' must not be negative, got ", count));
  }
  if (status.ok()) status = ReadSteps(sequences, count, session->steps);
  if (!status.ok()) return Finish(status);
  const absl::StatusOr<runtime::Logits> result =
      session->session->Step(session->steps);
  if (result.ok()) *logits = result->data;
  return Finish(result.status());
}

int32_t mmrt_session_read_state(const mmrt_session* session, int32_t slot,
                                const char* name, void* data, int64_t size,
                                int64_t* needed) {
  const absl::Status status =
      CheckArguments({{"session", session}, {"name", name}});
  if (!status.ok()) return Finish(status);
  const absl::StatusOr<runtime::HostTensor> state =
      session->session->ReadState(slot, name);
  if (!state.ok()) return Finish(state.status());
  const int64_t bytes = static_cast<int64_t>(state->data.size());
  if (needed != nullptr) *needed = bytes;
  if (size < bytes || (data == nullptr && bytes > 0)) {
    return Finish(absl::OutOfRangeError(absl::StrCat(
        "state ", name, " needs ", bytes, " bytes, got room for ", size)));
  }
  if (bytes > 0) std::memcpy(data, state->data.data(), bytes);
  return MMRT_OK;
}
