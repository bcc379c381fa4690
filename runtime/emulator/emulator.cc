//===- emulator.cc - a device that runs kernels on the CPU ----------------===//
//
// Checks launches and spreads their units over workers.
//
//===----------------------------------------------------------------------===//
#include "emulator/emulator.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "emulator/regions.h"
#include "emulator/worker.h"
#include "minimax/runtime/emulated_abi.h"

namespace minimax::runtime::emulator {

// Keeps the functions that kernels import, which nothing here calls.
#define MMRT_EMULATED_KEEP_REGISTER(NAME) \
  reinterpret_cast<void*>(mmrt_emulated_read_##NAME),
#define MMRT_EMULATED_KEEP(NAME) reinterpret_cast<void*>(mmrt_emulated_##NAME),
__attribute__((used)) static void* const kept_functions[] = {
    reinterpret_cast<void*>(mmrt_emulated_read_shared),
    reinterpret_cast<void*>(mmrt_emulated_pow_f32),
    MMRT_EMULATED_REGISTERS(MMRT_EMULATED_KEEP_REGISTER)
        MMRT_EMULATED_OPERATIONS(MMRT_EMULATED_KEEP)};

static int CountCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

struct Emulator::State {
  explicit State(const Options& options);
  ~State();

  void RunUnits(Worker& worker);
  void HelperLoop(int number);
  std::string RunLaunch();

  const Options options;
  Regions regions;
  uint32_t launches = 0;

  // The current launch.
  LaunchPlan plan;
  std::atomic<int64_t> next_unit{0};
  std::mutex mutex;  // of what follows
  std::condition_variable changed;
  int64_t generation = 0;
  int busy_helpers = 0;
  bool stop = false;
  int64_t failed_unit = -1;
  std::string failure;

  std::vector<std::unique_ptr<Worker>> workers;  // [0]: the calling thread's
  std::vector<std::thread> helpers;
};

Emulator::State::State(const Options& wanted) : options(wanted) {
  const int count = options.workers > 0 ? options.workers : CountCores();
  for (int i = 0; i < count; ++i) workers.push_back(std::make_unique<Worker>());
  for (int i = 1; i < count; ++i) {
    helpers.emplace_back([this, i] { HelperLoop(i); });
  }
}

Emulator::State::~State() {
  {
    const std::lock_guard<std::mutex> lock(mutex);
    stop = true;
  }
  changed.notify_all();
  for (std::thread& helper : helpers) helper.join();
}

void Emulator::State::RunUnits(Worker& worker) {
  while (true) {
    const int64_t unit = next_unit.fetch_add(1, std::memory_order_relaxed);
    if (unit >= plan.units) return;
    std::string finding = worker.RunUnit(plan, unit);
    if (finding.empty()) continue;
    next_unit.store(plan.units, std::memory_order_relaxed);
    const std::lock_guard<std::mutex> lock(mutex);
    // The first block's, so that the message does not depend on the workers.
    if (failed_unit >= 0 && failed_unit < unit) return;
    failed_unit = unit;
    failure = std::move(finding);
    return;
  }
}

void Emulator::State::HelperLoop(int number) {
  int64_t seen = 0;
  std::unique_lock<std::mutex> lock(mutex);
  while (true) {
    changed.wait(lock, [&] { return stop || generation != seen; });
    if (stop) return;
    seen = generation;
    lock.unlock();
    RunUnits(*workers[number]);
    lock.lock();
    if (--busy_helpers == 0) changed.notify_all();
  }
}

std::string Emulator::State::RunLaunch() {
  next_unit.store(0, std::memory_order_relaxed);
  failed_unit = -1;
  failure.clear();
  const bool alone = plan.units == 1 || helpers.empty();
  if (!alone) {
    const std::lock_guard<std::mutex> lock(mutex);
    ++generation;
    busy_helpers = static_cast<int>(helpers.size());
    changed.notify_all();
  }
  RunUnits(*workers[0]);
  if (!alone) {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [&] { return busy_helpers == 0; });
  }
  return failure;
}

Emulator::Emulator(const Options& options)
    : state_(std::make_unique<State>(options)) {}
Emulator::~Emulator() = default;

void Emulator::RegisterMemory(const void* begin, int64_t bytes) {
  if (state_->options.check) state_->regions.Add(begin, bytes);
}

void Emulator::UnregisterMemory(const void* begin) {
  state_->regions.Remove(begin);
}

static std::string FormatSizes(const uint32_t (&sizes)[3]) {
  return absl::StrCat(sizes[0], " x ", sizes[1], " x ", sizes[2]);
}

std::string DescribeBadShape(absl::string_view name,
                             const mmrt_launch_shape& shape) {
  const auto volume = [](const uint32_t(&sizes)[3]) {
    return uint64_t{sizes[0]} * sizes[1] * sizes[2];
  };
  const std::string kernel = absl::StrCat("kernel '", name, "': expected ");
  const uint64_t threads = volume(shape.block);
  if (threads < 1 || threads > kMaxBlockThreads || shape.block[2] > 64) {
    return absl::StrCat(kernel, "a block of 1 to ", kMaxBlockThreads,
                        " threads, at most 64 along z, got ",
                        FormatSizes(shape.block));
  }
  const uint64_t cluster = volume(shape.cluster);
  if (cluster < 1 || cluster > 16) {
    return absl::StrCat(kernel, "a cluster of 1 to 16 blocks, got ",
                        FormatSizes(shape.cluster));
  }
  for (int i = 0; i < 3; ++i) {
    const uint32_t limit = i == 0 ? 0x7fffffff : 65535;
    if (shape.grid[i] > limit || shape.grid[i] % shape.cluster[i] != 0) {
      return absl::StrCat(kernel, "a grid of at most 2147483647 x 65535 x ",
                          "65535 blocks that clusters of ",
                          FormatSizes(shape.cluster), " divide, got ",
                          FormatSizes(shape.grid));
    }
  }
  if (shape.shared_bytes > kMaxSharedBytes) {
    return absl::StrCat(kernel, "at most ", kMaxSharedBytes,
                        " bytes of shared memory a block, got ",
                        shape.shared_bytes);
  }
  return "";
}

std::string Emulator::Run(mmrt_emulated_kernel_fn kernel,
                          absl::string_view name,
                          const mmrt_launch_shape& shape,
                          void* const* arguments) {
  std::string bad_shape = DescribeBadShape(name, shape);
  if (!bad_shape.empty()) return bad_shape;
  State& state = *state_;
  LaunchPlan& plan = state.plan;
  plan.kernel = kernel;
  plan.name = std::string(name);
  plan.shape = shape;
  plan.arguments = arguments;
  plan.check = state.options.check;
  plan.regions = &state.regions;
  plan.units = 1;
  for (int i = 0; i < 3; ++i) plan.units *= shape.grid[i] / shape.cluster[i];
  if (plan.units == 0) return "";
  plan.number = ++state.launches & 0xff;
  if (plan.number == 0) {
    // Cells of launches with the numbers to come must not be met again.
    state.regions.Clear();
    for (auto& worker : state.workers) worker->ClearCells();
    plan.number = ++state.launches & 0xff;
  }
  return state.RunLaunch();
}

Counters Emulator::counters() const {
  Counters sum;
  for (const auto& worker : state_->workers) {
    const Counters& add = worker->counters();
    sum.blocks += add.blocks;
    sum.threads += add.threads;
    sum.barriers += add.barriers;
    sum.collectives += add.collectives;
    sum.matrix_products += add.matrix_products;
    sum.bank_conflicts += add.bank_conflicts;
    sum.shared_accesses += add.shared_accesses;
  }
  return sum;
}

}  // namespace minimax::runtime::emulator
