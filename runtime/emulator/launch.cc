//===- launch.cc - launches with a status ---------------------------------===//
//
// A file of its own: what links the emulator without it needs no absl::Status.
//
//===----------------------------------------------------------------------===//
#include "absl/status/status.h"
#include "emulator/emulator.h"

namespace minimax::runtime::emulator {

absl::Status Emulator::Launch(mmrt_emulated_kernel_fn kernel,
                              absl::string_view name,
                              const mmrt_launch_shape& shape,
                              void* const* arguments) {
  const std::string bad_shape = DescribeBadShape(name, shape);
  if (!bad_shape.empty()) return absl::InvalidArgumentError(bad_shape);
  const std::string finding = Run(kernel, name, shape, arguments);
  return finding.empty() ? absl::OkStatus() : absl::InternalError(finding);
}

}  // namespace minimax::runtime::emulator
