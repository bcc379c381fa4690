//===- ArgumentRole.cpp - what an argument means --------------------------===//
//
// Follows an argument to the ops that read it, through calls and casts.
//
//===----------------------------------------------------------------------===//

#include "ArgumentRole.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::minimax;

/// Uses are followed through this many calls and casts.
constexpr unsigned kMaxDepth = 16;
/// Functions with an arena take T, N, S and C first.
constexpr unsigned kNumStepDims = 4;

/// The role of `value` among the operands that describe a step's layout.
template <typename OpTy>
static std::optional<ArgumentRole> layoutRole(OpTy op, Value value) {
  if constexpr (requires { op.getCuSeqlens(); })
    if (op.getCuSeqlens() == value)
      return ArgumentRole{ArgumentKind::CuSeqlens};
  if constexpr (requires { op.getPositions(); })
    if (op.getPositions() == value)
      return ArgumentRole{ArgumentKind::Positions};
  if constexpr (requires { op.getSlots(); })
    if (op.getSlots() == value)
      return ArgumentRole{ArgumentKind::Slots};
  if constexpr (requires { op.getSlope(); })
    if (op.getSlope() == value)
      return ArgumentRole{ArgumentKind::Decay};
  auto compute = cast<ComputeOpInterface>(op.getOperation());
  for (OpOperand *state : compute.getStateOperands())
    if (state->get() == value)
      return ArgumentRole{ArgumentKind::State};
  return std::nullopt;
}

static int64_t leadingSize(Value value) {
  return cast<ShapedType>(value.getType()).getDimSize(0);
}

/// The role of `value` as an operand of an expert op.
static std::optional<ArgumentRole> expertRole(Operation *op, Value value) {
  if (auto permute = dyn_cast<PermuteOp>(op)) {
    Value offsets = permute.getNumResults() ? Value(permute.getResult(1))
                                            : Value(permute.getOuts()[1]);
    if (permute.getExperts() == value)
      return ArgumentRole{ArgumentKind::Experts, leadingSize(offsets) - 1};
  }
  if (auto sort = dyn_cast<SortCopiesOp>(op)) {
    Value offsets = sort.getNumResults() ? Value(sort.getResult(0))
                                         : Value(sort.getOuts()[0]);
    if (sort.getExperts() == value)
      return ArgumentRole{ArgumentKind::Experts, leadingSize(offsets) - 1};
  }
  if (auto product = dyn_cast<GroupedMatmulOp>(op)) {
    if (product.getOffsets() == value)
      return ArgumentRole{ArgumentKind::Offsets, leadingSize(value) - 1};
    // As many dynamic rows are read as there are.
    int64_t rows = leadingSize(product.getInput());
    if (product.getRows() == value)
      return ShapedType::isDynamic(rows)
                 ? ArgumentRole{ArgumentKind::Rows}
                 : ArgumentRole{ArgumentKind::Experts, rows};
  }
  if (auto unpermute = dyn_cast<UnpermuteOp>(op)) {
    if (unpermute.getRows() == value)
      return ArgumentRole{ArgumentKind::Rows};
    auto type = cast<ShapedType>(unpermute.getRows().getType());
    if (unpermute.getInput() == value)
      return ArgumentRole{ArgumentKind::Copies, type.getDimSize(1)};
  }
  return std::nullopt;
}

/// The role of `value` as an operand of `op` that belongs to chunks.
static std::optional<ArgumentRole> chunkRole(Operation *op, Value value) {
  if (auto scan = dyn_cast<StateScanOp>(op)) {
    if (scan.getLocal() == value || scan.getDecay() == value)
      return ArgumentRole{ArgumentKind::Chunks,
                          static_cast<int64_t>(scan.getChunk())};
  }
  if (auto output = dyn_cast<ChunkOutputOp>(op))
    if (output.getEntry() == value)
      return ArgumentRole{ArgumentKind::Chunks,
                          static_cast<int64_t>(output.getChunk())};
  return std::nullopt;
}

static std::optional<ArgumentRole> roleByUse(Value value, unsigned depth);

/// The role of operand `use` of its owner.
static std::optional<ArgumentRole> roleAt(OpOperand &use, unsigned depth) {
  Operation *op = use.getOwner();
  Value value = use.get();
  if (auto call = dyn_cast<func::CallOp>(op)) {
    auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
        op, call.getCalleeAttr());
    if (!callee || callee.isExternal())
      return std::nullopt;
    return roleByUse(callee.getArgument(use.getOperandNumber()), depth + 1);
  }
  if (isa<tensor::CastOp, bufferization::ToTensorOp, bufferization::ToMemrefOp>(
          op))
    return roleByUse(op->getResult(0), depth + 1);
  if (auto embedding = dyn_cast<EmbeddingOp>(op))
    if (embedding.getTokens() == value)
      return ArgumentRole{ArgumentKind::Tokens,
                          leadingSize(embedding.getTable())};
  if (auto role = expertRole(op, value))
    return role;
  if (auto role = chunkRole(op, value))
    return role;
  if (isa<SampleOp>(op))
    return ArgumentRole{ArgumentKind::Sampling};
  return llvm::TypeSwitch<Operation *, std::optional<ArgumentRole>>(op)
      .Case<AttentionOp, AttentionPartialOp, BeginSequencesOp, CacheAppendOp,
            ChunkOutputOp, ChunkStateOp, LastRowsOp, LightningAttentionOp,
            RopeOp, StateScanOp>(
          [&](auto layoutOp) { return layoutRole(layoutOp, value); })
      .Default([](Operation *) { return std::nullopt; });
}

static std::optional<ArgumentRole> roleByUse(Value value, unsigned depth) {
  if (depth > kMaxDepth)
    return std::nullopt;
  for (OpOperand &use : value.getUses())
    if (auto role = roleAt(use, depth))
      return role;
  return std::nullopt;
}

ArgumentRole minimax::findArgumentRole(func::FuncOp function, unsigned index) {
  if (isa<LightningStateType, KVCacheType>(function.getArgumentTypes()[index]))
    return {ArgumentKind::State};
  if (function.getArgAttr(index, "minimax.weight"))
    return {ArgumentKind::Weight};
  if (function.getArgAttr(index, "minimax.output"))
    return {ArgumentKind::Output};
  unsigned last = function.getNumArguments() - 1;
  if (function.getArgAttr(last, "minimax.arena")) {
    if (index == last)
      return {ArgumentKind::Arena};
    if (index < kNumStepDims)
      return {ArgumentKind::StepDim, index};
  }
  std::optional<ArgumentRole> used;
  if (!function.isExternal())
    used = roleByUse(function.getArgument(index), 0);
  auto name = function.getArgAttrOfType<StringAttr>(index, "minimax.name");
  if (used || !name)
    return used.value_or(ArgumentRole());
  return llvm::StringSwitch<ArgumentRole>(name.getValue())
      .Case("tokens", {ArgumentKind::Tokens, 2})
      .Case("cu_seqlens", {ArgumentKind::CuSeqlens})
      .Case("positions", {ArgumentKind::Positions})
      .Case("slots", {ArgumentKind::Slots})
      .Default({});
}
