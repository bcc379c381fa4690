//===- cuda_graph.h - recorded work of a GPU --------------------*- C++ -*-===//
//
// Makes a graph of what is launched into a stream.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CUDA_CUDA_GRAPH_H
#define MINIMAX_RUNTIME_CUDA_CUDA_GRAPH_H

#include <memory>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/device.h"
#include "cuda/cuda_device.h"

namespace minimax::runtime::cuda {

/// A graph that the driver has made ready. Launches go to the device's stream.
class CudaGraph final : public DeviceGraph {
 public:
  /// Captures what `work` starts in `stream`, which is not the device's own:
  /// other threads may go on using that. One thread at a time.
  static absl::StatusOr<std::unique_ptr<DeviceGraph>> Capture(
      std::shared_ptr<CudaDevice> device, Stream& stream,
      absl::FunctionRef<void()> work);

  ~CudaGraph() override;
  CudaGraph(const CudaGraph&) = delete;
  CudaGraph& operator=(const CudaGraph&) = delete;

  absl::Status Launch() override;

 private:
  CudaGraph(std::shared_ptr<CudaDevice> device, CUgraphExec executable)
      : device_(std::move(device)), executable_(executable) {}

  std::shared_ptr<CudaDevice> device_;
  CUgraphExec executable_;
};

}  // namespace minimax::runtime::cuda

#endif  // MINIMAX_RUNTIME_CUDA_CUDA_GRAPH_H
