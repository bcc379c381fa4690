//===- InterpretTool.h - what minimax-interpret does ------------*- C++ -*-===//
//
// Executes a function on given or random arguments, or a model on tokens.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_INTERPRET_INTERPRETTOOL_H
#define MINIMAX_TOOLS_INTERPRET_INTERPRETTOOL_H

#include "TensorFiles.h"
#include "minimax/Interpreter/RandomInputs.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::minimax {

/// Flags of a run of one function.
struct FunctionRun {
  std::string entry;
  /// Arguments by name, or empty.
  std::string arguments;
  /// Where results go; empty: printed.
  std::string out;
  bool random = false;
  RandomInputOptions inputs;
  bool single = false;
};

/// Flags of a run of a model's entries `score` and `step`.
struct ModelRun {
  /// Tokens of each sequence.
  std::vector<SmallVector<int64_t>> sequences;
  int64_t newTokens = 0;
  /// Tokens of a sequence in one step at most; 0: all.
  int64_t chunk = 0;
  /// Files for results; empty: not written.
  std::string logits, hidden, states;
  bool json = false;
  bool single = false;
};

/// Executes `run.entry` of `module`.
llvm::Error runFunction(ModuleOp module, Interpreter &interpreter,
                        const FunctionRun &run);

/// Executes the model `module`: scores the sequences, then continues them
/// greedily. Results of sequence i are named `<result>.<i>`, states likewise.
llvm::Error runModel(ModuleOp module, Interpreter &interpreter,
                     const ModelRun &run);

/// Sequences of token ids, one a line, ids separated by blanks.
llvm::Expected<std::vector<SmallVector<int64_t>>> parseTokens(StringRef text);

} // namespace mlir::minimax

#endif // MINIMAX_TOOLS_INTERPRET_INTERPRETTOOL_H
