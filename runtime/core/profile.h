//===- profile.h - when each op ran -----------------------------*- C++ -*-===//
//
// Records the ops of every step of a program and the tiles of every worker.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CORE_PROFILE_H
#define MINIMAX_RUNTIME_CORE_PROFILE_H

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/device.h"
#include "formats/manifest.h"
#include "formats/step_cost.h"

namespace minimax::runtime {

/// One execution of an op: from where it begins to where the next one does, so
/// that serial work between loops counts too. Times are nanoseconds of the
/// steady clock.
struct OpExecution {
  int64_t start = 0;
  int64_t end = 0;
  /// Index into the manifest's ops.
  int32_t op = 0;
  /// Calls of layer functions so far in the step, from 0; -1 for an op of the
  /// entry itself.
  int32_t layer = -1;
  int32_t step = 0;
};

/// One call of an entry.
struct ProfiledStep {
  std::string entry;
  std::vector<SequencePart> sequences;
  int64_t start = 0;
  int64_t end = 0;
};

/// What one thread did of one parallel loop.
struct TileRun {
  int64_t start = 0;
  int64_t end = 0;
  int64_t tiles = 0;
  /// Index into executions().
  int64_t execution = 0;
};

/// A recording. Everything stays in memory until the end: 32 bytes for each op
/// and each thread's share of a loop. A context whose `profile` is set records;
/// entries are called by one thread at a time.
class Profile {
 public:
  /// `manifest` outlives the profile. `threads` is that of the context.
  /// `clock` tells the times of a device whose work goes on after the calls
  /// that start it; null takes the host's clock.
  Profile(const Manifest& manifest, int threads,
          std::unique_ptr<DeviceClock> clock = nullptr)
      : manifest_(&manifest), clock_(std::move(clock)), lanes_(threads) {}

  /// Around each call of an entry. With a device's clock EndStep waits for the
  /// device.
  void BeginStep(const std::string& entry, std::vector<SequencePart> sequences);
  void EndStep();

  /// Called by the program; see mmrt_begin_op. Ignores numbers that the
  /// manifest does not have and calls outside of a step.
  void BeginOp(int64_t op);

  /// Notes that `thread` (0: the caller) ran `tiles` tiles of the current op.
  /// Threads may call this at the same time, each with its own number, before
  /// the loop ends.
  void AddTiles(int thread, int64_t start, int64_t tiles);

  const Manifest& manifest() const { return *manifest_; }
  const std::vector<ProfiledStep>& steps() const { return steps_; }
  const std::vector<OpExecution>& executions() const { return executions_; }
  /// For each thread, the caller first.
  const std::vector<std::vector<TileRun>>& lanes() const { return lanes_; }

  /// Nanoseconds on the clock of all times here.
  static int64_t Now();

 private:
  int64_t Mark();
  void EndOp(int64_t now);
  void ResolveMarks();
  bool IsEntry(const std::string& function) const;

  const Manifest* manifest_;
  std::unique_ptr<DeviceClock> clock_;
  // Marks of the clock in this step, and the step's first execution.
  int64_t marks_ = 0;
  size_t first_ = 0;
  std::vector<ProfiledStep> steps_;
  std::vector<OpExecution> executions_;
  std::vector<std::vector<TileRun>> lanes_;
  bool in_step_ = false;
  bool in_op_ = false;
  int32_t layer_ = -1;
};

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_CORE_PROFILE_H
