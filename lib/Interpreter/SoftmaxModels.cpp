//===- SoftmaxModels.cpp - references of softmax attention ----------------===//
//
// SPEC 2.5 and 4.7: two passes over the scores of every query.
//
//===----------------------------------------------------------------------===//

#include "Models.h"
#include <cmath>
#include <limits>

namespace mlir::minimax {

/// `tensor` `[T, H, D]`, each head rotated by its row's position.
static ReferenceTensor rotated(const ReferenceTensor &tensor,
                               ArrayRef<int64_t> positions, double theta,
                               int64_t rotary) {
  ReferenceTensor result = tensor.clone();
  int64_t heads = tensor.size(1), dim = tensor.size(2);
  for (int64_t t = 0; t < tensor.size(0); ++t)
    for (int64_t h = 0; h < heads; ++h)
      rotateHead(result.floats() + (t * heads + h) * dim, positions[t], theta,
                 rotary);
  return result;
}

/// Stores rotated keys and values at their positions.
static LogicalResult append(Operation *op, ReferenceState &state,
                            const StepLayout &layout,
                            const ReferenceTensor &key,
                            const ReferenceTensor &value) {
  int64_t width = key.size(1) * key.size(2);
  Type type = state.pools[0].getElementType();
  for (int64_t n = 0; n < layout.getNumSequences(); ++n)
    for (int64_t t = layout.cuSeqlens[n]; t < layout.cuSeqlens[n + 1]; ++t) {
      int64_t slot = layout.slots[n], position = layout.positions[t];
      if (failed(state.reserve(op, slot, position)))
        return failure();
      double *keys = state.at(0, slot, position);
      double *values = state.at(1, slot, position);
      for (int64_t i = 0; i < width; ++i) {
        keys[i] = roundToType(type, key.floats()[t * width + i]);
        values[i] = roundToType(type, value.floats()[t * width + i]);
      }
    }
  return success();
}

/// Attention of one query head to key positions [begin, end) of `slot`; returns
/// the log-sum-exp of the scores.
static double attend(const ReferenceState &state, int64_t slot, int64_t begin,
                     int64_t end, int64_t group, const double *query,
                     double scale, double *out, int64_t dim) {
  std::vector<double> scores;
  double largest = -std::numeric_limits<double>::infinity();
  for (int64_t j = begin; j < end; ++j) {
    const double *key = state.at(0, slot, j) + group * dim;
    double score = 0;
    for (int64_t d = 0; d < dim; ++d)
      score += query[d] * key[d];
    scores.push_back(score * scale);
    largest = std::max(largest, scores.back());
  }
  if (scores.empty())
    return largest;
  double sum = 0;
  for (double score : scores)
    sum += std::exp(score - largest);
  double lse = largest + std::log(sum);
  for (int64_t j = begin; j < end; ++j) {
    const double *value = state.at(1, slot, j) + group * dim;
    double weight = std::exp(scores[j - begin] - lse);
    for (int64_t d = 0; d < dim; ++d)
      out[d] += weight * value[d];
  }
  return lse;
}

/// Attends from every row to share `split` of `splits` of its sequence's keys;
/// fills `out` `[T, H, D]` and, unless null, `lse` `[T, H]`.
static LogicalResult attendAll(Operation *op, ReferenceState &state,
                               const StepLayout &layout,
                               const ReferenceTensor &query, double scale,
                               int64_t split, int64_t splits, double *out,
                               double *lse) {
  int64_t heads = query.size(1), dim = query.size(2);
  int64_t groups = state.pools[0].size(2);
  for (int64_t n = 0; n < layout.getNumSequences(); ++n) {
    int64_t begin = layout.cuSeqlens[n], end = layout.cuSeqlens[n + 1];
    if (begin == end)
      continue;
    int64_t last = layout.positions[end - 1];
    if (failed(state.reserve(op, layout.slots[n], last)))
      return failure();
    int64_t share = llvm::divideCeil(last + 1, splits);
    for (int64_t row = begin * heads; row < end * heads; ++row) {
      int64_t limit =
          std::min(layout.positions[row / heads] + 1, (split + 1) * share);
      int64_t group = row % heads * groups / heads;
      double sum =
          attend(state, layout.slots[n], split * share, limit, group,
                 query.floats() + row * dim, scale, out + row * dim, dim);
      if (lse)
        lse[row] = sum;
    }
  }
  return success();
}

static LogicalResult evaluateOp(AttentionOp op, ReferenceFrame &frame) {
  ReferenceTensor query = frame.read(op.getQuery());
  auto layout = readStepLayout(op, frame, query.size(0), op.getCuSeqlens(),
                               op.getSlots(), op.getPositions());
  auto state = frame.getState(op, op.getCache());
  if (failed(layout) || failed(state))
    return failure();
  double theta = op.getTheta().convertToDouble();
  int64_t rotary = op.getRotaryDim();
  ReferenceTensor key =
      rotated(frame.read(op.getKey()), layout->positions, theta, rotary);
  query = rotated(query, layout->positions, theta, rotary);
  if (failed(append(op, **state, *layout, key, frame.read(op.getValue()))))
    return failure();
  ReferenceTensor result = frame.makeResult(op, 0, query.getShape());
  if (failed(attendAll(op, **state, *layout, query,
                       op.getScale().convertToDouble(), 0, 1, result.floats(),
                       nullptr)))
    return failure();
  return frame.finish(op, result);
}

static LogicalResult evaluateOp(CacheAppendOp op, ReferenceFrame &frame) {
  ReferenceTensor key = frame.read(op.getKey());
  auto layout = readStepLayout(op, frame, key.size(0), op.getCuSeqlens(),
                               op.getSlots(), op.getPositions());
  auto state = frame.getState(op, op.getCache());
  if (failed(layout) || failed(state))
    return failure();
  key = rotated(key, layout->positions, op.getTheta().convertToDouble(),
                op.getRotaryDim());
  if (failed(append(op, **state, *layout, key, frame.read(op.getValue()))))
    return failure();
  return frame.finish(op, {});
}

static LogicalResult evaluateOp(AttentionPartialOp op, ReferenceFrame &frame) {
  ReferenceTensor query = frame.read(op.getQuery());
  auto layout = readStepLayout(op, frame, query.size(0), op.getCuSeqlens(),
                               op.getSlots(), op.getPositions());
  auto state = frame.getState(op, op.getCache());
  if (failed(layout) || failed(state))
    return failure();
  query = rotated(query, layout->positions, op.getTheta().convertToDouble(),
                  op.getRotaryDim());
  ReferenceTensor out = frame.makeResult(op, 0, query.getShape());
  ReferenceTensor lse = frame.makeResult(op, 1, query.getShape().drop_back());
  if (failed(attendAll(op, **state, *layout, query,
                       op.getScale().convertToDouble(), op.getSplit(),
                       op.getSplits(), out.floats(), lse.floats())))
    return failure();
  return frame.finish(op, {out, lse});
}

static LogicalResult evaluateOp(AttentionMergeOp op, ReferenceFrame &frame) {
  ReferenceTensor out1 = frame.read(op.getOutput1());
  ReferenceTensor out2 = frame.read(op.getOutput2());
  ReferenceTensor lse1 = frame.read(op.getLse1());
  ReferenceTensor lse2 = frame.read(op.getLse2());
  ReferenceTensor out = frame.makeResult(op, 0, out1.getShape());
  ReferenceTensor lse = frame.makeResult(op, 1, lse1.getShape());
  int64_t dim = out1.size(2);
  for (int64_t row = 0, e = lse1.getNumElements(); row < e; ++row) {
    double a = lse1.floats()[row], b = lse2.floats()[row];
    double largest = std::max(a, b);
    lse.floats()[row] = largest;
    if (std::isinf(largest))
      continue;
    double sum =
        largest + std::log(std::exp(a - largest) + std::exp(b - largest));
    lse.floats()[row] = sum;
    for (int64_t i = row * dim; i < (row + 1) * dim; ++i)
      out.floats()[i] = out1.floats()[i] * std::exp(a - sum) +
                        out2.floats()[i] * std::exp(b - sum);
  }
  return frame.finish(op, {out, lse});
}

void attachSoftmaxModels(MLIRContext *context) {
  attachReferenceModels<AttentionMergeOp, AttentionOp, AttentionPartialOp,
                        CacheAppendOp>(context);
}

} // namespace mlir::minimax
