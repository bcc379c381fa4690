//===- RandomInputs.cpp - arguments for reference execution ---------------===//
//
// One layout of a step for all arguments that describe it.
//
//===----------------------------------------------------------------------===//

#include "minimax/Interpreter/RandomInputs.h"
#include "ArgumentRole.h"
#include "RandomNumbers.h"
#include "mlir/IR/BuiltinOps.h"
#include <cmath>

using namespace mlir;
using namespace mlir::minimax;

namespace {
/// Makes the arguments of one call.
class ArgumentMaker {
public:
  ArgumentMaker(func::FuncOp function, const RandomInputOptions &options,
                Interpreter &interpreter)
      : function(function), options(options), interpreter(interpreter),
        tokens(options.tokens), sequences(options.sequences) {}

  FailureOr<SmallVector<ReferenceValue>> make();

private:
  void fixSizes();
  void layOut();
  FailureOr<ReferenceValue> makeArgument(unsigned index);
  ReferenceValue makeState(Type type, StringRef name);
  ReferenceTensor makeNumbers(ShapedType type, StringRef name, int64_t leading,
                              double scale);
  ReferenceTensor makeIndices(ShapedType type, ArrayRef<int64_t> numbers);
  ReferenceTensor makeRoutes(ShapedType type, StringRef name,
                             ArgumentRole role);
  ReferenceTensor makeSampling(ShapedType type, StringRef name);
  FailureOr<ReferenceValue> makeWeight(StringRef name);
  FailureOr<ReferenceValue> makeOutput(unsigned index);
  FailureOr<ReferenceValue> makeArena();
  SmallVector<int64_t> stepDims() const {
    return {tokens, sequences, sequences + 1, capacity};
  }

  func::FuncOp function;
  const RandomInputOptions &options;
  Interpreter &interpreter;
  int64_t tokens, sequences, capacity = 1;
  SmallVector<ArgumentRole> roles;
  SmallVector<int64_t> cuSeqlens, positions, slots;
};
} // namespace

/// Static types overrule the options.
void ArgumentMaker::fixSizes() {
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    roles.push_back(findArgumentRole(function, index));
    auto shaped = dyn_cast<ShapedType>(type);
    if (!shaped || shaped.getRank() == 0 || shaped.isDynamicDim(0))
      continue;
    ArgumentKind kind = roles.back().kind;
    if (kind == ArgumentKind::Tokens || kind == ArgumentKind::Positions)
      tokens = shaped.getDimSize(0);
    if (kind == ArgumentKind::CuSeqlens)
      sequences = shaped.getDimSize(0) - 1;
    if (kind == ArgumentKind::Slots)
      sequences = shaped.getDimSize(0);
  }
  function.walk([&](Operation *op) {
    if (!isa<LightningAttentionOp, ChunkStateOp, ChunkOutputOp, AttentionOp,
             CacheAppendOp, AttentionPartialOp, LastRowsOp>(op))
      return;
    auto rows = cast<ShapedType>(op->getOperand(0).getType());
    if (!rows.isDynamicDim(0))
      tokens = rows.getDimSize(0);
  });
}

/// Cuts the tokens at random; every second sequence continues an earlier step.
void ArgumentMaker::layOut() {
  Random random("layout", options.seed);
  cuSeqlens.push_back(0);
  for (int64_t n = 1; n < sequences; ++n)
    cuSeqlens.push_back(random.below(tokens + 1));
  if (sequences > 0)
    cuSeqlens.push_back(tokens);
  llvm::sort(cuSeqlens);
  for (int64_t n = 0; n < sequences; ++n) {
    int64_t start = n % 2 == 0 ? 0 : 3 + n;
    for (int64_t t = cuSeqlens[n]; t < cuSeqlens[n + 1]; ++t)
      positions.push_back(start + t - cuSeqlens[n]);
    slots.push_back(sequences - 1 - n);
  }
  for (int64_t position : positions)
    capacity = std::max(capacity, position + 3);
}

ReferenceTensor ArgumentMaker::makeNumbers(ShapedType type, StringRef name,
                                           int64_t leading, double scale) {
  SmallVector<int64_t> shape(type.getShape());
  for (auto [dim, size] : llvm::enumerate(shape))
    if (ShapedType::isDynamic(size))
      size = dim == 0 ? leading : capacity;
  ReferenceTensor tensor(type.getElementType(), shape);
  fillRandom(tensor, name, options.seed, scale);
  return tensor;
}

ReferenceTensor ArgumentMaker::makeIndices(ShapedType type,
                                           ArrayRef<int64_t> numbers) {
  int64_t count = numbers.size();
  ReferenceTensor tensor(type.getElementType(), {count});
  llvm::copy(numbers, tensor.ints());
  return tensor;
}

/// Pools have one slot more than there are sequences.
ReferenceValue ArgumentMaker::makeState(Type type, StringRef name) {
  if (auto memory = dyn_cast<MemRefType>(type))
    return makeNumbers(memory, name, sequences + 1, 1.0);
  std::shared_ptr<ReferenceState> state = ReferenceState::create(type);
  bool cache = state->pools.size() == 2;
  for (auto [index, pool] : llvm::enumerate(state->pools)) {
    SmallVector<int64_t> shape(pool.getShape());
    shape[0] = sequences + 1;
    if (cache)
      shape[1] = capacity;
    pool = ReferenceTensor(pool.getElementType(), shape);
    StringRef suffix = !cache ? "" : index == 0 ? ".key" : ".value";
    fillRandom(pool, (name + suffix).str(), options.seed, 1.0);
  }
  return state;
}

ReferenceTensor ArgumentMaker::makeRoutes(ShapedType type, StringRef name,
                                          ArgumentRole role) {
  Random random(name, options.seed);
  ReferenceTensor tensor = makeNumbers(type, name, tokens, 1.0);
  int64_t count = tensor.getNumElements();
  SmallVector<int64_t> numbers;
  for (int64_t i = 0; i < count; ++i)
    numbers.push_back(role.kind == ArgumentKind::Rows
                          ? i
                          : random.below(role.kind == ArgumentKind::Offsets
                                             ? tokens + 1
                                             : role.bound));
  if (role.kind == ArgumentKind::Rows)
    for (int64_t i = count - 1; i > 0; --i)
      std::swap(numbers[i], numbers[random.below(i + 1)]);
  if (role.kind == ArgumentKind::Offsets) {
    llvm::sort(numbers);
    numbers.front() = 0;
    numbers.back() = tokens;
  }
  llvm::copy(numbers, tensor.ints());
  return tensor;
}

ReferenceTensor ArgumentMaker::makeSampling(ShapedType type, StringRef name) {
  ReferenceTensor tensor = makeNumbers(type, name, sequences, 1.0);
  if (type.getRank() == 1 && tensor.isFloat())
    for (int64_t i = 0, e = tensor.getNumElements(); i < e; ++i)
      tensor.floats()[i] = std::fabs(std::fmod(tensor.floats()[i], 1.0));
  return tensor;
}

FailureOr<ReferenceValue> ArgumentMaker::makeWeight(StringRef name) {
  auto weight = SymbolTable::lookupNearestSymbolFrom<WeightOp>(
      function, StringAttr::get(function.getContext(), name));
  if (!weight)
    return function.emitError() << "no weight '" << name << "' is declared";
  FailureOr<ReferenceTensor> value = interpreter.getWeight(weight);
  if (failed(value))
    return failure();
  return ReferenceValue(*value);
}

FailureOr<ReferenceValue> ArgumentMaker::makeOutput(unsigned index) {
  auto type = cast<MemRefType>(function.getArgumentTypes()[index]);
  auto map = function.getArgAttrOfType<AffineMapAttr>(index, "minimax.shape");
  if (!map && !type.hasStaticShape())
    return function.emitError()
           << "the size of output '" << getArgumentName(function, index)
           << "' is not known";
  SmallVector<int64_t> shape(type.getShape());
  if (map)
    llvm::copy(map.getValue().compose(stepDims()), shape.begin());
  ReferenceTensor output(type.getElementType(), shape);
  output.poison();
  return ReferenceValue(output);
}

/// Uninitialised bytes, as many as the program says that it needs.
FailureOr<ReferenceValue> ArgumentMaker::makeArena() {
  std::string name = (function.getName() + ".arena").str();
  auto sizes =
      function->getParentOfType<ModuleOp>().lookupSymbol<func::FuncOp>(name);
  if (!sizes)
    return function.emitError()
           << "expected '" << name << "' to compute the size of the arena";
  SmallVector<ReferenceValue> dims;
  for (int64_t dim : stepDims())
    dims.push_back(
        ReferenceTensor::scalar(IndexType::get(function.getContext()), dim));
  auto bytes = interpreter.run(sizes, dims);
  if (failed(bytes))
    return failure();
  ReferenceTensor arena(IntegerType::get(function.getContext(), 8),
                        {bytes->front().tensor.intValue()});
  arena.poison();
  return ReferenceValue(arena);
}

FailureOr<ReferenceValue> ArgumentMaker::makeArgument(unsigned index) {
  Type type = function.getArgumentTypes()[index];
  std::string name = getArgumentName(function, index);
  ArgumentRole role = roles[index];
  if (role.kind == ArgumentKind::State)
    return makeState(type, name);
  if (role.kind == ArgumentKind::Weight)
    return makeWeight(name);
  if (role.kind == ArgumentKind::Output)
    return makeOutput(index);
  if (role.kind == ArgumentKind::Arena)
    return makeArena();
  if (role.kind == ArgumentKind::StepDim)
    return ReferenceValue(
        ReferenceTensor::scalar(type, stepDims()[role.bound]));
  auto shaped = dyn_cast<ShapedType>(type);
  if (!shaped)
    shaped = RankedTensorType::get({}, type);
  switch (role.kind) {
  case ArgumentKind::CuSeqlens:
    return ReferenceValue(makeIndices(shaped, cuSeqlens));
  case ArgumentKind::Positions:
    return ReferenceValue(makeIndices(shaped, positions));
  case ArgumentKind::Slots:
    return ReferenceValue(makeIndices(shaped, slots));
  case ArgumentKind::Tokens:
  case ArgumentKind::Experts:
  case ArgumentKind::Offsets:
  case ArgumentKind::Rows:
    return ReferenceValue(makeRoutes(shaped, name, role));
  case ArgumentKind::Sampling:
    return ReferenceValue(makeSampling(shaped, name));
  case ArgumentKind::Copies:
    return ReferenceValue(makeNumbers(shaped, name, tokens * role.bound, 1.0));
  case ArgumentKind::Chunks:
    return ReferenceValue(
        makeNumbers(shaped, name, tokens / role.bound + sequences, 1.0));
  default:
    break;
  }
  bool isWeight = shaped.hasStaticShape() && shaped.getRank() >= 2;
  ReferenceTensor numbers = makeNumbers(
      shaped, name, tokens, isWeight ? weightScale(shaped.getShape()) : 1.0);
  if (role.kind == ArgumentKind::Decay)
    for (int64_t i = 0, e = numbers.getNumElements(); i < e; ++i)
      numbers.floats()[i] = std::fabs(numbers.floats()[i]);
  return ReferenceValue(numbers);
}

FailureOr<SmallVector<ReferenceValue>> ArgumentMaker::make() {
  fixSizes();
  layOut();
  SmallVector<ReferenceValue> arguments;
  for (unsigned index = 0; index < function.getNumArguments(); ++index) {
    FailureOr<ReferenceValue> argument = makeArgument(index);
    if (failed(argument))
      return failure();
    arguments.push_back(std::move(*argument));
  }
  return arguments;
}

FailureOr<SmallVector<ReferenceValue>>
minimax::makeRandomArguments(func::FuncOp function,
                             const RandomInputOptions &options,
                             Interpreter &interpreter) {
  return ArgumentMaker(function, options, interpreter).make();
}
