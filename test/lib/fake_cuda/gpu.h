//===- gpu.h - the GPU behind the fake CUDA driver --------------*- C++ -*-===//
//
// Memory, an order of work that is done as late as possible, and what went
// wrong.
//
//===----------------------------------------------------------------------===//
#ifndef MINIMAX_TEST_LIB_FAKE_CUDA_GPU_H
#define MINIMAX_TEST_LIB_FAKE_CUDA_GPU_H

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "cuda/driver_api.h"

namespace fake_cuda {

using namespace minimax::runtime::cuda;

/// The number in the environment variable `name`, or `otherwise`.
int64_t FromEnvironment(const char* name, int64_t otherwise);

/// An event: when it was reached, if it was recorded and reached.
struct Event {
  bool timed = true;
  bool pending = false;
  double milliseconds = -1;
};

/// Something for the GPU to do.
using Work = std::function<CUresult()>;

/// A stream, and what is captured in it.
struct Stream {
  bool capturing = false;
  // Whether nothing illegal was done.
  bool valid = true;
  std::thread::id thread;
  std::vector<Work> captured;
  // Whether a kernel was started last.
  bool after_kernel = false;
};

/// A graph, and one that was made ready: work in its order.
struct Graph {
  std::vector<Work> work;
};

/// One GPU. Its memory cannot be touched by the host but in work of the GPU.
/// Work runs when someone waits for it, so that whoever reads or reuses memory
/// too early gets what a real GPU may give.
class Gpu {
 public:
  static Gpu& Get();

  /// Says what is wrong with a call on stderr, and returns `result`.
  CUresult Complain(const char* function, const std::string& what,
                    CUresult result = kErrorInvalidValue);

  /// The result that the environment wants of this call of `function`
  /// (FAKE_CUDA_FAIL=<function>[:<which call>[:<result>]]), or kSuccess.
  CUresult Provoked(const char* function);

  /// How often `function` was called.
  int64_t calls(const std::string& function) { return calls_[function]; }

  /// Counts something else under a name of its own.
  void Count(const std::string& what) { ++calls_[what]; }

  /// Whether the calling thread captures; the capture is then spoilt.
  bool SpoilsCapture();

  /// Memory of the GPU, FAKE_CUDA_MEMORY bytes at most.
  CUresult Allocate(CUdeviceptr* address, size_t bytes);
  CUresult Free(CUdeviceptr address);
  /// Whether `bytes` from `address` lie in one allocation.
  bool Holds(CUdeviceptr address, size_t bytes) const;
  size_t free_bytes() const { return total_ - used_; }
  size_t total_bytes() const { return total_; }

  /// Pinned memory of the host.
  void* AllocatePinned(size_t bytes);
  bool FreePinned(void* address);
  bool IsPinned(const void* address, size_t bytes) const;

  /// Adds work to what is captured in `stream`, if that is so, or else to the
  /// queue; the result of work that fails is that of all later waits.
  void Enqueue(CUstream stream, Work work, bool is_kernel = false);
  /// Does all work, or as much as it takes to reach `event`.
  CUresult Wait(const Event* event = nullptr);

  std::mutex mutex;
  int contexts = 0;
  std::set<void*> streams;
  std::set<Event*> events;
  std::set<void*> modules;
  std::set<void*> graphs;
  std::set<void*> executables;

 private:
  Gpu();
  ~Gpu();

  size_t total_ = 0;
  size_t used_ = 0;
  char* memory_ = nullptr;
  std::map<CUdeviceptr, size_t> allocations_;
  std::map<const char*, size_t> pinned_;
  std::deque<Work> queue_;
  CUresult failure_ = kSuccess;
  std::string provoked_;
  int64_t provoked_call_ = 1;
  CUresult provoked_result_ = kErrorLaunchFailed;
  std::map<std::string, int64_t> calls_;
};

}  // namespace fake_cuda

#endif  // MINIMAX_TEST_LIB_FAKE_CUDA_GPU_H
