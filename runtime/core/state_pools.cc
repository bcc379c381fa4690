//===- state_pools.cc - memory of the sequences in a session --------------===//
//
// Implements reserving the pools and reading one slot's states.
//
//===----------------------------------------------------------------------===//
#include "core/state_pools.h"

#include <unistd.h>

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "formats/status_macros.h"

namespace minimax::runtime {

int64_t PhysicalMemory() {
  const int64_t pages = sysconf(_SC_PHYS_PAGES);
  const int64_t page = sysconf(_SC_PAGESIZE);
  return pages > 0 && page > 0 ? pages * page
                               : std::numeric_limits<int64_t>::max();
}

// Whether slots of this state grow with the sequence.
static bool HasRows(const ManifestState& state) {
  return state.shape.size() > 1 &&
         state.shape[1].symbol == DimSymbol::kCapacity;
}

static absl::StatusOr<int64_t> TotalBytes(const Manifest& manifest,
                                          const DimValues& dims) {
  int64_t total = 0;
  for (const ManifestState& state : manifest.states) {
    if (state.shape.empty() || state.shape[0].symbol != DimSymbol::kSlots) {
      return absl::UnimplementedError(absl::StrCat(
          "state ", state.name, ": expected a shape that starts with S"));
    }
    const int64_t bytes = state.Bytes(dims);
    if (bytes < 0 || __builtin_add_overflow(total, bytes, &total)) {
      return std::numeric_limits<int64_t>::max();
    }
  }
  return total;
}

absl::StatusOr<StatePools> StatePools::Allocate(
    const Manifest& manifest, int64_t slots, int64_t capacity, int64_t limit,
    const std::shared_ptr<Device>& device) {
  DimValues dims;
  dims.slots = slots;
  dims.capacity = capacity;
  MMRT_ASSIGN_OR_RETURN(const int64_t total, TotalBytes(manifest, dims));
  if (total > limit) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "the states of ", slots, " slots of ", capacity, " tokens need ", total,
        " bytes, more than the limit of ", limit));
  }
  StatePools pools(manifest, capacity, device);
  for (const ManifestState& state : manifest.states) {
    MMRT_ASSIGN_OR_RETURN(
        DeviceBuffer pool,
        DeviceBuffer::Allocate(device, state.Bytes(dims),
                               absl::StrCat("state ", state.name)));
    pools.pools_.push_back(std::move(pool));
  }
  return pools;
}

absl::StatusOr<HostTensor> StatePools::Read(absl::string_view name,
                                            int64_t slot,
                                            int64_t tokens) const {
  size_t index = 0;
  while (index < manifest_->states.size() &&
         manifest_->states[index].name != name) {
    ++index;
  }
  if (index == manifest_->states.size()) {
    return absl::NotFoundError(
        absl::StrCat("the artifact has no state ", name));
  }
  const ManifestState& state = manifest_->states[index];
  DimValues dims;
  dims.slots = 1;
  dims.capacity = capacity_;
  const int64_t stride = state.Bytes(dims);
  dims.capacity = tokens;
  const int64_t bytes = state.Bytes(dims);
  HostTensor tensor{state.name, state.dtype, {}, {}};
  for (size_t i = 1; i < state.shape.size(); ++i) {
    tensor.shape.push_back(state.shape[i].Evaluate(dims));
  }
  tensor.data.resize(bytes);
  const bool untouched = tokens == 0 && !HasRows(state);
  if (!untouched && bytes > 0) {
    MMRT_RETURN_IF_ERROR(device_->CopyToHost(
        tensor.data.data(), pools_[index].data() + slot * stride, bytes));
  }
  return tensor;
}

}  // namespace minimax::runtime
