//===- state_pools.h - memory of the sequences in a session -----*- C++ -*-===//
//
// One pool per state of the manifest, each divided into the session's slots.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CORE_STATE_POOLS_H
#define MINIMAX_RUNTIME_CORE_STATE_POOLS_H

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/device.h"
#include "formats/manifest.h"

namespace minimax::runtime {

/// A copy of one tensor in host memory, row-major.
struct HostTensor {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
  std::vector<std::byte> data;
};

/// The state pools of one session. Memory is reserved at once and used as it
/// is written, so a large capacity costs nothing until it is filled.
class StatePools {
 public:
  /// Reserves zeroed pools for `slots` sequences of `capacity` tokens on
  /// `device`. `manifest` outlives the pools. ResourceExhausted if they need
  /// more than `limit` bytes; Unimplemented for a shape that does not start
  /// with "S".
  static absl::StatusOr<StatePools> Allocate(
      const Manifest& manifest, int64_t slots, int64_t capacity, int64_t limit,
      const std::shared_ptr<Device>& device = HostDevice());

  /// Start of the pool of the manifest's state `index`, on the device.
  void* pool(int64_t index) const { return pools_[index].data(); }

  /// Copies the state `name` of one slot: all of a lightning state, the first
  /// `tokens` rows of a cache. With `tokens` 0 a state is zero, whatever an
  /// earlier sequence left in the slot. NotFound for an unknown name.
  absl::StatusOr<HostTensor> Read(absl::string_view name, int64_t slot,
                                  int64_t tokens) const;

 private:
  StatePools(const Manifest& manifest, int64_t capacity,
             std::shared_ptr<Device> device)
      : manifest_(&manifest), capacity_(capacity), device_(std::move(device)) {}

  const Manifest* manifest_;
  int64_t capacity_;
  std::shared_ptr<Device> device_;
  std::vector<DeviceBuffer> pools_;
};

/// Bytes of memory in this machine.
int64_t PhysicalMemory();

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_CORE_STATE_POOLS_H
