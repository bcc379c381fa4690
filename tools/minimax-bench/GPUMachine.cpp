//===- GPUMachine.cpp - an NVIDIA GPU that is there -----------------------===//
//
// Times work between two events of the GPU's stream.
//
//===----------------------------------------------------------------------===//

#include "GPUMachine.h"
#include "Program.h"
#include "absl/strings/str_cat.h"
#include "cpu/thread_pool.h"
#include "devices/open_device.h"

using namespace mlir::minimax::bench;
using namespace ::minimax::runtime;
using mlir::minimax::GPUModel;

// Far more than the L2 holds.
static constexpr int64_t kCopiedBytes = int64_t(384) << 20;
// Rows and columns of the products that peaks are measured with: large enough
// for a library to reach its best.
static constexpr int kSizeBF16 = 8192, kSizeF32 = 4096;
// Of a short probe and of the peaks that head the results.
static constexpr int kSamples = 2, kBestOf = 5;
// Calls that are recorded, each with other tokens.
static constexpr int64_t kGraphs = 4;

absl::StatusOr<std::unique_ptr<Machine>> GPUMachine::create(int ordinal,
                                                            GPUModel model) {
  std::unique_ptr<GPUMachine> machine(new GPUMachine(model));
  absl::Status status = machine->open(ordinal);
  if (status.ok())
    status = machine->createOperands();
  if (!status.ok())
    return status;
  return machine;
}

absl::Status GPUMachine::open(int ordinal) {
  auto opened = cuda::CudaDevice::Open(ordinal);
  if (!opened.ok())
    return opened.status();
  device = *std::move(opened);
  // Code for sm_90a runs on 9.0 alone.
  targetName =
      device->processor().capability == 90 ? "cuda:sm_90a" : "cuda:sm_80";
  clock = device->MakeClock();
  auto pool = ThreadPool::Create(/*threads=*/1);
  if (!pool.ok())
    return pool.status();
  workers = *std::move(pool);
  auto products = VendorProducts::load(device);
  if (products.ok())
    vendor = *std::move(products);
  else
    vendorError = std::string(products.status().message());
  return absl::OkStatus();
}

absl::Status GPUMachine::createOperands() {
  for (DeviceBuffer *buffer : {&source, &destination}) {
    auto allocated =
        DeviceBuffer::Allocate(device, kCopiedBytes, "measuring peaks");
    if (!allocated.ok())
      return allocated.status();
    *buffer = *std::move(allocated);
  }
  // The same bytes serve as bf16 and f32; zeros would flatter the GPU's clock.
  std::vector<char> numbers(2 * kSizeBF16 * kSizeBF16 * sizeof(int16_t));
  random.fill(numbers.data(), numbers.size(), DType::kBF16, Range());
  return device->CopyToDevice(source.data(), numbers.data(), numbers.size());
}

void GPUMachine::describe(Environment &environment) const {
  int version = 0;
  device->driver().cuDriverGetVersion(&version);
  environment.target = targetName;
  environment.device = absl::StrCat(
      device->model(), ", sm_", device->processor().capability,
      ", driver for CUDA ", version / 1000, ".", version % 1000 / 10,
      ", at most ", device->Attribute(cuda::kClockRate) / 1000, " MHz, memory ",
      device->Attribute(cuda::kMemoryClockRate) / 1000, " MHz");
  environment.note =
      vendor ? "peaks: bf16 and f32 as cuBLAS multiplies, memory as the driver "
               "copies"
             : absl::StrCat("peaks: bf16 and f32 by the data sheet of ",
                            std::string(model.name), " (", vendorError,
                            "), memory as the driver copies");
}

absl::StatusOr<std::shared_ptr<Context>>
GPUMachine::createContext(const std::shared_ptr<const Artifact> &artifact) {
  return MakeContext(device, artifact, workers);
}

absl::StatusOr<double>
GPUMachine::timeWork(llvm::function_ref<absl::Status()> work) {
  absl::Status status = clock->Mark();
  if (status.ok())
    status = work();
  if (status.ok())
    status = clock->Mark();
  if (!status.ok())
    return status;
  absl::StatusOr<std::vector<int64_t>> times = clock->TakeTimes();
  if (!times.ok())
    return times.status();
  // Events tell about half a microsecond.
  return 1e-9 * std::max<int64_t>(times->back(), 1);
}

absl::StatusOr<double> GPUMachine::timeCall(Program &program) {
  absl::StatusOr<double> seconds = timeWork([&] { return program.run(); });
  if (absl::Status status = program.getContext().Finish(); !status.ok())
    return status;
  return seconds;
}

/// Calls are recorded where there are several, so that gaps in which a GPU
/// waits for the host do not count, as they do not in minimax-run.
absl::StatusOr<double> GPUMachine::time(Program &program, int64_t iterations) {
  if (iterations == 1)
    return timeCall(program);
  std::vector<std::unique_ptr<DeviceGraph>> graphs;
  for (int64_t i = 0; i < std::min(iterations, kGraphs); ++i) {
    absl::Status ran;
    auto graph =
        program.getContext().Record([&] { ran.Update(program.run()); });
    if (!ran.ok() || !graph.ok())
      return ran.ok() ? graph.status() : ran;
    graphs.push_back(*std::move(graph));
  }
  absl::StatusOr<double> seconds = timeWork([&] {
    absl::Status status;
    for (int64_t i = 0; i < iterations && status.ok(); ++i)
      status = graphs[i % graphs.size()]->Launch();
    return status;
  });
  if (absl::Status status = program.getContext().Finish(); !status.ok())
    return status;
  if (!seconds.ok())
    return seconds.status();
  return *seconds / iterations;
}

absl::StatusOr<double> GPUMachine::measureCopy() {
  absl::StatusOr<double> seconds = timeWork([&] {
    return device->CopyOnDevice(destination.data(), source.data(),
                                kCopiedBytes);
  });
  if (!seconds.ok())
    return seconds.status();
  return 2 * kCopiedBytes / *seconds;
}

absl::StatusOr<double> GPUMachine::measureProduct(Arithmetic arithmetic) {
  bool isBF16 = arithmetic == Arithmetic::BF16;
  if (!vendor)
    return isBF16 ? model.flopsBF16 : model.flopsF32;
  int64_t size = isBF16 ? kSizeBF16 : kSizeF32;
  int64_t bytes = size * size * (isBF16 ? sizeof(int16_t) : sizeof(float));
  absl::StatusOr<double> seconds = timeWork([&] {
    return vendor->multiply(arithmetic, size, source.data(),
                            source.data() + bytes, destination.data());
  });
  if (!seconds.ok())
    return seconds.status();
  return 2.0 * size * size * size / *seconds;
}

absl::StatusOr<Peaks> GPUMachine::measureBest() {
  Peaks best;
  for (int i = 0; i < kBestOf; ++i)
    for (Arithmetic arithmetic : {Arithmetic::F32, Arithmetic::BF16}) {
      absl::StatusOr<Peaks> now = measure(arithmetic);
      if (!now.ok())
        return now.status();
      best.f32 = std::max(best.f32, now->f32);
      best.bf16 = std::max(best.bf16, now->bf16);
      best.memory = std::max(best.memory, now->memory);
    }
  return best;
}

/// GPUs compute what is not in bf16 at the rate of f32.
absl::StatusOr<Peaks> GPUMachine::measure(Arithmetic arithmetic) {
  if (arithmetic != Arithmetic::BF16)
    arithmetic = Arithmetic::F32;
  Peaks peaks;
  double &peak = arithmetic == Arithmetic::BF16 ? peaks.bf16 : peaks.f32;
  for (int i = 0; i < kSamples; ++i) {
    absl::StatusOr<double> product = measureProduct(arithmetic);
    absl::StatusOr<double> copy = measureCopy();
    if (!product.ok() || !copy.ok())
      return product.ok() ? copy.status() : product.status();
    peak = std::max(peak, *product);
    peaks.memory = std::max(peaks.memory, *copy);
  }
  return peaks;
}
