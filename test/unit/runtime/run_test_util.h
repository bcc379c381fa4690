//===- run_test_util.h - running the tools as processes ---------*- C++ -*-===//
//
// What the tests of minimax-run share.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_TEST_UNIT_RUNTIME_RUN_TEST_UTIL_H
#define MINIMAX_TEST_UNIT_RUNTIME_RUN_TEST_UTIL_H

#include <sys/wait.h>

#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core_test_util.h"

namespace minimax::runtime {

/// What a process left.
struct Result {
  int code;
  std::string out;
  std::string err;
};

/// Runs programs with the fake artifact's checkpoint in a folder.
class RunTest : public ::testing::Test {
 protected:
  void SetUp() override { WriteCheckpoint(dir_.path()); }

  // Runs a command of the shell.
  Result RunShell(const std::string &command) {
    const std::string err = dir_.File("stderr");
    std::FILE *pipe = popen((command + " 2>" + err).c_str(), "r");
    Result result{-1, "", ""};
    char buffer[4096];
    while (size_t size = std::fread(buffer, 1, sizeof(buffer), pipe)) {
      result.out.append(buffer, size);
    }
    const int status = pclose(pipe);
    result.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    result.err = ReadFile(err);
    return result;
  }

  // Runs the tool with the fake artifact and its checkpoint.
  Result Run(const std::string &command, const std::string &flags) {
    return RunShell(absl::StrCat(MINIMAX_RUN, " ", command, " ", FakeArtifact(),
                                 " --weights=", dir_.path(), " ", flags));
  }

  void ExpectFailure(const Result &result, int code, const std::string &text) {
    EXPECT_EQ(result.code, code) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, ::testing::StartsWith("minimax-run: "));
    EXPECT_THAT(result.err, ::testing::HasSubstr(text));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1);
  }

  TempDir dir_;
};

/// Runs the tool on devices of the fake artifact.
class RunDeviceTest : public RunTest {
 protected:
  // Runs the tool with a variant of the fake artifact on the fake driver;
  // `environment` says what GPU it is.
  Result RunOnGpu(const std::string& environment, const std::string& flags,
                  const std::string& variant = "fake_artifact_gpu",
                  const std::string& command = "generate") {
    return RunShell(absl::StrCat(
        "env MMRT_CUDA_DRIVER=", MINIMAX_FAKE_DRIVER, " FAKE_CUDA_KERNELS=",
        FakeArtifact("fake_artifact_gpu"), " ", environment, " ",
        MINIMAX_RUN_FAKE_GPU, " ", command, " ", FakeArtifact(variant),
        " --weights=", dir_.path(), " --weights-cache=off ", flags));
  }

  void ExpectGpuFailure(const std::string& environment, const std::string& text,
                        const std::string& variant = "fake_artifact_gpu") {
    ExpectFailure(
        RunOnGpu(environment, "--tokens='1 2 3' --device=cuda", variant), 1,
        text);
  }
};

/// The fake model's next `count` tokens, with commas.
inline std::string Continuation(std::vector<int32_t> history, int count) {
  std::vector<int32_t> tokens;
  for (int i = 0; i < count; ++i) {
    tokens.push_back(ExpectedNext(history));
    history.push_back(tokens.back());
  }
  return absl::StrJoin(tokens, ",");
}

}  // namespace minimax::runtime

#endif  // MINIMAX_TEST_UNIT_RUNTIME_RUN_TEST_UTIL_H
