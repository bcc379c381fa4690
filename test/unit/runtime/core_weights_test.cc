//===- core_weights_test.cc - matching and packing weights ----------------===//
//
// Wrong checkpoints are refused by name; the packed cache is used and rebuilt.
//
//===----------------------------------------------------------------------===//
#include <sys/stat.h>

#include "core/weights.h"
#include "core_test_util.h"

namespace minimax::runtime {

using absl::StatusCode;

class WeightsTest : public FakeModelTest {
 protected:
  absl::StatusOr<std::shared_ptr<const Weights>> Open(
      const std::string& dir, const std::string& cache) {
    return Weights::Open(weights_->artifact(), dir, *pool_, {cache});
  }

  // Opens and checks every value of both weights.
  std::shared_ptr<const Weights> OpenGood(const std::string& cache) {
    auto weights = Open(dir_.path(), cache);
    EXPECT_TRUE(weights.ok()) << weights.status();
    const auto* embed = static_cast<const float*>((*weights)->pointers()[0]);
    const auto* panel = static_cast<const float*>((*weights)->pointers()[1]);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(panel) % MMRT_ALIGNMENT, 0u);
    for (int v = 0; v < 16; ++v) {
      EXPECT_EQ(embed[v], EmbedValue(v));
      EXPECT_EQ(panel[v], 2 * PanelSource(v));
    }
    return *weights;
  }
};

TEST_F(WeightsTest, PacksOnceAndMapsTheNextTime) {
  const std::string path = OpenGood("")->cache_path();
  EXPECT_EQ(path.rfind(dir_.path() + "/.minimax/", 0), 0u) << path;
  // What is found is used: a changed byte shows.
  std::string bytes = ReadFile(path);
  ASSERT_EQ(bytes.size(), 4096u + 64u);
  bytes[4096 + 3] = 0x41;
  WriteFile(path, bytes);
  const auto again = Open(dir_.path(), "");
  ASSERT_TRUE(again.ok());
  EXPECT_EQ((*again)->cache_path(), path);
  EXPECT_NE(static_cast<const float*>((*again)->pointers()[1])[0], 0);
}

TEST_F(WeightsTest, RebuildsADamagedCache) {
  const std::string path = OpenGood("")->cache_path();
  const std::string bytes = ReadFile(path);
  std::string other_header = bytes;
  other_header[20] ^= 1;
  for (const std::string& damaged :
       {std::string(), bytes.substr(0, 4100), bytes + "x", other_header}) {
    WriteFile(path, damaged);
    EXPECT_EQ(OpenGood("")->cache_path(), path);
    EXPECT_EQ(ReadFile(path), bytes);
  }
}

TEST_F(WeightsTest, RepacksForAChangedCheckpoint) {
  const std::string path = OpenGood("")->cache_path();
  WriteCheckpoint(dir_.path(), 6);
  const auto weights = Open(dir_.path(), "");
  ASSERT_TRUE(weights.ok());
  EXPECT_NE((*weights)->cache_path(), path);
  EXPECT_EQ(static_cast<const float*>((*weights)->pointers()[1])[8], 12);
}

TEST_F(WeightsTest, ThePlaceOfTheCacheCanBeChosen) {
  TempDir other;
  const std::string folder = other.File("a/b");
  EXPECT_EQ(OpenGood(folder)->cache_path().rfind(folder + "/", 0), 0u);
  EXPECT_EQ(OpenGood("off")->cache_path(), "");
  EXPECT_FALSE(std::filesystem::exists(dir_.path() + "/.minimax"));
}

// A file where the folder should be stands for a folder that cannot be made,
// which also works for root.
TEST_F(WeightsTest, FallsBackToTheUsersCacheThenToMemory) {
  TempDir home;
  WriteFile(dir_.File(".minimax"), "in the way");
  setenv("XDG_CACHE_HOME", home.path().c_str(), 1);
  EXPECT_EQ(OpenGood("")->cache_path().rfind(home.path() + "/minimax/", 0), 0u);
  WriteFile(home.File("blocked"), "in the way");
  setenv("XDG_CACHE_HOME", home.File("blocked").c_str(), 1);
  EXPECT_EQ(OpenGood("")->cache_path(), "");
  unsetenv("XDG_CACHE_HOME");
  setenv("HOME", home.path().c_str(), 1);
  EXPECT_EQ(OpenGood("")->cache_path().rfind(home.path() + "/.cache/", 0), 0u);
}

TEST_F(WeightsTest, AFullDiskIsPassedOver) {
  // 2^62 bytes fit nowhere; the file must not stay behind either.
  TempDir folder;
  int filled = 0;
  const auto fill = [&filled](std::byte* /*payload*/) {
    ++filled;
    return absl::OkStatus();
  };
  const auto cache =
      PackedCache::Open({folder.path()}, {"key", int64_t{1} << 62}, fill);
  EXPECT_EQ(cache.status().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(filled, 0);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST_F(WeightsTest, AFailedPackLeavesNoFile) {
  WriteCheckpoint(dir_.path(), -1);
  ExpectError(Open(dir_.path(), "").status(), StatusCode::kInternal,
              "packing tensor model.b into weight panel failed with code 3");
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path() + "/.minimax"));
}

TEST_F(WeightsTest, NamesWhatDoesNotMatch) {
  TempDir other;
  const std::vector<float> values(16);
  ASSERT_TRUE(
      WriteSafetensors(other.File("model.safetensors"),
                       {{"model.embed", DType::kBF16, {16}, values.data()},
                        {"model.a", DType::kF32, {4, 2}, values.data()}})
          .ok());
  ExpectError(
      Open(other.path(), "off").status(), StatusCode::kFailedPrecondition,
      other.path() +
          ": weights do not belong to this artifact: tensor model.embed: "
          "expected f32 [16], found bf16 [16]; tensor model.a: expected f32 "
          "[8], found f32 [4, 2]; tensor model.b: missing (3 of 3 tensors do "
          "not match)");
}

TEST_F(WeightsTest, AMissingCheckpointIsAnError) {
  EXPECT_EQ(Open(dir_.File("nowhere"), "off").status().code(),
            StatusCode::kNotFound);
}

// A one-byte tensor in front of the others puts them at odd addresses.
TEST_F(WeightsTest, AlignsTensorsThatTheFileDoesNot) {
  const std::string header =
      R"({"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
      R"("model.embed":{"dtype":"F32","shape":[16],"data_offsets":[1,65]},)"
      R"("model.a":{"dtype":"F32","shape":[8],"data_offsets":[65,97]},)"
      R"("model.b":{"dtype":"F32","shape":[8],"data_offsets":[97,129]}})";
  const uint64_t size = header.size();
  std::string file(reinterpret_cast<const char*>(&size), 8);
  file += header + std::string(1, 'x');
  for (int v = 0; v < 32; ++v) {
    const float value = v < 16 ? EmbedValue(v) : PanelSource(v - 16);
    file.append(reinterpret_cast<const char*>(&value), 4);
  }
  WriteFile(dir_.File("model.safetensors"), file);
  const auto weights = OpenGood("off");
  EXPECT_EQ(reinterpret_cast<uintptr_t>(weights->pointers()[0]) % 4, 0u);
}

}  // namespace minimax::runtime
