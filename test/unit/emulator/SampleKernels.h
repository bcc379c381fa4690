//===- SampleKernels.h - whole kernels and what they must give --*- C++ -*-===//
//
// Kernels as the NVPTX back end got them, each run on one small problem
// with sizes that were fixed when they were generated:
//
// - gemm-mma: C = A B in bf16, 128 x 128 x 256, mma.sync, three stages of
//   cp.async, 128 threads.
// - lightning-state: the decayed sum of key and value products of two chunks of
//   64 tokens and two heads, mma.sync, 256 threads.
// - gemm-wgmma: C = A transpose(B) in bf16, 256 x 512 x 512, TMA, mbarriers and
//   wgmma, 384 threads.
// - wgmma-transposed: C = A B in bf16, 64 x 216 x 48, A from registers, B in
//   tiles whose rows are the inner dimension, 128 threads.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_TEST_UNIT_EMULATOR_SAMPLEKERNELS_H
#define MINIMAX_TEST_UNIT_EMULATOR_SAMPLEKERNELS_H

#include "emulator/emulator.h"
#include <string>

namespace minimax::test {

/// What a run found and how far its results are from those in f64, relative to
/// the largest of them.
struct SampleResult {
  std::string finding;
  double error = 0;
};

struct Sample {
  const char *name; // of its file below Inputs
  const char *kernel;
  SampleResult (*run)(mmrt_emulated_kernel_fn kernel,
                      runtime::emulator::Emulator &emulator);
};

/// By name, e.g. "gemm-mma".
const Sample &findSample(const std::string &name);

/// The text of a sample's module.
std::string readSample(const Sample &sample);

} // namespace minimax::test

#endif // MINIMAX_TEST_UNIT_EMULATOR_SAMPLEKERNELS_H
