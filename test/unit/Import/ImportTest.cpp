//===- ImportTest.cpp - tests of the importer -----------------------------===//
//
// Layout, report and module of small checkpoints, good and broken, and the
// totals of the released models.
//
//===----------------------------------------------------------------------===//

#include "minimax/Import/Import.h"
#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include "gmock/gmock.h"
#include <map>

using namespace mlir;
using namespace mlir::minimax;
using ::minimax::runtime::ParseModelConfig;
using ::minimax::runtime::ReadModelConfig;
using ::minimax::runtime::TensorToWrite;
using ::minimax::runtime::WriteSafetensors;
using ::testing::HasSubstr;
using ::testing::Not;

static constexpr char kModels[] = MINIMAX_MODELS_DIR;

//===----------------------------------------------------------------------===//
// Small models
//===----------------------------------------------------------------------===//

/// SPEC 9's `nano` with fields of the caller's on top.
static ModelConfig nano(const std::string &more = "",
                        const std::string &types = "0, 1", int layers = 2) {
  std::string text = R"({"model_type": "minimax_text_01", "hidden_size": 32,
    "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 12,
    "rotary_dim": 6, "rope_theta": 10000000, "num_local_experts": 4,
    "num_experts_per_tok": 2, "intermediate_size": 24, "vocab_size": 96,
    "max_position_embeddings": 512, "torch_dtype": "bfloat16",
    "layernorm_mlp_alpha": 1.41421356, "eos_token_id": [7, 9])";
  if (!StringRef(more).contains("\"postnorm\""))
    text += R"(, "postnorm": true)";
  text += ", \"num_hidden_layers\": " + std::to_string(layers) +
          ", \"attn_type_list\": [" + types + "]" + more + "}";
  auto config = ParseModelConfig(text, "config.json");
  EXPECT_TRUE(config.ok()) << config.status();
  return config.ok() ? *config : ModelConfig();
}

/// The tensors of a checkpoint before it is written.
class Tensors {
public:
  /// The tensors that `config` asks for.
  explicit Tensors(const ModelConfig &config) {
    CheckpointLayout layout(config);
    for (const WeightSpec &spec : layout.weights())
      for (const std::string &name : spec.sources)
        set(name, spec.sourceShape, spec.assumedType);
  }

  void set(const std::string &name, ArrayRef<int64_t> shape, DType type) {
    entries[name] = {type, std::vector<int64_t>(shape.begin(), shape.end())};
  }
  void erase(const std::string &name) { entries.erase(name); }

  /// Renames everything below "model." and the head as VL models have them.
  void rename(const std::string &prefix, const std::string &head) {
    decltype(entries) renamed;
    for (auto &[name, entry] : entries)
      renamed[name == "lm_head.weight" ? head : prefix + name.substr(6)] =
          entry;
    entries = std::move(renamed);
  }

  /// Stacks the experts as transformers 5 does.
  void stackExperts(const ModelConfig &config) {
    std::erase_if(entries, [](const auto &entry) {
      return StringRef(entry.first).contains("block_sparse_moe");
    });
    int64_t experts = config.num_local_experts, hidden = config.hidden_size;
    int64_t ffn = config.intermediate_size;
    for (int64_t layer = 0; layer < config.num_hidden_layers; ++layer) {
      std::string mlp = "model.layers." + std::to_string(layer) + ".mlp.";
      set(mlp + "gate.weight", {experts, hidden}, DType::kF32);
      set(mlp + "experts.gate_up_proj", {experts, 2 * ffn, hidden},
          DType::kBF16);
      set(mlp + "experts.down_proj", {experts, hidden, ffn}, DType::kBF16);
    }
  }

  /// Writes zeros to a folder of the test's own and opens them.
  Checkpoint write() const {
    static const std::vector<char> zeros(1 << 20);
    llvm::SmallString<128> dir;
    EXPECT_FALSE(llvm::sys::fs::createUniqueDirectory("import-test", dir));
    std::vector<TensorToWrite> list;
    for (const auto &[name, entry] : entries)
      list.push_back({name, entry.first, entry.second, zeros.data()});
    std::string path = (dir + "/model.safetensors").str();
    EXPECT_TRUE(WriteSafetensors(path, list).ok());
    auto checkpoint = Checkpoint::Open(std::string(dir));
    EXPECT_TRUE(checkpoint.ok()) << checkpoint.status();
    // The mapping outlives the names.
    llvm::sys::fs::remove_directories(dir);
    return *std::move(checkpoint);
  }

private:
  std::map<std::string, std::pair<DType, std::vector<int64_t>>> entries;
};

/// The report and whether it says that all is well.
static std::string dryRun(const ModelConfig &config,
                          const Checkpoint *checkpoint, bool *ok = nullptr,
                          bool summary = false) {
  std::string text;
  llvm::raw_string_ostream os(text);
  DryRunOptions options;
  options.summary = summary;
  bool result = succeeded(printDryRun(os, config, checkpoint, options));
  if (ok)
    *ok = result;
  return text;
}

class ImportTest : public ::testing::Test {
protected:
  /// Imports and verifies; null, with the messages in `diagnostics`, if that
  /// fails.
  OwningOpRef<ModuleOp> import(const ModelConfig &config,
                               const Checkpoint *checkpoint = nullptr,
                               const ImportOptions &options = {}) {
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
      diagnostics += diagnostic.str() + "\n";
      return success();
    });
    auto module = importModel(&context, config, checkpoint, options);
    if (failed(module))
      return nullptr;
    EXPECT_TRUE(succeeded(verify(**module))) << diagnostics;
    return std::move(*module);
  }

  /// The message that importing the broken checkpoint gives.
  std::string error(const ModelConfig &config, const Tensors &tensors) {
    Checkpoint checkpoint = tensors.write();
    EXPECT_FALSE(import(config, &checkpoint));
    bool ok = true;
    dryRun(config, &checkpoint, &ok);
    EXPECT_FALSE(ok) << "a dry run has to fail where an import does";
    return diagnostics;
  }

  MLIRContext context;
  std::string diagnostics;
};

template <typename OpT> static int64_t count(Operation *root) {
  int64_t number = 0;
  root->walk([&](OpT) { ++number; });
  return number;
}

static SmallVector<std::string> layerFunctions(ModuleOp module) {
  SmallVector<std::string> names;
  for (auto function : module.getOps<func::FuncOp>())
    if (function.isPrivate())
      names.push_back(function.getName().str());
  return names;
}

static WeightOp weight(ModuleOp module, StringRef name) {
  return module.lookupSymbol<WeightOp>(name);
}

static std::string typeText(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

//===----------------------------------------------------------------------===//
// Report
//===----------------------------------------------------------------------===//

TEST(DryRun, TotalsOfReleasedModels) {
  for (const char *name : {"/minimax-m1", "/minimax-text-01"}) {
    std::string text, errors;
    llvm::raw_string_ostream os(text), errorStream(errors);
    EXPECT_TRUE(succeeded(
        printDryRunOfDirectory(os, errorStream, std::string(kModels) + name)));
    EXPECT_EQ(errors, "");
    EXPECT_THAT(text, HasSubstr("tensors: 8243 expected\n"));
    EXPECT_THAT(text,
                HasSubstr("parameters: 456,089,655,296 (456089655296)\n"));
    EXPECT_THAT(text, HasSubstr("bytes: 912,210,767,872 (912210767872)\n"));
    EXPECT_EQ(llvm::count(text, '\n'), 8243 + 3);
  }
}

TEST(DryRun, DemoModelMapsWhole) {
  std::string text, errors;
  llvm::raw_string_ostream os(text), errorStream(errors);
  EXPECT_TRUE(succeeded(printDryRunOfDirectory(
      os, errorStream, std::string(kModels) + "/kjv-tiny")));
  EXPECT_THAT(text, HasSubstr("parameters: 4,648,832 (4648832)"));
  EXPECT_THAT(text, HasSubstr("0 ignored, 0 missing, 0 unexpected"));
}

TEST(DryRun, UnreadableDirectoryIsOneLine) {
  std::string text, errors;
  llvm::raw_string_ostream os(text), errorStream(errors);
  EXPECT_TRUE(
      failed(printDryRunOfDirectory(os, errorStream, "/nonexistent/folder")));
  EXPECT_THAT(errors, HasSubstr("/nonexistent/folder/config.json: "));
  EXPECT_EQ(llvm::count(errors, '\n'), 1);
}

TEST(DryRun, EveryStatus) {
  ModelConfig config = nano();
  Tensors tensors(config);
  tensors.erase("model.norm.weight");
  tensors.set("lm_head.weight", {96, 31}, DType::kBF16);
  tensors.set("model.embed_tokens.weight", {96, 32}, DType::kI8);
  tensors.set("model.layers.0.self_attn.slope_rate", {4, 1, 1}, DType::kF32);
  tensors.set("vision_tower.patch.weight", {3}, DType::kF32);
  tensors.set("model.layers.0.self_attn.q_norm.weight", {12}, DType::kF32);
  Checkpoint checkpoint = tensors.write();
  bool ok = true;
  std::string text = dryRun(config, &checkpoint, &ok);
  EXPECT_FALSE(ok);
  for (const char *line :
       {"missing     model.norm.weight  expected [32]  -> final_norm\n",
        "wrong shape lm_head.weight  expected shape [96, 32], but got [96, 31]",
        "wrong dtype model.embed_tokens.weight  expected dtype f32, bf16 or "
        "f16, but got i8",
        "ignored     model.layers.0.self_attn.slope_rate  f32 [4, 1, 1]\n",
        "ignored     vision_tower.patch.weight",
        "unexpected  model.layers.0.self_attn.q_norm.weight  f32 [12]\n",
        "mapped      model.layers.0.block_sparse_moe.gate.weight  f32 [4, 32]"
        "  -> layers.0.router\n",
        "2 ignored, 1 missing, 1 unexpected, 1 wrong shape, 1 wrong dtype\n"})
    EXPECT_THAT(text, HasSubstr(line));
  EXPECT_THAT(dryRun(config, &checkpoint, &ok, /*summary=*/true),
              Not(HasSubstr("mapped      ")));
}

TEST(DryRun, UnexpectedTensorsAlonePass) {
  ModelConfig config = nano();
  Tensors tensors(config);
  tensors.set("model.extra", {1}, DType::kF32);
  Checkpoint checkpoint = tensors.write();
  bool ok = false;
  EXPECT_THAT(dryRun(config, &checkpoint, &ok), HasSubstr("1 unexpected"));
  EXPECT_TRUE(ok);
}

//===----------------------------------------------------------------------===//
// Module
//===----------------------------------------------------------------------===//

TEST_F(ImportTest, OneFunctionPerKind) {
  auto config = ReadModelConfig(std::string(kModels) + "/minimax-m1");
  ASSERT_TRUE(config.ok());
  auto module = import(*config);
  ASSERT_TRUE(module);
  EXPECT_THAT(layerFunctions(*module),
              ::testing::ElementsAre("lightning_layer", "softmax_layer"));
  EXPECT_EQ(count<func::CallOp>(*module), 160);
  EXPECT_EQ(count<MoeOp>(*module), 2);
  EXPECT_EQ(count<LightningAttentionOp>(*module), 1);
  EXPECT_EQ(count<AttentionOp>(*module), 1);
  EXPECT_EQ(count<RopeOp>(*module), 2);
  // 9 weights a layer, embedding, norm and head.
  EXPECT_EQ(count<WeightOp>(*module), 80 * 9 + 3);
  EXPECT_EQ(weight(*module, "layers.3.experts_gate_up").getSources().size(),
            64u);
  EXPECT_EQ(typeText(weight(*module, "layers.79.router").getType()),
            "tensor<32x6144xf32>");
  EXPECT_EQ(typeText(weight(*module, "layers.79.q_proj").getType()),
            "tensor<8192x6144xbf16>");
}

TEST_F(ImportTest, EntriesNameTheirArgumentsAndResults) {
  auto module = import(nano());
  ASSERT_TRUE(module);
  auto names = [&](StringRef entry, bool results) {
    auto function = module->lookupSymbol<func::FuncOp>(entry);
    EXPECT_TRUE(function->hasAttr("minimax.entry"));
    SmallVector<std::string> list;
    ArrayAttr all =
        results ? function.getAllResultAttrs() : function.getAllArgAttrs();
    for (auto attributes : all.getAsRange<DictionaryAttr>())
      list.push_back(cast<StringAttr>(attributes.get("minimax.name")).str());
    return list;
  };
  for (StringRef entry : {"step", "score"})
    EXPECT_THAT(names(entry, false),
                ::testing::ElementsAre("tokens", "cu_seqlens", "positions",
                                       "slots", "layers.0.lightning_state",
                                       "layers.1.kv_cache"));
  EXPECT_THAT(names("step", true),
              ::testing::ElementsAre("logits", "layers.0.lightning_state",
                                     "layers.1.kv_cache"));
  EXPECT_THAT(
      names("score", true),
      ::testing::ElementsAre("logits", "hidden.embed", "hidden.layer_00",
                             "router_topk_idx.layer_00", "hidden.layer_01",
                             "router_topk_idx.layer_01", "hidden.final_norm",
                             "layers.0.lightning_state", "layers.1.kv_cache"));
  auto model = (*module)->getAttrOfType<DictionaryAttr>("minimax.model");
  EXPECT_EQ(cast<IntegerAttr>(model.get("vocab_size")).getInt(), 96);
  EXPECT_EQ(cast<DenseI32ArrayAttr>(model.get("eos_token_ids")).asArrayRef(),
            (ArrayRef<int32_t>{7, 9}));
}

TEST_F(ImportTest, SlopesAreDecaysOfTheLayer) {
  auto config = ReadModelConfig(std::string(kModels) + "/minimax-m1");
  ASSERT_TRUE(config.ok());
  auto module = import(*config);
  SmallVector<float> first;
  module->walk([&](arith::ConstantOp constant) {
    if (auto slopes = dyn_cast<DenseElementsAttr>(constant.getValue()))
      first.push_back(*slopes.getValues<float>().begin());
  });
  ASSERT_EQ(first.size(), 140u); // 70 lightning layers, two entries
  EXPECT_FLOAT_EQ(first[0], 0.9170132132451033f);
}

TEST_F(ImportTest, ResidualsFollowTheNorms) {
  for (bool postnorm : {true, false}) {
    auto module =
        import(nano(postnorm ? "" : R"(, "postnorm": false)", "0", 1));
    ASSERT_TRUE(module);
    SmallVector<bool> skipsNormed;
    module->walk([&](ResidualOp op) {
      skipsNormed.push_back(op.getSkip().getDefiningOp<RmsNormOp>() != nullptr);
    });
    EXPECT_THAT(skipsNormed, ::testing::ElementsAre(postnorm, postnorm));
  }
}

TEST_F(ImportTest, SharedExpertAndTiedHead) {
  ModelConfig config =
      nano(R"(, "shared_intermediate_size": 20, "tie_word_embeddings": true)");
  Tensors tensors(config);
  tensors.set("lm_head.weight", {96, 32}, DType::kBF16);
  Checkpoint checkpoint = tensors.write();
  auto module = import(config, &checkpoint);
  ASSERT_TRUE(module) << diagnostics;
  EXPECT_EQ(diagnostics, "");
  EXPECT_FALSE(weight(*module, "lm_head"));
  EXPECT_EQ(typeText(weight(*module, "layers.1.shared_gate_up").getType()),
            "tensor<40x32xbf16>");
  EXPECT_EQ(count<SwigluOp>(*module), 2);
  EXPECT_EQ(count<ResidualOp>(*module), 6);
}

TEST_F(ImportTest, StackedExperts) {
  ModelConfig config = nano();
  Tensors tensors(config);
  tensors.stackExperts(config);
  Checkpoint checkpoint = tensors.write();
  auto module = import(config, &checkpoint);
  ASSERT_TRUE(module) << diagnostics;
  WeightOp gateUp = weight(*module, "layers.0.experts_gate_up");
  EXPECT_EQ(gateUp.getSources().size(), 1u);
  EXPECT_EQ(typeText(gateUp.getType()), "tensor<4x48x32xbf16>");
}

TEST_F(ImportTest, TextPartOfVisionModels) {
  ModelConfig config = nano();
  for (auto [prefix, head] :
       {std::pair("language_model.model.", "language_model.lm_head.weight"),
        std::pair("model.language_model.", "lm_head.weight")}) {
    Tensors tensors(config);
    tensors.rename(prefix, head);
    tensors.set("vision_tower.patch.weight", {3}, DType::kF32);
    tensors.set("model.multi_modal_projector.bias", {3}, DType::kF32);
    tensors.set("image_newline", {3}, DType::kF32);
    Checkpoint checkpoint = tensors.write();
    EXPECT_THAT(dryRun(config, &checkpoint),
                HasSubstr("41 mapped, 3 ignored, 0 missing, 0 unexpected"));
    auto module = import(config, &checkpoint);
    ASSERT_TRUE(module) << diagnostics;
    EXPECT_EQ(cast<StringAttr>(weight(*module, "lm_head").getSources()[0]),
              head);
  }
}

TEST_F(ImportTest, LayersStoredInOtherTypesGetVariants) {
  ModelConfig config = nano("", "0, 0, 0, 1", 4);
  Tensors tensors(config);
  tensors.set("model.layers.1.self_attn.out_proj.weight", {32, 48},
              DType::kF32);
  Checkpoint checkpoint = tensors.write();
  auto module = import(config, &checkpoint);
  ASSERT_TRUE(module) << diagnostics;
  EXPECT_THAT(layerFunctions(*module),
              ::testing::ElementsAre("lightning_layer", "lightning_layer_1",
                                     "softmax_layer"));
}

TEST_F(ImportTest, Options) {
  ImportOptions options;
  options.cacheType = DType::kBF16;
  options.chunk = 16;
  auto module = import(nano(), nullptr, options);
  ASSERT_TRUE(module);
  auto step = module->lookupSymbol<func::FuncOp>("step");
  EXPECT_EQ(typeText(step.getArgumentTypes()[5]),
            "!minimax.kv_cache<2x12xbf16>");
  module->walk([](LightningAttentionOp op) { EXPECT_EQ(op.getChunk(), 16u); });
  options.cacheType = DType::kF16;
  EXPECT_FALSE(import(nano(), nullptr, options));
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

TEST_F(ImportTest, MissingTensor) {
  ModelConfig config = nano();
  Tensors tensors(config);
  tensors.erase("model.layers.1.block_sparse_moe.experts.2.w3.weight");
  EXPECT_THAT(error(config, tensors),
              HasSubstr(": tensor "
                        "'model.layers.1.block_sparse_moe.experts.2.w3.weight'"
                        ": missing, expected [24, 32]\n"));
}

TEST_F(ImportTest, WrongShapes) {
  ModelConfig config = nano();
  Tensors tensors(config);
  tensors.set("model.layers.0.self_attn.qkv_proj.weight", {144, 31},
              DType::kBF16);
  tensors.set("lm_head.weight", {32, 96}, DType::kBF16);
  EXPECT_THAT(
      error(config, tensors),
      HasSubstr("model.safetensors: tensor "
                "'model.layers.0.self_attn.qkv_proj.weight': expected shape "
                "[144, 32], but got [144, 31] (and 1 more, see --dry-run)\n"));
}

TEST_F(ImportTest, WrongDtype) {
  ModelConfig config = nano();
  Tensors tensors(config);
  tensors.set("model.norm.weight", {32}, DType::kF8E4M3);
  EXPECT_THAT(error(config, tensors),
              HasSubstr("'model.norm.weight': expected dtype f32, bf16 or f16, "
                        "but got f8e4m3\n"));
}

TEST_F(ImportTest, ExpertsOfSeveralDtypes) {
  ModelConfig config = nano();
  Tensors tensors(config);
  tensors.set("model.layers.0.block_sparse_moe.experts.3.w2.weight", {32, 24},
              DType::kF16);
  EXPECT_THAT(
      error(config, tensors),
      HasSubstr("experts.3.w2.weight': expected the dtype of "
                "'model.layers.0.block_sparse_moe.experts.0.w2.weight', bf16, "
                "but got f16\n"));
}

TEST_F(ImportTest, UnexpectedTensorIsAWarning) {
  ModelConfig config = nano();
  Tensors tensors(config);
  tensors.set("model.layers.0.self_attn.q_norm.weight", {12}, DType::kF32);
  Checkpoint checkpoint = tensors.write();
  EXPECT_TRUE(import(config, &checkpoint));
  EXPECT_THAT(diagnostics,
              HasSubstr("tensor 'model.layers.0.self_attn.q_norm.weight' is "
                        "not part of this model"));
}
