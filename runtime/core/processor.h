//===- processor.h - what an artifact's code runs on ------------*- C++ -*-===//
//
// Chooses the target of an artifact for a CPU, a GPU or the emulator.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CORE_PROCESSOR_H
#define MINIMAX_RUNTIME_CORE_PROCESSOR_H

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "formats/manifest.h"

namespace minimax::runtime {

/// What an artifact's code is to run on.
struct Processor {
  enum class Kind : uint8_t {
    kCpu,       // this machine's CPU
    kEmulator,  // kernels of a GPU target, on the CPU
    kCuda,      // a GPU
  };

  Kind kind = Kind::kCpu;
  /// Compute capability of the GPU without its dot, e.g. 90; only for kCuda.
  int capability = 0;
};

/// The end of the names of a target's functions: "__cuda_sm_80".
std::string SymbolSuffix(absl::string_view target);

/// Chooses among the targets of a manifest: for a CPU the first that it
/// supports; for a GPU the closest to its compute capability (sm_80 runs on 8.0
/// and later, sm_90a on 9.0 alone); for the emulator the first GPU target whose
/// kernels were compiled for it. `wanted` names a target; empty takes any.
/// `has_symbol` tells whether the artifact exports a symbol. InvalidArgument if
/// the manifest does not have `wanted`, FailedPrecondition if there is no code
/// for the processor.
absl::StatusOr<std::string> ChooseTarget(
    const Manifest& manifest, const Processor& processor,
    absl::string_view wanted,
    absl::FunctionRef<bool(absl::string_view symbol)> has_symbol);

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_CORE_PROCESSOR_H
