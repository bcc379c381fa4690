//===- OutlineParallel.cpp - parallel loops to runtime calls --------------===//
//
// Each scf.forall becomes a function for one tile and a call to
// mmrt_parallel_for with the loop's captured values in a stack frame.
//
//===----------------------------------------------------------------------===//

#include "minimax/Codegen/CPU/Passes.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/RegionUtils.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_OUTLINEPARALLEL
#include "minimax/Codegen/CPU/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

static constexpr StringRef kParallelFor = "mmrt_parallel_for";

static func::FuncOp declareParallelFor(ModuleOp module) {
  if (auto known = module.lookupSymbol<func::FuncOp>(kParallelFor))
    return known;
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  auto pointer = LLVM::LLVMPointerType::get(module.getContext());
  auto function = builder.create<func::FuncOp>(
      module.getLoc(), kParallelFor,
      builder.getFunctionType({pointer, pointer, pointer, builder.getI64Type()},
                              {}));
  function.setPrivate();
  return function;
}

/// Copies constants and reads of globals into the loop instead of capturing
/// them.
static void sinkConstants(scf::ForallOp loop) {
  llvm::SetVector<Value> captured;
  getUsedValuesDefinedAbove(loop.getRegion(), captured);
  auto builder = OpBuilder::atBlockBegin(loop.getBody());
  for (Value value : captured) {
    Operation *op = value.getDefiningOp();
    if (!op || !matchPattern(op, m_Constant()))
      continue;
    Value copy = builder.clone(*op)->getResult(0);
    replaceAllUsesInRegionWith(value, copy, loop.getRegion());
  }
}

namespace {
/// Outlines the loops of one function.
class Outliner {
public:
  Outliner(func::FuncOp function, const LLVMTypeConverter &converter)
      : function(function), converter(converter),
        pointer(LLVM::LLVMPointerType::get(function.getContext())) {}

  void outline(scf::ForallOp loop, unsigned number) {
    sinkConstants(loop);
    llvm::SetVector<Value> captured;
    getUsedValuesDefinedAbove(loop.getRegion(), captured);
    captures.assign(captured.begin(), captured.end());
    SmallVector<Type> fields;
    for (Value value : captures)
      fields.push_back(converter.convertType(value.getType()));
    frame = LLVM::LLVMStructType::getLiteral(function.getContext(), fields);
    func::FuncOp tile = buildTile(loop, number);
    callRuntime(loop, tile);
    loop.erase();
  }

private:
  func::FuncOp buildTile(scf::ForallOp loop, unsigned number) {
    OpBuilder builder(function);
    Location loc = loop.getLoc();
    auto tile = builder.create<func::FuncOp>(
        loc, (function.getName() + ".tile" + Twine(number)).str(),
        builder.getFunctionType({pointer, builder.getI64Type()}, {}));
    tile.setPrivate();
    Block *body = tile.addEntryBlock();
    builder.setInsertionPointToStart(body);
    IRMapping mapping;
    for (auto [index, value] : llvm::enumerate(captures)) {
      Value address = builder.create<LLVM::GEPOp>(
          loc, pointer, frame, body->getArgument(0),
          ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(index)});
      Value field =
          builder.create<LLVM::LoadOp>(loc, frame.getBody()[index], address);
      if (field.getType() != value.getType())
        field =
            builder
                .create<UnrealizedConversionCastOp>(loc, value.getType(), field)
                .getResult(0);
      mapping.map(value, field);
    }
    mapping.map(loop.getInductionVar(0),
                builder.create<arith::IndexCastOp>(loc, builder.getIndexType(),
                                                   body->getArgument(1)));
    for (Operation &op : loop.getBody()->without_terminator())
      builder.clone(op, mapping);
    builder.create<func::ReturnOp>(loc);
    return tile;
  }

  void callRuntime(scf::ForallOp loop, func::FuncOp tile) {
    OpBuilder builder(loop);
    Location loc = loop.getLoc();
    Value one =
        builder.create<LLVM::ConstantOp>(loc, builder.getI64IntegerAttr(1));
    Value memory = builder.create<LLVM::AllocaOp>(loc, pointer, frame, one, 64);
    for (auto [index, value] : llvm::enumerate(captures)) {
      Value field = value;
      if (field.getType() != frame.getBody()[index])
        field = builder
                    .create<UnrealizedConversionCastOp>(
                        loc, frame.getBody()[index], field)
                    .getResult(0);
      Value address = builder.create<LLVM::GEPOp>(
          loc, pointer, frame, memory,
          ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(index)});
      builder.create<LLVM::StoreOp>(loc, field, address);
    }
    Value code = builder.create<func::ConstantOp>(loc, tile.getFunctionType(),
                                                  FlatSymbolRefAttr::get(tile));
    code = builder.create<UnrealizedConversionCastOp>(loc, pointer, code)
               .getResult(0);
    Value count = getValueOrCreateConstantIndexOp(builder, loc,
                                                  loop.getMixedUpperBound()[0]);
    count =
        builder.create<arith::IndexCastOp>(loc, builder.getI64Type(), count);
    builder.create<func::CallOp>(
        loc, kParallelFor, TypeRange{},
        ValueRange{function.getArgument(0), code, memory, count});
  }

  func::FuncOp function;
  const LLVMTypeConverter &converter;
  Type pointer;
  LLVM::LLVMStructType frame;
  SmallVector<Value> captures;
};

struct OutlineParallelPass
    : minimax::impl::OutlineParallelBase<OutlineParallelPass> {
  using OutlineParallelBase::OutlineParallelBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    declareParallelFor(module);
    LLVMTypeConverter converter(&getContext());
    for (func::FuncOp function :
         llvm::make_early_inc_range(module.getOps<func::FuncOp>())) {
      SmallVector<scf::ForallOp> loops;
      function.walk([&](scf::ForallOp loop) { loops.push_back(loop); });
      for (auto [number, loop] : llvm::enumerate(loops)) {
        if (loop.getRank() != 1 || loop.getNumResults() != 0 ||
            loop->getParentOfType<scf::ForallOp>() ||
            function.getNumArguments() == 0 ||
            !isa<LLVM::LLVMPointerType>(function.getArgument(0).getType())) {
          loop.emitError(
              "expected a loop of one dimension, without results, not "
              "nested, in a function whose first argument is the "
              "runtime's context");
          return signalPassFailure();
        }
        Outliner(function, converter).outline(loop, number);
      }
    }
  }
};
} // namespace
