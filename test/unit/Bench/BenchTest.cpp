//===- BenchTest.cpp - tests of minimax-bench's counting ------------------===//
//
// Operations and bytes against loops and the checkpoint's layout; random
// contents; loops that the CPU must be able to run.
//
//===----------------------------------------------------------------------===//

#include "ModelWork.h"
#include "RandomFill.h"
#include "Roofs.h"
#include "minimax/Import/CheckpointLayout.h"
#include "gmock/gmock.h"
#include <cmath>
#include <cstring>

using namespace mlir::minimax;
using namespace mlir::minimax::bench;
using ::minimax::runtime::DType;

/// Multiply-adds of the lightning core, one by one.
static double lightningByLoops(int64_t length, int64_t dim) {
  double products = 0;
  for (int64_t token = 0; token < length; ++token) {
    products += 2.0 * dim * dim; // query * state, transpose(key) * value
    for (int64_t other = token / kChunk * kChunk; other <= token; ++other)
      products += 2.0 * dim; // query * key, score * value
  }
  return 2 * products;
}

TEST(ModelWork, LightningFlopsAtOddLengths) {
  for (int64_t length : {0, 1, 63, 64, 65, 127, 1000})
    EXPECT_EQ(countLightningFlops(length, 16), lightningByLoops(length, 16))
        << length;
}

TEST(ModelWork, SoftmaxFlopsCountVisiblePairs) {
  for (Sequence sequence : {Sequence{1, 0}, {1, 99}, {7, 0}, {13, 5}, {0, 3}}) {
    double flops = 0;
    for (int64_t token = 0; token < sequence.length; ++token)
      flops += 4.0 * 8 * (sequence.position + token + 1);
    EXPECT_EQ(countSoftmaxFlops(sequence, 8), flops);
  }
}

/// Elements of the matrices that a token of `config` meets, by the layout of
/// its checkpoint; the head apart.
static std::pair<double, double> countElements(const ModelConfig &config) {
  double elements = 0, head = 0;
  double share = double(config.num_experts_per_tok) / config.num_local_experts;
  CheckpointLayout layout(config);
  for (const WeightSpec &weight : layout.weights()) {
    double size = 1;
    for (int64_t extent : weight.shape)
      size *= extent;
    llvm::StringRef name = weight.name;
    if (name.starts_with("lm_head"))
      head = size;
    else if (weight.shape.size() > 1 && !name.starts_with("embed_tokens"))
      elements += size * (name.contains("experts") ? share : 1.0);
  }
  return {elements, head};
}

static const CaseOptions kOnCPU = {"f32"};

TEST(ModelWork, StepFlopsAreThoseOfTheCheckpointsMatrices) {
  for (const ModelConfig &config :
       {getSmallConfig(getHybridLayers()), getMidConfig(getHybridLayers())}) {
    Call call{{{5, 0}, {1, 100}, {70, 3}}, 200, {}};
    auto [elements, head] = countElements(config);
    double expected = 2 * 76 * elements + 2 * 3 * head;
    for (Sequence sequence : call.sequences)
      expected += config.num_attention_heads *
                  (14 * countLightningFlops(sequence.length, config.head_dim) +
                   2 * countSoftmaxFlops(sequence, config.head_dim));
    EXPECT_DOUBLE_EQ(countStep(config, kOnCPU, call).flops, expected);
  }
}

TEST(ModelWork, ExpertsCountByTheShareThatIsMet) {
  ModelConfig config = getMidConfig({LayerKind::kLightning});
  Call one{{{1, 0}}, 1, {}}, many{{{4096, 0}}, 4096, {}};
  EXPECT_DOUBLE_EQ(
      countStep(config, kOnCPU, one).weightShare("layers.0.experts_down"),
      2.0 / 16);
  EXPECT_DOUBLE_EQ(
      countStep(config, kOnCPU, many).weightShare("layers.0.experts_down"), 1);
  EXPECT_EQ(countStep(config, kOnCPU, one).weightShare("layers.0.qkv_proj"), 1);
  EXPECT_EQ(countStep(config, kOnCPU, one).weightShare("embed_tokens"),
            1.0 / 32000);
}

TEST(ModelWork, StatesAreReadAndWritten) {
  ModelConfig lightning = getMidConfig({LayerKind::kLightning});
  ModelConfig softmax = getMidConfig({LayerKind::kSoftmax});
  Call call{{{1, 4096}, {1, 0}}, 4097, {}};
  EXPECT_EQ(countStep(lightning, kOnCPU, call).stateBytes,
            2 * (2 * 16 * 128 * 128 * 4.0));
  EXPECT_EQ(countStep(softmax, kOnCPU, call).stateBytes,
            (4096 + 2 + 0 + 2) * (2 * 4 * 128 * 4.0));
  // Half of it where caches are bf16.
  CaseOptions onGPU = {"bf16", /*isGPU=*/true};
  EXPECT_EQ(countStep(softmax, onGPU, call).stateBytes,
            countStep(softmax, kOnCPU, call).stateBytes / 2);
}

TEST(RandomFill, StaysInRangeBeyondItsPeriod) {
  RandomFill random;
  std::vector<float> floats(2500000);
  random.fill(floats.data(), floats.size() * 4, DType::kF32, {1, 0.5f});
  for (float value : floats)
    ASSERT_TRUE(value >= 0.5f && value <= 1.5f) << value;
  EXPECT_NE(floats[0], floats[1]);

  std::vector<uint16_t> halves(1000);
  random.fill(halves.data(), halves.size() * 2, DType::kBF16, {0, 1});
  for (uint16_t half : halves) {
    uint32_t bits = uint32_t(half) << 16;
    float value;
    std::memcpy(&value, &bits, 4);
    ASSERT_TRUE(std::fabs(value) <= 1) << value;
  }

  std::vector<int8_t> bytes(100000);
  random.fill(bytes.data(), bytes.size(), DType::kI8, {0, 1});
  EXPECT_THAT(bytes, ::testing::Not(::testing::Contains(-128)));
  EXPECT_THAT(bytes, ::testing::Contains(-120));
}

TEST(Roofs, EveryLoopOfThisCPURuns) {
  for (Arithmetic arithmetic :
       {Arithmetic::F32, Arithmetic::BF16, Arithmetic::Int16, Arithmetic::Int8})
    if (ArithmeticLoop loop = getArithmeticLoop(arithmetic); loop.run) {
      EXPECT_GT(loop.operations, 0);
      loop.run(10);
    }
  if (!__builtin_cpu_supports("avx2"))
    GTEST_SKIP() << "the reading loops need AVX2";
  std::vector<std::byte> data((2 << 16) + 64);
  std::byte *first = data.data() + 64 - uintptr_t(data.data()) % 64;
  for (ReadLoop loop : getReadLoops())
    loop(first, 2 << 16);
}
