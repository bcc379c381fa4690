//===- ProductKernel.cpp - kernel functions of products -------------------===//
//
// Block by block of the inner dimension, panel by panel: a panel's weights of
// the block stay in the second-level cache while all rows meet them in register
// tiles, and the next panel's are prefetched. Every element is summed over the
// inner dimension in one order, whatever the number of rows.
//
// Integers are summed exactly in i32 as long as activations share a scale, then
// scaled and added in f32: rounding does not depend on the number of rows
// either.
//
// Roofline: 2*M*N*K flops; for few rows the bytes of the weights.
//
//===----------------------------------------------------------------------===//

#include "ProductKernel.h"
#include "ProductSteps.h"

using namespace mlir;
using namespace mlir::minimax;

/// Steps of the inner loop per block: 128 KiB of a panel, 64 of integers.
static constexpr int64_t kBlockSteps = 512;
/// How many cache lines ahead few rows prefetch their weights.
static constexpr int64_t kPrefetchLines = 128;

namespace {
/// Emits the body of a kernel function.
class ProductKernel {
public:
  ProductKernel(KernelBuilder &kb, const ProductKind &kind,
                func::FuncOp function)
      : kb(kb), kind(kind), input(function.getArgument(0)),
        weight(function.getArgument(1)), inner(kb, kind, input, weight) {
    auto arguments = function.getArguments();
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
    Value count = kb.sub(lastRow, firstRow);
    Value rows = kb.index(tileRows());
    tiledRows = kb.mul(kb.div(count, rows), rows);
    steps = kb.size(weight, 1);
    if (kind.quantized())
      steps = kb.sub(steps, kb.index(kScaleRows));
    if (kind.integers())
      clearSums(count);
    kb.loop(kb.index(0), steps, kBlockSteps, [&](Value first) {
      begin = first;
      end = kb.minimum(kb.add(first, kb.index(kBlockSteps)), steps);
      isFirst = kb.equal(first, kb.index(0));
      kb.loop(firstPanel, lastPanel, 1, [&](Value panel) { emitPanel(panel); });
    });
    emitEpilogue();
  }

private:
  /// Emits prefetches into step `k` of a tile's loop.
  using Prefetch = function_ref<void(Value k)>;

  /// Calls `body` for each tile's width of columns of a panel.
  void forEachColumn(function_ref<void(Value)> body) {
    int64_t width = kb.target.lanes * kb.target.tileVectors;
    if (width == kPanelWidth)
      return body(kb.index(0));
    kb.loop(kb.index(0), kb.index(kPanelWidth), width, body);
  }

  /// All rows times one panel's weights of this block.
  void emitPanel(Value panel) {
    int64_t rows = tileRows();
    auto emitRows = [&](Value row, int64_t count, Prefetch prefetch) {
      forEachColumn(
          [&](Value column) { emitTile(row, count, panel, column, prefetch); });
    };
    kb.loop(kb.index(0), tiledRows, rows, [&](Value row) {
      auto [nextPanel, nextStep] = following(panel, row);
      emitRows(row, rows, [&](Value k) {
        // Two lines a step, without a branch: two tiles bring a whole block,
        // more of them some lines again.
        int64_t perStep = kPanelWidth / lineColumns();
        Value line = kb.mul(kb.sub(k, begin), kb.index(2));
        Value step = kb.add(nextStep, kb.div(line, kb.index(perStep)));
        Value column =
            kb.mul(kb.rem(line, kb.index(perStep)), kb.index(lineColumns()));
        prefetchLine(nextPanel, step, column, 2);
        prefetchLine(nextPanel, step, kb.add(column, kb.index(lineColumns())),
                     2);
      });
    });
    // Every number of left-over rows has its own tile: weights are read once.
    Value rest = kb.sub(kb.sub(lastRow, firstRow), tiledRows);
    for (int64_t tail = 1; tail < rows; ++tail)
      kb.ifThen(kb.equal(rest, kb.index(tail)), [&] {
        emitRows(tiledRows, tail, [&](Value k) {
          int64_t distance = kPrefetchLines * lineColumns() / kPanelWidth;
          Value ahead = kb.add(k, kb.index(distance));
          for (int64_t at = 0; at < kPanelWidth; at += lineColumns())
            prefetchLine(panel, ahead, kb.index(at), 3);
        });
      });
  }

  /// Panel and step of the weights that the tile at `row` has to prefetch: its
  /// share of the block that follows `panel`, at last of the next call's.
  std::pair<Value, Value> following(Value panel, Value row) {
    auto choose = [&](Value condition, Value yes, Value no) -> Value {
      return kb.create<arith::SelectOp>(condition, yes, no);
    };
    Value next = kb.add(panel, kb.index(1));
    Value lastInBlock = kb.equal(next, lastPanel);
    Value lastBlock = kb.equal(end, steps);
    Value from =
        choose(lastInBlock, choose(lastBlock, kb.index(0), end), begin);
    Value rows = kb.index(tileRows());
    Value tiles = kb.maximum(kb.div(tiledRows, rows), kb.index(1));
    Value share = kb.div(kb.index(kBlockSteps), tiles);
    return {choose(lastInBlock, choose(lastBlock, lastPanel, firstPanel), next),
            kb.add(from, kb.mul(kb.div(row, rows), share))};
  }

  /// Rows of a register tile; widened weights and sums of pairs take registers
  /// that f32 and bf16 leave to accumulators.
  int64_t tileRows() const {
    return kb.target.tileRows - (kind.quantized() ? 1 : 0);
  }

  /// Columns of a panel whose values of one step fill a cache line.
  int64_t lineColumns() const {
    return 512 / kind.weight.getIntOrFloatBitWidth() / (kind.pairs() ? 2 : 1);
  }

  void prefetchLine(Value panel, Value k, Value column, unsigned locality) {
    kb.create<memref::PrefetchOp>(weight, inner.weightIndices(panel, k, column),
                                  /*isWrite=*/false, locality,
                                  /*isDataCache=*/true);
  }

  /// Row and column of a tile's partial sums in scratch memory.
  SmallVector<Value> partialIndices(Value row, int64_t r, Value panel,
                                    Value column) {
    Value localPanel = kb.mul(kb.sub(panel, firstPanel), kb.index(kPanelWidth));
    return {kb.add(row, kb.index(r)), kb.add(localPanel, column)};
  }

  /// Adds this block's products to the partial sums of rows `row` and on.
  void emitTile(Value row, int64_t rows, Value panel, Value column,
                Prefetch prefetch) {
    int64_t vectors = kb.target.tileVectors;
    auto place = [&](int64_t i) {
      return partialIndices(row, i / vectors, panel,
                            inner.at(column, i % vectors));
    };
    if (kind.integers())
      return emitIntegerTile(row, rows, panel, column, prefetch);
    SmallVector<Value> acc;
    for (int64_t i = 0; i < rows * vectors; ++i)
      acc.push_back(kb.create<arith::SelectOp>(
          isFirst, kb.splat(0), kb.loadVector(partial, place(i))));
    ProductTile tile{kb.add(firstRow, row), panel, column, rows};
    acc = kb.loopCarry(begin, end, 1, acc, [&](Value k, ValueRange carried) {
      prefetch(k);
      return inner.emit(tile, k, carried);
    });
    for (int64_t i = 0; i < rows * vectors; ++i)
      kb.storeVector(acc[i], partial, place(i));
  }

  /// Zeros for the partial sums of `rows` rows.
  void clearSums(Value rows) {
    Value width = kb.mul(kb.sub(lastPanel, firstPanel), kb.index(kPanelWidth));
    kb.loop(kb.index(0), rows, 1, [&](Value row) {
      kb.loop(kb.index(0), width, kb.target.lanes, [&](Value column) {
        kb.storeVector(kb.splat(0), partial, {row, column});
      });
    });
  }

  /// The same with integers, group by group of activations that share a scale.
  void emitIntegerTile(Value row, int64_t rows, Value panel, Value column,
                       Prefetch prefetch) {
    int64_t vectors = kb.target.tileVectors, group = kGroupDepth / 2;
    Value zero = kb.create<arith::ConstantOp>(
        kb.getZeroAttr(kb.vectorType(kb.getI32Type())));
    ProductTile tile{kb.add(firstRow, row), panel, column, rows};
    kb.loop(begin, end, group, [&](Value first) {
      Value last = kb.minimum(kb.add(first, kb.index(group)), end);
      SmallVector<Value> acc(rows * vectors, zero);
      acc = kb.loopCarry(first, last, 1, acc, [&](Value k, ValueRange carried) {
        prefetch(k);
        return inner.emit(tile, k, carried);
      });
      // Scales lie behind the row's integers.
      Value place =
          kb.mul(kb.add(steps, kb.div(first, kb.index(group))), kb.index(2));
      for (int64_t r = 0; r < rows; ++r) {
        Value scale = kb.broadcast(
            kb.loadScales(input, {kb.add(tile.row, kb.index(r)), place}));
        for (int64_t t = 0; t < vectors; ++t) {
          auto indices = partialIndices(row, r, panel, inner.at(column, t));
          Value sum = kb.loadVector(partial, indices);
          Value exact =
              kb.create<arith::SIToFPOp>(kb.vectorType(), acc[r * vectors + t]);
          kb.storeVector(kb.fma(scale, exact, sum), partial, indices);
        }
      }
    });
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

  /// A row's sums at column `place` of the block's panels.
  Value blockSum(Value row, Value place) {
    Value sum = kb.loadVector(partial, {row, place});
    if (!kind.quantized())
      return sum;
    Value panel = kb.add(firstPanel, kb.div(place, kb.index(kPanelWidth)));
    Value column = kb.rem(place, kb.index(kPanelWidth));
    // A row of the panel holds the scales of half of its columns.
    Value half = kb.index(kPanelWidth / kScaleRows);
    Value scales = kb.loadScales(
        weight,
        inner.weightIndices(panel, kb.add(steps, kb.div(column, half)),
                            kb.mul(kb.rem(column, half), kb.index(2))),
        kb.target.lanes);
    return kb.create<arith::MulFOp>(sum, scales);
  }

  /// Column `column` of the block, counted from output column `first`.
  void finish(Value row, Value first, Value column, Value mask) {
    Value localRow = kb.sub(row, firstRow), value;
    if (kind.activation == Activation::swiglu) {
      Value half = kb.index(kPanelWidth / 2);
      Value place = kb.add(kb.mul(kb.div(column, half), kb.index(kPanelWidth)),
                           kb.rem(column, half));
      Value up = blockSum(localRow, kb.add(place, half));
      value = kb.create<arith::MulFOp>(kb.silu(blockSum(localRow, place)), up);
    } else {
      value = activate(blockSum(localRow, column));
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
  Value input, weight;
  ProductSteps inner;
  Value output, residual, firstRow, lastRow, firstPanel, lastPanel, alpha, beta;
  Value partial, tiledRows, steps;
  /// The current block of steps.
  Value begin, end, isFirst;
};
} // namespace

std::string ProductKind::name() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "product_" << input << "_" << weight << "_"
     << stringifyActivation(activation) << (residual ? "_residual" : "")
     << (oddDepth ? "_odd" : "");
  if (!output.isF32())
    os << "_to_" << output;
  return text;
}

/// `shape` with dynamic strides but the innermost `contiguous` ones.
static MemRefType stridedType(ArrayRef<int64_t> shape, Type element,
                              ArrayRef<int64_t> strides) {
  return MemRefType::get(shape, element,
                         StridedLayoutAttr::get(element.getContext(),
                                                ShapedType::kDynamic, strides));
}

MemRefType minimax::getRowsType(Type element) {
  constexpr int64_t dynamic = ShapedType::kDynamic;
  return stridedType({dynamic, dynamic}, element, {dynamic, 1});
}

MemRefType minimax::getPanelsType(Type element) {
  constexpr int64_t dynamic = ShapedType::kDynamic;
  if (element.isBF16() || element.isInteger(8))
    return stridedType({dynamic, dynamic, kPanelWidth, 2}, element,
                       {dynamic, 2 * kPanelWidth, 2, 1});
  return stridedType({dynamic, dynamic, kPanelWidth}, element,
                     {dynamic, kPanelWidth, 1});
}

func::FuncOp minimax::getProductKernel(KernelBuilder &kb,
                                       const ProductKind &kind) {
  auto module =
      kb.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
  std::string name = kind.name();
  if (auto known = module.lookupSymbol<func::FuncOp>(name))
    return known;
  SmallVector<Type> types = {getRowsType(kind.input),
                             getPanelsType(kind.weight),
                             getRowsType(kind.output)};
  if (kind.residual)
    types.push_back(getRowsType(kb.getF32Type()));
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
