//===- driver.h - the CUDA driver, loaded when asked for --------*- C++ -*-===//
//
// Loads libcuda.so.1 and turns its results into statuses.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CUDA_DRIVER_H
#define MINIMAX_RUNTIME_CUDA_DRIVER_H

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cuda/driver_api.h"

namespace minimax::runtime::cuda {

/// The driver's functions, under their names.
struct Driver {
#define MMRT_CUDA_MEMBER(name, parameters) CUresult(*name) parameters = nullptr;
  MMRT_CUDA_FUNCTIONS(MMRT_CUDA_MEMBER)
#undef MMRT_CUDA_MEMBER

  /// Loads and initialises the driver, once per process: libcuda.so.1, or the
  /// library that the environment names in MMRT_CUDA_DRIVER.
  /// FailedPrecondition, saying what to do, if there is no driver, if it is
  /// older than CUDA 12.0 or if it finds no GPU.
  static absl::StatusOr<const Driver*> Load();

  /// "CUDA_ERROR_NO_DEVICE (no CUDA-capable device is detected)".
  std::string Describe(CUresult result) const;

  /// OK, or Internal: "cannot <action>: <description>".
  absl::Status Check(CUresult result, absl::string_view action) const;
};

}  // namespace minimax::runtime::cuda

#endif  // MINIMAX_RUNTIME_CUDA_DRIVER_H
