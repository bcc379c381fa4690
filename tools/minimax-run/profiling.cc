//===- profiling.cc - --profile of a run ----------------------------------===//
//
// Attaches a profile to the workers; writes its trace and its table.
//
//===----------------------------------------------------------------------===//
#include "profiling.h"

#include <cstdio>
#include <string>
#include <utility>

#include "core/profile_report.h"
#include "formats/status_macros.h"

namespace minimax::run {

absl::StatusOr<Profiling> Profiling::Start(const Options& options,
                                           const Model& model) {
  Profiling profiling(options, model);
  if (!options.profile_trace.empty()) {
    MMRT_ASSIGN_OR_RETURN(profiling.file_,
                          runtime::AtomicFile::Create(options.profile_trace));
  }
  if (profiling.file_.has_value() || options.profile_summary) {
    profiling.profile_ = std::make_unique<runtime::Profile>(
        model.artifact->manifest(), model.pool->threads(),
        model.device->MakeClock());
    model.context->profile = profiling.profile_.get();
  }
  return profiling;
}

Profiling::~Profiling() {
  if (profile_ != nullptr) model_->context->profile = nullptr;
}

absl::Status Profiling::Finish() {
  if (profile_ == nullptr) return absl::OkStatus();
  model_->context->profile = nullptr;
  if (options_->profile_summary) {
    const std::string table =
        runtime::ProfileTable(*profile_, options_->profile_peaks);
    std::fputs(table.c_str(), stderr);
  }
  if (!file_.has_value()) return absl::OkStatus();
  MMRT_RETURN_IF_ERROR(
      runtime::WriteProfileTrace(*profile_, options_->profile_peaks, *file_));
  return file_->Commit();
}

}  // namespace minimax::run
