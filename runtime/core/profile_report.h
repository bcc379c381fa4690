//===- profile_report.h - a recorded profile for people ---------*- C++ -*-===//
//
// A table of time by op, and a trace for Perfetto and Chrome.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CORE_PROFILE_REPORT_H
#define MINIMAX_RUNTIME_CORE_PROFILE_REPORT_H

#include <string>

#include "absl/status/status.h"
#include "core/profile.h"
#include "formats/atomic_file.h"

namespace minimax::runtime {

/// What the machine can do at most, per second; 0 where that is not known.
struct ProfilePeaks {
  double f32_flops = 0;
  double bf16_flops = 0;
  double bytes = 0;

  /// Whether anything is known.
  bool known() const { return f32_flops > 0 || bf16_flops > 0 || bytes > 0; }
};

/// A table with a row for each op and weight, by time, for prompts (steps with
/// a sequence that adds more than one token) and for decoding: calls, time,
/// share of the steps' time, GFLOP/s, GB/s and, with peaks, the fraction of the
/// bound: the time that FLOPs or bytes need at least, over the time taken.
std::string ProfileTable(const Profile& profile, const ProfilePeaks& peaks);

/// Writes the profile as trace events (JSON, "Trace Event Format"): on the
/// first track a slice for each step and within it one for each op, with layer,
/// FLOPs and bytes; then a track for each thread with its share of each loop.
absl::Status WriteProfileTrace(const Profile& profile,
                               const ProfilePeaks& peaks, AtomicFile& file);

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_CORE_PROFILE_REPORT_H
