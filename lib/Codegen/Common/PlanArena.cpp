//===- PlanArena.cpp - place temporary buffers in one arena ---------------===//
//
// Interval colouring with symbolic sizes: buffers that are never live together
// share a region as large as the largest of them.
//
//===----------------------------------------------------------------------===//

#include "minimax/Codegen/Common/Passes.h"
#include "minimax/Codegen/Common/SymbolicDims.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace mlir::minimax {
#define GEN_PASS_DEF_PLANARENA
#include "minimax/Codegen/Common/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

/// Regions start at multiples of this many bytes (a cache line).
static constexpr int64_t kAlignment = 64;

namespace {
/// One temporary buffer and the ops, by number, between which it is live.
struct Buffer {
  memref::AllocOp alloc;
  int64_t first, last;
  AffineExpr bytes;
  unsigned slab = 0;
};

/// Memory shared by buffers with disjoint live ranges.
struct Slab {
  int64_t busyUntil;
  SmallVector<AffineExpr> sizes;
};

/// What one function keeps in the arena.
struct Frame {
  SmallVector<Buffer> buffers;
  SmallVector<Slab> slabs;
};
} // namespace

/// Number of the last op in the function's block that touches `value` or a view
/// of it.
static int64_t lastUse(Value value,
                       const DenseMap<Operation *, int64_t> &order) {
  int64_t last = -1;
  for (Operation *user : value.getUsers()) {
    Block *block = value.getParentBlock();
    Operation *top = block->findAncestorOpInBlock(*user);
    last = std::max(last, order.lookup(top));
    if (isa<ViewLikeOpInterface>(user))
      for (Value view : user->getResults())
        last = std::max(last, lastUse(view, order));
  }
  return last;
}

/// An estimate for a common step, to order expressions by size.
static int64_t estimate(AffineExpr bytes) {
  MLIRContext *context = bytes.getContext();
  SmallVector<AffineExpr> typical;
  for (int64_t dim : {1024, 4, 4, 4096})
    typical.push_back(getAffineConstantExpr(dim, context));
  auto value = dyn_cast<AffineConstantExpr>(
      simplifyAffineExpr(bytes.replaceDims(typical), 0, 0));
  return value ? value.getValue() : 0;
}

static FailureOr<AffineExpr> bytesOf(memref::AllocOp alloc,
                                     const SymbolicDims &dims) {
  auto type = alloc.getType();
  AffineExpr bytes = getAffineConstantExpr(
      llvm::divideCeil(type.getElementTypeBitWidth(), 8), type.getContext());
  for (AffineExpr size : dims.shapeOf(alloc)) {
    if (!size)
      return alloc.emitError() << "expected a buffer whose size follows from "
                                  "the step's dimensions, but got "
                               << type;
    bytes = bytes * size;
  }
  return bytes.ceilDiv(kAlignment) * kAlignment;
}

/// The region whose size fits best among those that are free.
static unsigned chooseSlab(Frame &frame, const Buffer &buffer) {
  int64_t want = estimate(buffer.bytes), bestCost = -1;
  unsigned best = frame.slabs.size();
  for (auto [index, slab] : llvm::enumerate(frame.slabs)) {
    if (slab.busyUntil >= buffer.first)
      continue;
    int64_t have = 0;
    for (AffineExpr size : slab.sizes)
      have = std::max(have, estimate(size));
    int64_t cost = std::abs(have - want);
    if (bestCost < 0 || cost < bestCost) {
      bestCost = cost;
      best = index;
    }
  }
  if (best == frame.slabs.size())
    frame.slabs.push_back({});
  return best;
}

static FailureOr<Frame> planFrame(func::FuncOp function,
                                  const SymbolicDims &dims) {
  for (Type type : function.getArgumentTypes())
    if (!isa<MemRefType>(type))
      return function.emitError() << "expected function '" << function.getName()
                                  << "' to take memrefs only, but got " << type;
  Frame frame;
  DenseMap<Operation *, int64_t> order;
  for (Operation &op : function.front())
    order[&op] = order.size();
  for (auto alloc : function.front().getOps<memref::AllocOp>()) {
    FailureOr<AffineExpr> bytes = bytesOf(alloc, dims);
    if (failed(bytes))
      return failure();
    frame.buffers.push_back(
        {alloc, order[alloc], lastUse(alloc, order), *bytes});
  }
  for (Buffer &buffer : frame.buffers) {
    buffer.slab = chooseSlab(frame, buffer);
    Slab &slab = frame.slabs[buffer.slab];
    slab.busyUntil = buffer.last;
    if (!llvm::is_contained(slab.sizes, buffer.bytes))
      slab.sizes.push_back(buffer.bytes);
  }
  return frame;
}

static Value applyDims(OpBuilder &builder, Location loc, AffineExpr expr,
                       ValueRange stepDims) {
  auto map = AffineMap::get(kNumStepDims, 0, expr);
  return affine::makeComposedAffineApply(builder, loc, map,
                                         getAsOpFoldResult(stepDims));
}

/// Builds the offsets of all regions and, last, the size of the frame.
static SmallVector<Value> buildOffsets(OpBuilder &builder, Location loc,
                                       const Frame &frame,
                                       ValueRange stepDims) {
  SmallVector<Value> offsets = {builder.create<arith::ConstantIndexOp>(loc, 0)};
  for (const Slab &slab : frame.slabs) {
    Value size;
    for (AffineExpr expr : slab.sizes) {
      Value bytes = applyDims(builder, loc, expr, stepDims);
      size = size ? builder.create<arith::MaxSIOp>(loc, size, bytes) : bytes;
    }
    offsets.push_back(builder.create<arith::AddIOp>(loc, offsets.back(), size));
  }
  return offsets;
}

namespace {
struct PlanArenaPass : minimax::impl::PlanArenaBase<PlanArenaPass> {
  using PlanArenaBase::PlanArenaBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    FailureOr<SymbolicDims> dims = SymbolicDims::analyze(module);
    if (failed(dims))
      return signalPassFailure();
    SmallVector<func::FuncOp> functions;
    for (func::FuncOp function : module.getOps<func::FuncOp>()) {
      if (function.isExternal())
        continue;
      FailureOr<Frame> frame = planFrame(function, *dims);
      if (failed(frame))
        return signalPassFailure();
      frames[function] = std::move(*frame);
      functions.push_back(function);
    }
    for (func::FuncOp function : functions)
      if (function->hasAttr("minimax.entry"))
        buildArenaFunction(function);
    for (func::FuncOp function : functions)
      rewrite(function, *dims);
    frames.clear();
  }

private:
  /// Bytes that `function` and what it calls need.
  Value buildTotal(OpBuilder &builder, func::FuncOp function,
                   ValueRange stepDims) {
    Location loc = function.getLoc();
    Value deepest;
    llvm::SmallSetVector<StringRef, 4> callees;
    function.walk([&](func::CallOp call) { callees.insert(call.getCallee()); });
    for (StringRef name : callees) {
      auto callee = getOperation().lookupSymbol<func::FuncOp>(name);
      Value total = buildTotal(builder, callee, stepDims);
      deepest =
          deepest ? builder.create<arith::MaxSIOp>(loc, deepest, total) : total;
    }
    Value frame = buildOffsets(builder, loc, frames[function], stepDims).back();
    return deepest ? builder.create<arith::AddIOp>(loc, frame, deepest) : frame;
  }

  void buildArenaFunction(func::FuncOp entry) {
    OpBuilder builder(entry);
    SmallVector<Type> types(kNumStepDims, builder.getIndexType());
    auto function = builder.create<func::FuncOp>(
        entry.getLoc(), (entry.getName() + ".arena").str(),
        builder.getFunctionType(types, builder.getIndexType()));
    function.setPrivate();
    Block *body = function.addEntryBlock();
    builder.setInsertionPointToStart(body);
    Value total = buildTotal(builder, entry, body->getArguments());
    builder.create<func::ReturnOp>(entry.getLoc(), total);
  }

  /// Records sizes and groups of the arguments, then adds dims and arena.
  void addArguments(func::FuncOp function, const SymbolicDims &dims) {
    Builder builder(&getContext());
    for (BlockArgument argument : function.getArguments()) {
      unsigned index = argument.getArgNumber();
      auto map = AffineMap::get(kNumStepDims, 0, dims.shapeOf(argument),
                                &getContext());
      function.setArgAttr(index, "minimax.shape", AffineMapAttr::get(map));
      bool grouped =
          llvm::any_of(ArrayRef<StringRef>{"minimax.state", "minimax.output",
                                           "minimax.weight"},
                       [&](StringRef group) {
                         return function.getArgAttr(index, group) != nullptr;
                       });
      if (function->hasAttr("minimax.entry") && !grouped)
        function.setArgAttr(index, "minimax.input", builder.getUnitAttr());
    }
    for (unsigned dim = 0; dim < kNumStepDims; ++dim)
      function.insertArgument(dim, builder.getIndexType(), {},
                              function.getLoc());
    auto bytes = MemRefType::get({ShapedType::kDynamic}, builder.getI8Type());
    auto isArena = builder.getDictionaryAttr(
        builder.getNamedAttr("minimax.arena", builder.getUnitAttr()));
    function.insertArgument(function.getNumArguments(), bytes, isArena,
                            function.getLoc());
  }

  void rewrite(func::FuncOp function, const SymbolicDims &dims) {
    // Sizes first: they are read off the allocations that vanish below.
    SmallVector<SmallVector<AffineExpr>> shapes;
    Frame &frame = frames[function];
    for (Buffer &buffer : frame.buffers)
      shapes.push_back(dims.shapeOf(buffer.alloc));
    SmallVector<std::pair<memref::DimOp, AffineExpr>> known;
    function.walk([&](memref::DimOp op) {
      if (AffineExpr expr = dims.valueOf(op))
        known.push_back({op, expr});
    });
    addArguments(function, dims);

    auto builder = OpBuilder::atBlockBegin(&function.front());
    Location loc = function.getLoc();
    ValueRange stepDims = function.getArguments().take_front(kNumStepDims);
    Value arena = function.getArguments().back();
    SmallVector<Value> offsets = buildOffsets(builder, loc, frame, stepDims);
    for (auto [buffer, shape] : llvm::zip(frame.buffers, shapes)) {
      builder.setInsertionPoint(buffer.alloc);
      MemRefType type = buffer.alloc.getType();
      SmallVector<Value> sizes;
      for (auto [dim, expr] : llvm::enumerate(shape))
        if (type.isDynamicDim(dim))
          sizes.push_back(applyDims(builder, loc, expr, stepDims));
      Value view = builder.create<memref::ViewOp>(
          buffer.alloc.getLoc(), type, arena, offsets[buffer.slab], sizes);
      buffer.alloc.replaceAllUsesWith(view);
      buffer.alloc.erase();
    }
    replaceDims(known, stepDims);
    passArena(function, offsets.back());
  }

  /// Replaces sizes that are read off buffers by expressions in the dims.
  void replaceDims(ArrayRef<std::pair<memref::DimOp, AffineExpr>> known,
                   ValueRange stepDims) {
    for (auto [op, expr] : known) {
      OpBuilder builder(op);
      op->replaceAllUsesWith(
          ValueRange{applyDims(builder, op->getLoc(), expr, stepDims)});
      op->erase();
    }
  }

  /// Hands dims and what lies behind this frame to the functions it calls.
  void passArena(func::FuncOp function, Value frameSize) {
    ValueRange stepDims = function.getArguments().take_front(kNumStepDims);
    Value arena = function.getArguments().back();
    for (auto call :
         llvm::make_early_inc_range(function.front().getOps<func::CallOp>())) {
      auto callee = getOperation().lookupSymbol<func::FuncOp>(call.getCallee());
      if (!callee || callee.isExternal())
        continue;
      OpBuilder builder(call);
      Location loc = call.getLoc();
      Value size = builder.create<memref::DimOp>(loc, arena, 0);
      Value rest = builder.create<arith::SubIOp>(loc, size, frameSize);
      SmallVector<Value> operands(stepDims);
      llvm::append_range(operands, call.getOperands());
      operands.push_back(builder.create<memref::ViewOp>(
          loc, cast<MemRefType>(arena.getType()), arena, frameSize, rest));
      builder.create<func::CallOp>(loc, call.getCallee(), TypeRange{},
                                   operands);
      call.erase();
    }
  }

  DenseMap<func::FuncOp, Frame> frames;
};
} // namespace
