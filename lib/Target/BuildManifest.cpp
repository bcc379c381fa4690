//===- BuildManifest.cpp - what the runtime is told of a program ----------===//
//
// Argument attributes, declarations of weights and the description of the model
// in the manifest's terms.
//
//===----------------------------------------------------------------------===//

#include "minimax/Target/BuildManifest.h"
#include "minimax/Codegen/Common/StepCosts.h"
#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace mlir::minimax;
using ::minimax::runtime::DimSize;
using ::minimax::runtime::DimSymbol;
using ::minimax::runtime::DType;
using ::minimax::runtime::Manifest;
using ::minimax::runtime::ManifestEntry;
using ::minimax::runtime::ManifestModel;
using ::minimax::runtime::ManifestOp;
using ::minimax::runtime::ManifestSource;
using ::minimax::runtime::ManifestState;
using ::minimax::runtime::ManifestTensor;
using ::minimax::runtime::ManifestWeight;

static std::optional<DType> dtypeOf(Type type) {
  if (type.isF32())
    return DType::kF32;
  if (type.isBF16())
    return DType::kBF16;
  if (type.isF16())
    return DType::kF16;
  if (type.isInteger(32))
    return DType::kI32;
  if (type.isInteger(8))
    return DType::kI8;
  return std::nullopt;
}

/// The manifest's term for a size, if it has one.
static std::optional<DimSize> sizeOf(AffineExpr size) {
  if (auto constant = dyn_cast<AffineConstantExpr>(size))
    return DimSize::Static(constant.getValue());
  static constexpr DimSymbol symbols[kNumStepDims] = {
      DimSymbol::kTokens, DimSymbol::kSequences, DimSymbol::kSlots,
      DimSymbol::kCapacity};
  if (auto dim = dyn_cast<AffineDimExpr>(size))
    return DimSize::Of(symbols[dim.getPosition()]);
  if (size == getAffineDimExpr(1, size.getContext()) + 1)
    return DimSize::Of(DimSymbol::kSequencesPlusOne);
  return std::nullopt;
}

static LogicalResult describe(func::FuncOp entry, unsigned index,
                              ManifestTensor &tensor) {
  auto name = entry.getArgAttrOfType<StringAttr>(index, "minimax.name");
  auto shape = entry.getArgAttrOfType<AffineMapAttr>(index, "minimax.shape");
  auto type = dyn_cast<MemRefType>(entry.getArgument(index).getType());
  auto error = [&](const char *what) {
    return entry.emitError() << "expected " << what << " of argument " << index
                             << " of entry '" << entry.getName() << "'";
  };
  if (!name || !shape || !type)
    return error("'minimax.name', 'minimax.shape' and a memref type");
  std::optional<DType> dtype = dtypeOf(type.getElementType());
  if (!dtype)
    return error("element type f32, bf16, f16 or i32");
  tensor.name = name.str();
  tensor.dtype = *dtype;
  for (AffineExpr size : shape.getValue().getResults()) {
    std::optional<DimSize> known = sizeOf(size);
    if (!known)
      return error("sizes T, N, N+1, S, C or numbers");
    tensor.shape.push_back(*known);
  }
  return success();
}

static LogicalResult describeEntry(func::FuncOp function, ManifestEntry &entry,
                                   std::vector<ManifestState> &states) {
  entry.name = function.getName().str();
  for (unsigned index = 0; index < function.getNumArguments(); ++index) {
    ManifestState tensor;
    auto isIn = [&](StringRef group) {
      return function.getArgAttr(index, group) != nullptr;
    };
    if (!isIn("minimax.input") && !isIn("minimax.state") &&
        !isIn("minimax.output"))
      continue;
    if (failed(describe(function, index, tensor)))
      return failure();
    if (isIn("minimax.input")) {
      entry.inputs.push_back(tensor);
    } else if (isIn("minimax.output")) {
      entry.outputs.push_back(tensor);
    } else {
      bool isCache = StringRef(tensor.name).contains("kv_cache");
      tensor.kind = isCache ? "kv_cache" : "lightning_state";
      states.push_back(tensor);
    }
  }
  return success();
}

static LogicalResult describeEntries(ModuleOp module, Manifest &manifest) {
  for (auto function : module.getOps<func::FuncOp>()) {
    if (!function->hasAttr("minimax.entry"))
      continue;
    ManifestEntry entry;
    std::vector<ManifestState> states;
    if (failed(describeEntry(function, entry, states)))
      return failure();
    // A session's states are handed to whichever entry runs next, if it has
    // any.
    auto sameNames = [](const ManifestState &a, const ManifestState &b) {
      return a.name == b.name && a.shape == b.shape && a.dtype == b.dtype;
    };
    if (manifest.states.empty())
      manifest.states = states;
    else if (!states.empty() &&
             !llvm::equal(states, manifest.states, sameNames))
      return function.emitError() << "expected entry '" << entry.name
                                  << "' to have the states of entry '"
                                  << manifest.entries[0].name << "'";
    manifest.entries.push_back(std::move(entry));
  }
  if (manifest.entries.empty())
    return module.emitError("expected a function marked 'minimax.entry'");
  return success();
}

/// The tensors of the checkpoint that make up a weight.
static std::vector<ManifestSource> sourcesOf(WeightOp weight,
                                             RankedTensorType logical) {
  int64_t count = weight.getSources().size();
  std::vector<int64_t> shape(logical.getShape());
  int64_t rows =
      logical.getNumElements() / (logical.getRank() == 1 ? 1 : shape.back());
  if (count > 1)
    shape = {rows / count, shape.back()};
  if (count > 1 && logical.getRank() == 1)
    shape.pop_back();
  std::vector<ManifestSource> sources;
  for (StringAttr name : weight.getSources().getAsRange<StringAttr>()) {
    ManifestSource source;
    source.name = name.str();
    source.dtype = *dtypeOf(logical.getElementType());
    source.shape = shape;
    source.first_row = rows / count * static_cast<int64_t>(sources.size());
    sources.push_back(std::move(source));
  }
  return sources;
}

static LogicalResult describeWeight(WeightOp weight, ManifestWeight &entry) {
  auto type = cast<RankedTensorType>(weight.getType());
  auto logical = cast<RankedTensorType>(
      weight.getLogical() ? *weight.getLogical() : weight.getType());
  std::optional<DType> dtype = dtypeOf(type.getElementType());
  if (!dtype || !dtypeOf(logical.getElementType()))
    return weight.emitError()
           << "expected weights of f32, bf16 or f16, but got " << logical;
  auto pack = weight->getAttrOfType<StringAttr>("minimax.pack");
  if (!pack && weight.getSources().size() != 1)
    return weight.emitError()
           << "expected one source for weight '" << weight.getSymName()
           << "', which is used as it is, but got "
           << weight.getSources().size();
  entry.name = weight.getSymName().str();
  entry.packing = !pack                     ? "none"
                  : weight.getInterleaved() ? "interleaved_panels"
                                            : "panels";
  entry.pack = pack ? pack.str() : "";
  entry.dtype = *dtype;
  entry.shape = std::vector<int64_t>(type.getShape());
  entry.bytes = type.getNumElements() * ::minimax::runtime::DTypeBytes(*dtype);
  entry.sources = sourcesOf(weight, logical);
  return success();
}

/// The argument of the entry that `value`, an argument of `function` or of the
/// entry itself, first stands for.
static BlockArgument traceToEntry(ModuleOp module, func::FuncOp function,
                                  Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument || function->hasAttr("minimax.entry"))
    return argument;
  BlockArgument found;
  for (auto caller : module.getOps<func::FuncOp>())
    caller.walk([&](func::CallOp call) {
      if (call.getCallee() != function.getName())
        return WalkResult::advance();
      found = traceToEntry(module, caller,
                           call.getOperand(argument.getArgNumber()));
      return WalkResult::interrupt();
    });
  return found;
}

/// Name of the first weight among the operands, without its layer.
static std::string weightOf(ModuleOp module, func::FuncOp function,
                            Operation *op) {
  for (Value operand : op->getOperands()) {
    BlockArgument argument = traceToEntry(module, function, operand);
    if (!argument)
      continue;
    auto entry = cast<func::FuncOp>(argument.getOwner()->getParentOp());
    unsigned index = argument.getArgNumber();
    auto name = entry.getArgAttrOfType<StringAttr>(index, "minimax.name");
    if (!name || !entry.getArgAttr(index, "minimax.weight"))
      continue;
    StringRef text = name.getValue();
    if (text.consume_front("layers."))
      text = text.split('.').second;
    return text.str();
  }
  return "";
}

static ::minimax::runtime::CostSum toManifest(const CostSum &sum) {
  ::minimax::runtime::CostSum result;
  for (const CostTerm &term : sum.getTerms())
    result.push_back(
        *::minimax::runtime::ParseCostTerm(term.name(), term.coefficient));
  return result;
}

static ManifestOp describeOp(ModuleOp module, func::FuncOp function,
                             ComputeOpInterface op, const SymbolicDims &dims) {
  ManifestOp entry;
  entry.name = op->getName().stripDialect().str();
  entry.weight = weightOf(module, function, op);
  entry.function = function.getName().str();
  for (Value operand : llvm::reverse(op->getOperands()))
    if (auto type = dyn_cast<MemRefType>(operand.getType()))
      if (std::optional<DType> dtype = dtypeOf(type.getElementType());
          dtype && *dtype != DType::kI32)
        entry.dtype = *dtype;
  OpCost cost = getStepCost(cast<CostOpInterface>(op.getOperation()), dims);
  entry.flops = toManifest(cost.flops);
  entry.bytes = toManifest(cost.bytes);
  return entry;
}

/// The ops that `minimax-number-ops` has numbered, in the order of the numbers.
static LogicalResult describeOps(ModuleOp module, Manifest &manifest) {
  FailureOr<SymbolicDims> dims = SymbolicDims::analyze(module);
  if (failed(dims))
    return failure();
  for (auto function : module.getOps<func::FuncOp>())
    function.walk([&](ComputeOpInterface op) {
      if (op->hasAttr("minimax.op"))
        manifest.ops.push_back(describeOp(module, function, op, *dims));
    });
  return success();
}

/// The dictionary that the importer left; absent in programs written by hand.
static ManifestModel describeModel(ModuleOp module) {
  ManifestModel model;
  auto values = module->getAttrOfType<DictionaryAttr>("minimax.model");
  if (!values)
    return model;
  auto integer = [&](StringRef name) -> int64_t {
    auto value = values.getAs<IntegerAttr>(name);
    return value ? value.getInt() : 0;
  };
  if (auto type = values.getAs<StringAttr>("model_type"))
    model.model_type = type.str();
  model.vocab_size = integer("vocab_size");
  model.hidden_size = integer("hidden_size");
  model.num_hidden_layers = integer("num_hidden_layers");
  model.num_local_experts = integer("num_local_experts");
  model.num_experts_per_tok = integer("num_experts_per_tok");
  model.max_position_embeddings = integer("max_position_embeddings");
  if (auto ids = values.getAs<DenseI32ArrayAttr>("eos_token_ids"))
    model.eos_token_ids.assign(ids.asArrayRef().begin(),
                               ids.asArrayRef().end());
  return model;
}

FailureOr<Manifest> mlir::minimax::buildManifest(ModuleOp module) {
  Manifest manifest;
  manifest.model = describeModel(module);
  if (failed(describeEntries(module, manifest)))
    return failure();
  for (WeightOp weight : module.getOps<WeightOp>()) {
    ManifestWeight entry;
    if (failed(describeWeight(weight, entry)))
      return failure();
    manifest.weights.push_back(std::move(entry));
  }
  if (failed(describeOps(module, manifest)))
    return failure();
  return manifest;
}
