//===- launch.cc - modules and launches of the fake CUDA driver -----------===//
//
// Shapes are held against the limits of the GPU and of the kernel.
//
//===----------------------------------------------------------------------===//
#include <dlfcn.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "calls.h"
#include "gpu.h"
#include "kernels.h"
#include "module.h"

using namespace fake_cuda;

// This library is what the runtime takes it for.
#define SAME_TYPE(name, parameters) extern "C" CUresult name parameters;
MMRT_CUDA_FUNCTIONS(SAME_TYPE)
#undef SAME_TYPE

static int Capability() {
  return static_cast<int>(FromEnvironment("FAKE_CUDA_CAPABILITY", 80));
}

int fake_cuda::MostSharedBytes() {
  return Capability() >= 90   ? 227 << 10
         : Capability() >= 80 ? 163 << 10
                              : 64 << 10;
}

FAKE_CUDA CUresult cuModuleLoadDataEx(CUmodule* module, const void* image,
                                      unsigned count, int* options,
                                      void** values) {
  ENTER_UNCAPTURED("cuModuleLoadDataEx");
  REQUIRE(image != nullptr, "no image");
  REQUIRE(count == 0 || (count == 2 && options[0] == kJitErrorLogBuffer &&
                         options[1] == kJitErrorLogBufferBytes),
          "unknown options");
  auto made = std::make_unique<Module>();
  std::string log;
  const CUresult result =
      Module::Load(static_cast<const char*>(image), Capability(), *made, log);
  if (count == 2) {
    const auto room =
        static_cast<size_t>(reinterpret_cast<uintptr_t>(values[1]));
    std::snprintf(static_cast<char*>(values[0]), room, "%s", log.c_str());
  }
  if (result != kSuccess) return result;
  gpu.modules.insert(made.get());
  *module = reinterpret_cast<CUmodule>(made.release());
  return kSuccess;
}

FAKE_CUDA CUresult cuModuleUnload(CUmodule module) {
  ENTER_UNCAPTURED("cuModuleUnload");
  REQUIRE(gpu.modules.erase(module) == 1, "no such module");
  const CUresult waited = gpu.Wait();
  delete reinterpret_cast<Module*>(module);
  return waited;
}

FAKE_CUDA CUresult cuModuleGetFunction(CUfunction* function, CUmodule module,
                                       const char* name) {
  ENTER_CONTEXT("cuModuleGetFunction");
  REQUIRE(gpu.modules.count(module) == 1, "no such module");
  *function = reinterpret_cast<CUfunction>(
      reinterpret_cast<Module*>(module)->Find(name));
  return *function == nullptr ? kErrorNotFound : kSuccess;
}

FAKE_CUDA CUresult cuFuncSetAttribute(CUfunction function, int attribute,
                                      int value) {
  ENTER_CONTEXT("cuFuncSetAttribute");
  REQUIRE(function != nullptr, "no function");
  auto* kernel = reinterpret_cast<Function*>(function);
  if (attribute == kMaxDynamicSharedBytes) {
    if (value < 0 || value > MostSharedBytes()) return kErrorInvalidValue;
    kernel->shared_bytes = value;
    return kSuccess;
  }
  REQUIRE(attribute == kNonPortableClusterAllowed, "unknown attribute");
  REQUIRE(value == 1 && Capability() >= 90, "no clusters");
  kernel->most_blocks_of_cluster = 16;
  return kSuccess;
}

// Returns why blocks of the kernel must not begin early, or nothing.
static std::string CheckOverlap(const CUlaunchConfig& config,
                                const Function& kernel) {
  if (Capability() < 90) return "kernels of this GPU do not overlap";
  if (!kernel.waits) return "overlaps the kernel before and does not wait";
  const auto* stream = reinterpret_cast<const Stream*>(config.hStream);
  return stream->after_kernel ? "" : "overlaps what is no kernel";
}

static std::string ReadAttributes(const CUlaunchConfig& config,
                                  const Function& kernel,
                                  mmrt_launch_shape& shape) {
  for (unsigned i = 0; i < config.numAttrs; ++i) {
    const CUlaunchAttribute& attribute = config.attrs[i];
    if (attribute.id == kLaunchAttributeOverlap &&
        attribute.value.overlap == 1) {
      const std::string wrong = CheckOverlap(config, kernel);
      if (!wrong.empty()) return wrong;
      continue;
    }
    if (attribute.id != kLaunchAttributeCluster) return "unknown attribute";
    if (Capability() < 90) return "this GPU has no clusters";
    std::memcpy(shape.cluster, &attribute.value.cluster, sizeof(shape.cluster));
  }
  return "";
}

static bool Overlaps(const CUlaunchConfig& config) {
  return std::any_of(config.attrs, config.attrs + config.numAttrs,
                     [](const CUlaunchAttribute& attribute) {
                       return attribute.id == kLaunchAttributeOverlap;
                     });
}

// Returns what is wrong with the shape of a launch, or nothing.
static std::string CheckShape(const CUlaunchConfig& config,
                              const Function& kernel,
                              mmrt_launch_shape& shape) {
  shape = {{config.gridDimX, config.gridDimY, config.gridDimZ},
           {config.blockDimX, config.blockDimY, config.blockDimZ},
           {1, 1, 1},
           config.sharedMemBytes,
           kernel.waits};
  constexpr unsigned kGrid[] = {0x7fffffff, 65535, 65535};
  constexpr unsigned kBlock[] = {1024, 1024, 64};
  for (int i = 0; i < 3; ++i) {
    if (shape.grid[i] - 1 >= kGrid[i]) return "the grid is empty or too large";
    if (shape.block[i] - 1 >= kBlock[i]) return "the block is too large";
  }
  if (uint64_t{shape.block[0]} * shape.block[1] * shape.block[2] > 1024) {
    return "the block has more than 1024 threads";
  }
  if (config.sharedMemBytes > kernel.shared_bytes) {
    return "more shared memory than the kernel was given";
  }
  const std::string wrong = ReadAttributes(config, kernel, shape);
  if (!wrong.empty()) return wrong;
  const uint32_t* cluster = shape.cluster;
  if (cluster[0] * cluster[1] * cluster[2] > kernel.most_blocks_of_cluster) {
    return "the cluster is too large";
  }
  for (int i = 0; i < 3; ++i) {
    if (cluster[i] == 0 || shape.grid[i] % cluster[i] != 0) {
      return "the clusters do not divide the grid";
    }
  }
  return "";
}

static CUresult Run(const Function& kernel, const mmrt_launch_shape& shape,
                    void* const* arguments) {
  auto* run = reinterpret_cast<decltype(&fake_cuda_run_kernel)>(
      dlsym(RTLD_DEFAULT, "fake_cuda_run_kernel"));
  if (run == nullptr || kernel.emulated == nullptr) return kSuccess;
  const char* wrong =
      run(kernel.emulated, kernel.name.c_str(), &shape, arguments);
  if (wrong == nullptr) return kSuccess;
  return Gpu::Get().Complain("kernel", wrong, kErrorIllegalAddress);
}

FAKE_CUDA CUresult cuLaunchKernelEx(const CUlaunchConfig* config,
                                    CUfunction function, void** arguments,
                                    void** extra) {
  ENTER_CONTEXT("cuLaunchKernelEx");
  REQUIRE(config != nullptr && function != nullptr, "no kernel");
  REQUIRE(extra == nullptr, "extra is not used");
  REQUIRE(gpu.streams.count(config->hStream) == 1, "no such stream");
  const auto* kernel = reinterpret_cast<Function*>(function);
  mmrt_launch_shape shape;
  const std::string wrong = CheckShape(*config, *kernel, shape);
  REQUIRE(wrong.empty(), wrong);
  if (Overlaps(*config)) {
    gpu.Count("overlap");
    if (reinterpret_cast<Stream*>(config->hStream)->capturing) {
      gpu.Count("captured overlap");
    }
  }
  // The arguments are read now, the kernel runs later.
  auto values = std::make_shared<std::vector<std::vector<char>>>();
  for (size_t i = 0; i < kernel->parameters.size(); ++i) {
    const char* value = static_cast<const char*>(arguments[i]);
    values->emplace_back(value, value + kernel->parameters[i]);
  }
  const auto run = [kernel, shape, values] {
    std::vector<void*> pointers;
    for (std::vector<char>& value : *values) pointers.push_back(value.data());
    return Run(*kernel, shape, pointers.data());
  };
  gpu.Enqueue(config->hStream, run, /*is_kernel=*/true);
  return kSuccess;
}
