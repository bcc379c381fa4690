//===- step_graphs.cc - steps that are recorded once ----------------------===//
//
// Decides between running, recording and launching.
//
//===----------------------------------------------------------------------===//
#include "core/step_graphs.h"

#include <utility>

#include "absl/strings/str_join.h"
#include "core/log.h"
#include "formats/status_macros.h"

namespace minimax::runtime {

absl::StatusOr<int32_t> StepGraphs::Run(Context& context,
                                        absl::Span<const int64_t> dims,
                                        absl::Span<void* const> pointers,
                                        absl::FunctionRef<int32_t()> program) {
  if (absl::MakeConstSpan(pointers_) != pointers) {
    graphs_.clear();
    pointers_.assign(pointers.begin(), pointers.end());
  }
  const auto [found, first] =
      graphs_.try_emplace({dims.begin(), dims.end()}, nullptr);
  if (first) return program();
  std::unique_ptr<DeviceGraph>& graph = found->second;
  if (graph == nullptr) {
    int32_t code = 0;
    MMRT_ASSIGN_OR_RETURN(std::unique_ptr<DeviceGraph> recorded,
                          context.Record([&] { code = program(); }));
    if (code != 0) return code;
    graph = std::move(recorded);
    LogInfo("recorded a step as a graph, dims ", absl::StrJoin(dims, " "));
  }
  MMRT_RETURN_IF_ERROR(graph->Launch());
  return 0;
}

}  // namespace minimax::runtime
