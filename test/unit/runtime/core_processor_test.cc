//===- core_processor_test.cc - which target runs where -------------------===//
//
// The choice for CPUs, GPUs and the emulator, and what is said without one.
//
//===----------------------------------------------------------------------===//
#include "core/processor.h"
#include "core_test_util.h"

namespace minimax::runtime {

using absl::StatusCode;

constexpr Processor kCpu = {};
constexpr Processor kEmulator = {Processor::Kind::kEmulator};

static Processor Gpu(int capability) {
  return {Processor::Kind::kCuda, capability};
}

// Kernels for the emulator are there for sm_90a alone.
static absl::StatusOr<std::string> Choose(
    const std::vector<std::string>& targets, const Processor& processor,
    const std::string& wanted = "") {
  Manifest manifest;
  manifest.targets = targets;
  for (const std::string& target : targets) {
    if (ParseCudaTarget(target)) manifest.kernels.push_back({target, {"k"}});
  }
  return ChooseTarget(manifest, processor, wanted,
                      [](absl::string_view symbol) {
                        return symbol == "mm_emulated_k__cuda_sm_90a";
                      });
}

static const std::vector<std::string>& All() {
  static const auto& all = *new std::vector<std::string>{
      "future-cpu", "x86-64", "cuda:sm_80", "cuda:sm_90a", "cuda:sm_90"};
  return all;
}

TEST(ProcessorTest, ChoosesTheClosestTarget) {
  EXPECT_EQ(*Choose(All(), kCpu), "x86-64");
  EXPECT_EQ(*Choose(All(), kEmulator), "cuda:sm_90a");
  EXPECT_EQ(*Choose(All(), Gpu(80)), "cuda:sm_80");
  EXPECT_EQ(*Choose(All(), Gpu(86)), "cuda:sm_80");
  EXPECT_EQ(*Choose(All(), Gpu(90)), "cuda:sm_90a");
  EXPECT_EQ(*Choose(All(), Gpu(100)), "cuda:sm_90");
  EXPECT_EQ(*Choose(All(), Gpu(90), "cuda:sm_80"), "cuda:sm_80");
  EXPECT_EQ(*Choose(All(), kEmulator, "cuda:sm_90a"), "cuda:sm_90a");
}

TEST(ProcessorTest, SaysWhatIsMissing) {
  ExpectError(Choose({"cuda:sm_90a"}, Gpu(75)).status(),
              StatusCode::kFailedPrecondition,
              "the artifact has code for cuda:sm_90a; this GPU is sm_75; it "
              "needs a GPU of sm_80 or later");
  ExpectError(Choose({"cuda:sm_90a"}, Gpu(100)).status(),
              StatusCode::kFailedPrecondition,
              "this GPU is sm_100; compile with --target=cuda:sm_80");
  ExpectError(
      Choose({"x86-64"}, Gpu(90)).status(), StatusCode::kFailedPrecondition,
      "no code for this GPU: the artifact has code for x86-64; this GPU "
      "is sm_90; compile with --target=cuda:sm_90a");
  ExpectError(Choose({"x86-64", "cuda:sm_80"}, kEmulator).status(),
              StatusCode::kFailedPrecondition,
              "no kernels for the emulator: the artifact has x86-64, "
              "cuda:sm_80; compile with --target=cuda:sm_80 --emulator");
  ExpectError(Choose(All(), kEmulator, "cuda:sm_80").status(),
              StatusCode::kFailedPrecondition, "no kernels for the emulator");
  ExpectError(
      Choose({"cuda:sm_80"}, kCpu).status(), StatusCode::kFailedPrecondition,
      "no code for this CPU: the artifact has cuda:sm_80, the CPU runs");
  ExpectError(Choose(All(), Gpu(80), "cuda:sm_120").status(),
              StatusCode::kInvalidArgument,
              "the artifact has no code for target cuda:sm_120, only for "
              "future-cpu, x86-64, cuda:sm_80");
  ExpectError(Choose(All(), Gpu(80), "x86-64").status(),
              StatusCode::kFailedPrecondition,
              "the artifact has code for "
              "x86-64; this GPU is sm_80");
}

}  // namespace minimax::runtime
