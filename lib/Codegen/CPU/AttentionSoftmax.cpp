//===- AttentionSoftmax.cpp - running softmax of a tile -------------------===//
//
// From a tile's scores to exponentials, row maxima, row sums and the factors
// that scale what came before. Scores are in base 2.
//
// Roofline: about 13 instructions for 16 (or 8) scores of the D / 8 products
// that each of these scores takes part in.
//
//===----------------------------------------------------------------------===//

#include "AttentionTiles.h"

using namespace mlir;
using namespace mlir::minimax;

/// The larger of two values that are numbers, one instruction.
static Value larger(KernelBuilder &kb, Value a, Value b) {
  Value isLarger = kb.create<arith::CmpFOp>(arith::CmpFPredicate::OGT, a, b);
  return kb.create<arith::SelectOp>(isLarger, a, b);
}

void AttentionKernel::emitSoftmax(Value key, Value count, bool isMasked) {
  kb.loop(kb.index(0), rows, kb.target.lanes,
          [&](Value row) { emitMaxima(row, key, count, isMasked); });
  forEachRow([&](Value r) { emitExponentials(r, key, count, isMasked); });
}

/// Scores of vector `t` of row `r`; keys that the row does not see have
/// `hidden` instead.
Value AttentionKernel::seenOnly(Value score, Value r, int64_t t, Value key,
                                Value count, double hidden) {
  Value position = kb.add(firstPosition, kb.div(r, kb.index(heads)));
  Value causal = kb.sub(kb.add(position, kb.index(1)), key);
  Value left = kb.sub(kb.minimum(count, causal), kb.index(t * kb.target.lanes));
  Value mask = kb.mask(kb.maximum(left, kb.index(0)));
  return kb.create<arith::SelectOp>(mask, score, kb.splat(hidden));
}

/// New maxima and factors of as many rows as a vector has lanes.
void AttentionKernel::emitMaxima(Value row, Value key, Value count,
                                 bool isMasked) {
  SmallVector<Value> square;
  for (int64_t r = 0; r < kb.target.lanes; ++r) {
    Value i = kb.add(row, kb.index(r)), largest;
    for (int64_t t = 0; t < kTileKeys / kb.target.lanes; ++t) {
      Value score = kb.loadVector(scores, {i, at(kb.index(0), t)});
      if (isMasked)
        score = seenOnly(score, i, t, key, count, kNoScore);
      largest = largest ? larger(kb, score, largest) : score;
    }
    square.push_back(largest);
  }
  Value old = kb.loadVector(maxima, {row}), maximum = old;
  for (Value column : kb.transpose(square))
    maximum = larger(kb, column, maximum);
  kb.storeVector(maximum, maxima, {row});
  kb.storeVector(kb.exp2(kb.create<arith::SubFOp>(old, maximum)), factors,
                 {row});
}

void AttentionKernel::emitExponentials(Value r, Value key, Value count,
                                       bool isMasked) {
  Value shift = kb.broadcast(kb.load(maxima, {r}));
  Value norm = kb.create<arith::MulFOp>(kb.loadVector(norms, {r, kb.index(0)}),
                                        kb.broadcast(kb.load(factors, {r})));
  for (int64_t t = 0; t < kTileKeys / kb.target.lanes; ++t) {
    Value score = kb.loadVector(scores, {r, at(kb.index(0), t)});
    Value e = kb.exp2(kb.create<arith::SubFOp>(score, shift));
    if (isMasked)
      e = seenOnly(e, r, t, key, count, 0);
    kb.storeVector(e, scores, {r, at(kb.index(0), t)});
    norm = kb.create<arith::AddFOp>(norm, e);
  }
  kb.storeVector(norm, norms, {r, kb.index(0)});
}
