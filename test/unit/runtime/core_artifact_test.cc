//===- core_artifact_test.cc - loading compiled programs ------------------===//
//
// What loads, what is refused, and in which words.
//
//===----------------------------------------------------------------------===//
#include <elf.h>

#include <cstring>

#include "core/artifact.h"
#include "core/cpu_features.h"
#include "core_test_util.h"

namespace minimax::runtime {

using absl::StatusCode;

static absl::Status LoadStatus(const std::string& path,
                               absl::string_view target = "") {
  return Artifact::Load(path, target).status();
}

TEST(ArtifactTest, LoadsTheFirstTargetThatRunsHere) {
  const auto artifact = Artifact::Load(FakeArtifact());
  ASSERT_TRUE(artifact.ok()) << artifact.status();
  EXPECT_EQ((*artifact)->target(), "x86-64");
  EXPECT_EQ((*artifact)->manifest().model.vocab_size, 16);
  EXPECT_NE((*artifact)->FindCode("step"), nullptr);
  EXPECT_EQ((*artifact)->FindCode("nothing"), nullptr);
  EXPECT_EQ((*artifact)->pack(0), nullptr);
  EXPECT_NE((*artifact)->pack(1), nullptr);
}

TEST(ArtifactTest, LoadsANameWithoutASlash) {
  const auto previous = std::filesystem::current_path();
  std::filesystem::current_path(MINIMAX_FAKE_DIR);
  EXPECT_TRUE(Artifact::Load("fake_artifact.so").ok());
  std::filesystem::current_path(previous);
}

TEST(ArtifactTest, TargetsCanBeNamed) {
  EXPECT_TRUE(LoadStatus(FakeArtifact(), "x86-64").ok());
  ExpectError(LoadStatus(FakeArtifact(), "z80"), StatusCode::kInvalidArgument,
              "fake_artifact.so: the artifact has no code for target z80, only "
              "for future-cpu, x86-64");
  ExpectError(
      LoadStatus(FakeArtifact(), "future-cpu"), StatusCode::kFailedPrecondition,
      "no code for this CPU: the artifact has future-cpu, the CPU runs");
}

TEST(ArtifactTest, RefusesACpuItHasNoCodeFor) {
  ExpectError(
      LoadStatus(FakeArtifact("fake_artifact_future")),
      StatusCode::kFailedPrecondition,
      "no code for this CPU: the artifact has future-cpu, the CPU runs");
}

TEST(ArtifactTest, RefusesAnotherAbiBeforeMappingCode) {
  const absl::Status status = LoadStatus(FakeArtifact("fake_artifact_abi"));
  ExpectError(status, StatusCode::kFailedPrecondition, "fake_artifact_abi.so");
  EXPECT_THAT(
      std::string(status.message()),
      ::testing::AllOf(
          ::testing::HasSubstr("version 9"),
          ::testing::HasSubstr("needs " + std::to_string(MMRT_ABI_VERSION))));
}

TEST(ArtifactTest, RefusesWhatIsNoArtifact) {
  TempDir dir;
  ExpectError(LoadStatus(dir.File("none.so")), StatusCode::kNotFound,
              "none.so");
  ExpectError(LoadStatus(dir.path()), StatusCode::kInvalidArgument, dir.path());
  WriteFile(dir.File("empty.so"), "");
  ExpectError(LoadStatus(dir.File("empty.so")), StatusCode::kInvalidArgument,
              "no ELF header");
  WriteFile(dir.File("text.so"), "#!/bin/sh\nexit 0\n");
  ExpectError(LoadStatus(dir.File("text.so")), StatusCode::kInvalidArgument,
              "text.so: not a compiled artifact: no ELF header");
  std::string elf = ReadFile(FakeArtifact());
  elf[4] = 1;
  WriteFile(dir.File("32.so"), elf);
  ExpectError(LoadStatus(dir.File("32.so")), StatusCode::kInvalidArgument,
              "no shared object for x86-64");
  ExpectError(LoadStatus(FakeArtifact("fake_artifact_no_manifest")),
              StatusCode::kNotFound, "it has no symbol minimax_manifest");
}

TEST(ArtifactTest, RefusesAnArtifactThatLacksItsFunctions) {
  ExpectError(LoadStatus(FakeArtifact("fake_artifact_no_code")),
              StatusCode::kDataLoss,
              "lacks the function mm_step__x86_64 of its manifest");
}

// Every prefix of an artifact is an error and none is a crash.
TEST(ArtifactTest, RefusesEveryTruncation) {
  TempDir dir;
  const std::string elf = ReadFile(FakeArtifact());
  for (size_t size = 0; size < elf.size(); size += 61) {
    WriteFile(dir.File("cut.so"), elf.substr(0, size));
    const absl::Status status = LoadStatus(dir.File("cut.so"));
    EXPECT_EQ(status.code(),
              size < 4 ? StatusCode::kInvalidArgument : StatusCode::kDataLoss)
        << size << ": " << status;
  }
}

// A damaged header makes an error or still loads; it never crashes the check.
TEST(ArtifactTest, SurvivesDamagedHeaders) {
  TempDir dir;
  const std::string elf = ReadFile(FakeArtifact());
  Elf64_Ehdr header;
  std::memcpy(&header, elf.data(), sizeof(header));
  for (size_t i = 16; i < sizeof(header); ++i) {
    std::string damaged = elf;
    damaged[i] = static_cast<char>(damaged[i] ^ 0xff);
    WriteFile(dir.File("damaged.so"), damaged);
    (void)Artifact::Inspect(dir.File("damaged.so"));
  }
  for (size_t i = 0; i < 64 * header.e_shnum; i += 3) {
    std::string damaged = elf;
    damaged[header.e_shoff + i] ^= 0x5a;
    WriteFile(dir.File("damaged.so"), damaged);
    (void)Artifact::Inspect(dir.File("damaged.so"));
  }
}

static std::string Trailer(uint64_t length) {
  return std::string(reinterpret_cast<const char*>(&length), 8) + "MMXEXE01";
}

TEST(ArtifactTest, LoadsFromTheEndOfAnExecutable) {
  TempDir dir;
  const std::string elf = ReadFile(FakeArtifact());
  WriteFile(dir.File("exe"), "any program" + elf + Trailer(elf.size()));
  EXPECT_TRUE(Artifact::IsEmbeddedIn(dir.File("exe")));
  EXPECT_FALSE(Artifact::IsEmbeddedIn(FakeArtifact()));
  EXPECT_FALSE(Artifact::IsEmbeddedIn(dir.File("nothing")));
  // Two at once: each is its own library.
  const auto first = Artifact::Load(dir.File("exe"));
  const auto second = Artifact::Load(dir.File("exe"));
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_NE((*first)->FindCode("step")->run, (*second)->FindCode("step")->run);
  EXPECT_EQ(Artifact::Inspect(dir.File("exe"))->content_hash, "fa4e");
}

TEST(ArtifactTest, RefusesADamagedExecutable) {
  TempDir dir;
  WriteFile(dir.File("exe"), "short" + Trailer(1000));
  ExpectError(LoadStatus(dir.File("exe")), StatusCode::kDataLoss,
              "expected 1000 bytes before the trailer, found 5");
  WriteFile(dir.File("exe"), "not an ELF file" + Trailer(3));
  ExpectError(LoadStatus(dir.File("exe")), StatusCode::kInvalidArgument,
              "no ELF header");
}

TEST(CpuFeaturesTest, KnowsItsTargets) {
  EXPECT_TRUE(CpuSupportsTarget("x86-64"));
  EXPECT_FALSE(CpuSupportsTarget("z80"));
  EXPECT_EQ(SupportedTargets().back(), "x86-64");
}

}  // namespace minimax::runtime
