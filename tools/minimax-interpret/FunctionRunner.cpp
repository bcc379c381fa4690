//===- FunctionRunner.cpp - one function on given arguments ---------------===//
//
// Finds an argument for every parameter, runs, and shows the results.
//
//===----------------------------------------------------------------------===//

#include "InterpretTool.h"
#include "llvm/Support/Format.h"
#include <optional>

using namespace mlir;
using namespace mlir::minimax;
using ::minimax::runtime::SafetensorsFile;

/// The tensor `name` of `file` as the pool of a state.
static llvm::Error loadPool(const SafetensorsFile &file,
                            const std::string &name, ReferenceTensor &pool) {
  const auto *view = file.Find(name);
  if (!view)
    return llvm::Error::success();
  auto tensor = toReference(*view, pool.getElementType());
  if (!tensor)
    return tensor.takeError();
  if (tensor->getRank() != 4)
    return makeError(file.path() + ": tensor '" + name +
                     "': expected a pool of rank 4");
  pool = *tensor;
  return llvm::Error::success();
}

/// Argument `index` from `file`; nothing if the file has none.
static llvm::Expected<std::optional<ReferenceValue>>
loadArgument(func::FuncOp function, unsigned index,
             const SafetensorsFile &file) {
  std::string name = getArgumentName(function, index);
  Type type = function.getArgumentTypes()[index];
  if (isa<LightningStateType, KVCacheType>(type)) {
    auto state = ReferenceState::create(type);
    bool cache = state->pools.size() == 2;
    for (unsigned pool = 0; pool < state->pools.size(); ++pool) {
      const char *suffix = !cache ? "" : pool == 0 ? ".key" : ".value";
      if (llvm::Error error = loadPool(file, name + suffix, state->pools[pool]))
        return error;
    }
    return ReferenceValue(state);
  }
  const auto *view = file.Find(name);
  if (!view)
    return std::nullopt;
  auto shaped = dyn_cast<ShapedType>(type);
  auto tensor = toReference(*view, getElementTypeOrSelf(type));
  if (!tensor)
    return tensor.takeError();
  if (shaped &&
      failed(verifyCompatibleShape(shaped.getShape(), tensor->getShape())))
    return makeError(file.path() + ": tensor '" + name +
                     "': its shape does not fit the argument's type");
  return ReferenceValue(shaped ? *tensor : tensor->reshaped({}));
}

static llvm::Error loadArguments(func::FuncOp function, const std::string &path,
                                 bool complete,
                                 SmallVectorImpl<ReferenceValue> &arguments) {
  auto file = SafetensorsFile::Open(path);
  if (!file.ok())
    return makeError(std::string(file.status().message()));
  for (unsigned index = 0; index < arguments.size(); ++index) {
    auto argument = loadArgument(function, index, *file);
    if (!argument)
      return argument.takeError();
    if (*argument)
      arguments[index] = **argument;
    else if (!complete)
      return makeError(path + ": has no tensor '" +
                       getArgumentName(function, index) + "'");
  }
  return llvm::Error::success();
}

/// Results, then the final states and buffers of the arguments.
static NamedTensors collect(func::FuncOp function,
                            ArrayRef<ReferenceValue> results,
                            ArrayRef<ReferenceValue> arguments) {
  NamedTensors tensors;
  for (auto [index, result] : llvm::enumerate(results))
    if (!result.state)
      tensors.emplace_back(getResultName(function, index), result.tensor);
  for (auto [index, argument] : llvm::enumerate(arguments)) {
    std::string name = getArgumentName(function, index);
    if (isa<MemRefType>(function.getArgumentTypes()[index]))
      tensors.emplace_back(name, argument.tensor);
    if (!argument.state)
      continue;
    bool cache = argument.state->pools.size() == 2;
    for (auto [pool, tensor] : llvm::enumerate(argument.state->pools))
      tensors.emplace_back(name + (!cache ? ""
                                   : pool ? ".value"
                                          : ".key"),
                           tensor);
  }
  return tensors;
}

static void print(const NamedTensors &tensors) {
  for (const auto &[name, tensor] : tensors) {
    ReferenceTensor dense = tensor.contiguous();
    llvm::outs() << name << " [";
    llvm::interleaveComma(dense.getShape(), llvm::outs());
    llvm::outs() << "]:";
    for (int64_t i = 0, e = dense.getNumElements(); i < e; ++i)
      if (dense.isFloat())
        llvm::outs() << " " << llvm::format("%.9g", dense.floats()[i]);
      else
        llvm::outs() << " " << dense.ints()[i];
    llvm::outs() << "\n";
  }
}

llvm::Error mlir::minimax::runFunction(ModuleOp module,
                                       Interpreter &interpreter,
                                       const FunctionRun &run) {
  auto function = module.lookupSymbol<func::FuncOp>(run.entry);
  if (!function)
    return makeError("no function '" + run.entry + "'");
  SmallVector<ReferenceValue> arguments(function.getNumArguments());
  if (run.random) {
    auto random = makeRandomArguments(function, run.inputs, interpreter);
    if (failed(random))
      return makeError("'" + run.entry + "': no arguments could be made");
    arguments = *random;
  } else if (run.arguments.empty() && !arguments.empty()) {
    return makeError("'" + run.entry +
                     "' takes arguments: expected --args or --random");
  }
  if (!run.arguments.empty())
    if (llvm::Error error =
            loadArguments(function, run.arguments, run.random, arguments))
      return error;
  auto results = interpreter.run(function, arguments);
  if (failed(results))
    return makeError("'" + run.entry + "' could not be executed");
  NamedTensors tensors = collect(function, *results, arguments);
  if (!run.out.empty())
    return writeTensors(run.out, tensors, run.single);
  print(tensors);
  return llvm::Error::success();
}
