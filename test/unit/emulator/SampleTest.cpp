//===- SampleTest.cpp - whole kernels compute what they should ------------===//
//
// Runs the sample kernels with and without checks.
//
//===----------------------------------------------------------------------===//
#include "EmulatedKernel.h"
#include "SampleKernels.h"
#include <chrono>
#include <gtest/gtest.h>

using namespace minimax::test;
using minimax::runtime::emulator::Emulator;

class SampleTest : public testing::TestWithParam<const char *> {};

TEST_P(SampleTest, GivesTheResultOfF64) {
  const Sample &sample = findSample(GetParam());
  auto module = EmulatedModule::compile(readSample(sample));
  ASSERT_TRUE(bool(module)) << toString(module.takeError());
  for (bool check : {false, true}) {
    Emulator emulator({check, /*workers=*/2});
    SampleResult result = sample.run(module->find(sample.kernel), emulator);
    EXPECT_EQ(result.finding, "");
    // Products of bf16 summed in f32; the state also rounds scaled keys.
    EXPECT_LT(result.error, 5e-3);
    EXPECT_GT(emulator.counters().matrix_products, 0);
  }
}

INSTANTIATE_TEST_SUITE_P(All, SampleTest,
                         testing::Values("gemm-mma", "lightning-state",
                                         "gemm-wgmma", "wgmma-transposed"));
