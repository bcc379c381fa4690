//===- cpu_features.cc - which targets this CPU can run -------------------===//
//
// Asks cpuid for the instruction sets that each target's code may use.
//
//===----------------------------------------------------------------------===//
#include "core/cpu_features.h"

namespace minimax::runtime {

// Written out feature by feature: the compilers' own level names are not
// known to every libgcc.
static bool SupportsV2() {
  return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt") &&
         __builtin_cpu_supports("ssse3");
}

static bool SupportsV3() {
  return SupportsV2() && __builtin_cpu_supports("avx2") &&
         __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("f16c") &&
         __builtin_cpu_supports("lzcnt") && __builtin_cpu_supports("movbe");
}

static bool SupportsV4() {
  return SupportsV3() && __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") &&
         __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}

// Everything the compiler may select for znver4 beyond v4, not only what our
// kernels ask for: sse4a alone tells it from Intel's CPUs.
static bool SupportsZnver4() {
  return SupportsV4() && __builtin_cpu_supports("avx512bf16") &&
         __builtin_cpu_supports("avx512vnni") &&
         __builtin_cpu_supports("avx512vbmi") &&
         __builtin_cpu_supports("avx512vbmi2") &&
         __builtin_cpu_supports("avx512ifma") &&
         __builtin_cpu_supports("avx512bitalg") &&
         __builtin_cpu_supports("avx512vpopcntdq") &&
         __builtin_cpu_supports("gfni") &&
         __builtin_cpu_supports("vpclmulqdq") &&
         __builtin_cpu_supports("sse4a");
}

struct KnownTarget {
  absl::string_view name;
  bool (*supported)();
};

// Best first.
static constexpr KnownTarget kKnownTargets[] = {
    {"znver4", SupportsZnver4},      {"x86-64-v4", SupportsV4},
    {"x86-64-v3", SupportsV3},       {"x86-64-v2", SupportsV2},
    {"x86-64", [] { return true; }},
};

bool CpuSupportsTarget(absl::string_view target) {
  for (const KnownTarget& known : kKnownTargets) {
    if (known.name == target) return known.supported();
  }
  return false;
}

std::vector<std::string> SupportedTargets() {
  std::vector<std::string> targets;
  for (const KnownTarget& known : kKnownTargets) {
    if (known.supported()) targets.emplace_back(known.name);
  }
  return targets;
}

}  // namespace minimax::runtime
