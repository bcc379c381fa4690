//===- driver_api.h - what is used of the CUDA driver's interface *- C++ -*-==//
//
// Own declarations of the functions, types and numbers that the runtime uses of
// libcuda.so.1, so that it is built without a CUDA Toolkit. Names are those of
// NVIDIA's cuda.h; cuda_api_test.cc compares with it where there is one.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_RUNTIME_CUDA_DRIVER_API_H
#define MINIMAX_RUNTIME_CUDA_DRIVER_API_H

#include <cstddef>
#include <cstdint>

namespace minimax::runtime::cuda {

using CUresult = int;
using CUdevice = int;
using CUdeviceptr = uint64_t;
using CUcontext = struct CUctx_st*;
using CUstream = struct CUstream_st*;
using CUevent = struct CUevent_st*;
using CUmodule = struct CUmod_st*;
using CUfunction = struct CUfunc_st*;
using CUgraph = struct CUgraph_st*;
using CUgraphExec = struct CUgraphExec_st*;

// Results.
inline constexpr CUresult kSuccess = 0;
inline constexpr CUresult kErrorInvalidValue = 1;
inline constexpr CUresult kErrorOutOfMemory = 2;
inline constexpr CUresult kErrorNoDevice = 100;
inline constexpr CUresult kErrorInvalidImage = 200;
inline constexpr CUresult kErrorInvalidContext = 201;
inline constexpr CUresult kErrorNoBinaryForGpu = 209;
inline constexpr CUresult kErrorInvalidPtx = 218;
inline constexpr CUresult kErrorInvalidHandle = 400;
inline constexpr CUresult kErrorNotFound = 500;
inline constexpr CUresult kErrorIllegalAddress = 700;
inline constexpr CUresult kErrorLaunchFailed = 719;
inline constexpr CUresult kErrorCaptureUnsupported = 900;
inline constexpr CUresult kErrorCaptureInvalidated = 901;

// Attributes of a device.
inline constexpr int kClockRate = 13;
inline constexpr int kMemoryClockRate = 36;
inline constexpr int kCapabilityMajor = 75;
inline constexpr int kCapabilityMinor = 76;
inline constexpr int kMaxSharedMemoryPerBlockOptIn = 97;

// Attributes of a function.
inline constexpr int kMaxDynamicSharedBytes = 8;
inline constexpr int kNonPortableClusterAllowed = 14;

// Flags and options.
inline constexpr unsigned kStreamNonBlocking = 1;
inline constexpr int kCaptureThreadLocal = 1;
inline constexpr unsigned kEventDefault = 0;
inline constexpr unsigned kEventDisableTiming = 2;
inline constexpr int kJitErrorLogBuffer = 5;
inline constexpr int kJitErrorLogBufferBytes = 6;
inline constexpr int kLaunchAttributeCluster = 4;
inline constexpr int kLaunchAttributeOverlap = 6;

struct CUlaunchAttribute {
  int id;
  char pad[8 - sizeof(int)];
  union {
    char bytes[64];
    struct {
      unsigned x, y, z;
    } cluster;
    // Programmatic stream serialization: whether blocks may begin before the
    // kernel before has ended.
    int overlap;
  } value;
};

struct CUlaunchConfig {
  unsigned gridDimX, gridDimY, gridDimZ;
  unsigned blockDimX, blockDimY, blockDimZ;
  unsigned sharedMemBytes;
  CUstream hStream;
  CUlaunchAttribute* attrs;
  unsigned numAttrs;
};

// Calls F(name, parameters) for each function. A name with _v2 is the one that
// the library exports for what cuda.h calls without it.
#define MMRT_CUDA_FUNCTIONS(F)                                                 \
  F(cuInit, (unsigned flags))                                                  \
  F(cuDriverGetVersion, (int* version))                                        \
  F(cuGetErrorName, (CUresult error, const char** name))                       \
  F(cuGetErrorString, (CUresult error, const char** text))                     \
  F(cuDeviceGetCount, (int* count))                                            \
  F(cuDeviceGet, (CUdevice * device, int ordinal))                             \
  F(cuDeviceGetName, (char* name, int size, CUdevice device))                  \
  F(cuDeviceGetAttribute, (int* value, int attribute, CUdevice device))        \
  F(cuDevicePrimaryCtxRetain, (CUcontext * context, CUdevice device))          \
  F(cuDevicePrimaryCtxRelease_v2, (CUdevice device))                           \
  F(cuCtxSetCurrent, (CUcontext context))                                      \
  F(cuStreamCreate, (CUstream * stream, unsigned flags))                       \
  F(cuStreamDestroy_v2, (CUstream stream))                                     \
  F(cuStreamSynchronize, (CUstream stream))                                    \
  F(cuEventCreate, (CUevent * event, unsigned flags))                          \
  F(cuEventDestroy_v2, (CUevent event))                                        \
  F(cuEventRecord, (CUevent event, CUstream stream))                           \
  F(cuEventSynchronize, (CUevent event))                                       \
  F(cuEventElapsedTime, (float* milliseconds, CUevent start, CUevent end))     \
  F(cuMemGetInfo_v2, (size_t * free, size_t * total))                          \
  F(cuMemAlloc_v2, (CUdeviceptr * address, size_t bytes))                      \
  F(cuMemFree_v2, (CUdeviceptr address))                                       \
  F(cuMemHostAlloc, (void** address, size_t bytes, unsigned flags))            \
  F(cuMemFreeHost, (void* address))                                            \
  F(cuMemcpyHtoDAsync_v2, (CUdeviceptr destination, const void* source,        \
                           size_t bytes, CUstream stream))                     \
  F(cuMemcpyDtoHAsync_v2,                                                      \
    (void* destination, CUdeviceptr source, size_t bytes, CUstream stream))    \
  F(cuMemcpyDtoDAsync_v2, (CUdeviceptr destination, CUdeviceptr source,        \
                           size_t bytes, CUstream stream))                     \
  F(cuMemsetD8Async, (CUdeviceptr destination, unsigned char value,            \
                      size_t bytes, CUstream stream))                          \
  F(cuModuleLoadDataEx, (CUmodule * module, const void* image, unsigned count, \
                         int* options, void** values))                         \
  F(cuModuleUnload, (CUmodule module))                                         \
  F(cuModuleGetFunction,                                                       \
    (CUfunction * function, CUmodule module, const char* name))                \
  F(cuFuncSetAttribute, (CUfunction function, int attribute, int value))       \
  F(cuStreamBeginCapture_v2, (CUstream stream, int mode))                      \
  F(cuStreamEndCapture, (CUstream stream, CUgraph * graph))                    \
  F(cuGraphInstantiateWithFlags,                                               \
    (CUgraphExec * executable, CUgraph graph, unsigned long long flags))       \
  F(cuGraphDestroy, (CUgraph graph))                                           \
  F(cuGraphLaunch, (CUgraphExec executable, CUstream stream))                  \
  F(cuGraphExecDestroy, (CUgraphExec executable))                              \
  F(cuLaunchKernelEx, (const CUlaunchConfig* config, CUfunction function,      \
                       void** arguments, void** extra))

}  // namespace minimax::runtime::cuda

#endif  // MINIMAX_RUNTIME_CUDA_DRIVER_API_H
