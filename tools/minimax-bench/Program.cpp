//===- Program.cpp - a compiled program with random contents --------------===//
//
// Fills the pointer table in the manifest's order: inputs, states, outputs,
// weights, arena.
//
//===----------------------------------------------------------------------===//

#include "Program.h"
#include "absl/strings/str_cat.h"
#include <cmath>
#include <cstring>
#include <limits>

using namespace mlir::minimax::bench;
using namespace ::minimax::runtime;

// Products of a thousand such numbers with numbers near 1 are near 1.
static constexpr Range kMatrixValues = {0, 0.04f};
// Of norms, and of activations.
static constexpr Range kVectorValues = {1, 0.1f};
static constexpr Range kActivations = {0, 1};
// Tokens differ from call to call, so that other experts are chosen and no
// weight waits in a cache because the call before has read it.
static constexpr int64_t kTokenShifts = 64;

absl::StatusOr<std::unique_ptr<Program>>
Program::create(std::shared_ptr<const Artifact> artifact) {
  std::unique_ptr<Program> program(new Program(std::move(artifact)));
  absl::Status status = program->createWeights();
  if (!status.ok())
    return status;
  return program;
}

absl::Status Program::createWeights() {
  for (const ManifestWeight &weight : artifact->manifest().weights) {
    absl::StatusOr<Buffer> buffer = Buffer::Allocate(weight.bytes);
    if (!buffer.ok())
      return buffer.status();
    bool isVector = weight.shape.size() < 2;
    random.fill(buffer->data(), weight.bytes, weight.dtype,
                isVector ? kVectorValues : kMatrixValues);
    if (weight.dtype == DType::kI8)
      fillScales(weight, buffer->data());
    weights.push_back(*std::move(buffer));
  }
  return absl::OkStatus();
}

/// The last two rows of a panel of i8 hold its 64 scales (see minimax.pack).
void Program::fillScales(const ManifestWeight &weight, std::byte *data) {
  constexpr int64_t kScaleBytes = 64 * sizeof(float);
  int64_t panel = 1;
  for (int64_t extent : llvm::ArrayRef(weight.shape).take_back(3))
    panel *= extent;
  float spread = kMatrixValues.spread / 127;
  for (int64_t end = panel; end <= weight.bytes; end += panel)
    random.fill(data + end - kScaleBytes, kScaleBytes, DType::kF32,
                {spread, spread / 10});
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
    absl::StatusOr<StatePools> pools = StatePools::Allocate(
        manifest, dims.slots, dims.capacity, PhysicalMemory());
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
  for (size_t index = 0; index < manifest.states.size(); ++index) {
    const ManifestState &state = manifest.states[index];
    bool isCache = state.kind == "kv_cache";
    int64_t slotBytes = state.Bytes(dims) / slots;
    int64_t first = isCache ? slotBytes / capacity * filled : 0;
    int64_t last = isCache ? slotBytes / capacity * wanted : slotBytes;
    for (int64_t slot = 0; slot < slots; ++slot)
      random.fill(static_cast<char *>(states->pool(index)) + slot * slotBytes +
                      first,
                  last - first, state.dtype, kActivations);
  }
  filled = wanted;
  return absl::OkStatus();
}

absl::Status Program::createTensors(const Call &call) {
  tensors.clear();
  pointers.clear();
  tokensInput = -1;
  auto add = [&](const ManifestTensor &tensor,
                 int64_t bytes) -> absl::StatusOr<void *> {
    absl::StatusOr<Buffer> buffer =
        Buffer::Allocate(std::max<int64_t>(bytes, 1));
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
    fillInput(input, *data, bytes, call);
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

void Program::fillInput(const ManifestTensor &input, void *data, int64_t bytes,
                        const Call &call) {
  auto *integers = static_cast<int32_t *>(data);
  auto *floats = static_cast<float *>(data);
  int64_t count = bytes / DTypeBytes(input.dtype);
  if (input.name == "tokens") {
    fillTokens(data, count);
  } else if (input.name == "cu_seqlens") {
    for (size_t n = 0; n < call.sequences.size(); ++n)
      integers[n + 1] = integers[n] + call.sequences[n].length;
  } else if (input.name == "positions") {
    for (const Sequence &sequence : call.sequences)
      for (int64_t i = 0; i < sequence.length; ++i)
        *integers++ = static_cast<int32_t>(sequence.position + i);
  } else if (input.name == "slots") {
    for (int64_t n = 0; n < count; ++n)
      integers[n] = static_cast<int32_t>(n);
  } else if (input.name == "offsets") {
    std::copy(call.offsets.begin(), call.offsets.end(), integers);
  } else if (input.name == "slope") {
    // Decays as of a first layer (SPEC 2.4), never growth.
    for (int64_t head = 0; head < count; ++head)
      floats[head] = std::exp2(-8.0f * (head + 1) / count);
  } else {
    random.fill(data, bytes, input.dtype, kActivations);
  }
}

absl::Status Program::run(Context &context) {
  // `positions`, `slots` and all else stay as they are.
  if (tokensInput >= 0) {
    auto *tokens = reinterpret_cast<int32_t *>(tensors[tokensInput].data());
    pointers[tokensInput] = tokens + ++runs % kTokenShifts;
  }
  int32_t code = artifact->FindCode(entry->name)
                     ->run(&context, pointers.data(), dimValues.data());
  if (code == 0)
    return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("entry ", entry->name, " failed with code ", code));
}

absl::Status Program::checkOutputs() const {
  size_t first = entry->inputs.size() + artifact->manifest().states.size();
  for (size_t i = 0; i < entry->outputs.size(); ++i) {
    const ManifestTensor &output = entry->outputs[i];
    auto *values = static_cast<const float *>(pointers[first + i]);
    int64_t count = output.Bytes(dims) / sizeof(float);
    for (int64_t k = 0; k < count && output.dtype == DType::kF32; ++k)
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
