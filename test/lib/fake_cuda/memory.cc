//===- memory.cc - memory and copies of the fake CUDA driver --------------===//
//
// Copies are done when someone waits for them.
//
//===----------------------------------------------------------------------===//
#include <cstring>
#include <string>

#include "calls.h"
#include "gpu.h"

using namespace fake_cuda;

static void* PointerTo(CUdeviceptr address) {
  return reinterpret_cast<void*>(address);
}

FAKE_CUDA CUresult cuMemGetInfo_v2(size_t* free, size_t* total) {
  ENTER_CONTEXT("cuMemGetInfo");
  *free = gpu.free_bytes();
  *total = gpu.total_bytes();
  return kSuccess;
}

FAKE_CUDA CUresult cuMemAlloc_v2(CUdeviceptr* address, size_t bytes) {
  ENTER_UNCAPTURED("cuMemAlloc");
  REQUIRE(bytes > 0, "0 bytes");
  return gpu.Allocate(address, bytes);
}

FAKE_CUDA CUresult cuMemFree_v2(CUdeviceptr address) {
  ENTER_UNCAPTURED("cuMemFree");
  REQUIRE(gpu.Holds(address, 1), "not an allocation");
  return gpu.Free(address);
}

FAKE_CUDA CUresult cuMemHostAlloc(void** address, size_t bytes,
                                  unsigned flags) {
  ENTER_UNCAPTURED("cuMemHostAlloc");
  REQUIRE(bytes > 0 && flags == 0, "0 bytes or unknown flags");
  *address = gpu.AllocatePinned(bytes);
  return kSuccess;
}

FAKE_CUDA CUresult cuMemFreeHost(void* address) {
  ENTER_UNCAPTURED("cuMemFreeHost");
  const CUresult waited = gpu.Wait();
  REQUIRE(gpu.FreePinned(address), "not pinned memory");
  return waited;
}

FAKE_CUDA CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr destination,
                                        const void* source, size_t bytes,
                                        CUstream stream) {
  ENTER_CONTEXT("cuMemcpyHtoDAsync");
  REQUIRE(gpu.Holds(destination, bytes), "destination outside of memory");
  REQUIRE(gpu.IsPinned(source, bytes), "source is not pinned");
  REQUIRE(gpu.streams.count(stream) == 1, "no such stream");
  gpu.Enqueue(stream, [destination, source, bytes] {
    std::memcpy(PointerTo(destination), source, bytes);
    return kSuccess;
  });
  return kSuccess;
}

FAKE_CUDA CUresult cuMemcpyDtoHAsync_v2(void* destination, CUdeviceptr source,
                                        size_t bytes, CUstream stream) {
  ENTER_CONTEXT("cuMemcpyDtoHAsync");
  REQUIRE(gpu.Holds(source, bytes), "source outside of memory");
  REQUIRE(gpu.IsPinned(destination, bytes), "destination is not pinned");
  REQUIRE(gpu.streams.count(stream) == 1, "no such stream");
  gpu.Enqueue(stream, [destination, source, bytes] {
    std::memcpy(destination, PointerTo(source), bytes);
    return kSuccess;
  });
  return kSuccess;
}

FAKE_CUDA CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr destination,
                                        CUdeviceptr source, size_t bytes,
                                        CUstream stream) {
  ENTER_CONTEXT("cuMemcpyDtoDAsync");
  REQUIRE(gpu.Holds(destination, bytes), "destination outside of memory");
  REQUIRE(gpu.Holds(source, bytes), "source outside of memory");
  REQUIRE(destination + bytes <= source || source + bytes <= destination,
          "source and destination overlap");
  REQUIRE(gpu.streams.count(stream) == 1, "no such stream");
  gpu.Enqueue(stream, [destination, source, bytes] {
    std::memcpy(PointerTo(destination), PointerTo(source), bytes);
    return kSuccess;
  });
  return kSuccess;
}

FAKE_CUDA CUresult cuMemsetD8Async(CUdeviceptr destination, unsigned char value,
                                   size_t bytes, CUstream stream) {
  ENTER_CONTEXT("cuMemsetD8Async");
  REQUIRE(gpu.Holds(destination, bytes), "destination outside of memory");
  REQUIRE(gpu.streams.count(stream) == 1, "no such stream");
  gpu.Enqueue(stream, [destination, value, bytes] {
    std::memset(PointerTo(destination), value, bytes);
    return kSuccess;
  });
  return kSuccess;
}
