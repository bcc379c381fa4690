//===- cuda_api_test.cc - our declarations against NVIDIA's ---------------===//
//
// Built only where there is a CUDA Toolkit: sizes, places and numbers agree
// with cuda.h.
//
//===----------------------------------------------------------------------===//
#include <cuda.h>

#include <cstring>

#include "cuda/driver_api.h"
#include "gtest/gtest.h"

namespace ours = minimax::runtime::cuda;

#define SAME_NUMBER(our, their) static_assert(ours::our == (their))
SAME_NUMBER(kSuccess, CUDA_SUCCESS);
SAME_NUMBER(kErrorInvalidValue, CUDA_ERROR_INVALID_VALUE);
SAME_NUMBER(kErrorOutOfMemory, CUDA_ERROR_OUT_OF_MEMORY);
SAME_NUMBER(kErrorNoDevice, CUDA_ERROR_NO_DEVICE);
SAME_NUMBER(kErrorInvalidImage, CUDA_ERROR_INVALID_IMAGE);
SAME_NUMBER(kErrorInvalidContext, CUDA_ERROR_INVALID_CONTEXT);
SAME_NUMBER(kErrorNoBinaryForGpu, CUDA_ERROR_NO_BINARY_FOR_GPU);
SAME_NUMBER(kErrorInvalidPtx, CUDA_ERROR_INVALID_PTX);
SAME_NUMBER(kErrorInvalidHandle, CUDA_ERROR_INVALID_HANDLE);
SAME_NUMBER(kErrorNotFound, CUDA_ERROR_NOT_FOUND);
SAME_NUMBER(kErrorIllegalAddress, CUDA_ERROR_ILLEGAL_ADDRESS);
SAME_NUMBER(kErrorLaunchFailed, CUDA_ERROR_LAUNCH_FAILED);
SAME_NUMBER(kErrorCaptureUnsupported, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
SAME_NUMBER(kErrorCaptureInvalidated, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
SAME_NUMBER(kCaptureThreadLocal, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
SAME_NUMBER(kClockRate, CU_DEVICE_ATTRIBUTE_CLOCK_RATE);
SAME_NUMBER(kMemoryClockRate, CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE);
SAME_NUMBER(kCapabilityMajor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
SAME_NUMBER(kCapabilityMinor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
SAME_NUMBER(kMaxSharedMemoryPerBlockOptIn,
            CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
SAME_NUMBER(kMaxDynamicSharedBytes,
            CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES);
SAME_NUMBER(kNonPortableClusterAllowed,
            CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED);
SAME_NUMBER(kStreamNonBlocking, CU_STREAM_NON_BLOCKING);
SAME_NUMBER(kEventDefault, CU_EVENT_DEFAULT);
SAME_NUMBER(kEventDisableTiming, CU_EVENT_DISABLE_TIMING);
SAME_NUMBER(kJitErrorLogBuffer, CU_JIT_ERROR_LOG_BUFFER);
SAME_NUMBER(kJitErrorLogBufferBytes, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES);
SAME_NUMBER(kLaunchAttributeCluster, CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION);
SAME_NUMBER(kLaunchAttributeOverlap,
            CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION);

static_assert(sizeof(ours::CUdeviceptr) == sizeof(CUdeviceptr));
static_assert(sizeof(ours::CUresult) == sizeof(CUresult));
static_assert(sizeof(ours::CUdevice) == sizeof(CUdevice));

#define SAME_PLACE(structure, member, theirs)        \
  static_assert(offsetof(ours::structure, member) == \
                offsetof(structure, theirs))
static_assert(sizeof(ours::CUlaunchAttribute) == sizeof(CUlaunchAttribute));
SAME_PLACE(CUlaunchAttribute, id, id);
SAME_PLACE(CUlaunchAttribute, value, value);
static_assert(sizeof(ours::CUlaunchConfig) == sizeof(CUlaunchConfig));
SAME_PLACE(CUlaunchConfig, gridDimZ, gridDimZ);
SAME_PLACE(CUlaunchConfig, blockDimX, blockDimX);
SAME_PLACE(CUlaunchConfig, sharedMemBytes, sharedMemBytes);
SAME_PLACE(CUlaunchConfig, hStream, hStream);
SAME_PLACE(CUlaunchConfig, attrs, attrs);
SAME_PLACE(CUlaunchConfig, numAttrs, numAttrs);

// The union's members have no name for offsetof, so their bytes are looked at.
TEST(CudaApiTest, AttributesLieWhereTheDriverLooks) {
  CUlaunchAttribute theirs = {};
  theirs.value.clusterDim = {1, 2, 3};
  ours::CUlaunchAttribute our = {};
  our.value.cluster = {1, 2, 3};
  EXPECT_EQ(std::memcmp(&our.value, &theirs.value, sizeof(our.value)), 0);
  theirs.value = {};
  theirs.value.programmaticStreamSerializationAllowed = 5;
  our.value = {};
  our.value.overlap = 5;
  EXPECT_EQ(std::memcmp(&our.value, &theirs.value, sizeof(our.value)), 0);
}
