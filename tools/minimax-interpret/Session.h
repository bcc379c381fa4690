//===- Session.h - a model, its states and its sequences --------*- C++ -*-===//
//
// What ModelRunner.cpp feeds and ModelResults.cpp writes.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_INTERPRET_SESSION_H
#define MINIMAX_TOOLS_INTERPRET_SESSION_H

#include "InterpretTool.h"
#include "llvm/ADT/MapVector.h"
#include <map>

namespace mlir::minimax {

/// One sequence, which lives in the slot of its number.
struct Sequence {
  SmallVector<int64_t> prompt, generated;
  int64_t done = 0; // tokens that have been fed
  /// Rows of each result so far, appended step by step.
  llvm::MapVector<std::string, SmallVector<ReferenceTensor>,
                  std::map<std::string, unsigned>>
      rows;
  SmallVector<double> lastLogits;
  bool ended = false;
};

/// A model, its states and its sequences.
class Session {
public:
  Session(ModuleOp module, Interpreter &interpreter, const ModelRun &run)
      : module(module), interpreter(interpreter), run(run) {}

  llvm::Error execute();

private:
  llvm::Error prefill(StringRef entry);
  llvm::Error generate();
  llvm::Error step(StringRef entry, ArrayRef<int64_t> counts);
  SmallVector<ReferenceValue> makeArguments(func::FuncOp function,
                                            ArrayRef<int64_t> counts);
  void keepRows(StringRef name, const ReferenceTensor &tensor,
                ArrayRef<int64_t> counts);
  bool isEnd(int64_t token) const;
  llvm::Error writeResults();
  NamedTensors collectStates() const;
  void printJson() const;

  ModuleOp module;
  Interpreter &interpreter;
  const ModelRun &run;
  std::vector<Sequence> sequences;
  llvm::MapVector<StringRef, std::shared_ptr<ReferenceState>> states;
  /// Whether rows of all results are kept, not only the last logits.
  bool keeps = false;
};

} // namespace mlir::minimax

#endif // MINIMAX_TOOLS_INTERPRET_SESSION_H
