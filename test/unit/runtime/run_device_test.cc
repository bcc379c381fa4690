//===- run_device_test.cc - minimax-run on devices, as processes ----------===//
//
// --device=emulator and --device=cuda with the fake driver: results, the info
// of artifacts, and one line for everything that can be wrong.
//
//===----------------------------------------------------------------------===//
#include "absl/strings/str_replace.h"
#include "run_test_util.h"

namespace minimax::runtime {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST_F(RunDeviceTest, EveryDeviceGivesTheSameTokens) {
  const std::string expected =
      absl::StrReplaceAll(Continuation({1, 2, 3}, 3), {{",", " "}}) + " \n";
  for (const char* device :
       {"", "--device=cpu", "--device=emulator", "--device emulator",
        "--device=emulator --target=cuda:sm_80", "--device=cuda",
        "--device=cuda:0", "--target=cuda:sm_80"}) {
    const Result result = RunOnGpu(
        "", absl::StrCat("--tokens='1 2 3' --max-new-tokens=3 --ignore-eos ",
                         device));
    EXPECT_EQ(result.code, 0) << device;
    EXPECT_EQ(result.out, expected) << device;
    // The fake driver finds nothing wrong, and nothing left at the end.
    EXPECT_EQ(result.err, "") << device;
  }
}

TEST_F(RunDeviceTest, TheCProgramPassesOnTheEmulator) {
  const Result result = RunShell(absl::StrCat(MINIMAX_C_API_TEST, " ",
                                              FakeArtifact("fake_artifact_gpu"),
                                              " ", dir_.path(), " emulator"));
  EXPECT_EQ(result.code, 0) << result.err;
}

TEST_F(RunDeviceTest, ScoresAndWritesOnAGpu) {
  const std::string files =
      absl::StrCat(" --logits=", dir_.File("l"), " --hidden=", dir_.File("h"),
                   " --states=", dir_.File("s"));
  std::vector<std::string> contents;
  std::string printed;
  for (const char* device : {"cpu", "emulator", "cuda"}) {
    const Result result = RunOnGpu(
        "",
        absl::StrCat("--tokens='1 2 3' --tokens='4 5' --chunk=2 --device=",
                     device, files),
        "fake_artifact_gpu", "score");
    EXPECT_EQ(result.code, 0) << result.err;
    EXPECT_EQ(result.err, "");
    if (printed.empty()) printed = result.out;
    EXPECT_EQ(result.out, printed);
    std::string all;
    for (const char* name : {"l", "h", "s"}) all += ReadFile(dir_.File(name));
    contents.push_back(all);
  }
  EXPECT_FALSE(contents[0].empty());
  EXPECT_EQ(contents[1], contents[0]);
  EXPECT_EQ(contents[2], contents[0]);
}

// The code for sm_90a has no cubin, that for sm_80 none for sm_90; both go
// through the driver's compiler.
TEST_F(RunDeviceTest, PtxIsCompiledWhereNoCubinFits) {
  const std::string flags =
      "--tokens='1 2' --max-new-tokens=1 --ignore-eos --device=cuda ";
  Result result = RunOnGpu("MMRT_LOG=info FAKE_CUDA_CAPABILITY=90", flags);
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("using the code for cuda:sm_90a"));
  EXPECT_THAT(result.err, HasSubstr("the driver compiles the PTX"));
  result = RunOnGpu("MMRT_LOG=info FAKE_CUDA_CAPABILITY=90",
                    flags + "--target=cuda:sm_80");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("its machine code: "
                                    "CUDA_ERROR_NO_BINARY_FOR_GPU"));
  EXPECT_THAT(result.out, StartsWith(Continuation({1, 2}, 1)));
  result = RunOnGpu("MMRT_LOG=info", flags);
  EXPECT_THAT(result.err, ::testing::Not(HasSubstr("compiles")));
}

TEST_F(RunDeviceTest, InfoListsKernels) {
  const Result result = RunShell(
      absl::StrCat(MINIMAX_RUN, " info ", FakeArtifact("fake_artifact_gpu")));
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("x86-64, cuda:sm_80, cuda:sm_90a\n"));
  EXPECT_THAT(result.out,
              ::testing::ContainsRegex(
                  "kernels: +cuda:sm_80, [0-9]+ bytes of cubin, [0-9]+ bytes "
                  "of PTX, code for the emulator, 3: sequence touch spoil\n"));
  EXPECT_THAT(result.out,
              ::testing::ContainsRegex(
                  "kernels: +cuda:sm_90a, [0-9]+ bytes of PTX, 3: "));
}

TEST_F(RunDeviceTest, ProfilesOnDevices) {
  for (const char* device : {"emulator", "cuda"}) {
    const Result result = RunOnGpu(
        "", absl::StrCat("--tokens='1 2 3' --max-new-tokens=2 --profile "
                         "--device=",
                         device));
    EXPECT_EQ(result.code, 0) << result.err;
    EXPECT_THAT(result.err, HasSubstr("layer_op panel "));
    EXPECT_THAT(result.err, HasSubstr("prompt: 1 steps, 3 tokens"));
  }
}

TEST_F(RunDeviceTest, UnknownDevices) {
  ExpectFailure(RunOnGpu("", "--tokens=1 --device=gpu"), 2,
                "flag --device: expected cpu, emulator, cuda or "
                "cuda:<number>, got 'gpu'");
  ExpectFailure(RunOnGpu("", "--tokens=1 --device=cuda:1"), 1,
                "no GPU cuda:1: this machine has 1, cuda:0");
}

TEST_F(RunDeviceTest, ADriverThatDoesNotServe) {
  ExpectGpuFailure("MMRT_CUDA_DRIVER=/nowhere/libcuda.so",
                   "no CUDA driver: /nowhere/libcuda.so: cannot open");
  ExpectGpuFailure("FAKE_CUDA_DRIVER_VERSION=11040",
                   "the NVIDIA driver is for CUDA 11.4; this runtime needs one "
                   "for CUDA 12.0 or later: update the driver");
  ExpectGpuFailure("FAKE_CUDA_DEVICES=0",
                   "no GPU: the CUDA driver finds none in this machine");
  ExpectGpuFailure("FAKE_CUDA_FAIL=cuInit:1:999",
                   "cannot start the CUDA driver: CUDA error 999");
  // Without a CPU's code the GPU is the default.
  ExpectFailure(
      RunOnGpu("FAKE_CUDA_DEVICES=0", "--tokens=1", "fake_artifact_sm_90a"), 1,
      "no GPU: ");
}

TEST_F(RunDeviceTest, NoCodeForTheDevice) {
  ExpectGpuFailure("FAKE_CUDA_CAPABILITY=75",
                   "fake_artifact_sm_90a.so: no code for this GPU: the "
                   "artifact has code for cuda:sm_90a; this GPU is sm_75",
                   "fake_artifact_sm_90a");
  ExpectGpuFailure("", "compile with --target=cuda:sm_80",
                   "fake_artifact_sm_90a");
  ExpectFailure(
      RunOnGpu("", "--tokens=1 --device=emulator", "fake_artifact_sm_90a"), 1,
      "compile with --target=cuda:sm_80 --emulator");
  ExpectGpuFailure("FAKE_CUDA_CAPABILITY=100",
                   "the code for cuda:sm_80 does not load: there is no PTX; "
                   "its machine code: CUDA_ERROR_NO_BINARY_FOR_GPU",
                   "fake_artifact_gpu_no_ptx");
  ExpectGpuFailure(
      "FAKE_CUDA_FAIL=cuModuleLoadDataEx:1:218 "
      "FAKE_CUDA_CAPABILITY=90",
      "its PTX: CUDA_ERROR_INVALID_PTX (a PTX JIT failed)");
  ExpectGpuFailure("FAKE_CUDA_FAIL=cuModuleGetFunction:2:500",
                   "lacks the kernel touch of its manifest");
}

TEST_F(RunDeviceTest, OutOfMemory) {
  ExpectGpuFailure("FAKE_CUDA_MEMORY=256",
                   "out of memory on cuda:0: weight panel needs 64 bytes, 0 of "
                   "256 are free");
  const Result result = RunOnGpu("FAKE_CUDA_MEMORY=65536",
                                 "--tokens=1 --device=cuda --capacity=100000");
  ExpectFailure(result, 1,
                "out of memory on cuda:0: state layers.1.kv_cache.key needs "
                "800000 bytes, ");
}

TEST_F(RunDeviceTest, LaunchFailures) {
  ExpectGpuFailure("FAKE_CUDA_FAIL=cuLaunchKernelEx:2:1",
                   "entry step: cannot launch kernel sequence (1 x 1 x 1 "
                   "blocks of 1 x 1 x 1 threads, clusters of 1 x 1 x 1, 98304 "
                   "bytes of shared memory): CUDA_ERROR_INVALID_VALUE "
                   "(invalid argument)");
  ExpectGpuFailure("FAKE_CUDA_FAIL=cuFuncSetAttribute:1:1",
                   "cannot give kernel sequence 98304 bytes of shared memory "
                   "(a block of cuda:0 has up to 166912)");
  ExpectGpuFailure("FAKE_CUDA_FAIL=cuStreamSynchronize:1:700",
                   "cannot finish what was started on cuda:0: "
                   "CUDA_ERROR_ILLEGAL_ADDRESS (an illegal memory access was "
                   "encountered); the last kernel launched was sequence");
  ExpectGpuFailure("", "entry step: the program launches kernel 9 of 3",
                   "fake_artifact_gpu_bad_launch");
}

// Whatever call fails, it ends with one line and without a crash.
TEST_F(RunDeviceTest, AnyCallMayFail) {
  for (const char* function :
       {"cuDeviceGet", "cuDevicePrimaryCtxRetain", "cuStreamCreate",
        "cuEventCreate", "cuMemHostAlloc", "cuMemAlloc", "cuMemsetD8Async",
        "cuMemcpyHtoDAsync", "cuMemcpyDtoHAsync", "cuMemcpyDtoDAsync",
        "cuEventRecord", "cuEventSynchronize", "cuModuleLoadDataEx",
        "cuCtxSetCurrent", "cuDeviceGetCount"}) {
    const Result result = RunOnGpu(
        absl::StrCat("FAKE_CUDA_FAIL=", function, ":1:719"),
        absl::StrCat("--tokens='1 2' --device=cuda --hidden=", dir_.File("h")),
        "fake_artifact_gpu", "score");
    // A cubin that does not load leaves the PTX.
    if (result.code == 0) {
      EXPECT_STREQ(function, "cuModuleLoadDataEx");
      continue;
    }
    ExpectFailure(result, 1, "CUDA_ERROR_LAUNCH_FAILED");
  }
}

}  // namespace minimax::runtime
