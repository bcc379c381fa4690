//===- VerifyStateFlow.cpp - where a state comes from and goes to ---------===//
//
// Follows each state argument from consumer to consumer, through branches,
// loops and calls, to the result it comes back as.
//
//===----------------------------------------------------------------------===//

#include "VerifyState.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace mlir::minimax;

namespace {
/// Slots whose states no longer belong to a previous sequence.
using Begun = SmallVector<Value>;

/// Walks along one state. States are linear, hence "the" consumer.
class StateWalk {
public:
  /// An `entry` checks reads; null if states come begun from a caller.
  explicit StateWalk(func::FuncOp entry) : entry(entry) {}

  /// Follows `state` through `block` to its terminator, adding to `begun`.
  /// Returns the terminator's operand that it is, or fails after a diagnostic.
  FailureOr<unsigned> follow(Value state, Block *block, Begun &begun);

private:
  /// Each step moves over `op` to the next version of the state.
  FailureOr<Value> step(OpOperand &use, Operation *op, Begun &begun);
  FailureOr<Value> stepBranch(scf::IfOp branch, Value state, Begun &begun);
  FailureOr<Value> stepLoop(scf::ForOp loop, OpOperand &use, Begun begun);
  FailureOr<Value> stepCall(func::CallOp call, OpOperand &use, Begun &begun);
  LogicalResult checkRead(Operation *op, Value slots, const Begun &begun);

  /// The caller's value for a parameter of a function being walked through.
  Value resolve(Value value) const {
    return bindings.contains(value) ? bindings.lookup(value) : value;
  }

  func::FuncOp entry;
  /// Values of the entry for the parameters of functions on the stack.
  DenseMap<Value, Value> bindings;
  SmallVector<Operation *> stack;
};
} // namespace

/// The result of `op` that continues the state in `use`: states come back in
/// the order in which they go in.
static FailureOr<Value> getNextVersion(OpOperand &use) {
  Operation *op = use.getOwner();
  SmallVector<unsigned> operands = getStateIndices(op->getOperandTypes());
  SmallVector<unsigned> results = getStateIndices(op->getResultTypes());
  size_t position =
      llvm::find(operands, use.getOperandNumber()) - operands.begin();
  if (position < results.size())
    return Value(op->getResult(results[position]));
  return op->emitError() << "state is dropped: '" << op->getName()
                         << "' takes it and returns no newer version";
}

LogicalResult StateWalk::checkRead(Operation *op, Value slots,
                                   const Begun &begun) {
  bool covered = llvm::any_of(begun, [&](Value value) {
    return !slots || isSameValue(value, resolve(slots));
  });
  if (!entry || covered)
    return success();
  InFlightDiagnostic diagnostic =
      op->emitError() << "state of a previous sequence may reach '"
                      << op->getName()
                      << "': expected minimax.begin_sequences or "
                         "minimax.restore of the same 'slots' before it";
  diagnostic.attachNote(entry.getLoc())
      << "the state enters through '" << entry.getName() << "'";
  return failure();
}

FailureOr<Value> StateWalk::stepBranch(scf::IfOp branch, Value state,
                                       Begun &begun) {
  Begun afterThen = begun, afterElse = begun;
  FailureOr<unsigned> thenEnd = follow(state, branch.thenBlock(), afterThen);
  FailureOr<unsigned> elseEnd = follow(state, branch.elseBlock(), afterElse);
  if (failed(thenEnd) || failed(elseEnd))
    return failure();
  if (*thenEnd != *elseEnd)
    return branch.emitError()
           << "expected both branches to yield a state in one place, but got #"
           << *thenEnd << " and #" << *elseEnd;
  // Begun is what both branches began.
  begun.clear();
  llvm::copy_if(afterThen, std::back_inserter(begun), [&](Value slots) {
    return llvm::is_contained(afterElse, slots);
  });
  return Value(branch.getResult(*thenEnd));
}

FailureOr<Value> StateWalk::stepLoop(scf::ForOp loop, OpOperand &use,
                                     Begun begun) {
  // What the body begins holds neither in its first iteration nor after none.
  OpResult result = loop.getTiedLoopResult(&use);
  FailureOr<unsigned> end =
      follow(loop.getTiedLoopRegionIterArg(&use), loop.getBody(), begun);
  if (failed(end))
    return failure();
  if (*end == result.getResultNumber())
    return Value(result);
  return loop.emitError() << "expected the loop to carry a state on as value #"
                          << result.getResultNumber() << ", but got #" << *end;
}

FailureOr<Value> StateWalk::stepCall(func::CallOp call, OpOperand &use,
                                     Begun &begun) {
  auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
      call, call.getCalleeAttr());
  if (!callee || callee.isExternal()) {
    if (failed(checkRead(call, Value(), begun)))
      return failure();
    return getNextVersion(use);
  }
  if (llvm::is_contained(stack, callee))
    return call.emitError()
           << "expected states to pass through no recursive call, but got '"
           << call.getCallee() << "'";
  for (auto [parameter, value] :
       llvm::zip_equal(callee.getArguments(), call.getOperands()))
    bindings[parameter] = resolve(value);
  stack.push_back(callee);
  FailureOr<unsigned> end = follow(callee.getArgument(use.getOperandNumber()),
                                   &callee.front(), begun);
  stack.pop_back();
  if (failed(end))
    return failure();
  return Value(call.getResult(*end));
}

FailureOr<Value> StateWalk::step(OpOperand &use, Operation *op, Begun &begun) {
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return stepBranch(branch, use.get(), begun);
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return stepLoop(loop, use, begun);
  if (auto call = dyn_cast<func::CallOp>(op))
    return stepCall(call, use, begun);
  if (op->getNumRegions() != 0)
    return op->emitError() << "expected states to pass through scf.if, scf.for "
                              "and func.call, but got '"
                           << op->getName() << "'";
  if (auto begin = dyn_cast<BeginSequencesOp>(op)) {
    begun.push_back(resolve(begin.getSlots()));
    return getNextVersion(use);
  }
  if (auto restore = dyn_cast<RestoreOp>(op)) {
    begun.push_back(resolve(restore.getSlots()));
    return getNextVersion(use);
  }
  // A snapshot copies what its caller asks for and computes nothing from it.
  auto sequenced = dyn_cast<SequencedOpInterface>(op);
  if (!isa<SnapshotOp>(op) &&
      failed(checkRead(op, sequenced ? sequenced.getSlots() : Value(), begun)))
    return failure();
  return getNextVersion(use);
}

FailureOr<unsigned> StateWalk::follow(Value state, Block *block, Begun &begun) {
  while (true) {
    // Uses in the other branch of an scf.if are not in this block.
    auto use = llvm::find_if(state.getUses(), [&](OpOperand &operand) {
      return block->findAncestorOpInBlock(*operand.getOwner());
    });
    Operation *op = block->findAncestorOpInBlock(*use->getOwner());
    if (op->hasTrait<OpTrait::IsTerminator>())
      return use->getOperandNumber();
    FailureOr<Value> next = step(*use, op, begun);
    if (failed(next))
      return failure();
    state = *next;
  }
}

/// Fails unless the types of the states that `func` takes and returns agree.
static LogicalResult checkSignature(func::FuncOp func) {
  auto states = [](TypeRange types) {
    return llvm::to_vector(llvm::make_filter_range(types, isState));
  };
  SmallVector<Type> taken = states(func.getArgumentTypes());
  SmallVector<Type> returned = states(func.getResultTypes());
  if (taken == returned)
    return success();
  return func.emitError()
         << "expected a function to return each state it takes (" << taken
         << "), but got (" << returned << ")";
}

LogicalResult minimax::checkStateFlow(func::FuncOp func) {
  if (failed(checkSignature(func)))
    return failure();
  SmallVector<unsigned> arguments = getStateIndices(func.getArgumentTypes());
  SmallVector<unsigned> results = getStateIndices(func.getResultTypes());
  if (func.isExternal() || arguments.empty())
    return success();
  if (!func.getBody().hasOneBlock())
    return func.emitError() << "expected structured control flow (scf) around "
                               "states, but got branches between blocks";
  bool isEntry = func.isPublic() || func->hasAttr("minimax.entry");
  for (auto [argument, result] : llvm::zip_equal(arguments, results)) {
    Begun begun;
    StateWalk walk(isEntry ? func : func::FuncOp());
    FailureOr<unsigned> end =
        walk.follow(func.getArgument(argument), &func.front(), begun);
    if (failed(end))
      return failure();
    if (*end != result)
      return func.emitError() << "expected state argument #" << argument
                              << " to come back as result #" << result
                              << ", but got it as result #" << *end;
  }
  return success();
}
