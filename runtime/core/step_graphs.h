//===- step_graphs.h - steps that are recorded once -------------*- C++ -*-===//
//
// Keeps the graphs of an entry's small steps.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CORE_STEP_GRAPHS_H
#define MINIMAX_RUNTIME_CORE_STEP_GRAPHS_H

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/context.h"
#include "core/device.h"

namespace minimax::runtime {

/// Steps of one entry as graphs of a device. What a program starts depends on
/// the dims and the pointers of the call alone, since it cannot read the
/// device's memory; so the first step of certain dims is run as it is, which
/// loads kernels and constants, the second is recorded and launched, and later
/// ones launch the recording. When a pointer changes, everything is forgotten.
/// The graphs must go before the context's kernels.
class StepGraphs {
 public:
  /// Does what `program`, which calls the entry, would do with these dims and
  /// pointers, and returns the entry's code.
  absl::StatusOr<int32_t> Run(Context& context, absl::Span<const int64_t> dims,
                              absl::Span<void* const> pointers,
                              absl::FunctionRef<int32_t()> program);

 private:
  std::vector<void*> pointers_;
  // Null after the first step.
  absl::flat_hash_map<std::vector<int64_t>, std::unique_ptr<DeviceGraph>>
      graphs_;
};

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_CORE_STEP_GRAPHS_H
