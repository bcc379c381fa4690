//===- driver.cc - a CUDA driver on memory of the host --------------------===//
//
// The functions of libcuda.so.1 that the runtime uses, for tests without a GPU.
// Every argument is checked; what is wrong goes to stderr. The environment says
// what driver and GPU it is:
//
//   FAKE_CUDA_DRIVER_VERSION  e.g. 12040, the default
//   FAKE_CUDA_DEVICES         number of GPUs (default 1), all one and the same
//   FAKE_CUDA_CAPABILITY      e.g. 80, the default
//   FAKE_CUDA_MEMORY          bytes (default 2^30)
//   FAKE_CUDA_FAIL            a call that fails, see Gpu::Provoked
//   FAKE_CUDA_KERNELS         an artifact whose emulated kernels run, if the
//                             executable exports what kernels.h declares
//
// fake_cuda_calls tells tests how often a function was called; "overlap" is a
// launch that may begin before the kernel before has ended, "captured overlap"
// one of them in a stream that captures.
//
//===----------------------------------------------------------------------===//
#include <chrono>
#include <cstring>
#include <map>
#include <mutex>
#include <string>

#include "calls.h"
#include "gpu.h"

using namespace fake_cuda;

FAKE_CUDA int64_t fake_cuda_calls(const char* function) {
  Gpu& gpu = Gpu::Get();
  const std::lock_guard<std::mutex> lock(gpu.mutex);
  return gpu.calls(function);
}

// The one context, and the thread's current one.
static char g_context;
thread_local void* t_current = nullptr;

bool fake_cuda::HasContext() { return t_current == &g_context; }

static int Capability() {
  return static_cast<int>(FromEnvironment("FAKE_CUDA_CAPABILITY", 80));
}

FAKE_CUDA CUresult cuInit(unsigned flags) {
  ENTER("cuInit");
  REQUIRE(flags == 0, "flags must be 0");
  return FromEnvironment("FAKE_CUDA_DEVICES", 1) > 0 ? kSuccess
                                                     : kErrorNoDevice;
}

FAKE_CUDA CUresult cuDriverGetVersion(int* version) {
  ENTER("cuDriverGetVersion");
  *version =
      static_cast<int>(FromEnvironment("FAKE_CUDA_DRIVER_VERSION", 12040));
  return kSuccess;
}

struct Error {
  CUresult result;
  const char* name;
  const char* text;
};

static constexpr Error kErrors[] = {
    {kErrorInvalidValue, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {kErrorOutOfMemory, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {kErrorNoDevice, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device"},
    {kErrorInvalidImage, "CUDA_ERROR_INVALID_IMAGE", "invalid kernel image"},
    {kErrorInvalidContext, "CUDA_ERROR_INVALID_CONTEXT", "invalid context"},
    {kErrorNoBinaryForGpu, "CUDA_ERROR_NO_BINARY_FOR_GPU",
     "no kernel image is available for execution on the device"},
    {kErrorInvalidPtx, "CUDA_ERROR_INVALID_PTX", "a PTX JIT failed"},
    {kErrorInvalidHandle, "CUDA_ERROR_INVALID_HANDLE", "invalid handle"},
    {kErrorNotFound, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {kErrorIllegalAddress, "CUDA_ERROR_ILLEGAL_ADDRESS",
     "an illegal memory access was encountered"},
    {kErrorLaunchFailed, "CUDA_ERROR_LAUNCH_FAILED",
     "unspecified launch failure"},
    {kErrorCaptureUnsupported, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED",
     "operation not permitted when stream is capturing"},
    {kErrorCaptureInvalidated, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED",
     "operation failed due to a previous error during capture"},
};

static CUresult FindError(CUresult result, const char* Error::*member,
                          const char** text) {
  for (const Error& error : kErrors) {
    if (error.result != result) continue;
    *text = error.*member;
    return kSuccess;
  }
  *text = nullptr;
  return kErrorInvalidValue;
}

FAKE_CUDA CUresult cuGetErrorName(CUresult error, const char** name) {
  return FindError(error, &Error::name, name);
}

FAKE_CUDA CUresult cuGetErrorString(CUresult error, const char** text) {
  return FindError(error, &Error::text, text);
}

FAKE_CUDA CUresult cuDeviceGetCount(int* count) {
  ENTER("cuDeviceGetCount");
  *count = static_cast<int>(FromEnvironment("FAKE_CUDA_DEVICES", 1));
  return kSuccess;
}

FAKE_CUDA CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  ENTER("cuDeviceGet");
  REQUIRE(ordinal >= 0 && ordinal < FromEnvironment("FAKE_CUDA_DEVICES", 1),
          "no such device");
  *device = ordinal;
  return kSuccess;
}

FAKE_CUDA CUresult cuDeviceGetName(char* name, int size, CUdevice /*device*/) {
  ENTER("cuDeviceGetName");
  REQUIRE(size > 9, "no room for the name");
  std::strcpy(name, "fake GPU");
  return kSuccess;
}

FAKE_CUDA CUresult cuDeviceGetAttribute(int* value, int attribute,
                                        CUdevice /*device*/) {
  ENTER("cuDeviceGetAttribute");
  const std::map<int, int> values = {
      {kCapabilityMajor, Capability() / 10},
      {kCapabilityMinor, Capability() % 10},
      {kMaxSharedMemoryPerBlockOptIn, MostSharedBytes()},
      {kClockRate, 1'000'000},
      {kMemoryClockRate, 2'000'000},
  };
  const auto found = values.find(attribute);
  REQUIRE(found != values.end(),
          "unknown attribute " + std::to_string(attribute));
  *value = found->second;
  return kSuccess;
}

FAKE_CUDA CUresult cuDevicePrimaryCtxRetain(CUcontext* context,
                                            CUdevice /*device*/) {
  ENTER("cuDevicePrimaryCtxRetain");
  ++gpu.contexts;
  *context = reinterpret_cast<CUcontext>(&g_context);
  return kSuccess;
}

FAKE_CUDA CUresult cuDevicePrimaryCtxRelease_v2(CUdevice /*device*/) {
  ENTER("cuDevicePrimaryCtxRelease");
  REQUIRE(gpu.contexts-- > 0, "the context was not retained");
  return kSuccess;
}

FAKE_CUDA CUresult cuCtxSetCurrent(CUcontext context) {
  ENTER("cuCtxSetCurrent");
  REQUIRE(context == nullptr ||
              (static_cast<void*>(context) == &g_context && gpu.contexts > 0),
          "no such context");
  t_current = context;
  return kSuccess;
}

FAKE_CUDA CUresult cuStreamCreate(CUstream* stream, unsigned flags) {
  ENTER_CONTEXT("cuStreamCreate");
  REQUIRE(flags <= kStreamNonBlocking, "unknown flags");
  auto* made = new Stream;
  gpu.streams.insert(made);
  *stream = reinterpret_cast<CUstream>(made);
  return kSuccess;
}

FAKE_CUDA CUresult cuStreamDestroy_v2(CUstream stream) {
  ENTER_CONTEXT("cuStreamDestroy");
  REQUIRE(gpu.streams.erase(stream) == 1, "no such stream");
  delete reinterpret_cast<Stream*>(stream);
  return kSuccess;
}

FAKE_CUDA CUresult cuStreamSynchronize(CUstream stream) {
  ENTER_UNCAPTURED("cuStreamSynchronize");
  REQUIRE(gpu.streams.count(stream) == 1, "no such stream");
  return gpu.Wait();
}

FAKE_CUDA CUresult cuEventCreate(CUevent* event, unsigned flags) {
  ENTER_CONTEXT("cuEventCreate");
  REQUIRE(flags == kEventDefault || flags == kEventDisableTiming,
          "unknown flags");
  auto* made = new Event{flags == kEventDefault};
  gpu.events.insert(made);
  *event = reinterpret_cast<CUevent>(made);
  return kSuccess;
}

FAKE_CUDA CUresult cuEventDestroy_v2(CUevent event) {
  ENTER_CONTEXT("cuEventDestroy");
  auto* known = reinterpret_cast<Event*>(event);
  REQUIRE(gpu.events.erase(known) == 1, "no such event");
  gpu.Wait(known);
  delete known;
  return kSuccess;
}

FAKE_CUDA CUresult cuEventRecord(CUevent event, CUstream stream) {
  ENTER_UNCAPTURED("cuEventRecord");
  auto* known = reinterpret_cast<Event*>(event);
  REQUIRE(gpu.events.count(known) == 1, "no such event");
  REQUIRE(gpu.streams.count(stream) == 1, "no such stream");
  // The time of what comes last counts.
  if (known->pending) gpu.Wait(known);
  known->pending = true;
  gpu.Enqueue(stream, [known] {
    known->pending = false;
    known->milliseconds =
        std::chrono::duration<double, std::milli>(
            std::chrono::steady_clock::now().time_since_epoch())
            .count();
    return kSuccess;
  });
  return kSuccess;
}

FAKE_CUDA CUresult cuEventSynchronize(CUevent event) {
  ENTER_UNCAPTURED("cuEventSynchronize");
  auto* known = reinterpret_cast<Event*>(event);
  REQUIRE(gpu.events.count(known) == 1, "no such event");
  return gpu.Wait(known);
}

FAKE_CUDA CUresult cuEventElapsedTime(float* milliseconds, CUevent start,
                                      CUevent end) {
  ENTER_CONTEXT("cuEventElapsedTime");
  auto* first = reinterpret_cast<Event*>(start);
  auto* second = reinterpret_cast<Event*>(end);
  for (Event* event : {first, second}) {
    REQUIRE(gpu.events.count(event) == 1 && event->timed, "no timed event");
    REQUIRE(!event->pending && event->milliseconds >= 0,
            "the event was not reached");
  }
  *milliseconds =
      static_cast<float>(second->milliseconds - first->milliseconds);
  return kSuccess;
}
