//===- gpu.cc - the GPU behind the fake CUDA driver -----------------------===//
//
// Implements memory that is open only while the GPU works, and the queue.
//
//===----------------------------------------------------------------------===//
#include "gpu.h"

#include <dlfcn.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "kernels.h"

namespace fake_cuda {

int64_t FromEnvironment(const char* name, int64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoll(text, nullptr, 10);
}

Gpu& Gpu::Get() {
  static Gpu gpu;
  return gpu;
}

Gpu::Gpu() : total_(FromEnvironment("FAKE_CUDA_MEMORY", int64_t{1} << 30)) {
  memory_ = static_cast<char*>(mmap(nullptr, total_, PROT_NONE,
                                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                                    -1, 0));
  const char* fail = std::getenv("FAKE_CUDA_FAIL");
  if (fail == nullptr) return;
  provoked_ = fail;
  const size_t call = provoked_.find(':');
  if (call == std::string::npos) return;
  provoked_call_ = std::strtoll(fail + call + 1, nullptr, 10);
  const size_t result = provoked_.find(':', call + 1);
  if (result != std::string::npos) {
    provoked_result_ = std::atoi(fail + result + 1);
  }
  provoked_.resize(call);
}

// A process that ends has given everything back.
Gpu::~Gpu() {
  const auto check = [this](const char* what, size_t count) {
    if (count > 0) Complain("exit", std::to_string(count) + " " + what);
  };
  check("allocations left", allocations_.size());
  check("pinned allocations left", pinned_.size());
  check("streams left", streams.size());
  check("events left", events.size());
  check("modules left", modules.size());
  check("graphs left", graphs.size() + executables.size());
  check("contexts left", contexts);
}

CUresult Gpu::Complain(const char* function, const std::string& what,
                       CUresult result) {
  std::fprintf(stderr, "fake CUDA driver: %s: %s\n", function, what.c_str());
  return result;
}

CUresult Gpu::Provoked(const char* function) {
  const int64_t call = ++calls_[function];
  if (provoked_ != function || call != provoked_call_) return kSuccess;
  return provoked_result_;
}

static constexpr size_t kAlignment = 256;

// Takes the first gap that is large enough.
CUresult Gpu::Allocate(CUdeviceptr* address, size_t bytes) {
  if (bytes == 0) return kErrorInvalidValue;
  const size_t size = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  CUdeviceptr at = reinterpret_cast<CUdeviceptr>(memory_);
  const CUdeviceptr end = at + total_;
  for (const auto& [begin, taken] : allocations_) {
    if (begin - at >= size) break;
    at = begin + (taken + kAlignment - 1) / kAlignment * kAlignment;
  }
  if (size > end - at) return kErrorOutOfMemory;
  allocations_[at] = bytes;
  used_ += size;
  *address = at;
  // New memory holds anything.
  Enqueue(nullptr, [at, bytes] {
    std::memset(reinterpret_cast<void*>(at), 0xa5, bytes);
    return kSuccess;
  });
  if (auto* add = reinterpret_cast<decltype(&fake_cuda_add_memory)>(
          dlsym(RTLD_DEFAULT, "fake_cuda_add_memory"))) {
    add(reinterpret_cast<void*>(at), static_cast<int64_t>(bytes));
  }
  return kSuccess;
}

CUresult Gpu::Free(CUdeviceptr address) {
  const auto found = allocations_.find(address);
  if (found == allocations_.end()) return kErrorInvalidValue;
  const CUresult waited = Wait();
  used_ -= (found->second + kAlignment - 1) / kAlignment * kAlignment;
  allocations_.erase(found);
  if (auto* remove = reinterpret_cast<decltype(&fake_cuda_remove_memory)>(
          dlsym(RTLD_DEFAULT, "fake_cuda_remove_memory"))) {
    remove(reinterpret_cast<void*>(address));
  }
  return waited;
}

bool Gpu::Holds(CUdeviceptr address, size_t bytes) const {
  auto next = allocations_.upper_bound(address);
  if (next == allocations_.begin()) return false;
  const auto& [begin, size] = *--next;
  return address - begin <= size && bytes <= size - (address - begin);
}

void* Gpu::AllocatePinned(size_t bytes) {
  char* data = static_cast<char*>(std::malloc(bytes));
  pinned_[data] = bytes;
  return data;
}

bool Gpu::FreePinned(void* address) {
  if (pinned_.erase(static_cast<char*>(address)) == 0) return false;
  std::free(address);
  return true;
}

bool Gpu::IsPinned(const void* address, size_t bytes) const {
  const char* data = static_cast<const char*>(address);
  auto next = pinned_.upper_bound(data);
  if (next == pinned_.begin()) return false;
  const auto& [begin, size] = *--next;
  const size_t offset = data - begin;
  return offset <= size && bytes <= size - offset;
}

bool Gpu::SpoilsCapture() {
  bool found = false;
  for (void* known : streams) {
    auto* stream = static_cast<Stream*>(known);
    if (!stream->capturing || stream->thread != std::this_thread::get_id()) {
      continue;
    }
    stream->valid = false;
    found = true;
  }
  return found;
}

void Gpu::Enqueue(CUstream stream, Work work, bool is_kernel) {
  auto* known = reinterpret_cast<Stream*>(stream);
  if (known != nullptr) known->after_kernel = is_kernel;
  if (known != nullptr && known->capturing) {
    known->captured.push_back(std::move(work));
  } else {
    queue_.push_back(std::move(work));
  }
}

CUresult Gpu::Wait(const Event* event) {
  if (queue_.empty()) return failure_;
  mprotect(memory_, total_, PROT_READ | PROT_WRITE);
  while (!queue_.empty() && (event == nullptr || event->pending)) {
    // After a failure nothing runs.
    const CUresult result = failure_ == kSuccess ? queue_.front()() : failure_;
    queue_.pop_front();
    failure_ = result;
  }
  mprotect(memory_, total_, PROT_NONE);
  return failure_;
}

}  // namespace fake_cuda
