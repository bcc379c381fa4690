//===- open_device.h - devices by name --------------------------*- C++ -*-===//
//
// Turns what --device says into a device and a context on it.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_DEVICES_OPEN_DEVICE_H
#define MINIMAX_RUNTIME_DEVICES_OPEN_DEVICE_H

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/artifact.h"
#include "core/context.h"
#include "core/device.h"
#include "formats/manifest.h"

namespace minimax::runtime {

/// A device by name.
struct DeviceName {
  Processor::Kind kind = Processor::Kind::kCpu;
  /// Which GPU; only for kCuda.
  int ordinal = 0;
};

/// Reads "cpu", "emulator", "cuda" or "cuda:<number>". InvalidArgument for
/// anything else.
absl::StatusOr<DeviceName> ParseDeviceName(absl::string_view text);

/// The device for who names none: that of `target`, if it is not empty;
/// otherwise the CPU if the manifest has code for it or has none for a GPU,
/// else the first GPU.
DeviceName DefaultDevice(const Manifest& manifest, absl::string_view target);

/// Opens a device; `threads` of the host serve the emulator (0: one for each
/// core). See CudaDevice::Open for the errors.
absl::StatusOr<std::shared_ptr<Device>> OpenDevice(const DeviceName& name,
                                                   int threads);

/// The context for programs of `artifact`, which was loaded for `device`:
/// `workers`, those of the CPU, with the artifact's kernels if it has any.
absl::StatusOr<std::shared_ptr<Context>> MakeContext(
    const std::shared_ptr<Device>& device,
    const std::shared_ptr<const Artifact>& artifact,
    const std::shared_ptr<Context>& workers);

}  // namespace minimax::runtime

#endif  // MINIMAX_RUNTIME_DEVICES_OPEN_DEVICE_H
