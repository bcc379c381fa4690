//===- run_graph_test.cc - recorded steps of minimax-run, as processes ----===//
//
// --graphs with the fake driver, and one line for each failure.
//
//===----------------------------------------------------------------------===//
#include <utility>

#include "run_test_util.h"

namespace minimax::runtime {

using ::testing::HasSubstr;

TEST_F(RunDeviceTest, GraphsChangeNothing) {
  const std::string flags =
      "--tokens='1 2 3' --tokens='4 5' --tokens=6 --max-new-tokens=6 "
      "--ignore-eos --max-batch=2 --device=cuda ";
  const Result on = RunOnGpu("MMRT_LOG=info", flags);
  const Result off = RunOnGpu("MMRT_LOG=info", flags + "--graphs=off");
  EXPECT_EQ(on.code, 0) << on.err;
  EXPECT_EQ(on.out, off.out);
  // Two sequences at once, then one.
  EXPECT_THAT(on.err, HasSubstr("recorded a step as a graph, dims 2 2 2 8\n"));
  EXPECT_THAT(on.err, HasSubstr("recorded a step as a graph, dims 1 1 2 8\n"));
  EXPECT_THAT(off.err, ::testing::Not(HasSubstr("recorded")));
  const Result profiled = RunOnGpu("MMRT_LOG=info", flags + "--profile");
  EXPECT_EQ(profiled.out, on.out);
  EXPECT_THAT(profiled.err, ::testing::Not(HasSubstr("recorded")));
  ExpectFailure(RunOnGpu("", "--tokens=1 --graphs=yes"), 2,
                "flag --graphs: expected on or off, got 'yes'");
}

TEST_F(RunDeviceTest, GraphFailures) {
  const std::pair<const char*, const char*> cases[] = {
      {"cuStreamBeginCapture:1:1",
       "entry step: cannot begin to record a graph (--graphs=off does "
       "without): CUDA_ERROR_INVALID_VALUE"},
      {"cuStreamEndCapture:1:901",
       "entry step: cannot record a graph (--graphs=off does without): "
       "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED"},
      {"cuGraphInstantiate:1:2",
       "entry step: cannot make a recorded graph ready (--graphs=off does "
       "without): CUDA_ERROR_OUT_OF_MEMORY"},
      {"cuGraphLaunch:2:719",
       "entry step: cannot launch a recorded graph: CUDA_ERROR_LAUNCH_FAILED"},
      // The device's own stream and then that of recordings; two launches for
      // each step.
      {"cuStreamCreate:2:2", "entry step: cannot create a stream to record"},
      {"cuLaunchKernelEx:6:1", "entry step: cannot launch kernel sequence ("},
      {"cuStreamSynchronize:4:700",
       "CUDA_ERROR_ILLEGAL_ADDRESS (an illegal memory access was "
       "encountered); the last launch was that of a recorded graph "
       "(--graphs=off makes it that of a kernel)"},
  };
  for (const auto& [fail, text] : cases) {
    ExpectFailure(
        RunOnGpu(absl::StrCat("FAKE_CUDA_FAIL=", fail),
                 "--tokens='1 2' --max-new-tokens=6 --ignore-eos --no-stream "
                 "--device=cuda"),
        1, text);
  }
}

}  // namespace minimax::runtime
