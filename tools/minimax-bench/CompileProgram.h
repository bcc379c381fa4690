//===- CompileProgram.h - from IR to a loaded artifact ----------*- C++ -*-===//
//
// The whole compiler in a process of its own.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_BENCH_COMPILEPROGRAM_H
#define MINIMAX_TOOLS_BENCH_COMPILEPROGRAM_H

#include "absl/status/statusor.h"
#include "core/artifact.h"
#include "core/processor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <functional>
#include <string>

namespace mlir::minimax::bench {

/// A program before it is compiled.
struct ProgramSource {
  /// Cases with equal keys share one compiled program and its weights.
  std::string key;
  /// Builds the module of the phase `import`; null after an emitted error.
  std::function<OwningOpRef<ModuleOp>(MLIRContext *)> build;
  /// Arithmetic of products: f32, bf16, or w8a16, which quantises all weights
  /// that minimax-quantize may and computes everything else in bf16.
  std::string dtype = "f32";
  /// Compile so that results do not depend on how a step is cut and spread.
  bool deterministic = false;
  /// A table for minimax-set-schedules, or empty.
  std::string schedules;
};

/// The best x86-64 variant that this CPU runs and the compiler knows; empty if
/// there is none.
std::string chooseTarget();

/// Compiles for `target` in a forked process, which keeps the compiler's memory
/// and the state of its linker out of this one, and loads the artifact for
/// `processor`. The file is removed. Errors are the compiler's first
/// diagnostic.
absl::StatusOr<std::shared_ptr<const ::minimax::runtime::Artifact>>
compileProgram(const ProgramSource &source, const std::string &target,
               const ::minimax::runtime::Processor &processor);

} // namespace mlir::minimax::bench

#endif // MINIMAX_TOOLS_BENCH_COMPILEPROGRAM_H
