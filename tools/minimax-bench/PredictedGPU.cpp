//===- PredictedGPU.cpp - a GPU that is not there -------------------------===//
//
// A device that only notes launches, and a profile whose clock counts them.
//
//===----------------------------------------------------------------------===//

#include "PredictedGPU.h"
#include "Program.h"
#include "core/profile.h"
#include "cpu/thread_pool.h"
#include "devices/open_device.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir::minimax::bench;
using namespace ::minimax::runtime;
using mlir::minimax::GPUModel;

// From one kernel's end to the next one's first block within a graph; an
// assumption, not measured here, and too much where kernels overlap (sm_90a).
static constexpr double kLaunchSeconds = 2e-6;

namespace {
struct Launch {
  bool usesMatrixUnits;
  int64_t blocks;
};
} // namespace

/// Addresses are the host's, but nothing is copied and no kernel runs.
class PredictedGPU::LaunchRecorder final
    : public Device,
      public std::enable_shared_from_this<LaunchRecorder> {
public:
  explicit LaunchRecorder(int capability) : capability(capability) {}

  std::string name() const override { return "a predicted GPU"; }
  Processor processor() const override {
    return {Processor::Kind::kCuda, capability};
  }
  absl::StatusOr<std::byte *> Allocate(int64_t bytes,
                                       absl::string_view what) override {
    return HostDevice()->Allocate(bytes, what);
  }
  void Free(std::byte *data, int64_t bytes) override {
    HostDevice()->Free(data, bytes);
  }
  absl::Status CopyToDevice(void *, const void *, int64_t) override {
    return absl::OkStatus();
  }
  absl::Status CopyToHost(void *, const void *, int64_t) override {
    return absl::UnimplementedError("a predicted GPU has no results");
  }
  absl::Status CopyOnDevice(void *, const void *, int64_t) override {
    return absl::OkStatus();
  }
  absl::Status Synchronize() override { return absl::OkStatus(); }
  absl::StatusOr<std::shared_ptr<KernelLibrary>>
  LoadKernels(const Artifact &artifact) override {
    return std::make_shared<Kernels>(shared_from_this(), artifact);
  }
  std::unique_ptr<DeviceClock> MakeClock() override {
    return std::make_unique<LaunchCount>(*this);
  }

  std::vector<Launch> launches;

private:
  class Kernels final : public KernelLibrary {
  public:
    Kernels(std::shared_ptr<LaunchRecorder> recorder, const Artifact &artifact)
        : recorder(std::move(recorder)), artifact(artifact) {}
    absl::Status Launch(int64_t kernel, const mmrt_launch_shape &shape,
                        void *const *) override {
      recorder->launches.push_back(
          {mlir::minimax::usesMatrixUnits(artifact.kernel_code().names[kernel]),
           int64_t(shape.grid[0]) * shape.grid[1] * shape.grid[2]});
      return absl::OkStatus();
    }

  private:
    std::shared_ptr<LaunchRecorder> recorder;
    const Artifact &artifact;
  };

  /// Its time is the number of launches.
  class LaunchCount final : public DeviceClock {
  public:
    explicit LaunchCount(const LaunchRecorder &recorder) : recorder(recorder) {}
    absl::Status Mark() override {
      marks.push_back(recorder.launches.size());
      return absl::OkStatus();
    }
    absl::StatusOr<std::vector<int64_t>> TakeTimes() override {
      std::vector<int64_t> times = std::exchange(marks, {});
      for (int64_t &time : llvm::reverse(times))
        time -= times.front();
      return times;
    }

  private:
    const LaunchRecorder &recorder;
    std::vector<int64_t> marks;
  };

  int capability;
};

PredictedGPU::PredictedGPU(GPUModel model) : model(model) {
  bool isHopper = model.capability == 90;
  targetName = isHopper ? "cuda:sm_90a" : "cuda:sm_80";
  recorder = std::make_shared<LaunchRecorder>(model.capability);
}

PredictedGPU::~PredictedGPU() = default;

Processor PredictedGPU::processor() const { return recorder->processor(); }

absl::StatusOr<std::unique_ptr<Machine>> PredictedGPU::create(GPUModel model) {
  auto pool = ThreadPool::Create(/*threads=*/1);
  if (!pool.ok())
    return pool.status();
  std::unique_ptr<PredictedGPU> machine(new PredictedGPU(model));
  machine->workers = *std::move(pool);
  return machine;
}

void PredictedGPU::describe(Environment &environment) const {
  environment.target = targetName;
  environment.device = (model.name + ", not here").str();
  environment.note = "all times are PREDICTED from the data sheet's peaks; "
                     "nothing was measured";
}

absl::StatusOr<std::shared_ptr<Context>>
PredictedGPU::createContext(const std::shared_ptr<const Artifact> &artifact) {
  return MakeContext(recorder, artifact, workers);
}

/// Seconds of `op`, whose launches are `first` to `last`.
double PredictedGPU::predict(const ManifestOp &op, const Program &program,
                             int64_t first, int64_t last) const {
  bool usesMatrixUnits = false;
  int64_t blocks = 1;
  for (int64_t i = first; i < last; ++i) {
    usesMatrixUnits |= recorder->launches[i].usesMatrixUnits;
    blocks = std::max(blocks, recorder->launches[i].blocks);
  }
  double flops = EvaluateCost(op.flops, program.getParts());
  double bytes = EvaluateCost(op.bytes, program.getParts());
  double peak = usesMatrixUnits ? model.flopsBF16 : model.flopsF32;
  double most = llvm::divideCeil(blocks, model.multiprocessors);
  double unevenness = most * model.multiprocessors / blocks;
  return std::max(flops / peak, bytes / model.bandwidth) * unevenness +
         kLaunchSeconds * (last - first);
}

absl::StatusOr<double> PredictedGPU::time(Program &program, int64_t) {
  recorder->launches.clear();
  const Manifest &manifest = program.getManifest();
  Profile profile(manifest, /*threads=*/1, recorder->MakeClock());
  Context &context = program.getContext();
  context.profile = &profile;
  profile.BeginStep(program.getEntry().name, program.getParts());
  absl::Status status = program.run();
  profile.EndStep();
  context.profile = nullptr;
  if (status.ok())
    status = context.Finish();
  if (!status.ok())
    return status;
  double seconds = 0;
  int64_t start = profile.steps().front().start;
  for (const OpExecution &execution : profile.executions())
    seconds += predict(manifest.ops[execution.op], program,
                       execution.start - start, execution.end - start);
  return seconds;
}

absl::StatusOr<Peaks> PredictedGPU::measureBest() {
  Peaks peaks;
  peaks.f32 = model.flopsF32;
  peaks.bf16 = model.flopsBF16;
  peaks.memory = model.bandwidth;
  return peaks;
}

absl::StatusOr<Peaks> PredictedGPU::measure(Arithmetic) {
  return measureBest();
}
