//===- CPUMachine.h - this CPU ----------------------------------*- C++ -*-===//
//
// Runs programs on workers and measures peaks with the same workers.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_BENCH_CPUMACHINE_H
#define MINIMAX_TOOLS_BENCH_CPUMACHINE_H

#include "Machine.h"
#include "core/buffer.h"
#include "cpu/thread_pool.h"

namespace mlir::minimax::bench {

/// Measures peaks again and again, as a machine that is shared or changes its
/// clock demands. Holds 256 MiB to read from.
class CPUMachine final : public Machine {
public:
  /// FailedPrecondition without AVX2.
  static absl::StatusOr<std::unique_ptr<Machine>> create(int threads,
                                                         Clock clock);

  void describe(Environment &environment) const override;
  const std::string &target() const override { return variant; }
  ::minimax::runtime::Processor processor() const override { return {}; }
  absl::StatusOr<std::shared_ptr<::minimax::runtime::Context>> createContext(
      const std::shared_ptr<const ::minimax::runtime::Artifact> &artifact)
      override;
  absl::StatusOr<double> time(Program &program, int64_t iterations) override;
  absl::StatusOr<Peaks> measureBest() override;
  absl::StatusOr<Peaks> measure(Arithmetic arithmetic) override;

private:
  CPUMachine(std::string variant, Clock clock,
             std::shared_ptr<::minimax::runtime::ThreadPool> pool,
             ::minimax::runtime::Buffer data)
      : variant(std::move(variant)), clock(clock), pool(std::move(pool)),
        data(std::move(data)) {}

  double measureArithmetic(Arithmetic arithmetic) const;
  double measureRead(ReadLoop loop) const;

  std::string variant;
  Clock clock;
  std::shared_ptr<::minimax::runtime::ThreadPool> pool;
  ::minimax::runtime::Buffer data;
  ReadLoop bestRead = nullptr;
};

} // namespace mlir::minimax::bench

#endif // MINIMAX_TOOLS_BENCH_CPUMACHINE_H
