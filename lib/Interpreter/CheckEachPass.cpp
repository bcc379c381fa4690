//===- CheckEachPass.cpp - find the pass that changes results -------------===//
//
// A pass instrumentation that compares interpreted results across passes.
//
//===----------------------------------------------------------------------===//

#include "minimax/Interpreter/CheckEachPass.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassInstrumentation.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSet.h"
#include <cmath>

using namespace mlir;
using namespace mlir::minimax;

/// Results and final states of one function, by name.
using Outcome = llvm::MapVector<StringRef, ReferenceTensor>;

namespace {
/// A result that differs.
struct Difference {
  std::string name;
  double error;
};

class CheckEachPass : public PassInstrumentation {
public:
  CheckEachPass(CheckEachPassOptions options,
                std::shared_ptr<CheckEachPassReport> report)
      : options(std::move(options)), report(std::move(report)) {}

  void runBeforePass(Pass *pass, Operation *op) override;
  void runAfterPass(Pass *pass, Operation *op) override;

private:
  LogicalResult evaluateAll(ModuleOp module,
                            llvm::StringMap<Outcome> &outcomes);
  LogicalResult evaluate(func::FuncOp function, Interpreter &interpreter,
                         Outcome &outcome);
  void stop(Operation *op, const Twine &reason);
  void compare(Pass *pass, func::FuncOp function, const Outcome &before,
               const Outcome &after, bool narrower);
  StringRef intern(const std::string &name) {
    return names.insert(name).first->first();
  }

  CheckEachPassOptions options;
  std::shared_ptr<CheckEachPassReport> report;
  llvm::StringSet<> names;
  llvm::StringMap<Outcome> previous;
  unsigned previousNarrow = 0;
  bool started = false, stopped = false;
};
} // namespace

static ModuleOp rootOf(Operation *op) {
  while (Operation *parent = op->getParentOp())
    op = parent;
  return dyn_cast<ModuleOp>(op);
}

/// Small integers are numbers in tensors only: an arena is bytes.
static bool isNarrow(Type type) {
  Type element = getElementTypeOrSelf(type);
  bool integers = element.isInteger(8) || element.isInteger(16);
  return element.isBF16() || element.isF16() ||
         (integers && isa<TensorType>(type));
}

/// How many values of `module` are stored in 16 bits or less.
static unsigned countNarrow(ModuleOp module) {
  unsigned count = 0;
  module.walk([&](Operation *op) {
    count += llvm::count_if(op->getResultTypes(), isNarrow);
    count += llvm::count_if(op->getOperandTypes(), isNarrow);
  });
  return count;
}

/// The pass's argument, or its class if it has none.
static StringRef nameOf(Pass *pass) {
  return pass->getArgument().empty() ? pass->getName() : pass->getArgument();
}

void CheckEachPass::stop(Operation *op, const Twine &reason) {
  stopped = true;
  emitRemark(op->getLoc()) << "stopped checking passes: " << reason;
}

LogicalResult CheckEachPass::evaluate(func::FuncOp function,
                                      Interpreter &interpreter,
                                      Outcome &outcome) {
  auto arguments = makeRandomArguments(function, options.inputs, interpreter);
  if (failed(arguments))
    return failure();
  auto results = interpreter.run(function, *arguments);
  if (failed(results))
    return failure();
  for (auto [index, result] : llvm::enumerate(*results))
    if (!result.state)
      outcome[intern(getResultName(function, index))] = result.tensor;
  for (auto [index, argument] : llvm::enumerate(*arguments)) {
    std::string name = getArgumentName(function, index);
    if (!isOutcomeArgument(function, index))
      continue;
    if (isa<MemRefType>(function.getArgumentTypes()[index]))
      outcome.insert({intern(name), argument.tensor});
    if (!argument.state)
      continue;
    ArrayRef<ReferenceTensor> pools = argument.state->pools;
    if (pools.size() == 1)
      outcome.insert({intern(name), pools[0]});
    for (unsigned pool = 0; pools.size() == 2 && pool < 2; ++pool)
      outcome.insert({intern(name + (pool ? ".value" : ".key")), pools[pool]});
  }
  return success();
}

/// Evaluates the chosen functions.
LogicalResult CheckEachPass::evaluateAll(ModuleOp module,
                                         llvm::StringMap<Outcome> &outcomes) {
  Interpreter interpreter(makeRandomWeights(options.inputs.seed));
  for (func::FuncOp function : module.getOps<func::FuncOp>()) {
    bool wanted = options.function.empty()
                      ? function.isPublic()
                      : function.getName() == options.function;
    if (!wanted || function.isExternal())
      continue;
    Outcome &outcome = outcomes[function.getName()];
    if (failed(evaluate(function, interpreter, outcome)))
      return failure();
  }
  return success();
}

/// The larger of the relative errors of `after` that `narrow` asks for; NaN in
/// `before` is unspecified and matches anything.
static double errorOf(const ReferenceTensor &before,
                      const ReferenceTensor &after, bool narrow) {
  if (before.getNumElements() != after.getNumElements() ||
      before.isFloat() != after.isFloat())
    return HUGE_VAL;
  ReferenceTensor a = before.contiguous(), b = after.contiguous();
  double largest = 0, difference = 0, squares = 0, differences = 0;
  for (int64_t i = 0, e = a.getNumElements(); i < e; ++i) {
    double x = a.isFloat() ? a.floats()[i] : a.ints()[i];
    double y = a.isFloat() ? b.floats()[i] : b.ints()[i];
    if (std::isnan(x) || x == y)
      continue;
    if (std::isnan(y) || std::isinf(x) || std::isinf(y))
      return HUGE_VAL;
    difference = std::max(difference, std::fabs(x - y));
    differences += (x - y) * (x - y);
  }
  for (int64_t i = 0, e = a.isFloat() ? a.getNumElements() : 0; i < e; ++i)
    if (std::isfinite(a.floats()[i])) {
      largest = std::max(largest, std::fabs(a.floats()[i]));
      squares += a.floats()[i] * a.floats()[i];
    }
  if (difference == 0)
    return 0;
  if (!a.isFloat())
    return narrow ? 0 : HUGE_VAL; // rounding may change a choice
  return narrow ? std::sqrt(differences / squares) : difference / largest;
}

void CheckEachPass::compare(Pass *pass, func::FuncOp function,
                            const Outcome &before, const Outcome &after,
                            bool narrower) {
  Difference worst = {"", 0};
  for (const auto &[name, tensor] : before) {
    auto found = after.find(name);
    if (found == after.end())
      return stop(function, "'" + function.getName() + "' has no result '" +
                                name + "' after pass '" + nameOf(pass) + "'");
    double error = errorOf(tensor, found->second, narrower);
    if (error > worst.error)
      worst = {name.str(), error};
  }
  double tolerance = narrower ? options.narrowTolerance : options.tolerance;
  if (worst.error <= tolerance || !report->failedPass.empty())
    return;
  report->failedPass = nameOf(pass).str();
  stopped = true;
  emitError(function.getLoc())
      << "pass '" << nameOf(pass) << "' changed '" << worst.name << "' of '"
      << function.getName() << "': relative error " << worst.error
      << ", tolerance " << tolerance;
}

void CheckEachPass::runBeforePass(Pass *, Operation *op) {
  ModuleOp module = rootOf(op);
  if (stopped || started || !module)
    return;
  started = true;
  previousNarrow = countNarrow(module);
  if (Operation *unknown = findUninterpretable(module))
    return stop(unknown, "the interpreter does not execute '" +
                             unknown->getName().getStringRef() + "'");
  if (failed(evaluateAll(module, previous)))
    stop(module, "the program could not be executed");
}

void CheckEachPass::runAfterPass(Pass *pass, Operation *op) {
  ModuleOp module = rootOf(op);
  if (stopped || !started || !module)
    return;
  if (Operation *unknown = findUninterpretable(module))
    return stop(unknown, "after pass '" + nameOf(pass) +
                             "' the interpreter does not execute '" +
                             unknown->getName().getStringRef() + "'");
  llvm::StringMap<Outcome> current;
  if (failed(evaluateAll(module, current))) {
    report->failedPass = nameOf(pass).str();
    stopped = true;
    emitError(module.getLoc()) << "pass '" << nameOf(pass)
                               << "' left a program that cannot be executed";
    return;
  }
  ++report->checkedPasses;
  unsigned narrow = countNarrow(module);
  for (func::FuncOp function : module.getOps<func::FuncOp>()) {
    auto before = previous.find(function.getName());
    auto after = current.find(function.getName());
    if (before != previous.end() && after != current.end() && !stopped)
      compare(pass, function, before->second, after->second,
              narrow > previousNarrow);
  }
  previous = std::move(current);
  previousNarrow = narrow;
}

std::shared_ptr<const CheckEachPassReport>
minimax::addCheckEachPass(PassManager &manager,
                          const CheckEachPassOptions &options) {
  auto report = std::make_shared<CheckEachPassReport>();
  manager.getContext()->disableMultithreading();
  manager.addInstrumentation(std::make_unique<CheckEachPass>(options, report));
  return report;
}
