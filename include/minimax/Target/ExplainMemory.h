//===- ExplainMemory.h - what a program will take ---------------*- C++ -*-===//
//
// Memory of a run, computed from the program itself before anything is loaded.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TARGET_EXPLAINMEMORY_H
#define MINIMAX_TARGET_EXPLAINMEMORY_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

namespace mlir::minimax {

/// The run that is asked about.
struct MemoryRequest {
  /// Tokens that a sequence holds in the end, and sequences held at once.
  int64_t tokens = 4096, sequences = 1;
  /// Tokens that a sequence adds in one step at most (--chunk of minimax-run).
  int64_t step = 2048;

  /// Reads `tokens[,sequences[,step]]`; an empty text is the default.
  static llvm::Expected<MemoryRequest> parse(StringRef text);
};

/// Equal devices, e.g. "8x80GB".
struct DeviceMemory {
  int64_t count = 1, bytes = 0;

  /// Reads `[<count>x]<number>(MB|GB|TB|MiB|GiB|TiB)`.
  static llvm::Expected<DeviceMemory> parse(StringRef text);
};

/// Bytes by purpose.
struct MemoryEstimate {
  /// Weights in the checkpoint's types; not part of the total.
  int64_t stored = 0;
  /// Weights as they are used: in place in the checkpoint, and packed.
  int64_t inPlace = 0, packed = 0;
  /// States that do not grow, key-value caches that do.
  int64_t states = 0, caches = 0;
  /// Temporaries and results of the largest step.
  int64_t arena = 0, outputs = 0;
  /// The runtime itself: code, manifest, tokenizer.
  int64_t runtime = 0;

  int64_t total() const {
    return inPlace + packed + states + caches + arena + outputs + runtime;
  }
};

/// Computes what `module`, which is at the end of the bufferize phase, needs to
/// run its entry `step` as `request` says. Fails with a diagnostic.
FailureOr<MemoryEstimate> estimateMemory(ModuleOp module,
                                         const MemoryRequest &request);

/// Prints a table and, with `device`, whether it fits: weights, states and
/// caches split evenly over the devices, arena, outputs and runtime on each.
void printMemory(llvm::raw_ostream &os, const MemoryEstimate &estimate,
                 const MemoryRequest &request,
                 std::optional<DeviceMemory> device);

} // namespace mlir::minimax

#endif // MINIMAX_TARGET_EXPLAINMEMORY_H
