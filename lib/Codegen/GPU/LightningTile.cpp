//===- LightningTile.cpp - lightning attention in a block -----------------===//
//
// Roofline: operands and outputs move once for each slice of the value columns,
// 16 D bytes a token and head; 4 D^2 + 2 C D + 2 C D flops in f32, in products
// that shared memory bounds (ThreadSquare.cpp). The scores are computed again
// for each slice.
//
//===----------------------------------------------------------------------===//

#include "LightningTile.h"

using namespace mlir;
using namespace mlir::minimax;

/// Most value columns of a slice: two slices of a head of 128 columns keep most
/// processors of a GPU busy with 64 heads of one sequence.
static constexpr int64_t kSliceColumns = 64;

/// Tokens of a tile, if they fit.
static constexpr int64_t kTileTokens = 64;

static constexpr int64_t kSide = ThreadSquare::kSide;

int64_t LightningTile::countSlices(int64_t dim) {
  return llvm::divideCeil(dim, kSliceColumns);
}
int64_t LightningTile::sliceColumns(int64_t dim) {
  return llvm::alignTo(llvm::divideCeil(dim, countSlices(dim)), kSide);
}

/// Bytes of shared memory of a tile of `tokens`.
static int64_t sharedBytes(int64_t paddedDim, int64_t columns, int64_t tokens) {
  int64_t words = 2 * tokens * (paddedDim + 1) + tokens * columns +
                  tokens * (tokens + 1) + paddedDim * columns + tokens + 1;
  return words * sizeof(float);
}

namespace {
/// With the slice of the state in shared memory.
class LightningSquare : public LightningTile {
public:
  LightningSquare(GPUKernelBuilder &kb, const LightningShape &shape);

  void setSlope(Value slope) override;
  void clearState() override;
  void loadState(const LightningPlace &from) override;
  void emitTokens(const LightningView &head, Value begin, Value end,
                  bool keepsState) override;
  void storeState(const LightningPlace &to) override;

private:
  void emitTile(const LightningView &head, Value first, Value count);
  void emitScores();
  void emitOutputs(const LightningView &head, Value first, Value count);
  void emitState(Value count);
  Value decayAt(Value tokens) { return kb.load(decays, {tokens}); }

  GPUKernelBuilder &kb;
  ThreadSquare square;
  int64_t dim, paddedDim, columns, tokens;
  /// First column of the slice, and how many it has.
  Value firstColumn, countColumns;
  Value queries, keys, values, scores, state, decays;
};
} // namespace

LightningSquare::LightningSquare(GPUKernelBuilder &kb,
                                 const LightningShape &shape)
    : kb(kb), square(kb), dim(shape.dim), paddedDim(llvm::alignTo(dim, kSide)),
      columns(sliceColumns(dim)), tokens(kTileTokens) {
  while (tokens > kSide &&
         sharedBytes(paddedDim, columns, tokens) > kb.target.sharedBytes)
    tokens /= 2;
  firstColumn = kb.mul(shape.slice, kb.index(columns));
  countColumns =
      kb.minimum(kb.index(columns), kb.sub(kb.index(dim), firstColumn));
  // Rows of an odd number of words: a column's words lie in different banks.
  if (shape.hasOutput) {
    queries = kb.shared({tokens, paddedDim + 1});
    scores = kb.shared({tokens, tokens + 1});
  }
  keys = kb.shared({tokens, paddedDim + 1});
  values = kb.shared({tokens, columns});
  state = kb.shared({paddedDim, columns});
  decays = kb.shared({tokens + 1});
}

Value minimax::emitDecay(GPUKernelBuilder &kb, Value slope, Value tokens) {
  Value exponent = kb.create<arith::MulFOp>(slope, kb.number(tokens));
  return kb.exp(kb.create<arith::NegFOp>(exponent));
}

void LightningSquare::setSlope(Value slope) {
  kb.forEachThread(kb.index(tokens + 1), [&](Value n) {
    kb.store(emitDecay(kb, slope, n), decays, {n});
  });
}

//===----------------------------------------------------------------------===//
// State
//===----------------------------------------------------------------------===//

// Threads touch their own elements here, so that no barrier is needed before
// the first product's.

void LightningSquare::clearState() {
  square.forEach(paddedDim, columns, [&](int64_t, Value d, Value e) {
    kb.store(kb.f32(0), state, {d, e});
  });
}

void LightningSquare::loadState(const LightningPlace &from) {
  Value last = kb.index(dim - 1);
  square.forEach(paddedDim, columns, [&](int64_t, Value d, Value e) {
    // What lies outside is read where something is, and not stored again.
    Value column = kb.minimum(kb.add(firstColumn, e), last);
    Value old = kb.load(from.memref,
                        {from.first, from.second, kb.minimum(d, last), column});
    kb.store(old, state, {d, e});
  });
}

void LightningSquare::storeState(const LightningPlace &to) {
  square.forEach(paddedDim, columns, [&](int64_t, Value d, Value e) {
    Value inside = kb.create<arith::AndIOp>(kb.less(d, kb.index(dim)),
                                            kb.less(e, countColumns));
    kb.ifThen(inside, [&] {
      kb.store(kb.load(state, {d, e}), to.memref,
               {to.first, to.second, d, kb.add(firstColumn, e)});
    });
  });
}

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

void LightningSquare::emitTokens(const LightningView &head, Value begin,
                                 Value end, bool keepsState) {
  kb.loop(begin, end, tokens, [&](Value first) {
    Value left = kb.sub(end, first);
    Value count = kb.minimum(kb.index(tokens), left);
    emitTile(head, first, count);
    if (keepsState)
      return emitState(count);
    kb.ifThen(kb.less(kb.index(tokens), left), [&] { emitState(count); });
  });
}

/// Loads a tile and puts out its outputs.
void LightningSquare::emitTile(const LightningView &head, Value first,
                               Value count) {
  auto fill = [&](Value tile, int64_t width, Value from, Value start,
                  Value used) {
    square.fill(tile, width, count, used, [&](Value i, Value j) {
      return kb.load(from, {kb.add(first, i), head.head, kb.add(start, j)});
    });
  };
  Value zero = kb.index(0), wide = kb.index(dim);
  // Until here the tile before is read.
  kb.barrier();
  if (head.query)
    fill(queries, paddedDim, head.query, zero, wide);
  fill(keys, paddedDim, head.key, zero, wide);
  fill(values, columns, head.value, firstColumn, countColumns);
  kb.barrier();
  if (!head.query)
    return;
  emitScores();
  kb.barrier();
  emitOutputs(head, first, count);
  // Until here the state is read.
  kb.barrier();
}

void LightningSquare::emitScores() {
  SmallVector<Value> sums = square.multiply(
      square.zeros(tokens, tokens), tokens, kb.index(dim),
      [&](Value i, Value d) {
        return kb.load(queries, {i, d});
      },
      [&](Value d, Value j) {
        return kb.load(keys, {j, d});
      });
  square.forEach(tokens, tokens, [&](int64_t place, Value i, Value j) {
    Value distance = kb.maximum(kb.sub(i, j), kb.index(0));
    Value decayed = kb.create<arith::MulFOp>(sums[place], decayAt(distance));
    Value hidden = kb.less(i, j);
    kb.store(kb.create<arith::SelectOp>(hidden, kb.f32(0), decayed), scores,
             {i, j});
  });
}

void LightningSquare::emitOutputs(const LightningView &head, Value first,
                                  Value count) {
  SmallVector<Value> sums = square.multiply(
      square.zeros(tokens, columns), columns, kb.index(dim),
      [&](Value i, Value d) {
        return kb.load(queries, {i, d});
      },
      [&](Value d, Value e) {
        return kb.load(state, {d, e});
      });
  square.forEach(tokens, columns, [&](int64_t place, Value i, Value) {
    Value decay = decayAt(kb.add(i, kb.index(1)));
    sums[place] = kb.create<arith::MulFOp>(sums[place], decay);
  });
  sums = square.multiply(
      sums, columns, count,
      [&](Value i, Value j) {
        return kb.load(scores, {i, j});
      },
      [&](Value j, Value e) {
        return kb.load(values, {j, e});
      });
  square.forEach(tokens, columns, [&](int64_t place, Value i, Value e) {
    Value inside =
        kb.create<arith::AndIOp>(kb.less(i, count), kb.less(e, countColumns));
    kb.ifThen(inside, [&] {
      kb.store(sums[place], head.output,
               {kb.add(first, i), head.head, kb.add(firstColumn, e)});
    });
  });
}

void LightningSquare::emitState(Value count) {
  Value carry = decayAt(count), last = kb.sub(count, kb.index(1));
  SmallVector<Value> sums = square.zeros(paddedDim, columns);
  square.forEach(paddedDim, columns, [&](int64_t place, Value d, Value e) {
    sums[place] = kb.create<arith::MulFOp>(carry, kb.load(state, {d, e}));
  });
  sums = square.multiply(
      sums, columns, count,
      [&](Value d, Value j) {
        return kb.load(keys, {j, d});
      },
      [&](Value j, Value e) -> Value {
        return kb.create<arith::MulFOp>(kb.load(values, {j, e}),
                                        decayAt(kb.sub(last, j)));
      });
  square.forEach(paddedDim, columns, [&](int64_t place, Value d, Value e) {
    kb.store(sums[place], state, {d, e});
  });
}

std::unique_ptr<LightningTile>
minimax::makeLightningSquare(GPUKernelBuilder &kb,
                             const LightningShape &shape) {
  return std::make_unique<LightningSquare>(kb, shape);
}
