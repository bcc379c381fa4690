//===- LightningTokens.cpp - tokens of lightning attention ----------------===//
//
// Roofline: 4 D^2 flops a token and head, compute bound: operands are read and
// outputs written once, 16 D bytes. In plain form 6 D^2 flops are executed. A
// decode step reads and writes its state once, 8 D^2 bytes, and is bound by
// memory.
//
//===----------------------------------------------------------------------===//

#include "LightningTokens.h"

using namespace mlir;
using namespace mlir::minimax;

/// Vectors of a panel: two hide the latency of a token's sums.
static constexpr int64_t kPanelVectors = 2;

/// Tokens of a block: as many as registers hold values and sums of.
static int64_t blockFor(const CPUTarget &target) {
  return target.lanes == 16 ? 4 : 2;
}

/// Largest exponents that the normalised form may reach: within a block, and
/// within all rows at hand, whose decays then still are as good as f32's.
static constexpr double kMaxExponent = 60, kExactExponent = 4;

TokenKernel::TokenKernel(KernelBuilder &kb, int64_t dim, int64_t rows)
    : kb(kb), dim(dim), rows(rows), block(blockFor(kb.target)),
      panelColumns(kPanelVectors * kb.target.lanes),
      paddedDim(llvm::alignTo(dim, panelColumns)),
      paddedRows(llvm::alignTo(rows, block)) {
  int64_t panels = paddedDim / panelColumns;
  queries = kb.scratch({paddedRows, paddedDim});
  keys = kb.scratch({paddedRows, paddedDim});
  values = kb.scratch({panels, paddedRows, panelColumns});
  outputs = kb.scratch({paddedRows, paddedDim});
  state = kb.scratch({panels, dim, panelColumns});
}

int64_t TokenKernel::scratchBytes(const CPUTarget &target, int64_t dim,
                                  int64_t rows) {
  int64_t columns = llvm::alignTo(dim, kPanelVectors * target.lanes);
  return sizeof(float) * columns *
         (4 * llvm::alignTo(rows, blockFor(target)) + dim);
}

void TokenKernel::setSlope(Value rate) { slope = rate; }

Value TokenKernel::exponent(Value tokens) {
  return kb.create<arith::MulFOp>(slope, kb.number(tokens));
}

Value TokenKernel::decay(Value tokens) {
  return kb.exp(kb.create<arith::NegFOp>(exponent(tokens)));
}

Value TokenKernel::at(Value column, int64_t vector) const {
  return kb.add(column, kb.index(vector * kb.target.lanes));
}

SmallVector<Value> TokenKernel::panelAt(Value row, Value column) {
  Value columns = kb.index(panelColumns);
  return {kb.div(column, columns), row, kb.rem(column, columns)};
}

/// Calls `body(panel, vectors)` for the panels of a head; the last one may
/// have fewer vectors.
void TokenKernel::forEachPanel(function_ref<void(Value, int64_t)> body) {
  int64_t whole = dim / panelColumns;
  if (whole)
    kb.loop(kb.index(0), kb.index(whole), 1,
            [&](Value panel) { body(panel, kPanelVectors); });
  if (int64_t rest = dim % panelColumns)
    body(kb.index(whole), llvm::divideCeil(rest, kb.target.lanes));
}

void TokenKernel::emitTokens(LightningHead head, Value begin, Value end) {
  auto emit = [&](Form form) {
    kb.loop(begin, end, rows, [&](Value first) {
      head.firstRow = first;
      emitRows(head, kb.minimum(kb.index(rows), kb.sub(end, first)), form);
    });
  };
  if (kb.target.deterministic)
    return kb.ifElse(
        emitTokenDecay(kb, slope).isChange, [&] { emit(Form::PlainChange); },
        [&] { emit(Form::Plain); });
  auto below = [&](double bound) -> Value {
    return kb.create<arith::CmpFOp>(arith::CmpFPredicate::OLT, slope,
                                    kb.f32(bound));
  };
  window = kb.create<arith::SelectOp>(below(kExactExponent / paddedRows),
                                      kb.index(paddedRows), kb.index(block));
  kb.ifElse(
      below(kMaxExponent / block), [&] { emit(Form::Normalised); },
      [&] { emit(Form::Plain); });
}

/// The next rows, at most as many as scratch memory holds.
void TokenKernel::emitRows(const LightningHead &head, Value count, Form form) {
  Value zero = kb.index(0), wide = kb.index(block);
  pack(head, count, form);
  Value whole = kb.mul(kb.div(count, wide), wide);
  if (form != Form::Normalised) {
    Carry carry = {tokenDecay(), Value()};
    carry.token->isChange = kb.create<arith::ConstantIntOp>(
        form == Form::PlainChange, kb.getI1Type());
    forEachPanel([&](Value panel, int64_t vectors) {
      kb.loop(zero, whole, block, [&](Value row) {
        emitBlock(head, row, block, panel, vectors, carry);
      });
      kb.loop(whole, count, 1, [&](Value row) {
        emitBlock(head, row, 1, panel, vectors, carry);
      });
    });
  } else {
    clearRows(count, kb.mul(kb.ceilDiv(count, block), wide));
    forEachPanel([&](Value panel, int64_t vectors) {
      kb.loop(zero, count, block, [&](Value row) {
        emitBlock(head, row, block, panel, vectors,
                  {std::nullopt, kb.broadcast(decayAfter(row, count))});
      });
    });
  }
  if (head.query)
    unpack(head, count);
}

/// The decay of a vector of the state at every token.
TokenDecay TokenKernel::tokenDecay() {
  auto [factor, isChange] = emitTokenDecay(kb, slope);
  auto type = VectorType::get({kb.target.lanes}, kb.getI1Type());
  return {kb.broadcast(factor), kb.create<vector::BroadcastOp>(type, isChange)};
}

/// What the state of `count` rows decays by after the block at `row`: a
/// window's decay if the block is its last.
Value TokenKernel::decayAfter(Value row, Value count) {
  Value next = kb.minimum(kb.add(row, kb.index(block)), count);
  Value begin = kb.mul(kb.div(row, window), window);
  Value end = kb.minimum(kb.add(begin, window), count);
  return kb.create<arith::SelectOp>(kb.equal(next, end),
                                    decay(kb.sub(end, begin)), kb.f32(1));
}

/// `count` tokens from `row` on one panel.
void TokenKernel::emitBlock(const LightningHead &head, Value row, int64_t count,
                            Value panel, int64_t vectors, const Carry &carry) {
  Value column = kb.mul(panel, kb.index(panelColumns));
  prefetch(head, row, count, column, vectors);
  auto place = [&](Value i, int64_t t) -> SmallVector<Value> {
    return {panel, i, at(kb.index(0), t)};
  };
  SmallVector<Value> items, sums;
  for (int64_t r = 0; r < count; ++r)
    for (int64_t t = 0; t < vectors; ++t)
      items.push_back(
          kb.loadVector(values, place(kb.add(row, kb.index(r)), t)));
  if (head.query)
    sums.assign(items.size(), kb.splat(0));
  sums = kb.loopCarry(
      kb.index(0), kb.index(dim), 1, sums, [&](Value d, ValueRange carried) {
        SmallVector<Value> next(carried), old;
        for (int64_t t = 0; t < vectors; ++t)
          old.push_back(kb.loadVector(state, place(d, t)));
        SmallVector<Value> updated =
            emitStateRow(row, count, d, old, items, next, carry);
        for (auto [t, vector] : llvm::enumerate(updated))
          kb.storeVector(carry.token
                             ? vector
                             : kb.create<arith::MulFOp>(carry.factor, vector),
                         state, place(d, t));
        return next;
      });
  for (auto [i, sum] : llvm::enumerate(sums))
    kb.storeVector(
        sum, outputs,
        {kb.add(row, kb.index(i / vectors)), at(column, i % vectors)});
}

/// Row `d` of the state after the tokens; adds their outputs' shares to
/// `sums`.
SmallVector<Value> TokenKernel::emitStateRow(Value row, int64_t count, Value d,
                                             ArrayRef<Value> old,
                                             ArrayRef<Value> items,
                                             MutableArrayRef<Value> sums,
                                             const Carry &carry) {
  SmallVector<Value> now(old);
  for (int64_t r = 0; r < count; ++r) {
    Value i = kb.add(row, kb.index(r));
    Value k = kb.broadcast(kb.load(keys, {i, d}));
    for (auto [t, vector] : llvm::enumerate(now)) {
      Value item = items[r * old.size() + t];
      vector = carry.token ? emitDecayed(kb, *carry.token, vector, k, item)
                           : kb.fma(k, item, vector);
    }
    if (sums.empty())
      continue;
    Value q = kb.broadcast(kb.load(queries, {i, d}));
    for (auto [t, vector] : llvm::enumerate(now)) {
      Value &sum = sums[r * old.size() + t];
      sum = kb.fma(q, vector, sum);
    }
  }
  return now;
}

void TokenKernel::emitDecode(const LightningHead &head,
                             const LightningState &state) {
  Value zero = kb.index(0);
  TokenDecay decay = tokenDecay();
  kb.forEachColumnBlock(dim, [&](Value column, ArrayRef<Value> masks) {
    SmallVector<Value> items, sums(masks.size(), kb.splat(0));
    for (auto [t, mask] : llvm::enumerate(masks))
      items.push_back(
          kb.loadVector(head.value, head.at(kb, zero, at(column, t)), mask));
    auto step = [&](Value d, ValueRange carried) {
      Value k = kb.broadcast(kb.load(head.key, head.at(kb, zero, d)));
      Value q = kb.broadcast(kb.load(head.query, head.at(kb, zero, d)));
      SmallVector<Value> next;
      for (auto [t, mask] : llvm::enumerate(masks)) {
        SmallVector<Value> place = state.at(d, at(column, t));
        Value old = kb.loadVector(state.memref, place, mask);
        Value now = emitDecayed(kb, decay, old, k, items[t]);
        kb.storeVector(now, state.memref, place, mask);
        next.push_back(kb.fma(q, now, carried[t]));
      }
      return next;
    };
    sums = kb.loopCarry(zero, kb.index(dim), 1, sums, step);
    for (auto [t, mask] : llvm::enumerate(masks))
      kb.storeVector(sums[t], head.output, head.at(kb, zero, at(column, t)),
                     mask);
  });
}
