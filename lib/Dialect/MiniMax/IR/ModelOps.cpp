//===- ModelOps.cpp - weights and states ----------------------------------===//
//
// Verifiers of the ops that name weights and manage states.
//
//===----------------------------------------------------------------------===//

#include "VerifyUtils.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::minimax;

RankedTensorType minimax::getPackedType(RankedTensorType logical, Type element,
                                        bool interleaved) {
  int64_t rank = logical.getRank();
  int64_t rows = logical.getDimSize(rank - 2);
  int64_t depth = logical.getDimSize(rank - 1);
  // Interleaved panels hold half of their columns of each half.
  int64_t panels = interleaved ? llvm::divideCeil(rows / 2, kPanelWidth / 2)
                               : llvm::divideCeil(rows, kPanelWidth);
  SmallVector<int64_t> shape(logical.getShape().drop_back(2));
  shape.push_back(panels);
  int64_t pairs = llvm::divideCeil(depth, 2);
  if (element.isInteger(8))
    shape.append({pairs + kScaleRows, kPanelWidth, 2});
  else if (element.isBF16())
    shape.append({pairs, kPanelWidth, 2});
  else
    shape.append({depth, kPanelWidth});
  return RankedTensorType::get(shape, element);
}

int64_t minimax::getCastWidth(int64_t columns, Type element) {
  if (!element.isBF16() && !element.isInteger(16))
    return columns;
  int64_t even = llvm::alignTo(columns, 2);
  // An f32 scale takes the room of two integers.
  return element.isBF16() ? even
                          : even + 2 * llvm::divideCeil(even, kGroupDepth);
}

LogicalResult WeightOp::verify() {
  // C2: a packed weight remembers what it packs.
  auto type = cast<RankedTensorType>(getType());
  auto logical = type;
  if (getLogical()) {
    logical = cast<RankedTensorType>(*getLogical());
    if (type != getPackedType(logical, type.getElementType(), getInterleaved()))
      return emitOpError() << "expected the packed type of " << logical
                           << ", but got " << type;
  }
  // C1: equal shares.
  int64_t rows = logical.getRank() == 1
                     ? logical.getDimSize(0)
                     : logical.getNumElements() / logical.getShape().back();
  int64_t sources = getSources().size();
  if (sources == 0 || rows % sources != 0)
    return emitOpError() << "expected 'sources' in a number that divides "
                         << rows << " rows, but got " << sources;
  return success();
}

LogicalResult
GetWeightOp::verifySymbolUses(SymbolTableCollection &symbolTable) {
  // C1: a declared weight.
  auto weight =
      symbolTable.lookupNearestSymbolFrom<WeightOp>(*this, getNameAttr());
  if (!weight)
    return emitOpError() << "expected '" << getName()
                         << "' to be a 'minimax.weight'";
  // C2: its type.
  if (weight.getType() != getResult().getType())
    return emitOpError() << "expected the type of weight '" << getName()
                         << "', " << weight.getType() << ", but got "
                         << getResult().getType();
  return success();
}

LogicalResult PackOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  auto result = cast<RankedTensorType>(getResult().getType());
  // C3: matrices.
  if (input.getRank() < 2 || !input.hasStaticShape())
    return emitOpError() << "expected a static matrix or stack of matrices, "
                            "but got "
                         << input;
  // C2: halves.
  if (getInterleaved() && input.getDimSize(input.getRank() - 2) % 2 != 0)
    return emitOpError() << "expected an even number of rows to interleave, "
                            "but got "
                         << input.getDimSize(input.getRank() - 2);
  // C1: the packed shape.
  RankedTensorType want =
      getPackedType(input, result.getElementType(), getInterleaved());
  if (result == want)
    return success();
  return emitOpError() << "expected the packed type " << want << ", but got "
                       << result;
}

SmallVector<OpOperand *> BeginSequencesOp::getStateOperands() {
  return {&getStateMutable()};
}

/// The op writes its state and nothing else.
MutableOperandRange BeginSequencesOp::getOutsMutable() {
  return MutableOperandRange(getOperation(), 0, 0);
}

LogicalResult BeginSequencesOp::verify() {
  // C1: the state comes back.
  return verifyStates(*this);
}

/// Beginning the same sequences twice clears their slots once.
LogicalResult BeginSequencesOp::canonicalize(BeginSequencesOp op,
                                             PatternRewriter &rewriter) {
  auto first = op.getState().getDefiningOp<BeginSequencesOp>();
  if (!first || first.getCuSeqlens() != op.getCuSeqlens() ||
      first.getPositions() != op.getPositions() ||
      first.getSlots() != op.getSlots())
    return rewriter.notifyMatchFailure(op, "nothing is begun twice");
  rewriter.replaceOp(op, first.getResult());
  return success();
}

/// A copy that nobody reads need not be made.
LogicalResult SnapshotOp::canonicalize(SnapshotOp op,
                                       PatternRewriter &rewriter) {
  if (!op.getCopy().use_empty())
    return rewriter.notifyMatchFailure(op, "the copy is read");
  rewriter.replaceAllUsesWith(op.getResult(), op.getState());
  rewriter.eraseOp(op);
  return success();
}

/// C1 of snapshot and restore: one state for each slot.
static LogicalResult verifyCopy(Operation *op, Value copy, Type state) {
  ArrayRef<int64_t> shape = cast<LightningStateType>(state).getShape();
  auto type = cast<RankedTensorType>(copy.getType());
  if (type.getShape().drop_front() == shape)
    return success();
  return op->emitOpError() << "expected a copy with the dimensions of " << state
                           << ", but got " << type;
}

LogicalResult SnapshotOp::verify() {
  return verifyCopy(*this, getCopy(), getState().getType());
}

LogicalResult RestoreOp::verify() {
  return verifyCopy(*this, getCopy(), getState().getType());
}
