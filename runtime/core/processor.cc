//===- processor.cc - what an artifact's code runs on ---------------------===//
//
// Implements the choice of a target, and says why there is none.
//
//===----------------------------------------------------------------------===//
#include "core/processor.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "core/cpu_features.h"

namespace minimax::runtime {

// Host code of every GPU target is compiled for this.
static constexpr absl::string_view kHostTarget = "x86-64-v3";

std::string SymbolSuffix(absl::string_view target) {
  return absl::StrCat("__",
                      absl::StrReplaceAll(target, {{"-", "_"}, {":", "_"}}));
}

// Whether the kernels of `target` were compiled for the emulator.
static bool IsEmulated(
    const Manifest& manifest, absl::string_view target,
    absl::FunctionRef<bool(absl::string_view symbol)> has_symbol) {
  const std::vector<std::string>& kernels = manifest.KernelsOf(target);
  return ParseCudaTarget(target).has_value() && !kernels.empty() &&
         has_symbol(
             absl::StrCat("mm_emulated_", kernels[0], SymbolSuffix(target)));
}

static bool RunsOnGpu(absl::string_view target, int capability) {
  const std::optional<CudaTarget> gpu = ParseCudaTarget(target);
  if (!gpu) return false;
  return gpu->exact ? gpu->capability == capability
                    : gpu->capability <= capability;
}

// Code for one GPU alone comes first, then that for the latest.
static bool IsBetter(absl::string_view target, absl::string_view other) {
  const CudaTarget a = *ParseCudaTarget(target);
  const CudaTarget b = *ParseCudaTarget(other);
  return a.exact != b.exact ? a.exact : a.capability > b.capability;
}

// The failure of a GPU without code, with what to do.
static absl::Status NoCodeForGpu(absl::string_view has, int capability) {
  const absl::string_view advice =
      capability < 80    ? "it needs a GPU of sm_80 or later"
      : capability == 90 ? "compile with --target=cuda:sm_90a"
                         : "compile with --target=cuda:sm_80";
  return absl::FailedPreconditionError(
      absl::StrCat("no code for this GPU: the artifact has code for ", has,
                   "; this GPU is sm_", capability, "; ", advice));
}

static absl::Status NoCode(const Processor& processor, absl::string_view has) {
  switch (processor.kind) {
    case Processor::Kind::kCpu:
      return absl::FailedPreconditionError(absl::StrCat(
          "no code for this CPU: the artifact has ", has, ", the CPU runs ",
          absl::StrJoin(SupportedTargets(), ", ")));
    case Processor::Kind::kEmulator:
      return absl::FailedPreconditionError(
          absl::StrCat("no kernels for the emulator: the artifact has ", has,
                       "; compile with --target=cuda:sm_80 --emulator"));
    case Processor::Kind::kCuda:
      return NoCodeForGpu(has, processor.capability);
  }
  return absl::InternalError("unknown kind of processor");
}

absl::StatusOr<std::string> ChooseTarget(
    const Manifest& manifest, const Processor& processor,
    absl::string_view wanted,
    absl::FunctionRef<bool(absl::string_view symbol)> has_symbol) {
  const std::vector<std::string>& targets = manifest.targets;
  const std::string has = absl::StrJoin(targets, ", ");
  if (!wanted.empty() &&
      std::find(targets.begin(), targets.end(), wanted) == targets.end()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the artifact has no code for target ", wanted, ", only for ", has));
  }
  std::optional<std::string> chosen;
  for (const std::string& target : targets) {
    if (!wanted.empty() && target != wanted) continue;
    const bool runs = processor.kind == Processor::Kind::kCpu
                          ? CpuSupportsTarget(target)
                      : processor.kind == Processor::Kind::kEmulator
                          ? IsEmulated(manifest, target, has_symbol)
                          : RunsOnGpu(target, processor.capability);
    if (!runs) continue;
    const bool first = !chosen.has_value();
    if (first || (processor.kind == Processor::Kind::kCuda &&
                  IsBetter(target, *chosen))) {
      chosen = target;
    }
  }
  if (!chosen) return NoCode(processor, wanted.empty() ? has : wanted);
  if (processor.kind != Processor::Kind::kCpu &&
      !CpuSupportsTarget(kHostTarget)) {
    return absl::FailedPreconditionError(
        absl::StrCat("the host code of target ", *chosen,
                     " needs a CPU that "
                     "runs ",
                     kHostTarget, ", this one runs ",
                     absl::StrJoin(SupportedTargets(), ", ")));
  }
  return *chosen;
}

}  // namespace minimax::runtime
