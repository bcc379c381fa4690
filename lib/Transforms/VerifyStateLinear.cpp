//===- VerifyStateLinear.cpp - each state has one consumer ----------------===//
//
// Counts the consumers of every state value on every path.
//
//===----------------------------------------------------------------------===//

#include "VerifyState.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace mlir::minimax;

/// True if `op` hands on a newer version of the states it takes.
static bool makesNewerVersion(Operation *op) {
  return llvm::any_of(op->getResultTypes(), isState);
}

static LogicalResult reportDropped(Value state) {
  if (auto result = dyn_cast<OpResult>(state))
    return emitError(state.getLoc())
           << "state is dropped: no op takes result #"
           << result.getResultNumber() << " of '"
           << result.getOwner()->getName()
           << "', so the tokens it has seen are forgotten";
  return emitError(state.getLoc())
         << "state is dropped: no op takes argument #"
         << cast<BlockArgument>(state).getArgNumber() << " on";
}

static LogicalResult reportTwice(Operation *first, Operation *second) {
  InFlightDiagnostic diagnostic =
      isa<RestoreOp>(first)
          ? second->emitError() << "state is used twice: '" << second->getName()
                                << "' reads it stale, '" << first->getName()
                                << "' has replaced it"
          : second->emitError()
                << "state is used twice: '" << first->getName() << "' and '"
                << second->getName() << "' start from the same version";
  diagnostic.attachNote(first->getLoc())
      << (makesNewerVersion(first) ? "the newer version is made here"
                                   : "the other use is here");
  diagnostic.attachNote() << "minimax.snapshot copies a state that is needed "
                             "twice";
  return failure();
}

/// Uses of a state by the op of one block that they are operands of or nested
/// in, in program order.
static SmallVector<std::pair<Operation *, SmallVector<OpOperand *>>>
groupUses(Value state, Block *block) {
  llvm::MapVector<Operation *, SmallVector<OpOperand *>> groups;
  for (OpOperand &use : state.getUses())
    if (Operation *op = block->findAncestorOpInBlock(*use.getOwner()))
      groups[op].push_back(&use);
  auto ordered = groups.takeVector();
  llvm::sort(ordered, [](const auto &lhs, const auto &rhs) {
    return lhs.first->isBeforeInBlock(rhs.first);
  });
  return ordered;
}

static LogicalResult checkConsumers(Value state, Block *block);

/// Checks uses of `state` inside the regions of `op`.
static LogicalResult checkNestedConsumers(Value state, Operation *op) {
  auto branch = dyn_cast<scf::IfOp>(op);
  if (!branch)
    return op->emitError()
           << "state is used twice: '" << op->getName()
           << "' may run its body again with the same version; expected the "
              "loop to carry it";
  for (Region &region : branch->getRegions()) {
    if (region.empty() || groupUses(state, &region.front()).empty())
      return op->emitError() << "state is dropped: one branch of 'scf.if' "
                                "takes it and the other does not";
    if (failed(checkConsumers(state, &region.front())))
      return failure();
  }
  return success();
}

/// Checks that the ops of `block` consume `state` exactly once.
static LogicalResult checkConsumers(Value state, Block *block) {
  auto groups = groupUses(state, block);
  if (groups.empty())
    return reportDropped(state);
  if (groups.size() > 1)
    return reportTwice(groups[0].first, groups[1].first);
  auto &[op, uses] = groups.front();
  auto isDirect = [op = op](OpOperand *use) { return use->getOwner() == op; };
  if (llvm::none_of(uses, isDirect))
    return checkNestedConsumers(state, op);
  if (uses.size() == 1)
    return success();
  return op->emitError() << "state is used twice: by two operands of '"
                         << op->getName() << "'";
}

LogicalResult minimax::checkLinearStates(func::FuncOp func) {
  LogicalResult result = success();
  auto check = [&](Value value) {
    if (isState(value.getType()) &&
        failed(checkConsumers(value, value.getParentBlock())))
      result = failure();
  };
  func.walk<WalkOrder::PreOrder>([&](Operation *op) {
    llvm::for_each(op->getResults(), check);
    for (Region &region : op->getRegions())
      for (Block &block : region)
        llvm::for_each(block.getArguments(), check);
  });
  return result;
}
