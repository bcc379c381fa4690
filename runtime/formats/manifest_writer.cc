//===- manifest_writer.cc - write a manifest ------------------------------===//
//
// Turns a Manifest into JSON with a fixed order of fields.
//
//===----------------------------------------------------------------------===//
#include "formats/manifest.h"
#include "nlohmann/json.hpp"

namespace minimax::runtime {

// Keeps the order in which fields are added.
using OrderedJson = nlohmann::ordered_json;

static std::string ToString(absl::string_view text) {
  return std::string(text);
}

static OrderedJson ToJson(const std::vector<DimSize>& shape) {
  OrderedJson json = OrderedJson::array();
  for (const DimSize& size : shape) {
    if (size.symbol == DimSymbol::kStatic)
      json.push_back(size.value);
    else
      json.push_back(ToString(DimSymbolName(size.symbol)));
  }
  return json;
}

static OrderedJson ToJson(const ManifestTensor& tensor) {
  OrderedJson json;
  json["name"] = tensor.name;
  json["dtype"] = ToString(DTypeName(tensor.dtype));
  json["shape"] = ToJson(tensor.shape);
  return json;
}

static OrderedJson ToJson(const ManifestState& state) {
  OrderedJson json;
  json["name"] = state.name;
  json["kind"] = state.kind;
  json["dtype"] = ToString(DTypeName(state.dtype));
  json["shape"] = ToJson(state.shape);
  return json;
}

static OrderedJson ToJson(const ManifestSource& source, bool mapped) {
  OrderedJson json;
  json["name"] = source.name;
  json["dtype"] = ToString(DTypeName(source.dtype));
  json["shape"] = source.shape;
  if (!mapped) json["first_row"] = source.first_row;
  return json;
}

static OrderedJson ToJson(const ManifestWeight& weight) {
  OrderedJson json;
  json["name"] = weight.name;
  json["packing"] = weight.packing;
  json["dtype"] = ToString(DTypeName(weight.dtype));
  json["shape"] = weight.shape;
  json["bytes"] = weight.bytes;
  json["pack"] = weight.pack;
  json["sources"] = OrderedJson::array();
  for (const ManifestSource& source : weight.sources)
    json["sources"].push_back(ToJson(source, weight.IsMapped()));
  return json;
}

template <typename T>
static OrderedJson ToJsonArray(const std::vector<T>& elements) {
  OrderedJson json = OrderedJson::array();
  for (const T& element : elements) json.push_back(ToJson(element));
  return json;
}

static OrderedJson ToJson(const ManifestEntry& entry) {
  OrderedJson json;
  json["name"] = entry.name;
  json["inputs"] = ToJsonArray(entry.inputs);
  json["outputs"] = ToJsonArray(entry.outputs);
  return json;
}

static OrderedJson ToJson(const CostSum& sum) {
  OrderedJson json = OrderedJson::object();
  for (const CostTerm& term : sum) json[QuantityName(term)] = term.coefficient;
  return json;
}

static OrderedJson ToJson(const ManifestOp& op) {
  OrderedJson json;
  json["name"] = op.name;
  json["weight"] = op.weight;
  json["function"] = op.function;
  json["dtype"] = ToString(DTypeName(op.dtype));
  json["flops"] = ToJson(op.flops);
  json["bytes"] = ToJson(op.bytes);
  return json;
}

static OrderedJson ToJson(const ManifestModel& model) {
  OrderedJson json;
  json["model_type"] = model.model_type;
  json["vocab_size"] = model.vocab_size;
  json["hidden_size"] = model.hidden_size;
  json["num_hidden_layers"] = model.num_hidden_layers;
  json["num_local_experts"] = model.num_local_experts;
  json["num_experts_per_tok"] = model.num_experts_per_tok;
  json["max_position_embeddings"] = model.max_position_embeddings;
  json["eos_token_ids"] = model.eos_token_ids;
  return json;
}

absl::StatusOr<std::string> SerializeManifest(const Manifest& manifest) {
  OrderedJson json;
  json["format"] = "minimax-artifact";
  json["abi_version"] = manifest.abi_version;
  json["compiler"] = manifest.compiler;
  json["content_hash"] = manifest.content_hash;
  json["dtype"] = ToString(DTypeName(manifest.dtype));
  json["model"] = ToJson(manifest.model);
  json["targets"] = manifest.targets;
  for (const ManifestKernels& kernels : manifest.kernels)
    json["kernels"][kernels.target] = kernels.names;
  json["dims"] = OrderedJson::array();
  for (DimSymbol symbol : manifest.dims)
    json["dims"].push_back(ToString(DimSymbolName(symbol)));
  json["states"] = ToJsonArray(manifest.states);
  json["weights"] = ToJsonArray(manifest.weights);
  json["entries"] = ToJsonArray(manifest.entries);
  json["ops"] = ToJsonArray(manifest.ops);
  // dump() would throw on malformed text; with `replace` it leaves a mark.
  std::string text =
      json.dump(1, ' ', false, OrderedJson::error_handler_t::replace);
  if (text.find("\xEF\xBF\xBD") != std::string::npos)
    return absl::InvalidArgumentError(
        "manifest: expected names in UTF-8 without U+FFFD");
  return text;
}

}  // namespace minimax::runtime
