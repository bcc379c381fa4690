//===- cuda_runtime.cc - a GPU for tests in Python ------------------------===//
//
// The runtime's side of abi.h for tests that call artifacts of a GPU target on
// a GPU: the driver's interface and nothing else. The first failure is kept.
//
//===----------------------------------------------------------------------===//
#include <dlfcn.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "cuda/driver_api.h"
#include "minimax/runtime/abi.h"

using namespace minimax::runtime::cuda;

#define EXPORT extern "C" __attribute__((visibility("default")))

#define MEMBER(name, parameters) static CUresult(*name##_) parameters = nullptr;
MMRT_CUDA_FUNCTIONS(MEMBER)
#undef MEMBER

static std::string first_failure;
static std::string reported_failure;
static CUstream stream = nullptr;
static CUmodule module = nullptr;
static std::vector<CUfunction> kernels;
static std::map<const void*, CUdeviceptr> constants;

static bool Check(CUresult result, const std::string& what) {
  if (result == kSuccess) return first_failure.empty();
  if (!first_failure.empty()) return false;
  const char* name = nullptr;
  cuGetErrorName_(result, &name);
  first_failure = what + ": " + (name == nullptr ? "unknown error" : name);
  return false;
}

static CUdeviceptr AddressOf(const void* data) {
  return reinterpret_cast<CUdeviceptr>(data);
}

static void* PointerTo(CUdeviceptr address) {
  return reinterpret_cast<void*>(address);
}

static void Stop() {
  for (const auto& [host, address] : constants) cuMemFree_v2_(address);
  if (module != nullptr) cuModuleUnload_(module);
  if (stream != nullptr) cuStreamDestroy_v2_(stream);
  cuDevicePrimaryCtxRelease_v2_(0);
}

static void Start() {
  const char* path = std::getenv("MMRT_CUDA_DRIVER");
  void* driver =
      dlopen(path != nullptr && *path != '\0' ? path : "libcuda.so.1",
             RTLD_NOW | RTLD_LOCAL);
  if (driver == nullptr) {
    first_failure = dlerror();
    return;
  }
#define RESOLVE(name, parameters)                                      \
  name##_ = reinterpret_cast<decltype(name##_)>(dlsym(driver, #name)); \
  if (name##_ == nullptr) {                                            \
    first_failure = "the CUDA driver lacks the function " #name;       \
    return;                                                            \
  }
  MMRT_CUDA_FUNCTIONS(RESOLVE)
#undef RESOLVE
  CUdevice device = 0;
  CUcontext context = nullptr;
  Check(cuInit_(0), "start the driver") &&
      Check(cuDeviceGet_(&device, 0), "open the GPU") &&
      Check(cuDevicePrimaryCtxRetain_(&context, device), "use the GPU") &&
      Check(cuCtxSetCurrent_(context), "enter the context") &&
      Check(cuStreamCreate_(&stream, kStreamNonBlocking), "make a stream") &&
      std::atexit(Stop);
}

/// Starts the driver, once, and loads `image`, whose kernels `names` are what
/// mmrt_launch counts from now on.
EXPORT void cuda_runtime_load(const void* image, const char* const* names,
                              int64_t count) {
  if (stream == nullptr) Start();
  if (!first_failure.empty()) return;
  if (module != nullptr) cuModuleUnload_(module);
  module = nullptr;
  kernels.assign(count, nullptr);
  for (const auto& [host, address] : constants) cuMemFree_v2_(address);
  constants.clear();
  if (!Check(cuModuleLoadDataEx_(&module, image, 0, nullptr, nullptr),
             "load the kernels")) {
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    Check(cuModuleGetFunction_(&kernels[i], module, names[i]),
          std::string("find kernel ") + names[i]);
  }
}

/// The first failure since the last call, of kernels too, or null. Valid until
/// the next call.
EXPORT const char* cuda_runtime_error() {
  if (stream != nullptr) Check(cuStreamSynchronize_(stream), "run the kernels");
  reported_failure.swap(first_failure);
  first_failure.clear();
  return reported_failure.empty() ? nullptr : reported_failure.c_str();
}

// Copies through pinned memory and waits.
static void Copy(CUdeviceptr device, void* host, int64_t bytes, bool in) {
  void* pinned = nullptr;
  if (bytes == 0 || !first_failure.empty() ||
      !Check(cuMemHostAlloc_(&pinned, bytes, 0), "take pinned memory")) {
    return;
  }
  if (in) std::memcpy(pinned, host, bytes);
  Check(in ? cuMemcpyHtoDAsync_v2_(device, pinned, bytes, stream)
           : cuMemcpyDtoHAsync_v2_(pinned, device, bytes, stream),
        "copy");
  Check(cuStreamSynchronize_(stream), "run the kernels");
  if (!in) std::memcpy(host, pinned, bytes);
  cuMemFreeHost_(pinned);
}

/// Memory of the GPU with what `host` holds, at an address even if that is
/// nothing; null after a failure.
EXPORT void* cuda_runtime_upload(const void* host, int64_t bytes) {
  CUdeviceptr address = 0;
  if (!first_failure.empty() ||
      !Check(cuMemAlloc_v2_(&address, std::max<int64_t>(bytes, 1)),
             "allocate")) {
    return nullptr;
  }
  Copy(address, const_cast<void*>(host), bytes, true);
  return PointerTo(address);
}

/// Copies back and frees the memory.
EXPORT void cuda_runtime_download(void* device, void* host, int64_t bytes) {
  if (device == nullptr) return;
  Copy(AddressOf(device), host, bytes, false);
  cuMemFree_v2_(AddressOf(device));
}

EXPORT void mmrt_parallel_for(mmrt_context*, mmrt_tile_fn tile, void* captures,
                              int64_t count) {
  for (int64_t index = 0; index < count; ++index) tile(captures, index);
}

EXPORT void mmrt_begin_op(mmrt_context*, int64_t) {}

EXPORT void mmrt_launch(mmrt_context*, int64_t kernel,
                        const mmrt_launch_shape* shape,
                        void* const* arguments) {
  const uint32_t* grid = shape->grid;
  if (!first_failure.empty() || grid[0] == 0 || grid[1] == 0 || grid[2] == 0) {
    return;
  }
  CUfunction function = kernels.at(kernel);
  constexpr uint32_t kWithoutAsking = 48 << 10;
  if (shape->shared_bytes > kWithoutAsking) {
    Check(cuFuncSetAttribute_(function, kMaxDynamicSharedBytes,
                              static_cast<int>(shape->shared_bytes)),
          "allow shared memory");
  }
  const uint32_t* cluster = shape->cluster;
  const uint32_t size = cluster[0] * cluster[1] * cluster[2];
  if (size > 8) {
    Check(cuFuncSetAttribute_(function, kNonPortableClusterAllowed, 1),
          "allow clusters");
  }
  CUlaunchAttribute attribute{};
  attribute.id = kLaunchAttributeCluster;
  attribute.value.cluster = {cluster[0], cluster[1], cluster[2]};
  const CUlaunchConfig config = {grid[0],
                                 grid[1],
                                 grid[2],
                                 shape->block[0],
                                 shape->block[1],
                                 shape->block[2],
                                 shape->shared_bytes,
                                 stream,
                                 &attribute,
                                 size > 1 ? 1u : 0u};
  Check(cuLaunchKernelEx_(&config, function, const_cast<void**>(arguments),
                          nullptr),
        "launch kernel number " + std::to_string(kernel));
}

EXPORT void mmrt_copy(mmrt_context*, void* destination, const void* source,
                      int64_t bytes) {
  if (!first_failure.empty() || bytes <= 0) return;
  Check(cuMemcpyDtoDAsync_v2_(AddressOf(destination), AddressOf(source), bytes,
                              stream),
        "copy on the GPU");
}

EXPORT const void* mmrt_constant(mmrt_context*, const void* host,
                                 int64_t bytes) {
  CUdeviceptr& address = constants[host];
  if (address == 0) address = AddressOf(cuda_runtime_upload(host, bytes));
  return PointerTo(address);
}
