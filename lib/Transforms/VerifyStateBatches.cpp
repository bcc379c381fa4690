//===- VerifyStateBatches.cpp - sequences and slots of one batch ----------===//
//
// Compares which cu_seqlens, positions and slots go together in a function.
//
//===----------------------------------------------------------------------===//

#include "VerifyState.h"

using namespace mlir;
using namespace mlir::minimax;

namespace {
/// What one op takes for the description of its sequences; slots and positions
/// may be null.
struct Batch {
  Value cuSeqlens, positions, slots;
  Operation *op;
};

/// Batches of functions, those of their callees included.
class BatchTable {
public:
  explicit BatchTable(ModuleOp module) : symbols(module) {}

  /// Batches in `func`, in terms of its values.
  ArrayRef<Batch> lookup(func::FuncOp func);

private:
  void addCall(func::CallOp call, SmallVectorImpl<Batch> &batches);

  SymbolTable symbols;
  DenseMap<Operation *, SmallVector<Batch>> table;
};
} // namespace

void BatchTable::addCall(func::CallOp call, SmallVectorImpl<Batch> &batches) {
  auto callee = symbols.lookup<func::FuncOp>(call.getCallee());
  if (!callee)
    return;
  // What the callee makes itself says nothing about the caller.
  auto translate = [&](Value value) -> Value {
    auto argument = dyn_cast_or_null<BlockArgument>(value);
    if (!argument || argument.getOwner() != &callee.front())
      return {};
    return call.getOperand(argument.getArgNumber());
  };
  for (const Batch &batch : lookup(callee))
    if (Value cuSeqlens = translate(batch.cuSeqlens))
      batches.push_back({cuSeqlens, translate(batch.positions),
                         translate(batch.slots), call});
}

ArrayRef<Batch> BatchTable::lookup(func::FuncOp func) {
  // The empty entry ends a recursion.
  if (!table.try_emplace(func).second)
    return table[func];
  SmallVector<Batch> batches;
  func.walk([&](Operation *op) {
    if (auto call = dyn_cast<func::CallOp>(op))
      addCall(call, batches);
    else if (auto sequenced = dyn_cast<SequencedOpInterface>(op))
      batches.push_back({sequenced.getCuSeqlens(), sequenced.getPositions(),
                         sequenced.getSlots(), op});
  });
  return table[func] = std::move(batches);
}

/// True if exactly one of two descriptions differs: `lhs` and `rhs` do not and
/// `other` values, where known, do.
static bool isTorn(Value lhs, Value rhs, Value otherLhs, Value otherRhs) {
  return lhs && rhs && otherLhs && otherRhs && isSameValue(lhs, rhs) &&
         !isSameValue(otherLhs, otherRhs);
}

/// The part of `batch` that belongs to another batch than the rest if `seen` is
/// right; null if they agree.
static const char *findForeignPart(const Batch &seen, const Batch &batch) {
  if (isTorn(seen.cuSeqlens, batch.cuSeqlens, seen.slots, batch.slots) ||
      isTorn(seen.slots, batch.slots, seen.cuSeqlens, batch.cuSeqlens))
    return "slots";
  if (isTorn(seen.cuSeqlens, batch.cuSeqlens, seen.positions,
             batch.positions) ||
      isTorn(seen.positions, batch.positions, seen.cuSeqlens, batch.cuSeqlens))
    return "positions";
  return nullptr;
}

static LogicalResult checkBatchesOf(ArrayRef<Batch> batches) {
  SmallVector<Batch> seen;
  for (const Batch &batch : batches) {
    for (const Batch &earlier : seen) {
      const char *part = findForeignPart(earlier, batch);
      if (!part)
        continue;
      InFlightDiagnostic diagnostic = batch.op->emitError()
                                      << "sequences are paired with the "
                                      << part << " of another batch";
      diagnostic.attachNote(earlier.op->getLoc())
          << "expected the pair of 'cu_seqlens' and '" << part
          << "' that is used here";
      return failure();
    }
    // Layers repeat the batch of the first: keep one of each.
    if (llvm::none_of(seen, [&](const Batch &earlier) {
          return earlier.cuSeqlens == batch.cuSeqlens &&
                 earlier.positions == batch.positions &&
                 earlier.slots == batch.slots;
        }))
      seen.push_back(batch);
  }
  return success();
}

LogicalResult minimax::checkBatches(ModuleOp module) {
  BatchTable table(module);
  LogicalResult result = success();
  for (auto func : module.getOps<func::FuncOp>())
    if (failed(checkBatchesOf(table.lookup(func))))
      result = failure();
  return result;
}
