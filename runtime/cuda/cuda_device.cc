//===- cuda_device.cc - an NVIDIA GPU -------------------------------------===//
//
// Implements memory, copies and waiting.
//
//===----------------------------------------------------------------------===//
#include "cuda/cuda_device.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "core/log.h"
#include "cuda/cuda_clock.h"
#include "cuda/cuda_graph.h"
#include "cuda/cuda_kernels.h"
#include "formats/status_macros.h"

namespace minimax::runtime::cuda {

const std::string& CudaDevice::kGraphLaunch =
    *new std::string("a recorded graph");

static CUdeviceptr AddressOf(const void* data) {
  return reinterpret_cast<CUdeviceptr>(data);
}

absl::StatusOr<std::shared_ptr<CudaDevice>> CudaDevice::Open(int ordinal) {
  MMRT_ASSIGN_OR_RETURN(const Driver* driver, Driver::Load());
  int count = 0;
  MMRT_RETURN_IF_ERROR(
      driver->Check(driver->cuDeviceGetCount(&count), "count the GPUs"));
  if (count == 0) {
    return absl::FailedPreconditionError(
        "no GPU: the CUDA driver finds none in this machine");
  }
  if (ordinal < 0 || ordinal >= count) {
    return absl::InvalidArgumentError(
        absl::StrCat("no GPU cuda:", ordinal, ": this machine has ", count,
                     ", cuda:0", count > 1 ? " to cuda:" : "",
                     count > 1 ? absl::StrCat(count - 1) : ""));
  }
  std::shared_ptr<CudaDevice> device(new CudaDevice(*driver, ordinal));
  MMRT_RETURN_IF_ERROR(device->Start());
  return device;
}

absl::Status CudaDevice::Start() {
  const Driver& driver = *driver_;
  MMRT_RETURN_IF_ERROR(
      driver.Check(driver.cuDeviceGet(&device_, ordinal_), "open the GPU"));
  capability_ = 10 * Attribute(kCapabilityMajor) + Attribute(kCapabilityMinor);
  char model[128] = "";
  driver.cuDeviceGetName(model, sizeof(model) - 1, device_);
  model_ = model;
  MMRT_RETURN_IF_ERROR(ChooseOverlap());
  LogInfo(name(), ": ", model_, ", sm_", capability_,
          overlaps_ ? ", kernels may overlap" : "");
  MMRT_RETURN_IF_ERROR(
      driver.Check(driver.cuDevicePrimaryCtxRetain(&context_, device_),
                   absl::StrCat("use ", name())));
  MMRT_RETURN_IF_ERROR(Enter());
  MMRT_RETURN_IF_ERROR(stream_.Open(driver, "create a stream"));
  return staging_.Open(driver, stream_);
}

// Graphs know what a kernel may begin before since CUDA 12.3.
absl::Status CudaDevice::ChooseOverlap() {
  constexpr int kLeastVersion = 12030;
  constexpr int kLeastCapability = 90;
  const char* text = std::getenv("MMRT_CUDA_OVERLAP");
  const absl::string_view choice = text == nullptr ? "" : text;
  if (choice != "" && choice != "on" && choice != "off") {
    return absl::InvalidArgumentError(absl::StrCat(
        "MMRT_CUDA_OVERLAP is '", choice, "' in the environment; expected on ",
        "(the default) or off"));
  }
  int version = 0;
  MMRT_RETURN_IF_ERROR(driver_->Check(driver_->cuDriverGetVersion(&version),
                                      "read the driver's version"));
  overlaps_ = choice != "off" && version >= kLeastVersion &&
              capability_ >= kLeastCapability;
  return absl::OkStatus();
}

CudaDevice::~CudaDevice() {
  if (context_ == nullptr) return;
  if (Enter().ok()) {
    recording_.Close();
    stream_.Close();
    staging_.Close();
  }
  driver_->cuDevicePrimaryCtxRelease_v2(device_);
}

std::string CudaDevice::name() const { return absl::StrCat("cuda:", ordinal_); }

absl::Status CudaDevice::Enter() const {
  return driver_->Check(driver_->cuCtxSetCurrent(context_),
                        "enter the GPU's context");
}

int CudaDevice::Attribute(int attribute) const {
  int value = 0;
  if (driver_->cuDeviceGetAttribute(&value, attribute, device_) != kSuccess) {
    return 0;
  }
  return value;
}

absl::Status CudaDevice::OutOfMemory(int64_t bytes,
                                     absl::string_view what) const {
  size_t free = 0;
  size_t total = 0;
  driver_->cuMemGetInfo_v2(&free, &total);
  return absl::ResourceExhaustedError(
      absl::StrCat("out of memory on ", name(), ": ", what, " needs ", bytes,
                   " bytes, ", free, " of ", total, " are free"));
}

absl::StatusOr<std::byte*> CudaDevice::Allocate(int64_t bytes,
                                                absl::string_view what) {
  MMRT_RETURN_IF_ERROR(Enter());
  CUdeviceptr address = 0;
  const CUresult result = driver_->cuMemAlloc_v2(&address, bytes);
  if (result == kErrorOutOfMemory) return OutOfMemory(bytes, what);
  MMRT_RETURN_IF_ERROR(driver_->Check(
      result,
      absl::StrCat("allocate ", bytes, " bytes for ", what, " on ", name())));
  auto* data = reinterpret_cast<std::byte*>(address);
  const auto zero = [&](CUstream stream) {
    return driver_->cuMemsetD8Async(address, 0, bytes, stream);
  };
  const absl::Status zeroed =
      driver_->Check(stream_.Start(zero), absl::StrCat("zero ", what));
  if (zeroed.ok()) return data;
  Free(data, bytes);
  return Explain(zeroed);
}

// The driver waits for work that uses the memory.
void CudaDevice::Free(std::byte* data, int64_t /*bytes*/) {
  if (Enter().ok()) driver_->cuMemFree_v2(AddressOf(data));
}

absl::Status CudaDevice::CopyToDevice(void* destination, const void* source,
                                      int64_t bytes) {
  MMRT_RETURN_IF_ERROR(Enter());
  const std::lock_guard<std::mutex> lock(mutex_);
  return Explain(staging_.CopyIn(AddressOf(destination),
                                 static_cast<const std::byte*>(source), bytes));
}

absl::Status CudaDevice::CopyToHost(void* destination, const void* source,
                                    int64_t bytes) {
  MMRT_RETURN_IF_ERROR(Enter());
  const std::lock_guard<std::mutex> lock(mutex_);
  return Explain(staging_.CopyOut(static_cast<std::byte*>(destination),
                                  AddressOf(source), bytes));
}

absl::Status CudaDevice::CopyOnDevice(void* destination, const void* source,
                                      int64_t bytes) {
  MMRT_RETURN_IF_ERROR(Enter());
  const auto copy = [&](CUstream stream) {
    return driver_->cuMemcpyDtoDAsync_v2(AddressOf(destination),
                                         AddressOf(source), bytes, stream);
  };
  return Explain(driver_->Check(stream().Start(copy), "copy on the GPU"));
}

absl::Status CudaDevice::Synchronize() {
  MMRT_RETURN_IF_ERROR(Enter());
  return Explain(
      driver_->Check(driver_->cuStreamSynchronize(stream_.get()),
                     absl::StrCat("finish what was started on ", name())));
}

const std::string& CudaDevice::KeepName(const std::string& kernel) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return *kernel_names_.insert(kernel).first;
}

// A kernel that fails on the GPU is noticed by whatever call comes next.
absl::Status CudaDevice::Explain(const absl::Status& status) const {
  const std::string* kernel = last_launch_;
  if (status.ok() || kernel == nullptr) return status;
  if (kernel == &kGraphLaunch) {
    return absl::Status(
        status.code(),
        absl::StrCat(status.message(),
                     "; the last launch was that of a recorded graph "
                     "(--graphs=off makes it that of a kernel)"));
  }
  return absl::Status(
      status.code(),
      absl::StrCat(status.message(), "; the last kernel launched was ", *kernel,
                   " (CUDA_LAUNCH_BLOCKING=1 in the environment makes the one "
                   "that fails the last)"));
}

absl::StatusOr<std::shared_ptr<KernelLibrary>> CudaDevice::LoadKernels(
    const Artifact& artifact) {
  return CudaKernels::Load(shared_from_this(), artifact);
}

absl::StatusOr<std::unique_ptr<DeviceGraph>> CudaDevice::Record(
    absl::FunctionRef<void()> work) {
  const std::lock_guard<std::mutex> lock(recording_mutex_);
  MMRT_RETURN_IF_ERROR(Enter());
  MMRT_RETURN_IF_ERROR(
      recording_.Open(*driver_, "create a stream to record graphs"));
  return CudaGraph::Capture(shared_from_this(), recording_, [&] {
    recorder_ = std::this_thread::get_id();
    work();
    recorder_ = std::thread::id();
  });
}

std::unique_ptr<DeviceClock> CudaDevice::MakeClock() {
  return std::make_unique<CudaClock>(shared_from_this());
}

}  // namespace minimax::runtime::cuda
