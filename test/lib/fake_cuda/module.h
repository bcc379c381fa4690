//===- module.h - code loaded by the fake CUDA driver -----------*- C++ -*-===//
//
// Reads PTX, cubins of ptxas and made-up cubins as far as their kernels' names.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_TEST_LIB_FAKE_CUDA_MODULE_H
#define MINIMAX_TEST_LIB_FAKE_CUDA_MODULE_H

#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include "gpu.h"
#include "minimax/runtime/abi.h"

namespace fake_cuda {

/// A kernel of a module.
struct Function {
  std::string name;
  /// Bytes of each parameter; empty if they are not known.
  std::vector<size_t> parameters;
  /// Whether its PTX waits for the kernels before it, as far as is known.
  bool waits = false;
  /// The kernel for the emulator, if there is an artifact with it.
  mmrt_emulated_kernel_fn emulated = nullptr;
  int64_t shared_bytes = 48 << 10;
  unsigned most_blocks_of_cluster = 8;
};

/// Loaded code.
class Module {
 public:
  /// Reads `image`. kErrorNoBinaryForGpu for machine code of another GPU,
  /// kErrorInvalidPtx, with a text in `log`, for PTX that does not fit this
  /// one, kErrorInvalidImage for anything else.
  static CUresult Load(const char* image, int capability, Module& module,
                       std::string& log);

  /// The kernel `name`, or null.
  Function* Find(const std::string& name);

 private:
  bool Has(const std::string& name) const;

  std::string image_;
  std::string target_;
  std::list<Function> functions_;
};

}  // namespace fake_cuda

#endif  // MINIMAX_TEST_LIB_FAKE_CUDA_MODULE_H
