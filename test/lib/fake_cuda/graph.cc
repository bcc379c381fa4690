//===- graph.cc - graphs of the fake CUDA driver --------------------------===//
//
// What a thread starts in a stream that captures is kept instead of queued; a
// launch of the graph queues a copy of it.
//
//===----------------------------------------------------------------------===//
#include <utility>

#include "calls.h"
#include "gpu.h"

using namespace fake_cuda;

static Graph* GraphOf(void* handle) { return static_cast<Graph*>(handle); }

FAKE_CUDA CUresult cuStreamBeginCapture_v2(CUstream handle, int mode) {
  ENTER_CONTEXT("cuStreamBeginCapture");
  REQUIRE(gpu.streams.count(handle) == 1, "no such stream");
  REQUIRE(mode == kCaptureThreadLocal, "unknown mode");
  auto* stream = reinterpret_cast<Stream*>(handle);
  REQUIRE(!stream->capturing, "the stream captures already");
  *stream = {true, true, std::this_thread::get_id(), {}};
  return kSuccess;
}

static CUresult EndCapture(Gpu& gpu, Stream& stream, CUgraph* graph) {
  static constexpr char kFunction[] = "cuStreamEndCapture";
  REQUIRE(stream.capturing, "the stream does not capture");
  REQUIRE(stream.thread == std::this_thread::get_id(), "another thread's");
  // It is over, even if this fails.
  stream.capturing = false;
  if (const CUresult provoked = gpu.Provoked(kFunction)) return provoked;
  if (!stream.valid) return kErrorCaptureInvalidated;
  auto* made = new Graph{std::move(stream.captured)};
  gpu.graphs.insert(made);
  *graph = reinterpret_cast<CUgraph>(made);
  return kSuccess;
}

FAKE_CUDA CUresult cuStreamEndCapture(CUstream stream, CUgraph* graph) {
  ENTER_CONTEXT("cuStreamEndCapture of any");
  REQUIRE(gpu.streams.count(stream) == 1, "no such stream");
  return EndCapture(gpu, *reinterpret_cast<Stream*>(stream), graph);
}

FAKE_CUDA CUresult cuGraphInstantiateWithFlags(CUgraphExec* executable,
                                               CUgraph graph,
                                               unsigned long long flags) {
  ENTER_UNCAPTURED("cuGraphInstantiate");
  REQUIRE(gpu.graphs.count(graph) == 1, "no such graph");
  REQUIRE(flags == 0, "unknown flags");
  auto* made = new Graph(*GraphOf(graph));
  gpu.executables.insert(made);
  *executable = reinterpret_cast<CUgraphExec>(made);
  return kSuccess;
}

FAKE_CUDA CUresult cuGraphDestroy(CUgraph graph) {
  ENTER_CONTEXT("cuGraphDestroy");
  REQUIRE(gpu.graphs.erase(graph) == 1, "no such graph");
  delete GraphOf(graph);
  return kSuccess;
}

FAKE_CUDA CUresult cuGraphLaunch(CUgraphExec executable, CUstream stream) {
  ENTER_UNCAPTURED("cuGraphLaunch");
  REQUIRE(gpu.executables.count(executable) == 1, "no such graph");
  REQUIRE(gpu.streams.count(stream) == 1, "no such stream");
  reinterpret_cast<Stream*>(stream)->after_kernel = false;
  for (const Work& work : GraphOf(executable)->work) gpu.Enqueue(stream, work);
  return kSuccess;
}

FAKE_CUDA CUresult cuGraphExecDestroy(CUgraphExec executable) {
  ENTER_CONTEXT("cuGraphExecDestroy");
  REQUIRE(gpu.executables.erase(executable) == 1, "no such graph");
  delete GraphOf(executable);
  return kSuccess;
}
