//===- core_test_util.h - what the tests of the runtime share ---*- C++ -*-===//
//
// Temporary folders, the fake artifact's checkpoint and its exact arithmetic.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_TEST_UNIT_RUNTIME_CORE_TEST_UTIL_H
#define MINIMAX_TEST_UNIT_RUNTIME_CORE_TEST_UTIL_H

#include <stdlib.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/artifact.h"
#include "core/session.h"
#include "core/weights.h"
#include "cpu/thread_pool.h"
#include "formats/safetensors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace minimax::runtime {

/// A folder that is removed with its contents.
class TempDir {
 public:
  TempDir() {
    char name[] = "/tmp/minimax-test-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~TempDir() { std::filesystem::remove_all(path_); }
  TempDir(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// A fake artifact, by its target's name in test/unit/runtime/CMakeLists.txt.
inline std::string FakeArtifact(const std::string& variant = "fake_artifact") {
  return std::string(MINIMAX_FAKE_DIR) + "/" + variant + ".so";
}

inline std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

inline void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

/// Values of the fake checkpoint.
inline float EmbedValue(int v) { return static_cast<float>((v * 5) % 11); }
inline float PanelSource(int v) { return static_cast<float>((v * 3) % 7); }

/// Writes a checkpoint for the fake artifact.
inline void WriteCheckpoint(const std::string& dir, float first_b = 3) {
  std::vector<float> embed, a, b;
  for (int v = 0; v < 16; ++v) embed.push_back(EmbedValue(v));
  for (int v = 0; v < 8; ++v) a.push_back(PanelSource(v));
  for (int v = 8; v < 16; ++v) b.push_back(PanelSource(v));
  if (first_b != 3) b[0] = first_b;
  ASSERT_TRUE(
      WriteSafetensors(dir + "/model.safetensors",
                       {{"model.embed", DType::kF32, {16}, embed.data()},
                        {"model.a", DType::kF32, {8}, a.data()},
                        {"model.b", DType::kF32, {8}, b.data()}})
          .ok());
}

/// The logits that the fake model gives after `tokens`.
inline std::vector<float> ExpectedLogits(const std::vector<int32_t>& tokens) {
  int state = 0;
  int sum = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    state = (3 * state + tokens[i] + 1) % 251;
    sum = (sum + static_cast<int>(i + 1) * tokens[i]) % 101;
  }
  std::vector<float> logits;
  for (int v = 0; v < 16; ++v) {
    logits.push_back(static_cast<float>((state + 5 * sum + 37 * (v + 1)) % 97) +
                     EmbedValue(v) + 2 * PanelSource(v));
  }
  return logits;
}

/// The token with the largest expected logit after `tokens`.
inline int32_t ExpectedNext(const std::vector<int32_t>& tokens) {
  const std::vector<float> logits = ExpectedLogits(tokens);
  return static_cast<int32_t>(std::max_element(logits.begin(), logits.end()) -
                              logits.begin());
}

/// An opened fake model.
class FakeModelTest : public ::testing::Test {
 protected:
  void SetUp() override {
    WriteCheckpoint(dir_.path());
    auto pool = ThreadPool::Create(2);
    ASSERT_TRUE(pool.ok()) << pool.status();
    pool_ = *std::move(pool);
    auto artifact = Artifact::Load(FakeArtifact());
    ASSERT_TRUE(artifact.ok()) << artifact.status();
    auto weights = Weights::Open(*artifact, dir_.path(), *pool_, {"off"});
    ASSERT_TRUE(weights.ok()) << weights.status();
    weights_ = *weights;
  }

  std::unique_ptr<Session> OpenSession(int64_t slots, int64_t capacity) {
    auto session = Session::Create(weights_, pool_, {slots, capacity, 0});
    EXPECT_TRUE(session.ok()) << session.status();
    return *std::move(session);
  }

  TempDir dir_;
  std::shared_ptr<ThreadPool> pool_;
  std::shared_ptr<const Weights> weights_;
};

/// Checks the code and that the message holds `text`.
inline void ExpectError(const absl::Status& status, absl::StatusCode code,
                        const std::string& text) {
  EXPECT_EQ(status.code(), code) << status;
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr(text));
}

}  // namespace minimax::runtime

#endif  // MINIMAX_TEST_UNIT_RUNTIME_CORE_TEST_UTIL_H
