//===- Machine.h - what programs run on, and its limits ---------*- C++ -*-===//
//
// The interface of the CPU, of a GPU, and of a GPU that is only predicted.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_BENCH_MACHINE_H
#define MINIMAX_TOOLS_BENCH_MACHINE_H

#include "Environment.h"
#include "Roofs.h"
#include "absl/status/statusor.h"
#include "core/artifact.h"
#include "core/context.h"
#include "core/processor.h"

namespace mlir::minimax::bench {

class Program;

/// Operations and bytes a second of the whole machine; 0 for what it has no
/// instruction for.
struct Peaks {
  double f32 = 0;
  double bf16 = 0;
  double int16 = 0;
  double int8 = 0;
  /// Of memory: reading on a CPU, copying (what is read and what is written) on
  /// a GPU.
  double memory = 0;

  /// Products of `arithmetic`; those of f32 where there is no instruction.
  double of(Arithmetic arithmetic) const;
  /// Whether there is an instruction.
  bool has(Arithmetic arithmetic) const;
};

/// What programs are compiled for and run on.
class Machine {
public:
  virtual ~Machine() = default;

  /// Writes what figures of this machine have to be read with.
  virtual void describe(Environment &environment) const = 0;

  /// The target of minimax-compile.
  virtual const std::string &target() const = 0;

  /// What runs the target's code.
  virtual ::minimax::runtime::Processor processor() const = 0;

  /// Whether times are computed from a model: nothing runs, and no memory but
  /// the program's own is read or written.
  virtual bool isPredicted() const { return false; }

  /// A context for calls of `artifact`, which was compiled for the target. Its
  /// device owns the memory of programs.
  virtual absl::StatusOr<std::shared_ptr<::minimax::runtime::Context>>
  createContext(
      const std::shared_ptr<const ::minimax::runtime::Artifact> &artifact) = 0;

  /// Seconds of a call of `program`, as the mean of `iterations`.
  virtual absl::StatusOr<double> time(Program &program, int64_t iterations) = 0;

  /// The best of several measurements of everything. Before any `measure`.
  virtual absl::StatusOr<Peaks> measureBest() = 0;

  /// A short measurement of `arithmetic` and of memory, now.
  virtual absl::StatusOr<Peaks> measure(Arithmetic arithmetic) = 0;
};

} // namespace mlir::minimax::bench

#endif // MINIMAX_TOOLS_BENCH_MACHINE_H
