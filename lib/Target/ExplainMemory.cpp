//===- ExplainMemory.cpp - what a program will take -----------------------===//
//
// Weights from their declarations, states and outputs from the entry's
// arguments, the arena from the function that computes its size.
//
//===----------------------------------------------------------------------===//

#include "minimax/Target/ExplainMemory.h"
#include "minimax/Codegen/Common/SymbolicDims.h"
#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "minimax/runtime/abi.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::minimax;

/// What minimax-run takes beside all that depends on the model's sizes:
/// measured (test/Integration/CPU/memory.test keeps it honest).
static constexpr int64_t kRuntimeBytes = 15 << 20;
/// And for each weight: its place in the manifest, tables and page tables.
static constexpr int64_t kBytesPerSource = 1 << 10;

static llvm::Error usage(const Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

/// Reads a positive integer from the front of `text`.
static bool consumeCount(StringRef &text, int64_t &count) {
  return !text.consumeInteger(10, count) && count > 0;
}

llvm::Expected<MemoryRequest> MemoryRequest::parse(StringRef text) {
  MemoryRequest request;
  if (text.empty())
    return request;
  StringRef rest = text;
  for (int64_t *number : {&request.tokens, &request.sequences, &request.step}) {
    bool isFine = consumeCount(rest, *number) && *number <= INT32_MAX;
    if (isFine && rest.empty())
      return request;
    if (!isFine || !rest.consume_front(","))
      break;
  }
  return usage("expected tokens[,sequences[,step]] in positive numbers, but "
               "got '" +
               text + "'");
}

llvm::Expected<DeviceMemory> DeviceMemory::parse(StringRef text) {
  DeviceMemory device;
  StringRef rest = text;
  int64_t number = 0;
  bool isFine = consumeCount(rest, number);
  if (isFine && rest.consume_front("x")) {
    device.count = number;
    isFine = consumeCount(rest, number);
  }
  constexpr std::pair<StringRef, int64_t> units[] = {
      {"MB", 1000000},    {"GB", 1000000000}, {"TB", 1000000000000},
      {"MiB", 1ll << 20}, {"GiB", 1ll << 30}, {"TiB", 1ll << 40}};
  for (auto [name, unit] : units)
    if (isFine && rest == name &&
        !llvm::MulOverflow(number, unit, device.bytes) &&
        device.count <= INT32_MAX)
      return device;
  return usage("expected [<count>x]<number> in MB, GB, TB, MiB, GiB or TiB, as "
               "in 8x80GB, but got '" +
               text + "'");
}

static int64_t bytesOf(ShapedType type) {
  return llvm::divideCeil(type.getElementTypeBitWidth(), 8);
}

static void addWeights(ModuleOp module, MemoryEstimate &estimate) {
  for (WeightOp weight : module.getOps<WeightOp>()) {
    auto type = cast<RankedTensorType>(weight.getType());
    int64_t bytes = type.getNumElements() * bytesOf(type);
    auto logical = cast<RankedTensorType>(
        weight.getLogical() ? *weight.getLogical() : weight.getType());
    estimate.stored += logical.getNumElements() * bytesOf(logical);
    estimate.runtime += kBytesPerSource * weight.getSources().size();
    if (weight.getLogical())
      estimate.packed += llvm::alignTo(bytes, MMRT_ALIGNMENT);
    else
      estimate.inPlace += bytes;
  }
}

/// Bytes of an entry's argument for the given dims.
static int64_t argumentBytes(func::FuncOp entry, unsigned index,
                             ArrayRef<Attribute> dims) {
  auto shape = entry.getArgAttrOfType<AffineMapAttr>(index, "minimax.shape");
  auto type = dyn_cast<MemRefType>(entry.getArgument(index).getType());
  SmallVector<Attribute> sizes;
  if (!shape || !type || failed(shape.getValue().constantFold(dims, sizes)))
    return 0;
  int64_t bytes = bytesOf(type);
  for (Attribute size : sizes)
    bytes = llvm::SaturatingMultiply<uint64_t>(
        bytes, cast<IntegerAttr>(size).getInt());
  return bytes;
}

static void addArguments(func::FuncOp entry, ArrayRef<Attribute> dims,
                         MemoryEstimate &estimate) {
  for (unsigned index = 0; index < entry.getNumArguments(); ++index) {
    int64_t bytes = argumentBytes(entry, index, dims);
    auto name = entry.getArgAttrOfType<StringAttr>(index, "minimax.name");
    if (entry.getArgAttr(index, "minimax.output"))
      estimate.outputs += bytes;
    else if (!entry.getArgAttr(index, "minimax.state"))
      continue;
    else if (name && name.getValue().contains("kv_cache"))
      estimate.caches += bytes;
    else
      estimate.states += bytes;
  }
}

/// The result of a function of straight-line arithmetic on constants.
static FailureOr<int64_t> evaluate(func::FuncOp function,
                                   ArrayRef<Attribute> arguments) {
  DenseMap<Value, Attribute> values;
  for (auto [argument, value] : llvm::zip(function.getArguments(), arguments))
    values[argument] = value;
  for (Operation &op : function.front()) {
    SmallVector<Attribute> operands;
    for (Value operand : op.getOperands())
      operands.push_back(values.lookup(operand));
    if (isa<func::ReturnOp>(op))
      if (auto result = dyn_cast_or_null<IntegerAttr>(operands[0]))
        return result.getInt();
    Attribute constant;
    SmallVector<OpFoldResult> results;
    if (matchPattern(&op, m_Constant(&constant)))
      values[op.getResult(0)] = constant;
    else if (succeeded(op.fold(operands, results)) && results.size() == 1)
      values[op.getResult(0)] = isa<Value>(results[0])
                                    ? values.lookup(cast<Value>(results[0]))
                                    : cast<Attribute>(results[0]);
    else
      return op.emitError("expected arithmetic that folds to a constant");
  }
  return function.emitError("expected a function that returns a number");
}

FailureOr<MemoryEstimate>
minimax::estimateMemory(ModuleOp module, const MemoryRequest &request) {
  auto entry = module.lookupSymbol<func::FuncOp>("step");
  auto arena = module.lookupSymbol<func::FuncOp>("step.arena");
  if (!entry || !arena)
    return module.emitError("expected a program with the entry 'step'");
  Builder builder(module.getContext());
  int64_t tokens = std::min(request.tokens, request.step) * request.sequences;
  SmallVector<Attribute> dims;
  for (int64_t dim :
       {tokens, request.sequences, request.sequences, request.tokens})
    dims.push_back(builder.getIndexAttr(dim));
  MemoryEstimate estimate;
  estimate.runtime = kRuntimeBytes;
  addWeights(module, estimate);
  addArguments(entry, dims, estimate);
  FailureOr<int64_t> bytes = evaluate(arena, dims);
  if (failed(bytes))
    return failure();
  estimate.arena = *bytes;
  return estimate;
}

static void printRow(llvm::raw_ostream &os, StringRef what, int64_t bytes) {
  os << llvm::format("%-34s %18lld %12.3f\n", what.str().c_str(),
                     static_cast<long long>(bytes), bytes / 1e9);
}

static void printVerdict(llvm::raw_ostream &os, const MemoryEstimate &estimate,
                         const DeviceMemory &device) {
  int64_t shared =
      estimate.inPlace + estimate.packed + estimate.states + estimate.caches;
  int64_t each = llvm::divideCeil(shared, device.count) + estimate.arena +
                 estimate.outputs + estimate.runtime;
  int64_t margin = device.bytes - each;
  os << device.count << " x " << llvm::format("%.3f", device.bytes / 1e9)
     << " GB: " << (margin >= 0 ? "yes" : "no") << ", each of them needs "
     << llvm::format("%.3f", each / 1e9) << " GB, "
     << llvm::format("%.3f", std::abs(margin) / 1e9) << " GB "
     << (margin >= 0 ? "are left" : "are missing") << "\n";
  os << "(weights, states and caches split evenly; arena, outputs and runtime "
        "on each device)\n";
}

void minimax::printMemory(llvm::raw_ostream &os, const MemoryEstimate &estimate,
                          const MemoryRequest &request,
                          std::optional<DeviceMemory> device) {
  os << request.sequences << " sequence" << (request.sequences == 1 ? "" : "s")
     << " of " << request.tokens << " tokens, at most " << request.step
     << " new ones of each in a step\n";
  os.indent(48) << "bytes           GB\n";
  printRow(os, "weights as stored", estimate.stored);
  printRow(os, "  used in place", estimate.inPlace);
  printRow(os, "  packed", estimate.packed);
  printRow(os, "states of lightning attention", estimate.states);
  printRow(os, "key-value caches", estimate.caches);
  printRow(os, "arena", estimate.arena);
  printRow(os, "outputs", estimate.outputs);
  printRow(os, "runtime", estimate.runtime);
  printRow(os, "total (without \"as stored\")", estimate.total());
  if (device)
    printVerdict(os, estimate, *device);
}
