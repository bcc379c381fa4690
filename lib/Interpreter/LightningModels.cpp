//===- LightningModels.cpp - references of lightning attention ------------===//
//
// The recurrence of SPEC 2.4 (6), and its parts by their definitions.
//
//===----------------------------------------------------------------------===//

#include "Models.h"
#include <cmath>

namespace mlir::minimax {

/// state[K, V] = decay * state + transpose(key) * value * scale.
static void advance(double *state, double decay, double scale,
                    const double *key, const double *value, int64_t dim) {
  for (int64_t i = 0; i < dim; ++i)
    for (int64_t j = 0; j < dim; ++j)
      state[i * dim + j] =
          decay * state[i * dim + j] + scale * key[i] * value[j];
}

/// out += scale * query * state.
static void apply(double *out, double scale, const double *query,
                  const double *state, int64_t dim) {
  for (int64_t i = 0; i < dim; ++i)
    for (int64_t j = 0; j < dim; ++j)
      out[j] += scale * query[i] * state[i * dim + j];
}

static LogicalResult evaluateOp(LightningAttentionOp op,
                                ReferenceFrame &frame) {
  ReferenceTensor query = frame.read(op.getQuery());
  ReferenceTensor key = frame.read(op.getKey());
  ReferenceTensor value = frame.read(op.getValue());
  ReferenceTensor slope = frame.read(op.getSlope());
  int64_t heads = query.size(1), dim = query.size(2);
  auto layout = readStepLayout(op, frame, query.size(0), op.getCuSeqlens(),
                               op.getSlots(), Value());
  auto state = frame.getState(op, op.getState());
  if (failed(layout) || failed(state))
    return failure();
  ReferenceTensor result = frame.makeResult(op, 0, query.getShape());
  for (int64_t n = 0; n < layout->getNumSequences(); ++n) {
    if (failed((*state)->reserve(op, layout->slots[n])))
      return failure();
    for (int64_t h = 0; h < heads; ++h) {
      double *matrix = (*state)->at(0, layout->slots[n], h);
      double decay = std::exp(-slope.floats()[h]);
      for (int64_t t = layout->cuSeqlens[n]; t < layout->cuSeqlens[n + 1];
           ++t) {
        int64_t row = (t * heads + h) * dim;
        advance(matrix, decay, 1.0, key.floats() + row, value.floats() + row,
                dim);
        apply(result.floats() + row, 1.0, query.floats() + row, matrix, dim);
      }
    }
  }
  return frame.finish(op, result);
}

namespace {
/// One chunk of one sequence: its number and its rows.
struct Chunk {
  int64_t sequence, begin, end;
};
} // namespace

/// The chunks of all sequences, in order.
static SmallVector<Chunk> chunksOf(const StepLayout &layout, int64_t size) {
  SmallVector<Chunk> chunks;
  for (int64_t n = 0; n < layout.getNumSequences(); ++n) {
    int64_t end = layout.cuSeqlens[n + 1];
    for (int64_t t = layout.cuSeqlens[n]; t < end; t += size)
      chunks.push_back({n, t, std::min(t + size, end)});
  }
  return chunks;
}

/// Rows of the chunk tensors: an upper bound of the number of chunks.
static int64_t chunkRows(const StepLayout &layout, int64_t size) {
  return layout.cuSeqlens.back() / size + layout.getNumSequences();
}

static LogicalResult evaluateOp(ChunkStateOp op, ReferenceFrame &frame) {
  ReferenceTensor key = frame.read(op.getKey());
  ReferenceTensor value = frame.read(op.getValue());
  ReferenceTensor slope = frame.read(op.getSlope());
  int64_t heads = key.size(1), dim = key.size(2), size = op.getChunk();
  auto layout = readStepLayout(op, frame, key.size(0), op.getCuSeqlens(),
                               Value(), Value());
  if (failed(layout))
    return failure();
  int64_t rows = chunkRows(*layout, size);
  ReferenceTensor local = frame.makeResult(op, 0, {rows, heads, dim, dim});
  ReferenceTensor decay = frame.makeResult(op, 1, {rows, heads});
  for (auto [c, chunk] : llvm::enumerate(chunksOf(*layout, size)))
    for (int64_t h = 0; h < heads; ++h) {
      double s = slope.floats()[h];
      int64_t at = c * heads + h;
      for (int64_t t = chunk.begin; t < chunk.end; ++t) {
        int64_t row = (t * heads + h) * dim;
        advance(local.floats() + at * dim * dim, 1.0,
                std::exp(-s * (chunk.end - 1 - t)), key.floats() + row,
                value.floats() + row, dim);
      }
      decay.floats()[at] = std::exp(-s * (chunk.end - chunk.begin));
    }
  return frame.finish(op, {local, decay});
}

static LogicalResult evaluateOp(StateScanOp op, ReferenceFrame &frame) {
  ReferenceTensor local = frame.read(op.getLocal());
  ReferenceTensor decay = frame.read(op.getDecay());
  int64_t heads = local.size(1), matrix = local.size(2) * local.size(3);
  auto layout =
      readStepLayout(op, frame, -1, op.getCuSeqlens(), op.getSlots(), Value());
  auto state = frame.getState(op, op.getState());
  if (failed(layout) || failed(state))
    return failure();
  ReferenceTensor entry = frame.makeResult(op, 0, local.getShape());
  for (auto [c, chunk] : llvm::enumerate(chunksOf(*layout, op.getChunk()))) {
    int64_t slot = layout->slots[chunk.sequence];
    if (failed((*state)->reserve(op, slot)))
      return failure();
    for (int64_t h = 0; h < heads; ++h) {
      int64_t at = c * heads + h;
      double *current = (*state)->at(0, slot, h);
      for (int64_t i = 0; i < matrix; ++i) {
        entry.floats()[at * matrix + i] = current[i];
        current[i] =
            decay.floats()[at] * current[i] + local.floats()[at * matrix + i];
      }
    }
  }
  return frame.finish(op, entry);
}

static LogicalResult evaluateOp(ChunkOutputOp op, ReferenceFrame &frame) {
  ReferenceTensor query = frame.read(op.getQuery());
  ReferenceTensor key = frame.read(op.getKey());
  ReferenceTensor value = frame.read(op.getValue());
  ReferenceTensor slope = frame.read(op.getSlope());
  ReferenceTensor entry = frame.read(op.getEntry());
  int64_t heads = query.size(1), dim = query.size(2);
  auto layout = readStepLayout(op, frame, query.size(0), op.getCuSeqlens(),
                               Value(), Value());
  if (failed(layout))
    return failure();
  ReferenceTensor result = frame.makeResult(op, 0, query.getShape());
  for (auto [c, chunk] : llvm::enumerate(chunksOf(*layout, op.getChunk())))
    for (int64_t h = 0; h < heads; ++h)
      for (int64_t t = chunk.begin; t < chunk.end; ++t) {
        double s = slope.floats()[h];
        const double *q = query.floats() + (t * heads + h) * dim;
        double *out = result.floats() + (t * heads + h) * dim;
        apply(out, std::exp(-s * (t - chunk.begin + 1)), q,
              entry.floats() + (c * heads + h) * dim * dim, dim);
        for (int64_t j = chunk.begin; j <= t; ++j) {
          int64_t row = (j * heads + h) * dim;
          double score = 0;
          for (int64_t d = 0; d < dim; ++d)
            score += q[d] * key.floats()[row + d];
          score *= std::exp(-s * (t - j));
          for (int64_t d = 0; d < dim; ++d)
            out[d] += score * value.floats()[row + d];
        }
      }
  return frame.finish(op, result);
}

void attachLightningModels(MLIRContext *context) {
  attachReferenceModels<ChunkOutputOp, ChunkStateOp, LightningAttentionOp,
                        StateScanOp>(context);
}

} // namespace mlir::minimax
