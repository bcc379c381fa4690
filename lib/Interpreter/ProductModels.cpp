//===- ProductModels.cpp - references of weight products ------------------===//
//
// linear, lm_head, grouped_matmul and minimax.pack, with plain and packed
// weights (SPEC 2.3 to 2.6, 2.10).
//
//===----------------------------------------------------------------------===//

#include "Models.h"

namespace mlir::minimax {

/// Panel and column of row `row` among `rows` of a packed weight.
static std::pair<int64_t, int64_t> panelOf(int64_t row, int64_t rows,
                                           bool interleaved) {
  if (!interleaved)
    return {row / kPanelWidth, row % kPanelWidth};
  int64_t half = rows / 2, share = kPanelWidth / 2;
  int64_t within = row % half;
  return {within / share, within % share + (row < half ? 0 : share)};
}

/// Calls `body(plain, packed)` with the positions of each element of a weight
/// `[E, N, K]` in both layouts; `pairs` tells that of bf16.
static void forEachPacked(int64_t experts, int64_t rows, int64_t depth,
                          int64_t panels, int64_t packedDepth, bool pairs,
                          bool interleaved,
                          llvm::function_ref<void(int64_t, int64_t)> body) {
  for (int64_t e = 0; e < experts; ++e)
    for (int64_t n = 0; n < rows; ++n) {
      auto [panel, column] = panelOf(n, rows, interleaved);
      int64_t base = (e * panels + panel) * packedDepth * kPanelWidth;
      for (int64_t k = 0; k < depth; ++k) {
        int64_t inner = pairs ? (k / 2 * kPanelWidth + column) * 2 + k % 2
                              : k * kPanelWidth + column;
        body((e * rows + n) * depth + k, base + inner);
      }
    }
}

/// Rows of a panel, in units of one value of k, and whether they are pairs.
static std::pair<int64_t, bool> panelDepth(RankedTensorType packed,
                                           int64_t plainRank) {
  bool pairs = packed.getRank() == plainRank + 2;
  return {packed.getDimSize(plainRank - 1) * (pairs ? 2 : 1), pairs};
}

/// Calls `body(row, position)` with the position of each row's scale in a
/// weight packed as i8.
static void forEachScale(int64_t experts, int64_t rows, int64_t panels,
                         int64_t packedDepth, bool interleaved,
                         llvm::function_ref<void(int64_t, int64_t)> body) {
  for (int64_t row = 0; row < experts * rows; ++row) {
    auto [panel, column] = panelOf(row % rows, rows, interleaved);
    int64_t next = row / rows * panels + panel + 1;
    int64_t room = (2 * kScaleRows) * kPanelWidth;
    body(row, next * packedDepth * kPanelWidth - room + 4 * column);
  }
}

ReferenceTensor packWeight(const ReferenceTensor &weight,
                           RankedTensorType packed, bool interleaved) {
  ReferenceTensor plain = weight.contiguous();
  Type element = packed.getElementType();
  ReferenceTensor result(element, packed.getShape());
  int64_t rank = plain.getRank(), rows = plain.size(-2), depth = plain.size(-1);
  int64_t experts = rank == 2 ? 1 : plain.getNumElements() / (rows * depth);
  auto [packedDepth, pairs] = panelDepth(packed, rank);
  int64_t panels = packed.getDimSize(rank - 2);
  QuantizedRows integers;
  if (element.isInteger(8)) {
    integers = quantizeRows(plain);
    forEachScale(experts, rows, panels, packedDepth, interleaved,
                 [&](int64_t row, int64_t position) {
                   storeFloat(result.ints() + position, 4,
                              integers.scale.floats()[row]);
                 });
  }
  forEachPacked(experts, rows, depth, panels, packedDepth, pairs, interleaved,
                [&](int64_t from, int64_t to) {
                  if (element.isInteger(8))
                    result.ints()[to] = integers.quantized.ints()[from];
                  else
                    result.floats()[to] =
                        roundToType(element, plain.floats()[from]);
                });
  return result;
}

/// `weight` with zero columns added: an input rounded to bf16 may have one
/// more.
static ReferenceTensor padColumns(const ReferenceTensor &weight,
                                  ArrayRef<int64_t> shape) {
  int64_t stored = weight.size(-1), depth = shape.back();
  ReferenceTensor source = weight.contiguous();
  ReferenceTensor padded(weight.getElementType(), shape);
  for (int64_t row = 0, rows = shape[0] * shape[1]; row < rows; ++row)
    for (int64_t k = 0; k < stored; ++k)
      padded.floats()[row * depth + k] = source.floats()[row * stored + k];
  return padded;
}

/// `weight` as `[E, rows, depth]`, whether it is plain (of rank `plainRank`) or
/// packed.
static ReferenceTensor plainWeight(const ReferenceTensor &weight,
                                   int64_t plainRank, int64_t rows,
                                   int64_t depth, bool interleaved) {
  int64_t experts = plainRank == 2 ? 1 : weight.size(0);
  if (weight.getRank() == plainRank && weight.size(-1) == depth)
    return weight.reshaped({experts, rows, depth});
  if (weight.getRank() == plainRank)
    return padColumns(weight, {experts, rows, depth});
  auto type = RankedTensorType::get(weight.getShape(), weight.getElementType());
  auto [packedDepth, pairs] = panelDepth(type, plainRank);
  int64_t panels = weight.size(plainRank - 2);
  ReferenceTensor packed = weight.contiguous();
  bool integers = type.getElementType().isInteger(8);
  std::vector<double> scales(experts * rows, 1.0);
  if (integers)
    forEachScale(experts, rows, panels, packedDepth, interleaved,
                 [&](int64_t row, int64_t position) {
                   scales[row] = loadFloat(packed.ints() + position, 4);
                 });
  ReferenceTensor plain(Float32Type::get(type.getContext()),
                        {experts, rows, depth});
  forEachPacked(experts, rows, depth, panels, packedDepth, pairs, interleaved,
                [&](int64_t to, int64_t from) {
                  double value =
                      integers ? packed.ints()[from] : packed.floats()[from];
                  plain.floats()[to] = value * scales[to / depth];
                });
  return plain;
}

/// The input of a product; integers as what they stand for.
template <typename OpTy>
static ReferenceTensor readInput(OpTy op, ReferenceFrame &frame) {
  ReferenceTensor input = frame.read(op.getInput());
  return input.isFloat() ? input : expandIntegers(input);
}

/// Scalar product; four sums so that it is not bound by the adder's latency.
static double dot(const double *a, const double *b, int64_t size) {
  double sums[4] = {};
  int64_t i = 0;
  for (; i + 4 <= size; i += 4)
    for (int64_t lane = 0; lane < 4; ++lane)
      sums[lane] += a[i + lane] * b[i + lane];
  for (; i < size; ++i)
    sums[0] += a[i] * b[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/// out[begin..end) = input * transpose(weight), weight being `[columns,
/// depth]`.
static void multiply(const double *input, const double *weight, double *out,
                     int64_t begin, int64_t end, int64_t columns,
                     int64_t depth) {
  for (int64_t n = 0; n < columns; ++n)
    for (int64_t t = begin; t < end; ++t)
      out[t * columns + n] = dot(input + t * depth, weight + n * depth, depth);
}

/// input * transpose(weight) of an op with one plain or packed matrix.
template <typename OpTy>
static ReferenceTensor denseProduct(OpTy op, ReferenceFrame &frame) {
  ReferenceTensor input = readInput(op, frame);
  Value destination =
      op.getResult() ? Value(op.getResult()) : Value(op.getOuts()[0]);
  int64_t rows = input.size(0), depth = input.size(1);
  int64_t columns = cast<ShapedType>(destination.getType()).getDimSize(1);
  ReferenceTensor weight =
      plainWeight(frame.get(op.getWeight()).tensor, 2, columns, depth, false);
  ReferenceTensor result = frame.makeResult(op, 0, {rows, columns});
  multiply(input.floats(), weight.floats(), result.floats(), 0, rows, columns,
           depth);
  return result;
}

static LogicalResult evaluateOp(LinearOp op, ReferenceFrame &frame) {
  ReferenceTensor result = denseProduct(op, frame);
  double alpha = op.getAlpha().convertToDouble();
  double beta = op.getResidual() ? op.getBeta().convertToDouble() : 1.0;
  ReferenceTensor residual;
  if (op.getResidual())
    residual = frame.read(op.getResidual());
  for (int64_t i = 0, e = result.size(0) * result.size(1); i < e; ++i) {
    double product = applyActivation(op.getActivation(), result.floats()[i]);
    double skip = op.getResidual() ? alpha * residual.floats()[i] : 0.0;
    result.floats()[i] = skip + beta * product;
  }
  return frame.finish(op, result);
}

static LogicalResult evaluateOp(LmHeadOp op, ReferenceFrame &frame) {
  return frame.finish(op, denseProduct(op, frame));
}

/// The rows of `input` that the product reads, in its order.
static FailureOr<ReferenceTensor> gatherRows(GroupedMatmulOp op,
                                             const ReferenceTensor &input,
                                             ReferenceFrame &frame) {
  if (!op.getRows())
    return input;
  SmallVector<int64_t> rows = readIntegers(frame, op.getRows());
  int64_t count = rows.size(), depth = input.size(1);
  ReferenceTensor gathered(input.getElementType(), {count, depth});
  for (int64_t r = 0; r < count; ++r) {
    if (rows[r] < 0 || rows[r] >= input.size(0))
      return op.emitOpError() << "expected 'rows' in [0, " << input.size(0)
                              << "), but got " << rows[r];
    std::copy_n(input.floats() + rows[r] * depth, depth,
                gathered.floats() + r * depth);
  }
  return gathered;
}

static LogicalResult evaluateOp(GroupedMatmulOp op, ReferenceFrame &frame) {
  FailureOr<ReferenceTensor> gathered =
      gatherRows(op, readInput(op, frame), frame);
  if (failed(gathered))
    return failure();
  const ReferenceTensor &input = *gathered;
  SmallVector<int64_t> offsets = readIntegers(frame, op.getOffsets());
  Value destination =
      op.getResult() ? Value(op.getResult()) : Value(op.getOuts()[0]);
  bool swiglu = op.getActivation() == Activation::swiglu;
  int64_t rows = input.size(0), depth = input.size(1);
  int64_t width = cast<ShapedType>(destination.getType()).getDimSize(1);
  int64_t columns = swiglu ? 2 * width : width;
  if (offsets.front() < 0 || !llvm::is_sorted(offsets) || offsets.back() > rows)
    return op.emitOpError() << "expected 'offsets' to rise to at most " << rows;
  // A packed weight of a fused gate is packed interleaved.
  ReferenceTensor weight =
      plainWeight(frame.get(op.getWeight()).tensor, 3, columns, depth, swiglu);
  ReferenceTensor product(weight.getElementType(), {rows, columns});
  for (int64_t e = 0; e < weight.size(0); ++e)
    multiply(input.floats(), weight.floats() + e * columns * depth,
             product.floats(), offsets[e], offsets[e + 1], columns, depth);
  ReferenceTensor result = frame.makeResult(op, 0, {rows, width});
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < width; ++c) {
      double value = product.floats()[r * columns + c];
      if (swiglu)
        value = applyActivation(Activation::silu, value) *
                product.floats()[r * columns + width + c];
      result.floats()[r * width + c] = value;
    }
  return frame.finish(op, result);
}

static LogicalResult evaluateOp(PackOp op, ReferenceFrame &frame) {
  frame.set(op.getResult(),
            packWeight(frame.read(op.getInput()),
                       cast<RankedTensorType>(op.getResult().getType()),
                       op.getInterleaved()));
  return success();
}

static LogicalResult evaluateOp(GetWeightOp op, ReferenceFrame &frame) {
  auto weight =
      SymbolTable::lookupNearestSymbolFrom<WeightOp>(op, op.getNameAttr());
  FailureOr<ReferenceTensor> value = frame.getInterpreter().getWeight(weight);
  if (failed(value))
    return failure();
  frame.set(op.getResult(), *value);
  return success();
}

void attachProductModels(MLIRContext *context) {
  attachReferenceModels<GetWeightOp, GroupedMatmulOp, LinearOp, LmHeadOp,
                        PackOp>(context);
}

} // namespace mlir::minimax
