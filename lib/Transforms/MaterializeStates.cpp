//===- MaterializeStates.cpp - turn typed states into pools ---------------===//
//
// The step from linear state values to memory that is updated in place.
//
//===----------------------------------------------------------------------===//

#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "minimax/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_MATERIALIZESTATES
#include "minimax/Transforms/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

static bool isState(Type type) {
  return isa<LightningStateType, KVCacheType>(type);
}

/// The pools that stand for a state, with the suffix of each one's name.
static SmallVector<std::pair<MemRefType, StringRef>> poolsOf(Type type) {
  constexpr int64_t dynamic = ShapedType::kDynamic;
  if (auto state = dyn_cast<LightningStateType>(type)) {
    SmallVector<int64_t> shape = {dynamic};
    shape.append(state.getShape().begin(), state.getShape().end());
    return {{MemRefType::get(shape, state.getElementType()), ""}};
  }
  auto cache = cast<KVCacheType>(type);
  SmallVector<int64_t> shape = {dynamic, dynamic};
  shape.append(cache.getShape().begin(), cache.getShape().end());
  auto pool = MemRefType::get(shape, cache.getElementType());
  return {{pool, ".key"}, {pool, ".value"}};
}

namespace {
/// Rewrites one function; `pools` maps each state value to its memory.
class StateMaterializer {
public:
  void run(func::FuncOp function) {
    replaceArguments(function);
    function.walk<WalkOrder::PreOrder>([&](Operation *op) { rewrite(op); });
    for (Operation *op : llvm::reverse(dead))
      op->erase();
    replaceResults(function);
  }

private:
  void replaceArguments(func::FuncOp function) {
    for (unsigned index = 0; index < function.getNumArguments(); ++index) {
      BlockArgument state = function.getArgument(index);
      if (!isState(state.getType()))
        continue;
      auto attributes = function.getArgAttrDict(index);
      unsigned position = index + 1;
      for (auto [type, suffix] : poolsOf(state.getType())) {
        function.insertArgument(position, type,
                                renamed(attributes, suffix, function),
                                state.getLoc());
        pools[state].push_back(function.getArgument(position++));
      }
      stale.push_back(state);
      index += pools[state].size();
    }
  }

  /// Argument attributes with `suffix` appended to the state's name.
  static DictionaryAttr renamed(DictionaryAttr attributes, StringRef suffix,
                                Operation *op) {
    NamedAttrList list(attributes);
    Builder builder(op->getContext());
    list.set("minimax.state", builder.getUnitAttr());
    if (auto name = list.getNamed("minimax.name"))
      list.set("minimax.name",
               builder.getStringAttr(
                   cast<StringAttr>(name->getValue()).getValue() + suffix));
    return list.getDictionary(op->getContext());
  }

  /// Rebuilds an op that takes or returns states on their pools.
  void rewrite(Operation *op) {
    bool touches = llvm::any_of(op->getOperandTypes(), isState) ||
                   llvm::any_of(op->getResultTypes(), isState);
    if (!touches || isa<func::FuncOp>(op))
      return;
    SmallVector<Value> operands, states;
    for (Value operand : op->getOperands()) {
      if (!isState(operand.getType())) {
        operands.push_back(operand);
        continue;
      }
      states.push_back(operand);
      if (!isa<func::ReturnOp>(op))
        llvm::append_range(operands, pools[operand]);
    }
    if (isa<BeginSequencesOp>(op) && pools[states[0]].size() == 2) {
      // A cache is read up to the current position only: nothing to clear.
      pools[op->getResult(0)] = pools[states[0]];
      dead.push_back(op);
      return;
    }
    rebuild(op, operands, states);
  }

  void rebuild(Operation *op, ArrayRef<Value> operands,
               ArrayRef<Value> states) {
    SmallVector<Type> types;
    for (Type type : op->getResultTypes())
      if (!isState(type))
        types.push_back(type);
    OpBuilder builder(op);
    OperationState state(op->getLoc(), op->getName(), operands, types,
                         attributes(op, operands.size()));
    Operation *replacement = builder.create(state);
    unsigned next = 0, nextState = 0;
    for (OpResult result : op->getResults()) {
      if (isState(result.getType()))
        pools[result] = pools[states[nextState++]];
      else
        result.replaceAllUsesWith(replacement->getResult(next++));
    }
    dead.push_back(op);
  }

  /// The op's attributes; a segment that held one cache now holds two pools.
  static SmallVector<NamedAttribute> attributes(Operation *op,
                                                size_t operands) {
    SmallVector<NamedAttribute> list(op->getAttrs());
    int32_t growth = operands - op->getNumOperands();
    for (NamedAttribute &attribute : list) {
      if (attribute.getName() != "operandSegmentSizes" || growth == 0)
        continue;
      auto old = cast<DenseI32ArrayAttr>(attribute.getValue()).asArrayRef();
      SmallVector<int32_t> sizes(old);
      sizes[sizes.size() - 2] += growth; // the cache precedes `outs`
      attribute.setValue(DenseI32ArrayAttr::get(op->getContext(), sizes));
    }
    return list;
  }

  void replaceResults(func::FuncOp function) {
    BitVector erased(function.getNumResults());
    for (auto [index, type] : llvm::enumerate(function.getResultTypes()))
      if (isState(type))
        erased.set(index);
    function.eraseResults(erased);
    BitVector arguments(function.getNumArguments());
    for (BlockArgument state : stale)
      arguments.set(state.getArgNumber());
    function.eraseArguments(arguments);
  }

  DenseMap<Value, SmallVector<Value>> pools;
  SmallVector<BlockArgument> stale;
  SmallVector<Operation *> dead;
};

struct MaterializeStatesPass
    : minimax::impl::MaterializeStatesBase<MaterializeStatesPass> {
  using MaterializeStatesBase::MaterializeStatesBase;

  void runOnOperation() override {
    auto unsupported = getOperation().walk([](Operation *op) {
      if (!isa<SnapshotOp, RestoreOp>(op))
        return WalkResult::advance();
      op->emitOpError("expected snapshots to be taken by the runtime, which "
                      "owns the pools: compiled programs cannot copy states");
      return WalkResult::interrupt();
    });
    if (unsupported.wasInterrupted())
      return signalPassFailure();
    for (func::FuncOp function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal())
        StateMaterializer().run(function);
  }
};
} // namespace
