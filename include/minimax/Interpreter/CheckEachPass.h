//===- CheckEachPass.h - find the pass that changes results -----*- C++ -*-===//
//
// Runs functions in the interpreter before and after each pass of a pipeline.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_INTERPRETER_CHECKEACHPASS_H
#define MINIMAX_INTERPRETER_CHECKEACHPASS_H

#include "minimax/Interpreter/RandomInputs.h"
#include <memory>

namespace mlir {
class PassManager;
namespace minimax {

/// What is checked, and how closely.
struct CheckEachPassOptions {
  /// The function to run; empty: every public function.
  std::string function;
  RandomInputOptions inputs;
  /// Largest error allowed, relative to the largest value of a result.
  double tolerance = 1e-9;
  /// The same for the L2 norm, after a pass that rounds more values to bf16, f16
  /// or small integers than were rounded before.
  double narrowTolerance = 5e-2;
};

/// What came of it; shared with the pass manager.
struct CheckEachPassReport {
  /// Passes after which results were compared.
  unsigned checkedPasses = 0;
  /// The first pass that changed a result; empty if none did.
  std::string failedPass;
};

/// Makes `manager` compare the results and final states of functions before
/// and after each pass, on random arguments. Emits an error that names the
/// first pass that changed one; the passes themselves still succeed, so ask the
/// report. Below level L2, where an op is left that the interpreter does not
/// execute, checking ends with a remark. Turns multithreading off.
std::shared_ptr<const CheckEachPassReport>
addCheckEachPass(PassManager &manager, const CheckEachPassOptions &options);

} // namespace minimax
} // namespace mlir

#endif // MINIMAX_INTERPRETER_CHECKEACHPASS_H
