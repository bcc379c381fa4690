//===- GPUMachine.h - an NVIDIA GPU that is there ---------------*- C++ -*-===//
//
// Runs programs as recorded graphs and measures copies and the installed
// library's products in the same stream.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_BENCH_GPUMACHINE_H
#define MINIMAX_TOOLS_BENCH_GPUMACHINE_H

#include "Machine.h"
#include "RandomFill.h"
#include "VendorProducts.h"
#include "core/device.h"
#include "minimax/Target/KernelReport.h"

namespace mlir::minimax::bench {

/// Times come from events in the GPU's stream. Holds 768 MiB of its memory.
class GPUMachine final : public Machine {
public:
  /// Opens a GPU. Where there is no cuBLAS, products are held against the data
  /// sheet of `model`. Errors are those of CudaDevice::Open.
  static absl::StatusOr<std::unique_ptr<Machine>> create(int ordinal,
                                                         GPUModel model);

  void describe(Environment &environment) const override;
  const std::string &target() const override { return targetName; }
  ::minimax::runtime::Processor processor() const override {
    return device->processor();
  }
  absl::StatusOr<std::shared_ptr<::minimax::runtime::Context>> createContext(
      const std::shared_ptr<const ::minimax::runtime::Artifact> &artifact)
      override;
  absl::StatusOr<double> time(Program &program, int64_t iterations) override;
  absl::StatusOr<Peaks> measureBest() override;
  absl::StatusOr<Peaks> measure(Arithmetic arithmetic) override;

private:
  explicit GPUMachine(GPUModel model) : model(model) {}

  absl::Status open(int ordinal);
  absl::Status createOperands();
  absl::StatusOr<double> timeCall(Program &program);
  absl::StatusOr<double> timeWork(llvm::function_ref<absl::Status()> work);
  absl::StatusOr<double> measureCopy();
  absl::StatusOr<double> measureProduct(Arithmetic arithmetic);

  GPUModel model;
  std::string targetName;
  std::shared_ptr<::minimax::runtime::cuda::CudaDevice> device;
  std::shared_ptr<::minimax::runtime::Context> workers;
  std::unique_ptr<::minimax::runtime::DeviceClock> clock;
  /// Null without a library; `vendorError` then says why.
  std::unique_ptr<VendorProducts> vendor;
  std::string vendorError;
  RandomFill random;
  ::minimax::runtime::DeviceBuffer source, destination;
};

} // namespace mlir::minimax::bench

#endif // MINIMAX_TOOLS_BENCH_GPUMACHINE_H
