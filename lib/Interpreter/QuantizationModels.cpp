//===- QuantizationModels.cpp - references of small integers --------------===//
//
// quantize, dequantize and the 16-bit form of minimax.cast (SPEC 5.1). Integers
// are chosen in f32, as programs do; what they stand for is exact.
//
//===----------------------------------------------------------------------===//

#include "Models.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

namespace mlir::minimax {

void storeFloat(int64_t *cells, unsigned count, float value) {
  unsigned width = 32 / count;
  auto bits = llvm::bit_cast<uint32_t>(value);
  for (unsigned i = 0; i < count; ++i)
    cells[i] = llvm::SignExtend64(bits >> (i * width), width);
}

float loadFloat(const int64_t *cells, unsigned count) {
  unsigned width = 32 / count;
  uint32_t bits = 0;
  for (unsigned i = 0; i < count; ++i)
    bits |= static_cast<uint32_t>(cells[i] &
                                  llvm::maskTrailingOnes<uint64_t>(width))
            << (i * width);
  return llvm::bit_cast<float>(bits);
}

/// The largest magnitude in f32; NaN counts as larger than any.
static float largest(const double *values, int64_t count) {
  float most = 0;
  for (int64_t i = 0; i < count; ++i) {
    float magnitude = std::fabs(static_cast<float>(values[i]));
    if (!(magnitude <= most))
      most = std::isnan(most) ? most : magnitude;
  }
  return most;
}

/// `value` rounded to an integer of magnitude at most `limit`; NaN is 0.
static int64_t toInteger(float value, float limit) {
  if (std::isnan(value))
    return 0;
  return static_cast<int64_t>(
      std::fmin(std::fmax(std::nearbyint(value), -limit), limit));
}

QuantizedRows quantizeRows(const ReferenceTensor &weight) {
  ReferenceTensor source = weight.contiguous();
  MLIRContext *context = weight.getElementType().getContext();
  int64_t depth = source.size(-1);
  QuantizedRows rows{
      ReferenceTensor(IntegerType::get(context, 8), source.getShape()),
      ReferenceTensor(Float32Type::get(context),
                      source.getShape().drop_back())};
  for (int64_t n = 0, count = rows.scale.getNumElements(); n < count; ++n) {
    const double *row = source.floats() + n * depth;
    float scale = largest(row, depth) / 127.0f;
    rows.scale.floats()[n] = scale;
    for (int64_t k = 0; k < depth && scale != 0; ++k)
      rows.quantized.ints()[n * depth + k] =
          toInteger(static_cast<float>(row[k]) / scale, 127);
  }
  return rows;
}

/// Pairs of columns of a row of `width` 16-bit integers, scales included.
static int64_t pairsOf(int64_t width) {
  return width / 2 - llvm::divideCeil(width / 2, kGroupDepth / 2 + 1);
}

void castToIntegers(const double *row, int64_t columns, int64_t *result) {
  int64_t even = llvm::alignTo(columns, 2);
  for (int64_t first = 0; first < columns; first += kGroupDepth) {
    int64_t last = std::min(first + kGroupDepth, columns);
    float most = largest(row + first, last - first);
    float factor = most >= 0x1p-112f ? 32767.0f / most : 0.0f;
    for (int64_t c = first; c < last; ++c)
      result[c] = toInteger(static_cast<float>(row[c]) * factor, 32767);
    storeFloat(result + even + first / (kGroupDepth / 2), 2, most / 32767.0f);
  }
}

ReferenceTensor expandIntegers(const ReferenceTensor &rows) {
  ReferenceTensor source = rows.contiguous();
  int64_t width = source.size(1), even = 2 * pairsOf(width);
  ReferenceTensor result(Float32Type::get(rows.getElementType().getContext()),
                         {source.size(0), even});
  for (int64_t t = 0; t < source.size(0); ++t) {
    const int64_t *row = source.ints() + t * width;
    for (int64_t c = 0; c < even; ++c)
      result.floats()[t * even + c] =
          static_cast<double>(row[c]) *
          loadFloat(row + even + c / kGroupDepth * 2, 2);
  }
  return result;
}

static LogicalResult evaluateOp(QuantizeOp op, ReferenceFrame &frame) {
  QuantizedRows rows = quantizeRows(frame.read(op.getInput()));
  frame.set(op.getQuantized(), rows.quantized);
  frame.set(op.getScale(), rows.scale);
  return success();
}

static LogicalResult evaluateOp(DequantizeOp op, ReferenceFrame &frame) {
  ReferenceTensor quantized = frame.read(op.getQuantized());
  ReferenceTensor scale = frame.read(op.getScale());
  ReferenceTensor result(op.getResult().getType().getElementType(),
                         quantized.getShape());
  int64_t depth = quantized.size(-1);
  for (int64_t i = 0, count = quantized.getNumElements(); i < count; ++i)
    result.floats()[i] =
        scale.floats()[i / depth] * static_cast<double>(quantized.ints()[i]);
  frame.set(op.getResult(), result);
  return success();
}

void attachQuantizationModels(MLIRContext *context) {
  attachReferenceModels<DequantizeOp, QuantizeOp>(context);
}

} // namespace mlir::minimax
