//===- manifest_test.cc - tests of artifact manifests ---------------------===//
//
// The documented example, round trips and every rejected field.
//
//===----------------------------------------------------------------------===//
#include "formats/manifest.h"

#include <limits>

#include "test_util.h"

namespace minimax::runtime {
namespace {

using absl::StatusCode;

// The example of docs/Runtime.md.
constexpr char kExample[] = R"json({
 "format": "minimax-artifact", "abi_version": 4,
 "compiler": "minimax-mlir 0.1.0", "content_hash": "6c0f", "dtype": "f32",
 "model": {"model_type": "minimax_text_01", "vocab_size": 1024,
  "hidden_size": 128, "num_hidden_layers": 8, "num_local_experts": 8,
  "num_experts_per_tok": 2, "max_position_embeddings": 65536,
  "eos_token_ids": [1023]},
 "targets": ["znver4", "x86-64-v4", "x86-64-v3", "cuda:sm_90a"],
 "kernels": {"cuda:sm_90a": ["linear_0", "gate_1"]},
 "dims": ["T", "N", "S", "C"],
 "states": [
  {"name": "layers.0.lightning_state", "kind": "lightning_state",
   "dtype": "f32", "shape": ["S", 8, 32, 32]},
  {"name": "layers.7.kv_cache.key", "kind": "kv_cache", "dtype": "f32",
   "shape": ["S", "C", 2, 32]}],
 "weights": [
  {"name": "embed_tokens", "packing": "none", "dtype": "bf16",
   "shape": [1024, 128], "bytes": 262144, "pack": "",
   "sources": [{"name": "model.embed_tokens.weight", "dtype": "bf16",
                "shape": [1024, 128]}]},
  {"name": "layers.0.experts_gate_up", "packing": "panels", "dtype": "bf16",
   "shape": [8, 4, 64, 64, 2], "bytes": 524288, "pack": "mm_pack_2",
   "sources": [
    {"name": "w1.weight", "dtype": "bf16", "shape": [128, 128],
     "first_row": 0},
    {"name": "w3.weight", "dtype": "bf16", "shape": [128, 128],
     "first_row": 128}]}],
 "entries": [
  {"name": "step",
   "inputs": [{"name": "tokens", "dtype": "i32", "shape": ["T"]},
              {"name": "cu_seqlens", "dtype": "i32", "shape": ["N+1"]}],
   "outputs": [{"name": "logits", "dtype": "f32", "shape": ["N", 1024]}]}],
 "ops": [
  {"name": "linear", "weight": "qkv_proj", "function": "lightning_layer",
   "dtype": "f32", "flops": {"T": 196608},
   "bytes": {"1": 98304, "T": 3584}},
  {"name": "lightning_attention", "weight": "", "function": "lightning_layer",
   "dtype": "f32", "flops": {"T": 32768, "pairs(64)": 1024}, "bytes": {}}]
})json";

TEST(ManifestTest, ReadsTheExample) {
  absl::StatusOr<Manifest> manifest = ParseManifest(kExample);
  ASSERT_THAT(manifest, IsOk());
  EXPECT_EQ(manifest->compiler, "minimax-mlir 0.1.0");
  EXPECT_EQ(manifest->content_hash, "6c0f");
  EXPECT_EQ(manifest->dtype, DType::kF32);
  EXPECT_EQ(manifest->model.num_experts_per_tok, 2);
  EXPECT_THAT(manifest->model.eos_token_ids, testing::ElementsAre(1023));
  EXPECT_EQ(manifest->targets.size(), 4u);
  EXPECT_THAT(manifest->KernelsOf("cuda:sm_90a"),
              testing::ElementsAre("linear_0", "gate_1"));
  EXPECT_TRUE(manifest->KernelsOf("znver4").empty());
  EXPECT_EQ(manifest->dims.size(), 4u);
  EXPECT_EQ(manifest->states[1].kind, "kv_cache");
  EXPECT_EQ(manifest->states[1].shape[1], DimSize::Of(DimSymbol::kCapacity));
  EXPECT_TRUE(manifest->weights[0].IsMapped());
  EXPECT_FALSE(manifest->weights[1].IsMapped());
  EXPECT_EQ(manifest->weights[1].pack, "mm_pack_2");
  EXPECT_EQ(manifest->weights[1].sources[1].first_row, 128);
  const ManifestEntry *step = manifest->FindEntry("step");
  ASSERT_NE(step, nullptr);
  EXPECT_EQ(step->inputs[1].shape[0],
            DimSize::Of(DimSymbol::kSequencesPlusOne));
  EXPECT_EQ(manifest->FindEntry("score"), nullptr);
  ASSERT_EQ(manifest->ops.size(), 2u);
  EXPECT_EQ(manifest->ops[0].weight, "qkv_proj");
  EXPECT_EQ(manifest->ops[1].function, "lightning_layer");
  const CostTerm pairs = {QuantityKind::kPairs, 64, 0, 1024};
  EXPECT_EQ(manifest->ops[1].flops[1], pairs);
}

TEST(ManifestTest, SizesDependOnTheCall) {
  absl::StatusOr<Manifest> manifest = ParseManifest(kExample);
  ASSERT_THAT(manifest, IsOk());
  DimValues values{/*tokens=*/7, /*sequences=*/3, /*slots=*/2,
                   /*capacity=*/100};
  EXPECT_EQ(manifest->states[0].Bytes(values), 2 * 8 * 32 * 32 * 4);
  EXPECT_EQ(manifest->states[1].Bytes(values), 2 * 100 * 2 * 32 * 4);
  const ManifestEntry *step = manifest->FindEntry("step");
  EXPECT_EQ(step->inputs[0].Bytes(values), 7 * 4);
  EXPECT_EQ(step->inputs[1].Bytes(values), 4 * 4);
  EXPECT_EQ(step->outputs[0].Bytes(values), 3 * 1024 * 4);
  values.capacity = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(manifest->states[1].Bytes(values), -1);
}

TEST(ManifestTest, RoundTrips) {
  absl::StatusOr<Manifest> manifest = ParseManifest(kExample);
  ASSERT_THAT(manifest, IsOk());
  absl::StatusOr<std::string> text = SerializeManifest(*manifest);
  ASSERT_THAT(text, IsOk());
  absl::StatusOr<Manifest> again = ParseManifest(*text);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(*SerializeManifest(*again), *text);
  EXPECT_EQ(text->substr(0, 32), "{\n \"format\": \"minimax-artifact\",");
}

TEST(ManifestTest, KernelsMayBeLeftOut) {
  const std::string without = Replaced(
      kExample, R"("kernels": {"cuda:sm_90a": ["linear_0", "gate_1"]},)", "");
  absl::StatusOr<Manifest> manifest = ParseManifest(without);
  ASSERT_THAT(manifest, IsOk());
  EXPECT_TRUE(manifest->KernelsOf("cuda:sm_90a").empty());
  EXPECT_EQ(SerializeManifest(*manifest)->find("kernels"), std::string::npos);
}

TEST(ManifestTest, KnowsCudaTargets) {
  const std::optional<CudaTarget> target = ParseCudaTarget("cuda:sm_90a");
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->capability, 90);
  EXPECT_TRUE(target->exact);
  EXPECT_FALSE(ParseCudaTarget("cuda:sm_120")->exact);
  for (const char *other :
       {"cuda", "cuda:", "cuda:sm_", "cuda:sm_a", "cuda:sm_80b", "cuda:sm_-8",
        "cuda:sm_99999", "cuda:sm_ 80", "sm_80", "x86-64"})
    EXPECT_FALSE(ParseCudaTarget(other).has_value()) << other;
}

TEST(ManifestTest, RefusesToWriteMalformedNames) {
  Manifest manifest;
  manifest.compiler = "\xFF";
  EXPECT_THAT(SerializeManifest(manifest),
              Fails(StatusCode::kInvalidArgument, "UTF-8"));
}

TEST(ManifestTest, RefusesOtherVersions) {
  EXPECT_THAT(ParseManifest(Replaced(kExample, R"("abi_version": 4)",
                                     R"("abi_version": 2)")),
              Fails(StatusCode::kFailedPrecondition,
                    "artifact has ABI version 2, this runtime needs 4"));
  // Whatever else another version holds.
  EXPECT_THAT(
      ParseManifest(R"({"format": "minimax-artifact", "abi_version": 7})"),
      Fails(StatusCode::kFailedPrecondition, "7"));
}

TEST(ManifestTest, NamesMissingFields) {
  for (const char *name :
       {"format", "abi_version", "compiler", "content_hash", "dtype", "model",
        "targets", "dims", "states", "weights", "entries", "ops"})
    EXPECT_THAT(ParseManifest(Replaced(
                    kExample, absl::StrCat("\"", name, "\":"), "\"other\":")),
                Fails(StatusCode::kInvalidArgument,
                      absl::StrCat("manifest: missing field '", name, "'")));
  for (const char *name :
       {"model_type", "vocab_size", "hidden_size", "num_hidden_layers",
        "num_local_experts", "num_experts_per_tok", "max_position_embeddings",
        "eos_token_ids"})
    EXPECT_THAT(ParseManifest(Replaced(
                    kExample, absl::StrCat("\"", name, "\":"), "\"other\":")),
                Fails(StatusCode::kInvalidArgument,
                      absl::StrCat("missing field 'model.", name, "'")));
}

class BadManifestTest : public testing::TestWithParam<BadEdit> {};

TEST_P(BadManifestTest, IsRejected) {
  EXPECT_THAT(ParseManifest(Replaced(kExample, GetParam().from, GetParam().to)),
              Fails(StatusCode::kInvalidArgument, GetParam().message));
}

constexpr BadEdit kBadFields[] = {
    {"{", "[", "malformed JSON"},
    {"minimax-artifact", "elf", "expected 'minimax-artifact', but got 'elf'"},
    {R"("dtype": "f32")", R"("dtype": "F32")", "unknown dtype 'F32'"},
    {R"("content_hash": "6c0f")", R"("content_hash": "")", "'content_hash'"},
    {R"("znver4")", R"("../x")", "'targets'"},
    {R"(["znver4", "x86-64-v4", "x86-64-v3", "cuda:sm_90a"])", "[]",
     "'targets'"},
    {R"("x86-64-v3", "cuda:sm_90a")", R"("x86-64-v3", "cuda:gfx90a")",
     "'targets'"},
    {R"({"cuda:sm_90a": ["linear_0", "gate_1"]})", "[]",
     "'kernels': expected an object"},
    {R"({"cuda:sm_90a": ["linear_0", "gate_1"]})", R"({"cuda:sm_80": []})",
     "'kernels': 'cuda:sm_80' is not one of the targets"},
    {R"(["linear_0", "gate_1"])", R"("linear_0")",
     "'kernels': expected an array of strings for 'cuda:sm_90a'"},
    {R"("gate_1")", R"("linear_0")",
     "'kernels': 'linear_0' of cuda:sm_90a is used twice"},
    {R"("gate_1")", R"("")", "'kernels': expected letters"},
    {R"("gate_1")", R"("a b")", "but got 'a b'"},
    {R"(["T", "N", "S", "C"])", R"(["T", "N", "S", "S"])", "but got 'S'"},
    {R"(["T", "N", "S", "C"])", R"(["T", "N+1", "S", "C"])", "but got 'N+1'"},
    {R"(["T", "N", "S", "C"])", R"(["T", "N", "S", "X"])", "but got 'X'"},
    {R"(["T", "N", "S", "C"])", R"(["T", "N", "S"])",
     "expected 'C', which the shape of 'layers.7.kv_cache.key' uses"},
    {R"(["T", "N", "S", "C"])", R"(["T", "S", "C"])",
     "expected 'N', which the shape of 'cu_seqlens' uses"},
    {"[1023]", "[1024]", "'model.eos_token_ids'"},
    {R"("hidden_size": 128)", R"("hidden_size": -1)", "'model.hidden_size'"},
    {R"("kind": "kv_cache")", R"("kind": "cache")", "but got 'cache'"},
    {R"(["S", "C", 2, 32])", R"(["S", "Z", 2, 32])",
     "'states[1].shape': expected a size or one of T, N, N+1, S, C, but got "
     "\"Z\""},
    {R"(["S", "C", 2, 32])", R"(["S", "C", -2, 32])", "but got -2"},
    {R"(["S", "C", 2, 32])", R"(["S", "C", 2.5, 32])", "but got 2.5"},
    {R"(["S", "C", 2, 32])", R"(["C", 2, 32])", "first size to be S"},
    {R"(["S", "C", 2, 32])", R"(["S", 4294967296, 4294967296])", "too large"},
    {R"("shape": ["S", "C", 2, 32])", R"("shape": 1)", "expected an array"},
    {R"("layers.7.kv_cache.key")", R"("layers.0.lightning_state")",
     "'states[1].name': 'layers.0.lightning_state' is used twice"},
    {R"("bytes": 262144)", R"("bytes": 262143)",
     "'weights[0].bytes': expected 262144 by dtype and shape, but got 262143"},
    {R"("pack": "")", R"("pack": "mm_pack_0")", "expected none for packing"},
    {R"("pack": "mm_pack_2")", R"("pack": "")", "expected a symbol"},
    {R"("pack": "mm_pack_2")", R"("pack": "a b")", "expected a symbol"},
    {R"("shape": [1024, 128]}])", R"("shape": [128, 1024]}])",
     "'weights[0].sources': expected the dtype and shape of the weight"},
    {R"("shape": [1024, 128]}])", R"("shape": [1024, 128], "first_row": 1}])",
     "'weights[0].sources'"},
    {R"([{"name": "model.embed_tokens.weight", "dtype": "bf16",
                "shape": [1024, 128]}])",
     "[]", "'weights[0].sources': expected one for packing 'none', but got 0"},
    {R"("first_row": 128)", R"("first_row": 127)",
     "rows of 'w3.weight' overlap another source"},
    {R"("first_row": 128)", R"("first_row": -1)",
     "'weights[1].sources[1].first_row': expected at least 0"},
    {R"("shape": [128, 128],
     "first_row": 128)",
     R"("shape": [128, 64], "first_row": 128)", "row length and dtype"},
    {R"("shape": [128, 128],
     "first_row": 128)",
     R"("shape": [128, -128], "first_row": 128)", "negative or too large"},
    {R"("name": "w3.weight", "dtype": "bf16")",
     R"("name": "w3.weight", "dtype": "f32")", "row length and dtype"},
    {R"("name": "w3.weight")", R"("name": "")", "expected a name"},
    {R"("name": "w3.weight")", R"("name": "w1.weight")", "is used twice"},
    {R"("name": "step")", R"("name": "st ep")", "but got 'st ep'"},
    {R"("name": "cu_seqlens")", R"("name": "tokens")",
     "'tokens' is used twice"},
    {R"({"name": "tokens", "dtype": "i32", "shape": ["T"]})", "1",
     "'entries[0].inputs[0]': expected an object, but got 1"},
    {R"json("pairs(64)": 1024)json", R"("pears": 1)",
     "'ops[1].flops': unknown quantity 'pears'"},
    {R"("flops": {"T": 196608})", R"("flops": {"T": -1})",
     "'ops[0].flops': expected a number of at least 0 for 'T', but got -1"},
    {R"("flops": {"T": 196608})", R"("flops": [])",
     "'ops[0].flops': expected an object"},
};

INSTANTIATE_TEST_SUITE_P(ManifestTest, BadManifestTest,
                         testing::ValuesIn(kBadFields));

TEST(DTypeTest, TableMatchesEnumeration) {
  for (const DTypeInfo &info : kDTypes) {
    EXPECT_EQ(InfoOf(info.dtype).name, info.name);
    EXPECT_EQ(DTypeFromName(info.name), info.dtype);
    EXPECT_EQ(DTypeFromSafetensorsName(info.safetensors_name), info.dtype);
  }
  EXPECT_EQ(DTypeBytes(DType::kBF16), 2);
  EXPECT_EQ(DTypeName(DType::kBool), "bool");
  EXPECT_EQ(SafetensorsDTypeName(DType::kF8E4M3), "F8_E4M3");
  EXPECT_EQ(DTypeFromName("BF16"), std::nullopt);
  EXPECT_EQ(DTypeFromSafetensorsName("bf16"), std::nullopt);
}

} // namespace
} // namespace minimax::runtime
