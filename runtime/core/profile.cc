//===- profile.cc - when each op ran --------------------------------------===//
//
// Implements the recording.
//
//===----------------------------------------------------------------------===//
#include "core/profile.h"

#include <chrono>
#include <utility>

namespace minimax::runtime {

int64_t Profile::Now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void Profile::BeginStep(const std::string& entry,
                        std::vector<SequencePart> sequences) {
  layer_ = -1;
  in_step_ = true;
  first_ = executions_.size();
  steps_.push_back({entry, std::move(sequences), Now(), 0});
  Mark();
}

// The time now; of a device its number among the step's marks, until the step
// ends and the times are known.
int64_t Profile::Mark() {
  if (clock_ == nullptr) return Now();
  // A device that fails tells so to those who wait for it.
  (void)clock_->Mark();
  return marks_++;
}

void Profile::ResolveMarks() {
  const absl::StatusOr<std::vector<int64_t>> times = clock_->TakeTimes();
  const size_t marks = std::exchange(marks_, 0);
  const int64_t start = steps_.back().start;
  const auto resolve = [&](int64_t& time) {
    const bool known = times.ok() && times->size() == marks;
    time = start + (known ? (*times)[time] : 0);
  };
  for (size_t i = first_; i < executions_.size(); ++i) {
    resolve(executions_[i].start);
    resolve(executions_[i].end);
  }
  resolve(steps_.back().end);
}

void Profile::EndOp(int64_t now) {
  if (std::exchange(in_op_, false)) executions_.back().end = now;
}

void Profile::EndStep() {
  const int64_t now = Mark();
  EndOp(now);
  steps_.back().end = now;
  in_step_ = false;
  if (clock_ != nullptr) ResolveMarks();
}

bool Profile::IsEntry(const std::string& function) const {
  return manifest_->FindEntry(function) != nullptr;
}

void Profile::BeginOp(int64_t op) {
  const std::vector<ManifestOp>& ops = manifest_->ops;
  if (!in_step_ || op < 0 || op >= static_cast<int64_t>(ops.size())) return;
  const int64_t now = Mark();
  EndOp(now);
  const bool in_layer = !IsEntry(ops[op].function);
  // A layer function is straight code, so each call begins its first op once.
  if (in_layer && (op == 0 || ops[op - 1].function != ops[op].function)) {
    ++layer_;
  }
  executions_.push_back({now, now, static_cast<int32_t>(op),
                         in_layer ? layer_ : -1,
                         static_cast<int32_t>(steps_.size()) - 1});
  in_op_ = true;
}

void Profile::AddTiles(int thread, int64_t start, int64_t tiles) {
  if (!in_op_) return;
  lanes_[thread].push_back(
      {start, Now(), tiles, static_cast<int64_t>(executions_.size()) - 1});
}

}  // namespace minimax::runtime
