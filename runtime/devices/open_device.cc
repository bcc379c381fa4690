//===- open_device.cc - devices by name -----------------------------------===//
//
// The one place that knows every kind of device.
//
//===----------------------------------------------------------------------===//
#include "devices/open_device.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "core/cpu_features.h"
#include "core/device_context.h"
#include "cuda/cuda_device.h"
#include "devices/emulator_device.h"
#include "formats/status_macros.h"

namespace minimax::runtime {

absl::StatusOr<DeviceName> ParseDeviceName(absl::string_view text) {
  if (text == "cpu") return DeviceName{Processor::Kind::kCpu};
  if (text == "emulator") return DeviceName{Processor::Kind::kEmulator};
  DeviceName name{Processor::Kind::kCuda};
  absl::string_view rest = text;
  if (absl::ConsumePrefix(&rest, "cuda") &&
      (rest.empty() ||
       (absl::ConsumePrefix(&rest, ":") &&
        absl::SimpleAtoi(rest, &name.ordinal) && name.ordinal >= 0))) {
    return name;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "expected cpu, emulator, cuda or cuda:<number>, got '", text, "'"));
}

DeviceName DefaultDevice(const Manifest& manifest, absl::string_view target) {
  const auto is_gpu = [](absl::string_view name) {
    return ParseCudaTarget(name).has_value();
  };
  const std::vector<std::string>& targets = manifest.targets;
  const bool gpu =
      target.empty()
          ? std::none_of(targets.begin(), targets.end(), CpuSupportsTarget) &&
                std::any_of(targets.begin(), targets.end(), is_gpu)
          : is_gpu(target);
  return {gpu ? Processor::Kind::kCuda : Processor::Kind::kCpu};
}

absl::StatusOr<std::shared_ptr<Device>> OpenDevice(const DeviceName& name,
                                                   int threads) {
  switch (name.kind) {
    case Processor::Kind::kCpu:
      return HostDevice();
    case Processor::Kind::kEmulator:
      return std::make_shared<EmulatorDevice>(
          emulator::Options{.workers = threads});
    case Processor::Kind::kCuda:
      return cuda::CudaDevice::Open(name.ordinal);
  }
  return absl::InternalError("unknown kind of device");
}

absl::StatusOr<std::shared_ptr<Context>> MakeContext(
    const std::shared_ptr<Device>& device,
    const std::shared_ptr<const Artifact>& artifact,
    const std::shared_ptr<Context>& workers) {
  if (device->shares_host_memory()) return workers;
  return DeviceContext::Create(device, artifact, workers);
}

}  // namespace minimax::runtime
