//===- manifest.cc - read and check a manifest ----------------------------===//
//
// Field by field as docs/Runtime.md defines them; nothing unchecked gets out.
//
//===----------------------------------------------------------------------===//
#include "formats/manifest.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "formats/json.h"
#include "formats/safetensors.h"
#include "formats/status_macros.h"

namespace minimax::runtime {

constexpr DimSymbol kSymbols[] = {DimSymbol::kTokens, DimSymbol::kSequences,
                                  DimSymbol::kSequencesPlusOne,
                                  DimSymbol::kSlots, DimSymbol::kCapacity};

absl::string_view DimSymbolName(DimSymbol symbol) {
  switch (symbol) {
    case DimSymbol::kStatic:
      return "";
    case DimSymbol::kTokens:
      return "T";
    case DimSymbol::kSequences:
      return "N";
    case DimSymbol::kSequencesPlusOne:
      return "N+1";
    case DimSymbol::kSlots:
      return "S";
    case DimSymbol::kCapacity:
      return "C";
  }
  return "";
}

int64_t DimSize::Evaluate(const DimValues& values) const {
  switch (symbol) {
    case DimSymbol::kStatic:
      return value;
    case DimSymbol::kTokens:
      return values.tokens;
    case DimSymbol::kSequences:
      return values.sequences;
    case DimSymbol::kSequencesPlusOne:
      return values.sequences + 1;
    case DimSymbol::kSlots:
      return values.slots;
    case DimSymbol::kCapacity:
      return values.capacity;
  }
  return 0;
}

// Bytes of a tensor, or -1 if they do not fit.
static int64_t BytesOf(absl::Span<const int64_t> shape, DType dtype) {
  int64_t count = ElementCount(shape);
  int64_t element = DTypeBytes(dtype);
  bool fits =
      count >= 0 && count <= std::numeric_limits<int64_t>::max() / element;
  return fits ? count * element : -1;
}

int64_t ManifestTensor::Bytes(const DimValues& values) const {
  std::vector<int64_t> sizes;
  for (const DimSize& size : shape) sizes.push_back(size.Evaluate(values));
  return BytesOf(sizes, dtype);
}

const ManifestEntry* Manifest::FindEntry(absl::string_view name) const {
  for (const ManifestEntry& entry : entries)
    if (entry.name == name) return &entry;
  return nullptr;
}

const std::vector<std::string>& Manifest::KernelsOf(
    absl::string_view target) const {
  static const std::vector<std::string>& none = *new std::vector<std::string>();
  for (const ManifestKernels& list : kernels)
    if (list.target == target) return list.names;
  return none;
}

std::optional<CudaTarget> ParseCudaTarget(absl::string_view target) {
  CudaTarget parsed;
  if (!absl::ConsumePrefix(&target, "cuda:sm_")) return std::nullopt;
  parsed.exact = absl::ConsumeSuffix(&target, "a");
  const bool digits =
      !target.empty() && target.size() <= 4 &&
      std::all_of(target.begin(), target.end(), [](char c) {
        return absl::ascii_isdigit(static_cast<unsigned char>(c));
      });
  if (!digits || !absl::SimpleAtoi(target, &parsed.capability))
    return std::nullopt;
  return parsed;
}

static std::optional<DimSymbol> SymbolFromName(absl::string_view name) {
  for (DimSymbol symbol : kSymbols)
    if (DimSymbolName(symbol) == name) return symbol;
  return std::nullopt;
}

// Names of entries, targets and packing functions become part of symbols.
static bool IsSymbolPart(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
           c == '-';
  });
}

static void ReadName(JsonReader& reader, const char* field, std::string* out) {
  reader.Required(field, out);
  if (reader.ok() && out->empty()) reader.Fail(field, "expected a name");
}

static void ReadSymbolPart(JsonReader& reader, const char* field,
                           std::string* out) {
  reader.Required(field, out);
  if (reader.ok() && !IsSymbolPart(*out))
    reader.Fail(field, absl::StrCat("expected letters, digits, '_' and '-', "
                                    "but got '",
                                    *out, "'"));
}

static void ReadDType(JsonReader& reader, DType* out) {
  std::string name;
  reader.Required("dtype", &name);
  if (!reader.ok()) return;
  std::optional<DType> dtype = DTypeFromName(name);
  if (!dtype) {
    reader.Fail("dtype", absl::StrCat("unknown dtype '", name, "'"));
    return;
  }
  *out = *dtype;
}

static void ReadDimShape(JsonReader& reader, std::vector<DimSize>* out) {
  const Json* shape = reader.RequiredArray("shape");
  if (shape == nullptr) return;
  for (const Json& size : *shape) {
    std::string name;
    int64_t value = 0;
    std::optional<DimSymbol> symbol;
    if (ReadJson(size, &name) == nullptr) symbol = SymbolFromName(name);
    if (symbol)
      out->push_back(DimSize::Of(*symbol));
    else if (ReadJson(size, &value) == nullptr && value >= 0)
      out->push_back(DimSize::Static(value));
    else
      reader.Fail("shape", absl::StrCat("expected a size or one of T, N, N+1, "
                                        "S, C, but got ",
                                        DescribeJson(size)));
  }
}

static void ReadStaticShape(JsonReader& reader, std::vector<int64_t>* out) {
  reader.Required("shape", out);
  if (reader.ok() && ElementCount(*out) < 0)
    reader.Fail("shape", "is negative or too large");
}

// Reads an array of objects with `read`, which takes a reader and an element
// and returns a status; names must differ.
template <typename T, typename Read>
static absl::Status ReadList(JsonReader& reader, const char* field,
                             std::vector<T>* out, Read read) {
  const Json* array = reader.RequiredArray(field);
  MMRT_RETURN_IF_ERROR(reader.status());
  std::set<std::string> names;
  for (const Json& json : *array) {
    JsonReader child = reader.Child(field, out->size(), json);
    T& element = out->emplace_back();
    MMRT_RETURN_IF_ERROR(read(child, &element));
    if (!names.insert(element.name).second)
      child.Fail("name", absl::StrCat("'", element.name, "' is used twice"));
    MMRT_RETURN_IF_ERROR(child.status());
  }
  return absl::OkStatus();
}

static absl::Status ReadTensor(JsonReader& reader, ManifestTensor* tensor) {
  ReadName(reader, "name", &tensor->name);
  ReadDType(reader, &tensor->dtype);
  ReadDimShape(reader, &tensor->shape);
  // With every symbol 1, the static part alone must fit.
  if (reader.ok() && tensor->Bytes({1, 1, 1, 1}) < 0)
    reader.Fail("shape", "is too large");
  return reader.status();
}

static absl::Status ReadState(JsonReader& reader, ManifestState* state) {
  MMRT_RETURN_IF_ERROR(ReadTensor(reader, state));
  reader.Required("kind", &state->kind);
  if (reader.ok() && state->kind != "lightning_state" &&
      state->kind != "kv_cache")
    reader.Fail("kind", absl::StrCat("expected 'lightning_state' or "
                                     "'kv_cache', but got '",
                                     state->kind, "'"));
  // Without slots a step cannot say whose state it advances.
  if (reader.ok() && (state->shape.empty() ||
                      !(state->shape[0] == DimSize::Of(DimSymbol::kSlots))))
    reader.Fail("shape", "expected the first size to be S");
  return reader.status();
}

static absl::Status ReadSource(JsonReader& reader, ManifestSource* source) {
  ReadName(reader, "name", &source->name);
  ReadDType(reader, &source->dtype);
  ReadStaticShape(reader, &source->shape);
  reader.Optional("first_row", &source->first_row);
  if (source->first_row < 0)
    reader.Fail("first_row", absl::StrCat("expected at least 0, but got ",
                                          source->first_row));
  return reader.status();
}

static int64_t RowsOf(const ManifestSource& source) {
  if (source.shape.empty()) return 1;
  return ElementCount(
      absl::MakeConstSpan(source.shape).first(source.shape.size() - 1));
}

static int64_t ColumnsOf(const ManifestSource& source) {
  return source.shape.empty() ? 1 : source.shape.back();
}

// A mapped weight is its single source as it is.
static void CheckMapped(JsonReader& reader, const ManifestWeight& weight) {
  if (!weight.pack.empty())
    reader.Fail("pack", absl::StrCat("expected none for packing 'none', but "
                                     "got '",
                                     weight.pack, "'"));
  if (weight.sources.size() != 1) {
    reader.Fail("sources", absl::StrCat("expected one for packing 'none', but "
                                        "got ",
                                        weight.sources.size()));
    return;
  }
  const ManifestSource& source = weight.sources[0];
  if (source.dtype != weight.dtype || source.shape != weight.shape ||
      source.first_row != 0)
    reader.Fail("sources",
                "expected the dtype and shape of the weight for "
                "packing 'none'");
}

// The sources of a packed weight are row ranges of one matrix.
static void CheckPacked(JsonReader& reader, const ManifestWeight& weight) {
  if (!IsSymbolPart(weight.pack))
    reader.Fail("pack",
                absl::StrCat("expected a symbol for packing '", weight.packing,
                             "', but got '", weight.pack, "'"));
  if (weight.sources.empty()) reader.Fail("sources", "expected at least one");
  std::vector<const ManifestSource*> order;
  for (const ManifestSource& source : weight.sources) order.push_back(&source);
  std::sort(order.begin(), order.end(),
            [](const ManifestSource* a, const ManifestSource* b) {
              return a->first_row < b->first_row;
            });
  int64_t end = 0;
  for (const ManifestSource* source : order) {
    int64_t rows = RowsOf(*source);
    if (source->first_row < end)
      reader.Fail("sources", absl::StrCat("rows of '", source->name,
                                          "' overlap another source"));
    if (rows > std::numeric_limits<int64_t>::max() - source->first_row ||
        ColumnsOf(*source) != ColumnsOf(*order[0]) ||
        source->dtype != order[0]->dtype)
      reader.Fail("sources", absl::StrCat("'", source->name,
                                          "' does not have the row length and "
                                          "dtype of the others"));
    if (!reader.ok()) return;
    end = source->first_row + rows;
  }
}

static absl::Status ReadWeight(JsonReader& reader, ManifestWeight* weight) {
  ReadName(reader, "name", &weight->name);
  ReadName(reader, "packing", &weight->packing);
  ReadDType(reader, &weight->dtype);
  ReadStaticShape(reader, &weight->shape);
  reader.Required("bytes", &weight->bytes);
  reader.Required("pack", &weight->pack);
  MMRT_RETURN_IF_ERROR(reader.status());
  int64_t bytes = BytesOf(weight->shape, weight->dtype);
  if (weight->bytes != bytes)
    reader.Fail("bytes",
                absl::StrCat("expected ", bytes,
                             " by dtype and shape, but got ", weight->bytes));
  MMRT_RETURN_IF_ERROR(
      ReadList(reader, "sources", &weight->sources, ReadSource));
  if (weight->IsMapped())
    CheckMapped(reader, *weight);
  else
    CheckPacked(reader, *weight);
  return reader.status();
}

static absl::Status ReadEntry(JsonReader& reader, ManifestEntry* entry) {
  ReadSymbolPart(reader, "name", &entry->name);
  MMRT_RETURN_IF_ERROR(reader.status());
  MMRT_RETURN_IF_ERROR(ReadList(reader, "inputs", &entry->inputs, ReadTensor));
  return ReadList(reader, "outputs", &entry->outputs, ReadTensor);
}

// A sum is an object of coefficients by quantity.
static void ReadCost(JsonReader& reader, const char* field, CostSum* out) {
  const Json* object = reader.RequiredObject(field);
  if (object == nullptr) return;
  for (const auto& [quantity, json] : object->items()) {
    int64_t coefficient = 0;
    const char* expected = ReadJson(json, &coefficient);
    if (expected != nullptr || coefficient < 0) {
      reader.Fail(
          field, absl::StrCat("expected a number of at least 0 for '", quantity,
                              "', but got ", DescribeJson(json)));
      return;
    }
    const std::optional<CostTerm> term = ParseCostTerm(quantity, coefficient);
    if (!term) {
      reader.Fail(field, absl::StrCat("unknown quantity '", quantity, "'"));
      return;
    }
    out->push_back(*term);
  }
}

static absl::Status ReadOp(JsonReader& reader, ManifestOp* op) {
  ReadName(reader, "name", &op->name);
  reader.Required("weight", &op->weight);
  ReadName(reader, "function", &op->function);
  ReadDType(reader, &op->dtype);
  ReadCost(reader, "flops", &op->flops);
  ReadCost(reader, "bytes", &op->bytes);
  return reader.status();
}

// Unlike the other lists, names repeat.
static absl::Status ReadOps(JsonReader& reader, std::vector<ManifestOp>* out) {
  const Json* array = reader.RequiredArray("ops");
  MMRT_RETURN_IF_ERROR(reader.status());
  for (const Json& json : *array) {
    JsonReader child = reader.Child("ops", out->size(), json);
    MMRT_RETURN_IF_ERROR(ReadOp(child, &out->emplace_back()));
  }
  return absl::OkStatus();
}

static void ReadCount(JsonReader& reader, const char* field, int64_t* out) {
  reader.Required(field, out);
  if (reader.ok() && *out < 0)
    reader.Fail(field, absl::StrCat("expected at least 0, but got ", *out));
}

static absl::Status ReadModel(JsonReader& reader, ManifestModel* model) {
  ReadName(reader, "model_type", &model->model_type);
  ReadCount(reader, "vocab_size", &model->vocab_size);
  ReadCount(reader, "hidden_size", &model->hidden_size);
  ReadCount(reader, "num_hidden_layers", &model->num_hidden_layers);
  ReadCount(reader, "num_local_experts", &model->num_local_experts);
  ReadCount(reader, "num_experts_per_tok", &model->num_experts_per_tok);
  ReadCount(reader, "max_position_embeddings", &model->max_position_embeddings);
  std::vector<int64_t> ids;
  reader.Required("eos_token_ids", &ids);
  for (int64_t id : ids) {
    if (id < 0 || id >= model->vocab_size ||
        id > std::numeric_limits<int32_t>::max())
      reader.Fail("eos_token_ids",
                  absl::StrCat("expected ids below vocab_size, but got ", id));
    model->eos_token_ids.push_back(static_cast<int32_t>(id));
  }
  return reader.status();
}

static void ReadDims(JsonReader& reader, std::vector<DimSymbol>* out) {
  std::vector<std::string> names;
  reader.Required("dims", &names);
  out->clear();
  for (const std::string& name : names) {
    std::optional<DimSymbol> symbol = SymbolFromName(name);
    if (!symbol || *symbol == DimSymbol::kSequencesPlusOne ||
        std::find(out->begin(), out->end(), *symbol) != out->end())
      reader.Fail("dims", absl::StrCat("expected T, N, S and C at most once, "
                                       "but got '",
                                       name, "'"));
    else
      out->push_back(*symbol);
  }
}

static void ReadTargets(JsonReader& reader, std::vector<std::string>* out) {
  reader.Required("targets", out);
  if (reader.ok() && out->empty())
    reader.Fail("targets", "expected at least one");
  for (const std::string& target : *out)
    if (!IsSymbolPart(target) && !ParseCudaTarget(target))
      reader.Fail("targets", absl::StrCat("expected letters, digits, '_' and "
                                          "'-', or cuda:sm_<number>, but got '",
                                          target, "'"));
}

// Kernels are found by name, so a name stands for one of them.
static void CheckKernels(JsonReader& reader, const Manifest& manifest,
                         const ManifestKernels& kernels) {
  const std::vector<std::string>& targets = manifest.targets;
  if (std::find(targets.begin(), targets.end(), kernels.target) ==
      targets.end())
    reader.Fail("kernels", absl::StrCat("'", kernels.target,
                                        "' is not one of the targets"));
  std::set<std::string> seen;
  for (const std::string& name : kernels.names) {
    if (!IsSymbolPart(name))
      reader.Fail("kernels", absl::StrCat("expected letters, digits, '_' and "
                                          "'-', but got '",
                                          name, "'"));
    if (!seen.insert(name).second)
      reader.Fail("kernels", absl::StrCat("'", name, "' of ", kernels.target,
                                          " is used twice"));
  }
}

static void ReadKernels(JsonReader& reader, Manifest* manifest) {
  if (reader.Find("kernels") == nullptr) return;
  const Json* object = reader.RequiredObject("kernels");
  if (object == nullptr) return;
  for (const auto& [target, json] : object->items()) {
    ManifestKernels& kernels = manifest->kernels.emplace_back();
    kernels.target = target;
    if (const char* expected = ReadJson(json, &kernels.names)) {
      reader.Fail("kernels",
                  absl::StrCat("expected ", expected, " for '", target,
                               "', but got ", DescribeJson(json)));
      return;
    }
    CheckKernels(reader, *manifest, kernels);
  }
}

// Every symbol of a shape must have a value in `dims`.
static void CheckSymbols(JsonReader& reader, const Manifest& manifest,
                         const ManifestTensor& tensor) {
  for (DimSize size : tensor.shape) {
    DimSymbol symbol = size.symbol;
    if (symbol == DimSymbol::kStatic) continue;
    if (symbol == DimSymbol::kSequencesPlusOne) symbol = DimSymbol::kSequences;
    if (std::find(manifest.dims.begin(), manifest.dims.end(), symbol) ==
        manifest.dims.end())
      reader.Fail("dims", absl::StrCat("expected '", DimSymbolName(symbol),
                                       "', which the shape of '", tensor.name,
                                       "' uses"));
  }
}

static absl::Status CheckVersion(JsonReader& reader, int64_t* version) {
  std::string format;
  reader.Required("format", &format);
  if (reader.ok() && format != "minimax-artifact")
    reader.Fail("format", absl::StrCat("expected 'minimax-artifact', but got '",
                                       format, "'"));
  reader.Required("abi_version", version);
  MMRT_RETURN_IF_ERROR(reader.status());
  if (*version != MMRT_ABI_VERSION)
    return absl::FailedPreconditionError(
        absl::StrCat("artifact has ABI version ", *version,
                     ", this runtime needs ", MMRT_ABI_VERSION));
  return absl::OkStatus();
}

absl::StatusOr<Manifest> ParseManifest(absl::string_view text) {
  MMRT_ASSIGN_OR_RETURN(Json json, ParseJson(text, "manifest"));
  JsonReader reader(json, "manifest");
  Manifest manifest;
  MMRT_RETURN_IF_ERROR(CheckVersion(reader, &manifest.abi_version));
  reader.Required("compiler", &manifest.compiler);
  ReadName(reader, "content_hash", &manifest.content_hash);
  ReadDType(reader, &manifest.dtype);
  ReadTargets(reader, &manifest.targets);
  ReadKernels(reader, &manifest);
  ReadDims(reader, &manifest.dims);
  const Json* model = reader.RequiredObject("model");
  MMRT_RETURN_IF_ERROR(reader.status());
  JsonReader model_reader = reader.Child("model", *model);
  MMRT_RETURN_IF_ERROR(ReadModel(model_reader, &manifest.model));
  MMRT_RETURN_IF_ERROR(ReadList(reader, "states", &manifest.states, ReadState));
  MMRT_RETURN_IF_ERROR(
      ReadList(reader, "weights", &manifest.weights, ReadWeight));
  MMRT_RETURN_IF_ERROR(
      ReadList(reader, "entries", &manifest.entries, ReadEntry));
  MMRT_RETURN_IF_ERROR(ReadOps(reader, &manifest.ops));
  for (const ManifestState& state : manifest.states)
    CheckSymbols(reader, manifest, state);
  for (const ManifestEntry& entry : manifest.entries) {
    for (const ManifestTensor& tensor : entry.inputs)
      CheckSymbols(reader, manifest, tensor);
    for (const ManifestTensor& tensor : entry.outputs)
      CheckSymbols(reader, manifest, tensor);
  }
  MMRT_RETURN_IF_ERROR(reader.status());
  return manifest;
}

}  // namespace minimax::runtime
