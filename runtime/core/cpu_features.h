//===- cpu_features.h - which targets this CPU can run ----------*- C++ -*-===//
//
// Maps target names of a manifest to what the CPU (and the kernel) supports.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CORE_CPU_FEATURES_H
#define MINIMAX_RUNTIME_CORE_CPU_FEATURES_H

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace minimax::runtime {

/// Whether code compiled for `target` ("znver4", "x86-64-v4", ...) runs here.
/// False for a target this runtime does not know.
bool CpuSupportsTarget(absl::string_view target);

/// The known targets that this CPU supports, best first.
std::vector<std::string> SupportedTargets();

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_CORE_CPU_FEATURES_H
