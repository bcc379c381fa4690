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
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace mlir::minimax;

/// Steps of the inner loop per block: 128 KiB of a panel, 64 of integers.
static constexpr int64_t kBlockSteps = 512;
/// How far ahead few rows prefetch their weights.
static constexpr int64_t kPrefetchSteps = 16;

namespace {
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
    Value count = kb.sub(lastRow, firstRow);
    Value rows = kb.index(tileRows());
    tiledRows = kb.mul(kb.div(count, rows), rows);
    steps = kb.size(weight, 1);
    if (kind.integers()) {
      steps = kb.sub(steps, kb.index(kScaleRows));
      clearSums(count);
    }
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
          Value ahead = kb.add(k, kb.index(kPrefetchSteps));
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
    return kb.target.tileRows - (kind.integers() ? 1 : 0);
  }

  /// Columns of a panel whose values of one step fill a cache line.
  int64_t lineColumns() const {
    return 512 / kind.weight.getIntOrFloatBitWidth() / (kind.pairs() ? 2 : 1);
  }

  void prefetchLine(Value panel, Value k, Value column, unsigned locality) {
    kb.create<memref::PrefetchOp>(weight, weightIndices(panel, k, column),
                                  /*isWrite=*/false, locality,
                                  /*isDataCache=*/true);
  }

  SmallVector<Value> weightIndices(Value panel, Value k, Value column) {
    SmallVector<Value> indices = {panel, k, column};
    if (kind.pairs())
      indices.push_back(kb.index(0));
    return indices;
  }

  /// Column in its panel of vector `t` of the tile that starts at `column`.
  Value at(Value column, int64_t t) {
    return kb.add(column, kb.index(t * kb.target.lanes));
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
      return partialIndices(row, i / vectors, panel, at(column, i % vectors));
    };
    if (kind.integers())
      return emitIntegerTile(row, rows, panel, column, prefetch);
    SmallVector<Value> acc;
    for (int64_t i = 0; i < rows * vectors; ++i)
      acc.push_back(kb.create<arith::SelectOp>(
          isFirst, kb.splat(0), kb.loadVector(partial, place(i))));
    Value inputRow = kb.add(firstRow, row);
    acc = kb.loopCarry(begin, end, 1, acc, [&](Value k, ValueRange carried) {
      prefetch(k);
      return kind.pairs() ? stepPairs(inputRow, rows, panel, column, k, carried)
                          : step(inputRow, rows, panel, column, k, carried);
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
    Value inputRow = kb.add(firstRow, row);
    kb.loop(begin, end, group, [&](Value first) {
      Value last = kb.minimum(kb.add(first, kb.index(group)), end);
      SmallVector<Value> acc(rows * vectors, zero);
      acc = kb.loopCarry(first, last, 1, acc, [&](Value k, ValueRange carried) {
        prefetch(k);
        return stepIntegers(inputRow, rows, panel, column, k, carried);
      });
      // Scales lie behind the row's integers.
      Value place =
          kb.mul(kb.add(steps, kb.div(first, kb.index(group))), kb.index(2));
      for (int64_t r = 0; r < rows; ++r) {
        Value scale = kb.broadcast(
            kb.loadScales(input, {kb.add(inputRow, kb.index(r)), place}));
        for (int64_t t = 0; t < vectors; ++t) {
          auto indices = partialIndices(row, r, panel, at(column, t));
          Value sum = kb.loadVector(partial, indices);
          Value exact =
              kb.create<arith::SIToFPOp>(kb.vectorType(), acc[r * vectors + t]);
          kb.storeVector(kb.fma(scale, exact, sum), partial, indices);
        }
      }
    });
  }

  /// Two values of k: int8 weights by 16-bit activations.
  SmallVector<Value> stepIntegers(Value row, int64_t rows, Value panel,
                                  Value first, Value k, ValueRange acc) {
    int64_t vectors = kb.target.tileVectors, numbers = 2 * kb.target.lanes;
    SmallVector<Value> columns, next;
    for (int64_t t = 0; t < vectors; ++t) {
      Value bytes = kb.create<vector::LoadOp>(
          VectorType::get({numbers}, kb.getI8Type()), weight,
          weightIndices(panel, k, at(first, t)));
      columns.push_back(kb.create<arith::ExtSIOp>(
          VectorType::get({numbers}, kb.getI16Type()), bytes));
    }
    for (int64_t r = 0; r < rows; ++r) {
      Value x = inputPair(kb.add(row, kb.index(r)), k);
      for (auto [t, column] : llvm::enumerate(columns))
        next.push_back(kb.dotIntegers(acc[r * vectors + t], x, column));
    }
    return next;
  }

  /// One value of k: f32 inputs and weights.
  SmallVector<Value> step(Value row, int64_t rows, Value panel, Value first,
                          Value k, ValueRange acc) {
    int64_t vectors = kb.target.tileVectors;
    SmallVector<Value> columns, next;
    for (int64_t t = 0; t < vectors; ++t)
      columns.push_back(
          kb.loadVector(weight, weightIndices(panel, k, at(first, t))));
    for (int64_t r = 0; r < rows; ++r) {
      Value x = kb.broadcast(kb.load(input, {kb.add(row, kb.index(r)), k}));
      for (auto [t, column] : llvm::enumerate(columns))
        next.push_back(kb.fma(x, column, acc[r * vectors + t]));
    }
    return next;
  }

  /// Two values of k: bf16 weights in pairs.
  SmallVector<Value> stepPairs(Value row, int64_t rows, Value panel,
                               Value first, Value k, ValueRange acc) {
    int64_t vectors = kb.target.tileVectors;
    SmallVector<Value> columns, next(acc);
    auto pairType = VectorType::get({2 * kb.target.lanes}, kb.getBF16Type());
    for (int64_t t = 0; t < vectors; ++t)
      columns.push_back(kb.create<vector::LoadOp>(
          pairType, weight, weightIndices(panel, k, at(first, t))));
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
          Value &sum = next[r * vectors + t];
          sum = dotProduct(sum, x, column);
        }
        continue;
      }
      auto [even, odd] = inputHalves(inputRow, k);
      for (auto [t, half] : llvm::enumerate(halves)) {
        Value &sum = next[r * vectors + t];
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

  /// Inputs 2k and 2k+1 of a row, of 16 bits each, in every pair of lanes.
  Value inputPair(Value row, Value k) {
    auto pair = VectorType::get({2}, kind.input);
    Value two = kb.create<vector::LoadOp>(
        pair, input, ValueRange{row, kb.mul(k, kb.index(2))});
    Value word = kb.create<vector::ExtractOp>(
        kb.create<vector::BitCastOp>(VectorType::get({1}, kb.getI32Type()),
                                     two),
        ArrayRef<int64_t>{0});
    Value words = kb.broadcast(word);
    return kb.create<vector::BitCastOp>(
        VectorType::get({2 * kb.target.lanes}, kind.input), words);
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

  /// A row's sums at column `place` of the block's panels.
  Value blockSum(Value row, Value place) {
    Value sum = kb.loadVector(partial, {row, place});
    if (!kind.integers())
      return sum;
    Value panel = kb.add(firstPanel, kb.div(place, kb.index(kPanelWidth)));
    Value column = kb.rem(place, kb.index(kPanelWidth));
    // A row of the panel holds the scales of half of its columns.
    Value half = kb.index(kPanelWidth / kScaleRows);
    Value scales =
        kb.loadScales(weight,
                      weightIndices(panel, kb.add(steps, kb.div(column, half)),
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
  Value input, weight, output, residual, firstRow, lastRow, firstPanel,
      lastPanel, alpha, beta;
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
                             getRowsType(kb.getF32Type())};
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
