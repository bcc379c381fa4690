//===- cuda_graph.cc - recorded work of a GPU -----------------------------===//
//
// Implements capturing. Kernels and addresses are those of the capture.
//
//===----------------------------------------------------------------------===//
#include "cuda/cuda_graph.h"

#include "formats/status_macros.h"

namespace minimax::runtime::cuda {

absl::StatusOr<std::unique_ptr<DeviceGraph>> CudaGraph::Capture(
    std::shared_ptr<CudaDevice> device, Stream& stream,
    absl::FunctionRef<void()> work) {
  const Driver& driver = device->driver();
  MMRT_RETURN_IF_ERROR(device->Enter());
  // Other threads may allocate meanwhile.
  const auto begin = [&](CUstream handle) {
    return driver.cuStreamBeginCapture_v2(handle, kCaptureThreadLocal);
  };
  MMRT_RETURN_IF_ERROR(
      driver.Check(stream.Start(begin),
                   "begin to record a graph (--graphs=off does without)"));
  work();
  CUgraph graph = nullptr;
  MMRT_RETURN_IF_ERROR(
      driver.Check(driver.cuStreamEndCapture(stream.get(), &graph),
                   "record a graph (--graphs=off does without)"));
  CUgraphExec executable = nullptr;
  const CUresult made =
      driver.cuGraphInstantiateWithFlags(&executable, graph, 0);
  driver.cuGraphDestroy(graph);
  MMRT_RETURN_IF_ERROR(driver.Check(
      made, "make a recorded graph ready (--graphs=off does without)"));
  return std::unique_ptr<DeviceGraph>(
      new CudaGraph(std::move(device), executable));
}

CudaGraph::~CudaGraph() {
  if (device_->Enter().ok()) device_->driver().cuGraphExecDestroy(executable_);
}

absl::Status CudaGraph::Launch() {
  const Driver& driver = device_->driver();
  MMRT_RETURN_IF_ERROR(device_->Enter());
  device_->set_last_launch(CudaDevice::kGraphLaunch);
  const auto launch = [&](CUstream stream) {
    return driver.cuGraphLaunch(executable_, stream);
  };
  return driver.Check(device_->stream().Start(launch),
                      "launch a recorded graph");
}

}  // namespace minimax::runtime::cuda
