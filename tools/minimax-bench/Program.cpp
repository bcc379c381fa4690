//===- Program.cpp - a compiled program with random contents --------------===//
//
// Fills the pointer table in the manifest's order: inputs, states, outputs,
// weights, arena.
//
//===----------------------------------------------------------------------===//

#include "Program.h"
#include "absl/strings/str_cat.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

using namespace mlir::minimax::bench;
using namespace ::minimax::runtime;

// Products of a thousand such numbers with numbers near 1 are near 1.
static constexpr Range kMatrixValues = {0, 0.04f};
// Of norms, and of activations.
static constexpr Range kVectorValues = {1, 0.1f};
static constexpr Range kActivations = {0, 1};
// Bytes that are made on the host before they go to a device.
static constexpr int64_t kStagedBytes = int64_t(64) << 20;

absl::StatusOr<std::unique_ptr<Program>>
Program::create(std::shared_ptr<const Artifact> artifact, Machine &machine) {
  absl::StatusOr<std::shared_ptr<Context>> context =
      machine.createContext(artifact);
  if (!context.ok())
    return context.status();
  std::unique_ptr<Program> program(new Program(
      std::move(artifact), *std::move(context), machine.isPredicted()));
  absl::Status status = program->createWeights();
  if (!status.ok())
    return status;
  return program;
}

absl::Status Program::copy(void *data, const void *source, int64_t bytes) {
  if (isPredicted)
    return absl::OkStatus();
  return context->device()->CopyToDevice(data, source, bytes);
}

absl::Status Program::fill(void *data, int64_t bytes, DType dtype,
                           Range range) {
  if (isPredicted)
    return absl::OkStatus();
  if (context->device()->shares_host_memory()) {
    random.fill(data, bytes, dtype, range);
    return absl::OkStatus();
  }
  std::vector<char> staged(std::min(bytes, kStagedBytes));
  for (int64_t done = 0; done < bytes; done += kStagedBytes) {
    int64_t part = std::min(bytes - done, kStagedBytes);
    random.fill(staged.data(), part, dtype, range);
    absl::Status status =
        copy(static_cast<char *>(data) + done, staged.data(), part);
    if (!status.ok())
      return status;
  }
  return absl::OkStatus();
}

absl::Status Program::createWeights() {
  for (const ManifestWeight &weight : artifact->manifest().weights) {
    absl::StatusOr<Buffer> buffer =
        Buffer::Allocate(context->device(), weight.bytes, weight.name);
    if (!buffer.ok())
      return buffer.status();
    bool isVector = weight.shape.size() < 2;
    absl::Status status = fill(buffer->data(), weight.bytes, weight.dtype,
                               isVector ? kVectorValues : kMatrixValues);
    if (status.ok() && weight.dtype == DType::kI8)
      status = fillScales(weight, buffer->data());
    if (!status.ok())
      return status;
    weights.push_back(*std::move(buffer));
  }
  return absl::OkStatus();
}

/// The last two rows of a panel of i8 hold its 64 scales (see minimax.pack).
absl::Status Program::fillScales(const ManifestWeight &weight,
                                 std::byte *data) {
  constexpr int64_t kScaleBytes = 64 * sizeof(float);
  int64_t panel = 1;
  for (int64_t extent : llvm::ArrayRef(weight.shape).take_back(3))
    panel *= extent;
  float spread = kMatrixValues.spread / 127;
  absl::Status status;
  for (int64_t end = panel; end <= weight.bytes && status.ok(); end += panel)
    status = fill(data + end - kScaleBytes, kScaleBytes, DType::kF32,
                  {spread, spread / 10});
  return status;
}

absl::Status Program::bind(llvm::StringRef name, const Call &call,
                           bool keepStates) {
  const Manifest &manifest = artifact->manifest();
  entry = manifest.FindEntry(name.str());
  const EntryCode *code = artifact->FindCode(name.str());
  if (!entry || !code)
    return absl::UnimplementedError(
        absl::StrCat("the artifact has no entry ", name.str()));
  dims = {call.tokens(), static_cast<int64_t>(call.sequences.size()),
          static_cast<int64_t>(call.sequences.size()), call.capacity};
  parts.clear();
  for (const Sequence &sequence : call.sequences)
    parts.push_back({sequence.position, sequence.length});
  dimValues.clear();
  for (DimSymbol symbol : manifest.dims)
    dimValues.push_back(DimSize::Of(symbol).Evaluate(dims));
  absl::Status status = createStates(call, keepStates);
  if (status.ok())
    status = createTensors(call);
  if (status.ok())
    status = createArena();
  return status;
}

absl::Status Program::createStates(const Call &call, bool keepStates) {
  const Manifest &manifest = artifact->manifest();
  if (!states || slots != dims.slots || capacity != dims.capacity) {
    // Only the host's memory is promised before it is there.
    const std::shared_ptr<Device> &device = context->device();
    int64_t limit = device->shares_host_memory()
                        ? PhysicalMemory()
                        : std::numeric_limits<int64_t>::max();
    absl::StatusOr<StatePools> pools = StatePools::Allocate(
        manifest, dims.slots, dims.capacity, limit, device);
    if (!pools.ok())
      return pools.status();
    states = *std::move(pools);
    slots = dims.slots;
    capacity = dims.capacity;
    filled = 0;
  }
  int64_t wanted = 0;
  for (const Sequence &sequence : call.sequences)
    wanted = std::max(wanted, sequence.position);
  if (keepStates || wanted <= filled)
    return absl::OkStatus();
  return fillStates(wanted);
}

absl::Status Program::fillStates(int64_t tokens) {
  const Manifest &manifest = artifact->manifest();
  for (size_t index = 0; index < manifest.states.size(); ++index) {
    const ManifestState &state = manifest.states[index];
    bool isCache = state.kind == "kv_cache";
    int64_t slotBytes = state.Bytes(dims) / slots;
    int64_t first = isCache ? slotBytes / capacity * filled : 0;
    int64_t last = isCache ? slotBytes / capacity * tokens : slotBytes;
    for (int64_t slot = 0; slot < slots; ++slot) {
      char *pool = static_cast<char *>(states->pool(index));
      absl::Status status = fill(pool + slot * slotBytes + first, last - first,
                                 state.dtype, kActivations);
      if (!status.ok())
        return status;
    }
  }
  filled = tokens;
  return absl::OkStatus();
}

absl::Status Program::createTensors(const Call &call) {
  tensors.clear();
  pointers.clear();
  tokensInput = -1;
  auto add = [&](const ManifestTensor &tensor,
                 int64_t bytes) -> absl::StatusOr<void *> {
    absl::StatusOr<Buffer> buffer = Buffer::Allocate(
        context->device(), std::max<int64_t>(bytes, 1), tensor.name);
    if (!buffer.ok())
      return buffer.status();
    tensors.push_back(*std::move(buffer));
    pointers.push_back(tensors.back().data());
    return pointers.back();
  };
  for (const ManifestTensor &input : entry->inputs) {
    int64_t bytes = input.Bytes(dims);
    bool isTokens = input.name == "tokens";
    if (isTokens) {
      tokensInput = pointers.size();
      bytes += kTokenShifts * sizeof(int32_t);
    }
    absl::StatusOr<void *> data = add(input, bytes);
    if (!data.ok())
      return data.status();
    if (absl::Status status = fillInput(input, *data, bytes, call);
        !status.ok())
      return status;
  }
  for (size_t i = 0; i < artifact->manifest().states.size(); ++i)
    pointers.push_back(states->pool(i));
  for (const ManifestTensor &output : entry->outputs)
    if (absl::StatusOr<void *> data = add(output, output.Bytes(dims));
        !data.ok())
      return data.status();
  for (const Buffer &weight : weights)
    pointers.push_back(weight.data());
  return absl::OkStatus();
}

absl::Status Program::createArena() {
  int64_t bytes = artifact->FindCode(entry->name)->arena(dimValues.data());
  if (bytes < 0)
    return absl::InternalError(absl::StrCat(
        "entry ", entry->name, " asks for an arena of ", bytes, " bytes"));
  absl::Status status = arena.Reserve(bytes);
  pointers.push_back(arena.data());
  return status;
}

void Program::fillTokens(void *data, int64_t count) {
  auto *tokens = static_cast<int32_t *>(data);
  int64_t vocabulary = artifact->manifest().model.vocab_size;
  uint64_t state = 1;
  for (int64_t i = 0; i < count; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    tokens[i] = static_cast<int32_t>((state >> 33) % vocabulary);
  }
}

absl::Status Program::fillInput(const ManifestTensor &input, void *data,
                                int64_t bytes, const Call &call) {
  if (input.dtype != DType::kI32 && input.name != "slope")
    return fill(data, bytes, input.dtype, kActivations);
  int64_t count = bytes / sizeof(int32_t);
  std::vector<int32_t> integers(count);
  int32_t *next = integers.data();
  if (input.name == "tokens") {
    fillTokens(integers.data(), count);
  } else if (input.name == "cu_seqlens") {
    for (size_t n = 0; n < call.sequences.size(); ++n)
      integers[n + 1] = integers[n] + call.sequences[n].length;
  } else if (input.name == "positions") {
    for (const Sequence &sequence : call.sequences)
      for (int64_t i = 0; i < sequence.length; ++i)
        *next++ = static_cast<int32_t>(sequence.position + i);
  } else if (input.name == "slots") {
    std::iota(integers.begin(), integers.end(), 0);
  } else if (input.name == "offsets") {
    llvm::copy(call.offsets, next);
  } else if (input.name == "slope") {
    // Decays as of a first layer (SPEC 2.4), never growth.
    for (int64_t head = 0; head < count; ++head)
      integers[head] =
          llvm::bit_cast<int32_t>(std::exp2(-8.0f * (head + 1) / count));
  }
  return copy(data, integers.data(), bytes);
}

absl::Status Program::run() {
  // `positions`, `slots` and all else stay as they are.
  if (tokensInput >= 0) {
    auto *tokens = reinterpret_cast<int32_t *>(tensors[tokensInput].data());
    pointers[tokensInput] = tokens + ++runs % kTokenShifts;
  }
  int32_t code = artifact->FindCode(entry->name)
                     ->run(context.get(), pointers.data(), dimValues.data());
  if (code == 0)
    return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("entry ", entry->name, " failed with code ", code));
}

absl::Status Program::checkOutputs() {
  absl::Status status = context->Finish();
  if (!status.ok() || isPredicted)
    return status;
  size_t first = entry->inputs.size() + artifact->manifest().states.size();
  for (size_t i = 0; i < entry->outputs.size(); ++i) {
    const ManifestTensor &output = entry->outputs[i];
    if (output.dtype != DType::kF32)
      continue;
    std::vector<float> values(output.Bytes(dims) / sizeof(float));
    status = context->device()->CopyToHost(values.data(), pointers[first + i],
                                           output.Bytes(dims));
    if (!status.ok())
      return status;
    for (size_t k = 0; k < values.size(); ++k)
      if (!std::isfinite(values[k]))
        return absl::InternalError(absl::StrCat(
            "output ", output.name, ", element ", k, ": not a number"));
  }
  return absl::OkStatus();
}

double Program::countBytes(const Work &work) const {
  double bytes = work.stateBytes;
  for (const ManifestTensor &input : entry->inputs)
    bytes += input.Bytes(dims);
  for (const ManifestTensor &output : entry->outputs)
    bytes += output.Bytes(dims);
  for (const ManifestWeight &weight : artifact->manifest().weights)
    bytes +=
        weight.bytes * (work.weightShare ? work.weightShare(weight.name) : 1.0);
  return bytes;
}
