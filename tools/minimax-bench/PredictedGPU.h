//===- PredictedGPU.h - a GPU that is not there -----------------*- C++ -*-===//
//
// What a GPU should need for the launches of a program.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_BENCH_PREDICTEDGPU_H
#define MINIMAX_TOOLS_BENCH_PREDICTEDGPU_H

#include "Machine.h"
#include "minimax/Target/KernelReport.h"

namespace mlir::minimax::bench {

/// Runs the host's part of programs, notes their launches and adds up, op by
/// op,
///
///     max(FLOPs / peak, bytes / bandwidth) * share of the busiest
///         multiprocessor + 2 us for each launch
///
/// with the FLOPs and bytes of the op's CostOpInterface, the peaks of a data
/// sheet, and the share that the busiest multiprocessor has of the op's largest
/// grid over what it would have if blocks came out even. Kernels are taken to
/// reach their roof: this is what is lost to the shape of the work alone.
class PredictedGPU final : public Machine {
public:
  static absl::StatusOr<std::unique_ptr<Machine>> create(GPUModel model);
  ~PredictedGPU() override;

  void describe(Environment &environment) const override;
  const std::string &target() const override { return targetName; }
  ::minimax::runtime::Processor processor() const override;
  bool isPredicted() const override { return true; }
  absl::StatusOr<std::shared_ptr<::minimax::runtime::Context>> createContext(
      const std::shared_ptr<const ::minimax::runtime::Artifact> &artifact)
      override;
  absl::StatusOr<double> time(Program &program, int64_t iterations) override;
  absl::StatusOr<Peaks> measureBest() override;
  absl::StatusOr<Peaks> measure(Arithmetic arithmetic) override;

private:
  class LaunchRecorder;

  explicit PredictedGPU(GPUModel model);

  double predict(const ::minimax::runtime::ManifestOp &op,
                 const Program &program, int64_t first, int64_t last) const;

  GPUModel model;
  std::string targetName;
  std::shared_ptr<LaunchRecorder> recorder;
  std::shared_ptr<::minimax::runtime::Context> workers;
};

} // namespace mlir::minimax::bench

#endif // MINIMAX_TOOLS_BENCH_PREDICTEDGPU_H
