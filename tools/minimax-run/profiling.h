//===- profiling.h - --profile of a run -------------------------*- C++ -*-===//
//
// Records a command's steps and reports them at its end.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_TOOLS_MINIMAX_RUN_PROFILING_H
#define MINIMAX_TOOLS_MINIMAX_RUN_PROFILING_H

#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/profile.h"
#include "formats/atomic_file.h"
#include "model.h"
#include "options.h"

namespace minimax::run {

/// Records what runs on a model's workers while it lives, if the options ask
/// for a profile; otherwise does nothing.
class Profiling {
 public:
  /// Creates the trace's file, so that a bad name fails before anything runs.
  /// `options` and `model` outlive the result.
  static absl::StatusOr<Profiling> Start(const Options& options,
                                         const Model& model);

  Profiling(Profiling&& other) noexcept = default;
  ~Profiling();

  /// Writes the trace, prints the table to stderr.
  absl::Status Finish();

 private:
  Profiling(const Options& options, const Model& model)
      : options_(&options), model_(&model) {}

  const Options* options_;
  const Model* model_;
  std::unique_ptr<runtime::Profile> profile_;
  std::optional<runtime::AtomicFile> file_;
};

}  // namespace minimax::run

#endif  // MINIMAX_TOOLS_MINIMAX_RUN_PROFILING_H
