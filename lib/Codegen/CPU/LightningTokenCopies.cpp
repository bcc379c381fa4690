//===- LightningTokenCopies.cpp - rows and states in scratch memory -------===//
//
// What tiles of lightning attention read and write, in contiguous memory.
//
// Roofline: operands, outputs and states are read and written once, beside the
// flops of LightningTokens.cpp.
//
//===----------------------------------------------------------------------===//

#include "LightningTokens.h"

using namespace mlir;
using namespace mlir::minimax;

/// Calls `body(d, column, mask)` for all vectors of a state's rows.
void TokenKernel::forEachStateVector(
    function_ref<void(Value, Value, Value)> body) {
  kb.loop(kb.index(0), kb.index(dim), 1, [&](Value d) {
    kb.forEachVector(dim,
                     [&](Value column, Value mask) { body(d, column, mask); });
  });
}

void TokenKernel::clearState() {
  forEachStateVector([&](Value d, Value column, Value) {
    kb.storeVector(kb.splat(0), state, panelAt(d, column));
  });
}

void TokenKernel::loadState(const LightningState &from) {
  forEachStateVector([&](Value d, Value column, Value mask) {
    kb.storeVector(kb.loadVector(from.memref, from.at(d, column), mask), state,
                   panelAt(d, column));
  });
}

void TokenKernel::storeState(const LightningState &to) {
  forEachStateVector([&](Value d, Value column, Value mask) {
    kb.storeVector(kb.loadVector(state, panelAt(d, column)), to.memref,
                   to.at(d, column), mask);
  });
}

/// Copies rows so that tiles read contiguous memory, scaled by the decays of
/// their places in a window in normalised form.
void TokenKernel::pack(const LightningHead &head, Value rows, Form form) {
  auto scaled = [&](Value vector, Value factor) -> Value {
    return factor ? kb.create<arith::MulFOp>(vector, factor) : vector;
  };
  kb.loop(kb.index(0), rows, 1, [&](Value i) {
    Value up, down;
    if (form == Form::Normalised) {
      Value place = kb.add(kb.rem(i, window), kb.index(1));
      up = kb.broadcast(kb.exp(exponent(place)));
      down = kb.broadcast(decay(place));
    }
    kb.forEachVector(dim, [&](Value column, Value mask) {
      SmallVector<Value> from = head.at(kb, i, column);
      if (head.query)
        kb.storeVector(scaled(kb.loadVector(head.query, from, mask), down),
                       queries, {i, column});
      kb.storeVector(scaled(kb.loadVector(head.key, from, mask), up), keys,
                     {i, column});
      kb.storeVector(kb.loadVector(head.value, from, mask), values,
                     panelAt(i, column));
    });
  });
}

/// Rows of a last block that do not exist: zero keys change no state.
void TokenKernel::clearRows(Value begin, Value end) {
  kb.loop(begin, end, 1, [&](Value i) {
    kb.forEachVector(dim, [&](Value column, Value) {
      for (Value memref : {queries, keys})
        kb.storeVector(kb.splat(0), memref, {i, column});
      kb.storeVector(kb.splat(0), values, panelAt(i, column));
    });
  });
}

void TokenKernel::unpack(const LightningHead &head, Value rows) {
  kb.loop(kb.index(0), rows, 1, [&](Value i) {
    kb.forEachVector(dim, [&](Value column, Value mask) {
      kb.storeVector(kb.loadVector(outputs, {i, column}), head.output,
                     head.at(kb, i, column), mask);
    });
  });
}

/// Asks for the operands of the rows that are packed next.
void TokenKernel::prefetch(const LightningHead &head, Value row, int64_t count,
                           Value column, int64_t vectors) {
  for (Value memref : {head.query, head.key, head.value})
    for (int64_t r = 0; memref && r < count; ++r)
      for (int64_t t = 0; t < vectors; ++t)
        kb.create<memref::PrefetchOp>(
            memref, head.at(kb, kb.add(row, kb.index(rows + r)), at(column, t)),
            /*isWrite=*/false, /*localityHint=*/2, /*isDataCache=*/true);
}
