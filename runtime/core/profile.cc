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
  steps_.push_back({entry, std::move(sequences), Now(), 0});
}

void Profile::EndOp(int64_t now) {
  if (std::exchange(in_op_, false)) executions_.back().end = now;
}

void Profile::EndStep() {
  const int64_t now = Now();
  EndOp(now);
  steps_.back().end = now;
  in_step_ = false;
}

bool Profile::IsEntry(const std::string& function) const {
  return manifest_->FindEntry(function) != nullptr;
}

void Profile::BeginOp(int64_t op) {
  const std::vector<ManifestOp>& ops = manifest_->ops;
  if (!in_step_ || op < 0 || op >= static_cast<int64_t>(ops.size())) return;
  const int64_t now = Now();
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
