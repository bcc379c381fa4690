//===- PackWeights.cpp - lay weights of products out in panels ------------===//
//
// Moves packing from each product to the declaration of its weight.
//
//===----------------------------------------------------------------------===//

#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "minimax/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/StringSet.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_PACKWEIGHTS
#include "minimax/Transforms/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

/// The weight that `op` reads quantised, without the ops that say so; null if
/// it reads a plain one. Fails if its integers come from elsewhere.
static FailureOr<Value> quantizedWeight(Operation *op) {
  auto dequantize = op->getOperand(1).getDefiningOp<DequantizeOp>();
  if (!dequantize)
    return Value();
  auto quantize = dequantize.getQuantized().getDefiningOp<QuantizeOp>();
  Type input = getElementTypeOrSelf(op->getOperand(0).getType());
  if (quantize && dequantize.getScale() == quantize.getScale() &&
      (input.isInteger(16) || input.isBF16()))
    return quantize.getInput();
  return op->emitOpError()
         << "expected a quantised weight as minimax-quantize leaves it: an i16 "
            "or bf16 input, and integers and scales of one minimax.quantize";
}

/// Inserts a `minimax.pack` before the weight operand of a product.
static LogicalResult packOperand(Operation *op) {
  auto type = dyn_cast<RankedTensorType>(op->getOperand(1).getType());
  auto grouped = dyn_cast<GroupedMatmulOp>(op);
  if (!type || type.getRank() != (grouped ? 3 : 2))
    return success();
  FailureOr<Value> quantized = quantizedWeight(op);
  if (failed(quantized))
    return failure();
  OpBuilder builder(op);
  Type input = getElementTypeOrSelf(op->getOperand(0).getType());
  bool narrow = input.isBF16() || type.getElementType().isBF16();
  Type element = *quantized ? cast<Type>(builder.getI8Type())
                 : narrow   ? cast<Type>(builder.getBF16Type())
                            : cast<Type>(builder.getF32Type());
  bool interleaved = grouped && grouped.getActivation() == Activation::swiglu;
  Value weight = *quantized ? *quantized : op->getOperand(1);
  op->setOperand(1, builder.create<PackOp>(
                        op->getLoc(), getPackedType(type, element, interleaved),
                        weight, interleaved));
  return success();
}

/// Packs the weights of all products; what said that they are quantised goes.
static LogicalResult packOperands(ModuleOp module) {
  SmallVector<Operation *> products, rounding;
  module.walk([&](Operation *op) {
    if (isa<LinearOp, LmHeadOp, GroupedMatmulOp>(op))
      products.push_back(op);
    if (isa<QuantizeOp, DequantizeOp>(op))
      rounding.push_back(op);
  });
  for (Operation *op : products)
    if (failed(packOperand(op)))
      return failure();
  for (Operation *op : llvm::reverse(rounding))
    if (op->use_empty())
      op->erase();
  return success();
}

/// The one pack op that reads `argument`, merging equal ones; none if anything
/// else reads it.
static PackOp onlyPack(BlockArgument argument) {
  PackOp first;
  for (Operation *user : llvm::make_early_inc_range(argument.getUsers())) {
    auto pack = dyn_cast<PackOp>(user);
    if (!pack || (first && (pack.getType() != first.getType() ||
                            pack.getInterleaved() != first.getInterleaved())))
      return {};
    if (!first) {
      first = pack;
      continue;
    }
    first->moveBefore(&argument.getOwner()->front());
    pack.replaceAllUsesWith(first.getResult());
    pack.erase();
  }
  return first;
}

/// Moves packs of a private function's parameters to its call sites.
static bool hoistFromFunction(func::FuncOp function,
                              ArrayRef<func::CallOp> calls) {
  bool changed = false;
  for (BlockArgument argument : function.getArguments()) {
    PackOp pack = onlyPack(argument);
    if (!pack || calls.empty())
      continue;
    for (func::CallOp call : calls) {
      OpBuilder builder(call);
      OpOperand &operand = call->getOpOperand(argument.getArgNumber());
      operand.set(builder.create<PackOp>(call.getLoc(), pack.getType(),
                                         operand.get(), pack.getInterleaved()));
    }
    argument.setType(pack.getType());
    pack.replaceAllUsesWith(Value(argument));
    pack.erase();
    changed = true;
  }
  if (changed)
    function.setType(FunctionType::get(function.getContext(),
                                       function.front().getArgumentTypes(),
                                       function.getResultTypes()));
  return changed;
}

/// Replaces pack(get_weight @w) by a weight declared in the packed layout.
static void packDeclarations(ModuleOp module) {
  SymbolTable symbols(module);
  llvm::MapVector<WeightOp, SmallVector<PackOp>> packs;
  module.walk([&](PackOp pack) {
    if (auto get = pack.getInput().getDefiningOp<GetWeightOp>())
      packs[symbols.lookup<WeightOp>(get.getName())].push_back(pack);
  });
  for (auto &[weight, ops] : packs) {
    llvm::MapVector<std::pair<Type, unsigned>, WeightOp> packed;
    for (PackOp pack : ops) {
      WeightOp &declared =
          packed[{pack.getType(), unsigned(pack.getInterleaved())}];
      if (!declared) {
        OpBuilder builder(weight->getContext());
        builder.setInsertionPointAfter(weight);
        declared = cast<WeightOp>(builder.clone(*weight));
        declared.setTypeAttr(TypeAttr::get(pack.getType()));
        declared.setLogicalAttr(weight.getTypeAttr());
        declared.setInterleaved(pack.getInterleaved());
        declared.setSymName((weight.getSymName() + ".packed").str());
        symbols.insert(declared);
      }
      OpBuilder builder(pack);
      auto get = builder.create<GetWeightOp>(
          pack.getLoc(), pack.getType(),
          FlatSymbolRefAttr::get(declared.getSymNameAttr()));
      Operation *plain = pack.getInput().getDefiningOp();
      pack.replaceAllUsesWith(get.getResult());
      pack.erase();
      if (plain->use_empty())
        plain->erase();
    }
  }
}

/// Erases weights that nothing reads and gives their packed twins their names.
static void dropUnreadWeights(ModuleOp module) {
  llvm::StringSet<> read;
  module.walk([&](GetWeightOp op) { read.insert(op.getName()); });
  SymbolTable symbols(module);
  for (WeightOp weight : llvm::make_early_inc_range(module.getOps<WeightOp>()))
    if (!read.contains(weight.getSymName()))
      symbols.erase(weight);
  // In one walk for all: SymbolTable::rename would make one for each weight.
  llvm::StringMap<StringAttr> renamed;
  for (WeightOp weight : module.getOps<WeightOp>()) {
    StringRef name = weight.getSymName();
    if (!name.consume_back(".packed") || symbols.lookup(name))
      continue;
    auto plain = StringAttr::get(module.getContext(), name);
    renamed[weight.getSymName()] = plain;
    weight.setSymNameAttr(plain);
  }
  module.walk([&](GetWeightOp op) {
    if (StringAttr name = renamed.lookup(op.getName()))
      op.setNameAttr(FlatSymbolRefAttr::get(name));
  });
}

/// Puts declarations behind functions, whose lookup by name is linear and
/// frequent in later passes.
static void moveDeclarationsLast(ModuleOp module) {
  for (WeightOp weight : llvm::to_vector(module.getOps<WeightOp>()))
    weight->moveBefore(module.getBody(), module.getBody()->end());
}

namespace {
struct PackWeightsPass : minimax::impl::PackWeightsBase<PackWeightsPass> {
  using PackWeightsBase::PackWeightsBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (failed(packOperands(module)))
      return signalPassFailure();
    llvm::StringMap<SmallVector<func::CallOp>> calls;
    module.walk(
        [&](func::CallOp call) { calls[call.getCallee()].push_back(call); });
    bool changed = true;
    while (changed) {
      changed = false;
      for (func::FuncOp function : module.getOps<func::FuncOp>())
        if (function.isPrivate() && !function.isExternal())
          changed |= hoistFromFunction(function, calls[function.getSymName()]);
    }
    packDeclarations(module);
    dropUnreadWeights(module);
    moveDeclarationsLast(module);
  }
};
} // namespace
