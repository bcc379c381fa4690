//===- Interpreter.h - reference execution of L0 to L2 IR -------*- C++ -*-===//
//
// Executes functions op by op in naive double precision. The oracle for every
// pass: it shares no code with any lowering.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_INTERPRETER_INTERPRETER_H
#define MINIMAX_INTERPRETER_INTERPRETER_H

#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "minimax/Interpreter/ReferenceTensor.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <functional>

namespace mlir::minimax {

class Interpreter;

/// A pool of states: one tensor `[slots, H, K, V]` for lightning attention,
/// keys and values `[slots, capacity, G, D]` for softmax attention.
struct ReferenceState {
  SmallVector<ReferenceTensor, 2> pools;
  /// How often an op has consumed the state; older values are stale.
  uint64_t version = 0;
  /// Whether slots and positions beyond the pool's size extend it with zeros.
  bool growable = true;

  /// An empty pool of `type`, a lightning state or a key-value cache.
  static std::shared_ptr<ReferenceState> create(Type type);
  /// Makes `slot` (and `position`) exist, or fails with an error on `op`.
  LogicalResult reserve(Operation *op, int64_t slot, int64_t position = 0);
  /// The matrix at `[first, second]` of pool `pool`.
  double *at(unsigned pool, int64_t first, int64_t second) const;
};

/// What an SSA value stands for: numbers, or a state at one point in time.
struct ReferenceValue {
  ReferenceValue() = default;
  ReferenceValue(ReferenceTensor tensor) : tensor(std::move(tensor)) {}
  ReferenceValue(std::shared_ptr<ReferenceState> state)
      : state(std::move(state)), version(this->state->version) {}

  ReferenceTensor tensor;
  /// Null if the value is a tensor.
  std::shared_ptr<ReferenceState> state;
  uint64_t version = 0;
};

/// The values of one function call, as ReferenceOpInterface sees them.
class ReferenceFrame {
public:
  explicit ReferenceFrame(Interpreter &interpreter)
      : interpreter(interpreter) {}

  Interpreter &getInterpreter() { return interpreter; }
  const ReferenceValue &get(Value value) const;
  void set(Value value, ReferenceValue content);

  /// The numbers of `value` in row-major order; shares storage if possible.
  ReferenceTensor read(Value value) const;
  /// The only element of an integer or index scalar.
  int64_t readInt(Value value) const;
  /// Attributes and index values as numbers.
  SmallVector<int64_t> readInts(ArrayRef<OpFoldResult> values) const;

  /// A tensor of zeros for result `index` of a compute op in either form.
  ReferenceTensor makeResult(ComputeOpInterface op, unsigned index,
                             ArrayRef<int64_t> shape) const;
  /// The pools of a state operand (typed, or one memref a pool); fails with an
  /// error on `op` if the state is stale.
  FailureOr<std::shared_ptr<ReferenceState>> getState(Operation *op,
                                                      ValueRange operands);
  /// Ends the evaluation of a compute op: binds `tensors` to its tensor
  /// results, or stores them in its `outs`, and hands its states on.
  LogicalResult finish(ComputeOpInterface op,
                       ArrayRef<ReferenceTensor> tensors);
  /// Binds the state that `operand` holds to `result` and makes `operand`
  /// stale.
  void passState(Value operand, Value result);

  /// Executes a region of one block on `arguments`; returns what its terminator
  /// yields.
  FailureOr<SmallVector<ReferenceValue>>
  runRegion(Region &region, ArrayRef<ReferenceValue> arguments);

private:
  Interpreter &interpreter;
  DenseMap<Value, ReferenceValue> values;
};

/// Executes the functions of one module.
class Interpreter {
public:
  /// Supplies the tensor `source` of the checkpoint as `shape` and
  /// `elementType` (rounded to it), or fails after an error at `loc`.
  using WeightSource = std::function<FailureOr<ReferenceTensor>(
      Location loc, StringRef source, ArrayRef<int64_t> shape,
      Type elementType)>;

  explicit Interpreter(WeightSource weightSource = {})
      : weightSource(std::move(weightSource)) {}

  /// Calls `function`. Tensors in `arguments` are not changed; memrefs and
  /// states are. Fails after an error that names the op.
  FailureOr<SmallVector<ReferenceValue>>
  run(func::FuncOp function, ArrayRef<ReferenceValue> arguments);

  /// The value of a declared weight, in its packed layout if it has one. Kept.
  FailureOr<ReferenceTensor> getWeight(WeightOp weight);
  /// The buffer of the global `symbol`, initialised with `initial` on first
  /// use.
  ReferenceTensor getGlobal(StringRef symbol,
                            llvm::function_ref<ReferenceTensor()> initial);

private:
  WeightSource weightSource;
  DenseMap<Operation *, ReferenceTensor> weights;
  llvm::StringMap<ReferenceTensor> globals;
  unsigned depth = 0;
};

/// Packs a weight `[.., N, K]` as `minimax.pack` does.
ReferenceTensor packWeight(const ReferenceTensor &weight,
                           RankedTensorType packed, bool interleaved);

/// The first op below `root` that the interpreter does not execute, or null.
Operation *findUninterpretable(Operation *root);

/// Attaches ReferenceOpInterface to all ops of the minimax dialect and to the
/// upstream ops that surround them on levels L0 to L2.
void registerReferenceModels(DialectRegistry &registry);

} // namespace mlir::minimax

#endif // MINIMAX_INTERPRETER_INTERPRETER_H
