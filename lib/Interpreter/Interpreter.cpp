//===- Interpreter.cpp - reference execution of L0 to L2 IR ---------------===//
//
// Frames, states, weights and calls. What an op computes is in the models.
//
//===----------------------------------------------------------------------===//

#include "minimax/Interpreter/Interpreter.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"

using namespace mlir;
using namespace mlir::minimax;

/// Calls deeper than this are taken for infinite recursion.
constexpr unsigned kMaxDepth = 256;

//===----------------------------------------------------------------------===//
// States
//===----------------------------------------------------------------------===//

std::shared_ptr<ReferenceState> ReferenceState::create(Type type) {
  auto state = std::make_shared<ReferenceState>();
  if (auto lightning = dyn_cast<LightningStateType>(type)) {
    SmallVector<int64_t> shape(lightning.getShape());
    shape.insert(shape.begin(), 0);
    state->pools.emplace_back(lightning.getElementType(), shape);
    return state;
  }
  auto cache = cast<KVCacheType>(type);
  SmallVector<int64_t> shape(cache.getShape());
  shape.insert(shape.begin(), 2, 0);
  state->pools.emplace_back(cache.getElementType(), shape);
  state->pools.emplace_back(cache.getElementType(), shape);
  return state;
}

/// A copy of `pool` with at least `slots` x `capacity` leading sizes.
static ReferenceTensor grow(const ReferenceTensor &pool, int64_t slots,
                            int64_t capacity) {
  SmallVector<int64_t> shape(pool.getShape());
  shape[0] = std::max(shape[0], slots);
  if (capacity > shape[1])
    shape[1] = std::max(capacity, 2 * shape[1]);
  ReferenceTensor grown(pool.getElementType(), shape);
  grown.view(0, pool.getShape(), grown.getStrides()).copyFrom(pool);
  return grown;
}

LogicalResult ReferenceState::reserve(Operation *op, int64_t slot,
                                      int64_t position) {
  bool cache = pools.size() == 2;
  int64_t capacity = cache ? position + 1 : pools[0].size(1);
  if (slot < 0 || position < 0)
    return op->emitOpError() << "expected a slot and position >= 0, but got "
                             << slot << " and " << position;
  if (slot < pools[0].size(0) && capacity <= pools[0].size(1))
    return success();
  if (!growable)
    return op->emitOpError() << "slot " << slot << ", position " << position
                             << " lies outside a pool of " << pools[0].size(0)
                             << " slots x " << pools[0].size(1);
  for (ReferenceTensor &pool : pools)
    pool = grow(pool, slot + 1, capacity);
  return success();
}

double *ReferenceState::at(unsigned pool, int64_t first, int64_t second) const {
  const ReferenceTensor &tensor = pools[pool];
  return tensor.floats() + first * tensor.getStrides()[0] +
         second * tensor.getStrides()[1];
}

//===----------------------------------------------------------------------===//
// Frames
//===----------------------------------------------------------------------===//

const ReferenceValue &ReferenceFrame::get(Value value) const {
  auto found = values.find(value);
  assert(found != values.end() && "value is used before it is set");
  return found->second;
}

void ReferenceFrame::set(Value value, ReferenceValue content) {
  values[value] = std::move(content);
}

ReferenceTensor ReferenceFrame::read(Value value) const {
  return get(value).tensor.contiguous();
}

int64_t ReferenceFrame::readInt(Value value) const {
  return get(value).tensor.intValue();
}

SmallVector<int64_t>
ReferenceFrame::readInts(ArrayRef<OpFoldResult> folded) const {
  SmallVector<int64_t> numbers;
  for (OpFoldResult value : folded) {
    std::optional<int64_t> constant = getConstantIntValue(value);
    numbers.push_back(constant ? *constant : readInt(cast<Value>(value)));
  }
  return numbers;
}

/// The tensor results of `op`, or its destination buffers.
static SmallVector<Value> destinations(ComputeOpInterface op) {
  SmallVector<Value> values;
  for (Value result : op->getResults())
    if (isa<TensorType>(result.getType()))
      values.push_back(result);
  if (values.empty())
    for (OpOperand &operand : op.getOutsMutable())
      values.push_back(operand.get());
  return values;
}

ReferenceTensor ReferenceFrame::makeResult(ComputeOpInterface op,
                                           unsigned index,
                                           ArrayRef<int64_t> shape) const {
  Value destination = destinations(op)[index];
  return ReferenceTensor(getElementTypeOrSelf(destination.getType()), shape);
}

FailureOr<std::shared_ptr<ReferenceState>>
ReferenceFrame::getState(Operation *op, ValueRange operands) {
  const ReferenceValue &first = get(operands[0]);
  if (first.state) {
    if (first.version != first.state->version)
      return op->emitOpError() << "reads a state that was consumed before";
    return first.state;
  }
  auto state = std::make_shared<ReferenceState>();
  state->growable = false;
  for (Value operand : operands)
    state->pools.push_back(get(operand).tensor);
  return state;
}

void ReferenceFrame::passState(Value operand, Value result) {
  std::shared_ptr<ReferenceState> state = get(operand).state;
  ++state->version;
  set(result, ReferenceValue(state));
}

LogicalResult ReferenceFrame::finish(ComputeOpInterface op,
                                     ArrayRef<ReferenceTensor> tensors) {
  for (auto [value, tensor] : llvm::zip(destinations(op), tensors)) {
    if (isa<OpResult>(value) && value.getDefiningOp() == op) {
      tensor.copyFrom(tensor); // rounds to the element type
      set(value, tensor);
      continue;
    }
    const ReferenceTensor &out = get(value).tensor;
    if (out.getShape() != tensor.getShape())
      return op->emitOpError()
             << "expected a destination of shape (" << tensor.getShape()
             << "), but got (" << out.getShape() << ")";
    out.copyFrom(tensor);
  }
  SmallVector<Value> results;
  for (Value result : op->getResults())
    if (!isa<TensorType>(result.getType()))
      results.push_back(result);
  unsigned next = 0;
  for (OpOperand *operand : op.getStateOperands())
    if (get(operand->get()).state && next < results.size())
      passState(operand->get(), results[next++]);
  return success();
}

FailureOr<SmallVector<ReferenceValue>>
ReferenceFrame::runRegion(Region &region, ArrayRef<ReferenceValue> arguments) {
  if (!region.hasOneBlock())
    return region.getParentOp()->emitOpError()
           << "the interpreter executes regions of one block only";
  Block &block = region.front();
  for (auto [argument, content] : llvm::zip(block.getArguments(), arguments))
    set(argument, content);
  SmallVector<ReferenceValue> yielded;
  for (Operation &op : block) {
    if (op.hasTrait<OpTrait::ReturnLike>())
      for (Value operand : op.getOperands())
        yielded.push_back(get(operand));
    if (op.hasTrait<OpTrait::IsTerminator>())
      break;
    auto reference = dyn_cast<ReferenceOpInterface>(op);
    if (!reference)
      return op.emitError()
             << "the interpreter does not execute '" << op.getName() << "'";
    if (failed(reference.evaluate(*this)))
      return failure();
  }
  return yielded;
}

//===----------------------------------------------------------------------===//
// Calls and symbols
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<ReferenceValue>>
Interpreter::run(func::FuncOp function, ArrayRef<ReferenceValue> arguments) {
  if (function.isExternal())
    return function.emitError() << "the interpreter cannot call a declaration";
  if (arguments.size() != function.getNumArguments())
    return function.emitError() << "expected " << function.getNumArguments()
                                << " arguments, but got " << arguments.size();
  if (depth >= kMaxDepth)
    return function.emitError() << "calls are nested too deeply";
  ++depth;
  ReferenceFrame frame(*this);
  auto results = frame.runRegion(function.getBody(), arguments);
  --depth;
  return results;
}

/// Source `index` of a weight fills this share of its rows.
static SmallVector<int64_t> shareShape(RankedTensorType type, int64_t sources) {
  if (sources == 1)
    return SmallVector<int64_t>(type.getShape());
  if (type.getRank() == 1)
    return {type.getDimSize(0) / sources};
  int64_t columns = type.getShape().back();
  return {type.getNumElements() / columns / sources, columns};
}

FailureOr<ReferenceTensor> Interpreter::getWeight(WeightOp weight) {
  auto found = weights.find(weight);
  if (found != weights.end())
    return found->second;
  if (!weightSource)
    return weight.emitError() << "no weights were given to the interpreter";
  auto type = cast<RankedTensorType>(weight.getType());
  auto logical =
      weight.getLogical() ? cast<RankedTensorType>(*weight.getLogical()) : type;
  ReferenceTensor result(logical.getElementType(), logical.getShape());
  SmallVector<int64_t> share = shareShape(logical, weight.getSources().size());
  double *next = result.floats();
  for (auto source : weight.getSources().getAsRange<StringAttr>()) {
    FailureOr<ReferenceTensor> part =
        weightSource(weight.getLoc(), source, share, logical.getElementType());
    if (failed(part))
      return failure();
    next = std::copy_n(part->floats(), part->getNumElements(), next);
  }
  if (weight.getLogical())
    result = packWeight(result, type, weight.getInterleaved());
  weights[weight] = result;
  return result;
}

ReferenceTensor
Interpreter::getGlobal(StringRef symbol,
                       llvm::function_ref<ReferenceTensor()> initial) {
  auto [entry, isNew] = globals.try_emplace(symbol);
  if (isNew)
    entry->second = initial();
  return entry->second;
}

Operation *minimax::findUninterpretable(Operation *root) {
  Operation *unknown = nullptr;
  root->walk<WalkOrder::PreOrder>([&](Operation *op) {
    bool declares = isa<ModuleOp, func::FuncOp, WeightOp>(op) ||
                    op->getName().getStringRef() == "memref.global";
    if (declares || op->hasTrait<OpTrait::IsTerminator>() ||
        isa<ReferenceOpInterface>(op))
      return WalkResult::advance();
    unknown = op;
    return WalkResult::interrupt();
  });
  return unknown;
}
