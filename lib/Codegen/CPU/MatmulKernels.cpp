//===- MatmulKernels.cpp - products with packed weights -------------------===//
//
// One kernel function per kind of product (element types, activation,
// residual), with register tiles of `tileRows` rows; dense and grouped products
// call it for blocks of rows and groups of panels.
//
// Roofline: 2*M*N*K flops; for few rows the bytes of the weights.
//
//===----------------------------------------------------------------------===//

#include "KernelPatterns.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace mlir::minimax;

/// Rows and panels of one call, and the depth that stays in cache.
static constexpr int64_t kBlockRows = 96, kBlockPanels = 4, kBlockDepth = 512;

namespace {
/// What a kernel function is specialised for.
struct ProductKind {
  Type input, weight;
  Activation activation;
  bool residual;
  /// The inner dimension is odd and the input is not padded.
  bool oddDepth;

  bool pairs() const { return weight.isBF16(); }

  std::string name() const {
    std::string text;
    llvm::raw_string_ostream os(text);
    os << "product_" << input << "_" << weight << "_"
       << stringifyActivation(activation) << (residual ? "_residual" : "")
       << (oddDepth ? "_odd" : "");
    return text;
  }
};

/// Emits the body of a kernel function.
class ProductKernel {
public:
  ProductKernel(KernelBuilder &kb, const ProductKind &kind,
                func::FuncOp function)
      : kb(kb), kind(kind) {
    auto arguments = function.getArguments();
    input = arguments[0];
    weight = arguments[1];
    output = arguments[2];
    unsigned next = 3;
    if (kind.residual)
      residual = arguments[next++];
    firstRow = arguments[next++];
    lastRow = arguments[next++];
    firstPanel = arguments[next++];
    lastPanel = arguments[next++];
    alpha = arguments[next++];
    beta = arguments[next++];
  }

  void emit() {
    partial = kb.scratch({kBlockRows, kBlockPanels * kPanelWidth});
    Value depth = kb.size(weight, 1);
    int64_t block = kind.pairs() ? kBlockDepth / 2 : kBlockDepth;
    kb.loop(kb.index(0), depth, block, [&](Value k0) {
      begin = k0;
      end = kb.minimum(kb.add(k0, kb.index(block)), depth);
      isFirst = kb.equal(k0, kb.index(0));
      emitRows();
    });
    emitEpilogue();
  }

private:
  void emitRows() {
    int64_t rows = kb.target.tileRows;
    Value count = kb.sub(lastRow, firstRow);
    Value middle =
        kb.add(firstRow, kb.mul(kb.div(count, kb.index(rows)), kb.index(rows)));
    kb.loop(firstRow, middle, rows, [&](Value row) { emitPanels(row, rows); });
    // Every number of left-over rows has its own tile: weights are read once.
    Value rest = kb.sub(lastRow, middle);
    for (int64_t tail = 1; tail < rows; ++tail)
      kb.ifThen(kb.equal(rest, kb.index(tail)),
                [&] { emitPanels(middle, tail); });
  }

  void emitPanels(Value row, int64_t rows) {
    int64_t width = kb.target.lanes * kb.target.tileVectors;
    kb.loop(firstPanel, lastPanel, 1, [&](Value panel) {
      if (width == kPanelWidth)
        return emitTile(row, rows, panel, kb.index(0));
      kb.loop(kb.index(0), kb.index(kPanelWidth), width,
              [&](Value column) { emitTile(row, rows, panel, column); });
    });
  }

  /// Column in its panel of vector `t` of the tile that starts at `column`.
  Value at(Value column, int64_t t) {
    return kb.add(column, kb.index(t * kb.target.lanes));
  }

  /// Row and column of a tile's partial sums in scratch memory.
  SmallVector<Value> partialIndices(Value row, int64_t r, Value panel,
                                    Value column) {
    Value localRow = kb.add(kb.sub(row, firstRow), kb.index(r));
    Value localPanel = kb.mul(kb.sub(panel, firstPanel), kb.index(kPanelWidth));
    return {localRow, kb.add(localPanel, column)};
  }

  void emitTile(Value row, int64_t rows, Value panel, Value column) {
    int64_t vectors = kb.target.tileVectors;
    SmallVector<Value> acc;
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t t = 0; t < vectors; ++t) {
        Value sum = kb.loadVector(partial,
                                  partialIndices(row, r, panel, at(column, t)));
        acc.push_back(kb.create<arith::SelectOp>(isFirst, kb.splat(0), sum));
      }
    acc = kb.loopCarry(begin, end, 1, acc, [&](Value k, ValueRange carried) {
      return kind.pairs() ? stepPairs(row, rows, panel, column, k, carried)
                          : step(row, rows, panel, column, k, carried);
    });
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t t = 0; t < vectors; ++t)
        kb.storeVector(acc[r * vectors + t], partial,
                       partialIndices(row, r, panel, at(column, t)));
  }

  /// One value of k: f32 inputs and weights.
  SmallVector<Value> step(Value row, int64_t rows, Value panel, Value first,
                          Value k, ValueRange acc) {
    SmallVector<Value> columns, next;
    for (int64_t t = 0; t < kb.target.tileVectors; ++t)
      columns.push_back(kb.loadVector(weight, {panel, k, at(first, t)}));
    for (int64_t r = 0; r < rows; ++r) {
      Value x = kb.broadcast(kb.load(input, {kb.add(row, kb.index(r)), k}));
      for (auto [t, column] : llvm::enumerate(columns))
        next.push_back(kb.fma(x, column, acc[r * columns.size() + t]));
    }
    return next;
  }

  /// Two values of k: bf16 weights in pairs.
  SmallVector<Value> stepPairs(Value row, int64_t rows, Value panel,
                               Value first, Value k, ValueRange acc) {
    SmallVector<Value> columns, next(acc);
    auto pairType = VectorType::get({2 * kb.target.lanes}, kb.getBF16Type());
    for (int64_t t = 0; t < kb.target.tileVectors; ++t)
      columns.push_back(kb.create<vector::LoadOp>(
          pairType, weight, ValueRange{panel, k, at(first, t), kb.index(0)}));
    bool dot = kind.input.isBF16() && kb.target.bf16Dot;
    SmallVector<std::pair<Value, Value>> halves;
    if (!dot)
      for (Value column : columns)
        halves.push_back(widenPair(column));
    for (int64_t r = 0; r < rows; ++r) {
      Value inputRow = kb.add(row, kb.index(r));
      if (dot) {
        Value x = inputPair(inputRow, k);
        for (auto [t, column] : llvm::enumerate(columns)) {
          Value &sum = next[r * columns.size() + t];
          sum = dotProduct(sum, x, column);
        }
        continue;
      }
      auto [even, odd] = inputHalves(inputRow, k);
      for (auto [t, half] : llvm::enumerate(halves)) {
        Value &sum = next[r * columns.size() + t];
        sum = kb.fma(odd, half.second, kb.fma(even, half.first, sum));
      }
    }
    return next;
  }

  /// The even and odd elements of interleaved bf16 pairs, in f32 (exact).
  std::pair<Value, Value> widenPair(Value pairs) {
    VectorType words = kb.vectorType(kb.getI32Type());
    Value bits = kb.create<vector::BitCastOp>(words, pairs);
    auto constant = [&](uint32_t value) -> Value {
      return kb.create<arith::ConstantOp>(
          DenseElementsAttr::get(words, APInt(32, value)));
    };
    Value even = kb.create<arith::ShLIOp>(bits, constant(16));
    Value odd = kb.create<arith::AndIOp>(bits, constant(0xffff0000u));
    return {kb.create<arith::BitcastOp>(kb.vectorType(), even),
            kb.create<arith::BitcastOp>(kb.vectorType(), odd)};
  }

  /// Inputs 2k and 2k+1 of a row, in bf16, in every pair of lanes.
  Value inputPair(Value row, Value k) {
    auto pair = VectorType::get({2}, kb.getBF16Type());
    Value two = kb.create<vector::LoadOp>(
        pair, input, ValueRange{row, kb.mul(k, kb.index(2))});
    Value word = kb.create<vector::ExtractOp>(
        kb.create<vector::BitCastOp>(VectorType::get({1}, kb.getI32Type()),
                                     two),
        ArrayRef<int64_t>{0});
    Value words = kb.broadcast(word);
    return kb.create<vector::BitCastOp>(
        VectorType::get({2 * kb.target.lanes}, kb.getBF16Type()), words);
  }

  std::pair<Value, Value> inputHalves(Value row, Value k) {
    if (kind.input.isBF16())
      return widenPair(inputPair(row, k));
    Value even = kb.mul(k, kb.index(2));
    Value odd = kb.add(even, kb.index(1));
    // The weight's padding is zero, but beyond the row there may be anything.
    if (kind.oddDepth)
      odd = kb.minimum(odd, kb.sub(kb.size(input, 1), kb.index(1)));
    return {kb.broadcast(kb.load(input, {row, even})),
            kb.broadcast(kb.load(input, {row, odd}))};
  }

  Value dotProduct(Value sum, Value x, Value column) {
    return kb
        .create<LLVM::CallIntrinsicOp>(
            TypeRange{kb.vectorType()},
            kb.getStringAttr("llvm.x86.avx512bf16.dpbf16ps.512"),
            ValueRange{sum, x, column}, LLVM::FastmathFlagsAttr())
        .getResult(0);
  }

  /// Columns of the output that one panel yields.
  int64_t panelColumns() const {
    return kind.activation == Activation::swiglu ? kPanelWidth / 2
                                                 : kPanelWidth;
  }

  /// Moves the block's sums, still in cache, to the output.
  void emitEpilogue() {
    int64_t lanes = kb.target.lanes;
    Value width = kb.index(panelColumns());
    Value first = kb.mul(firstPanel, width);
    Value last = kb.minimum(kb.mul(lastPanel, width), kb.size(output, 1));
    Value count = kb.sub(last, first);
    Value whole = kb.mul(kb.div(count, kb.index(lanes)), kb.index(lanes));
    Value rest = kb.sub(count, whole);
    kb.loop(firstRow, lastRow, 1, [&](Value row) {
      kb.loop(kb.index(0), whole, lanes,
              [&](Value column) { finish(row, first, column, {}); });
      kb.ifThen(kb.less(kb.index(0), rest),
                [&] { finish(row, first, whole, kb.mask(rest)); });
    });
  }

  Value activate(Value value) {
    if (kind.activation == Activation::silu)
      return kb.silu(value);
    if (kind.activation == Activation::sigmoid)
      return kb.sigmoid(value);
    return value;
  }

  /// Column `column` of the block, counted from output column `first`.
  void finish(Value row, Value first, Value column, Value mask) {
    Value localRow = kb.sub(row, firstRow), value;
    if (kind.activation == Activation::swiglu) {
      Value half = kb.index(kPanelWidth / 2);
      Value place = kb.add(kb.mul(kb.div(column, half), kb.index(kPanelWidth)),
                           kb.rem(column, half));
      Value up = kb.loadVector(partial, {localRow, kb.add(place, half)});
      value = kb.create<arith::MulFOp>(
          kb.silu(kb.loadVector(partial, {localRow, place})), up);
    } else {
      value = activate(kb.loadVector(partial, {localRow, column}));
    }
    Value target = kb.add(first, column);
    if (kind.residual) {
      Value skip = kb.loadVector(residual, {row, target}, mask);
      value = kb.create<arith::MulFOp>(value, kb.broadcast(beta));
      value = kb.fma(kb.broadcast(alpha), skip, value);
    }
    kb.storeVector(value, output, {row, target}, mask);
  }

  KernelBuilder &kb;
  const ProductKind &kind;
  Value input, weight, output, residual, firstRow, lastRow, firstPanel,
      lastPanel;
  Value alpha, beta, partial, begin, end, isFirst;
};
} // namespace

/// `shape` with dynamic strides but the innermost `contiguous` ones.
static MemRefType stridedType(ArrayRef<int64_t> shape, Type element,
                              ArrayRef<int64_t> strides) {
  return MemRefType::get(shape, element,
                         StridedLayoutAttr::get(element.getContext(),
                                                ShapedType::kDynamic, strides));
}

static MemRefType rowsType(Type element) {
  constexpr int64_t dynamic = ShapedType::kDynamic;
  return stridedType({dynamic, dynamic}, element, {dynamic, 1});
}

static MemRefType panelsType(Type element) {
  constexpr int64_t dynamic = ShapedType::kDynamic;
  if (element.isBF16())
    return stridedType({dynamic, dynamic, kPanelWidth, 2}, element,
                       {dynamic, 2 * kPanelWidth, 2, 1});
  return stridedType({dynamic, dynamic, kPanelWidth}, element,
                     {dynamic, kPanelWidth, 1});
}

/// The kernel function of `kind`, created on first use.
static func::FuncOp getKernel(KernelBuilder &kb, const ProductKind &kind) {
  auto module =
      kb.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
  std::string name = kind.name();
  if (auto known = module.lookupSymbol<func::FuncOp>(name))
    return known;
  SmallVector<Type> types = {rowsType(kind.input), panelsType(kind.weight),
                             rowsType(kb.getF32Type())};
  if (kind.residual)
    types.push_back(rowsType(kb.getF32Type()));
  types.append(4, kb.getIndexType());
  types.append(2, kb.getF32Type());
  OpBuilder::InsertionGuard guard(kb);
  kb.setInsertionPointToStart(module.getBody());
  auto function = kb.create<func::FuncOp>(name, kb.getFunctionType(types, {}));
  function.setPrivate();
  function->setAttr("minimax.kernel", kb.getUnitAttr());
  kb.setInsertionPointToStart(function.addEntryBlock());
  ProductKernel(kb, kind, function).emit();
  kb.create<func::ReturnOp>();
  return function;
}

static Value castTo(KernelBuilder &kb, Value memref, MemRefType type) {
  return memref.getType() == type
             ? memref
             : kb.create<memref::CastOp>(type, memref).getResult();
}

namespace {
/// Operands of a dense or grouped product.
struct Product {
  Value input, weight, output, residual;
  Activation activation = Activation::none;
  double alpha = 1, beta = 1;
};
} // namespace

static LogicalResult verifyPacked(Operation *op, Value weight, int64_t rank) {
  auto type = cast<MemRefType>(weight.getType());
  Type element = type.getElementType();
  if ((element.isF32() && type.getRank() == rank) ||
      (element.isBF16() && type.getRank() == rank + 1))
    return success();
  return op->emitOpError() << "expected a packed f32 or bf16 weight (run "
                              "minimax-pack-weights), but got "
                           << type;
}

static ProductKind kindOf(const Product &product) {
  auto input = cast<MemRefType>(product.input.getType());
  auto weight = cast<MemRefType>(product.weight.getType());
  bool odd = weight.getElementType().isBF16() && input.getDimSize(1) % 2 != 0;
  return {input.getElementType(), weight.getElementType(), product.activation,
          bool(product.residual), odd};
}

/// Calls the kernel for some rows and one group of panels.
static void callKernel(KernelBuilder &kb, func::FuncOp kernel,
                       const Product &product, Value weight, Value firstRow,
                       Value lastRow, Value group) {
  auto weightType = cast<MemRefType>(weight.getType());
  Value panels = kb.size(weight, 0);
  Value firstPanel = kb.mul(group, kb.index(kBlockPanels));
  Value lastPanel =
      kb.minimum(kb.add(firstPanel, kb.index(kBlockPanels)), panels);
  auto inputElement =
      cast<MemRefType>(product.input.getType()).getElementType();
  SmallVector<Value> operands = {
      castTo(kb, product.input, rowsType(inputElement)),
      castTo(kb, weight, panelsType(weightType.getElementType())),
      castTo(kb, product.output, rowsType(kb.getF32Type()))};
  if (product.residual)
    operands.push_back(castTo(kb, product.residual, rowsType(kb.getF32Type())));
  operands.append({firstRow, lastRow, firstPanel, lastPanel,
                   kb.f32(product.alpha), kb.f32(product.beta)});
  kb.create<func::CallOp>(kernel, operands);
}

static int64_t groupsOf(Value weight, unsigned panelDim) {
  return llvm::divideCeil(
      cast<MemRefType>(weight.getType()).getDimSize(panelDim), kBlockPanels);
}

static LogicalResult lowerDense(Operation *op, const Product &product,
                                KernelBuilder &kb) {
  if (failed(verifyPacked(op, product.weight, 3)))
    return failure();
  func::FuncOp kernel = getKernel(kb, kindOf(product));
  Value groups = kb.index(groupsOf(product.weight, 0));
  Value rows = kb.size(product.output, 0);
  Value blocks = kb.ceilDiv(rows, kBlockRows);
  kb.parallel(kb.mul(blocks, groups), [&](Value tile) {
    Value first = kb.mul(kb.div(tile, groups), kb.index(kBlockRows));
    Value last = kb.minimum(kb.add(first, kb.index(kBlockRows)), rows);
    callKernel(kb, kernel, product, product.weight, first, last,
               kb.rem(tile, groups));
  });
  return success();
}

/// The packed weight of one expert.
static Value expertWeight(KernelBuilder &kb, Value weight, Value expert) {
  auto type = cast<MemRefType>(weight.getType());
  SmallVector<OpFoldResult> offsets(type.getRank(), kb.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(type.getRank(), kb.getIndexAttr(1));
  SmallVector<OpFoldResult> sizes =
      getAsIndexOpFoldResult(kb.getContext(), type.getShape());
  offsets[0] = expert;
  sizes[0] = kb.getIndexAttr(1);
  auto reduced = cast<MemRefType>(memref::SubViewOp::inferRankReducedResultType(
      type.getShape().drop_front(), type, offsets, sizes, strides));
  return kb.create<memref::SubViewOp>(reduced, weight, offsets, sizes, strides);
}

static LogicalResult lowerGrouped(Operation *op, const Product &product,
                                  Value offsets, KernelBuilder &kb) {
  if (failed(verifyPacked(op, product.weight, 4)))
    return failure();
  func::FuncOp kernel = getKernel(kb, kindOf(product));
  Value groups = kb.index(groupsOf(product.weight, 1));
  Value tiles = kb.mul(kb.size(product.weight, 0), groups);
  kb.parallel(tiles, [&](Value tile) {
    Value expert = kb.div(tile, groups), group = kb.rem(tile, groups);
    Value begin = kb.loadIndex(offsets, {expert});
    Value end = kb.loadIndex(offsets, {kb.add(expert, kb.index(1))});
    Value weight = expertWeight(kb, product.weight, expert);
    kb.loop(begin, end, kBlockRows, [&](Value first) {
      Value last = kb.minimum(kb.add(first, kb.index(kBlockRows)), end);
      callKernel(kb, kernel, product, weight, first, last, group);
    });
  });
  return success();
}

namespace {
struct LowerLinear : KernelPattern<LinearOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(LinearOp op, KernelBuilder &kb) const override {
    Product product{op.getInput(),
                    op.getWeight(),
                    op.getOuts()[0],
                    op.getResidual(),
                    op.getActivation(),
                    op.getAlpha().convertToDouble(),
                    op.getBeta().convertToDouble()};
    return lowerDense(op, product, kb);
  }
};

struct LowerLmHead : KernelPattern<LmHeadOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(LmHeadOp op, KernelBuilder &kb) const override {
    Product product{op.getInput(), op.getWeight(), op.getOuts()[0], Value()};
    return lowerDense(op, product, kb);
  }
};

struct LowerGroupedMatmul : KernelPattern<GroupedMatmulOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(GroupedMatmulOp op, KernelBuilder &kb) const override {
    Product product{op.getInput(), op.getWeight(), op.getOuts()[0], Value(),
                    op.getActivation()};
    return lowerGrouped(op, product, op.getOffsets(), kb);
  }
};
} // namespace

void minimax::populateMatmulKernels(RewritePatternSet &patterns,
                                    const CPUTarget &target) {
  patterns.add<LowerLinear, LowerLmHead, LowerGroupedMatmul>(
      patterns.getContext(), target);
}
