//===- LightningTokens.h - tokens of lightning attention --------*- C++ -*-===//
//
// The tiles that every evaluation of lightning attention is made of.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_CPU_LIGHTNINGTOKENS_H
#define MINIMAX_LIB_CODEGEN_CPU_LIGHTNINGTOKENS_H

#include "KernelBuilder.h"
#include "minimax/Codegen/Common/TokenDecay.h"
#include <optional>

namespace mlir::minimax {

/// One head's view of the operands. Rows are addressed from `firstRow`.
/// Without a query nothing is put out.
struct LightningHead {
  Value query, key, value, output, head, firstRow;

  SmallVector<Value> at(KernelBuilder &kb, Value row, Value column) const {
    return {kb.add(firstRow, row), head, column};
  }
};

/// Where a D x D state lives: a memref of any rank with leading indices.
struct LightningState {
  Value memref;
  SmallVector<Value> prefix;

  SmallVector<Value> at(Value row, Value column) const {
    SmallVector<Value> indices = prefix;
    indices.append({row, column});
    return indices;
  }
};

/// Emits the recurrence of one head, a panel of value columns at a time:
///
///   S = exp(-s) S + transpose(k_t) v_t;  o_t = q_t S          (SPEC 2.4 (6))
///
/// The panel's part of S stays in the first-level cache while a block of
/// tokens passes over it. In normalised form a window of W tokens keeps
/// T = exp(s r) S at its token r = 1 .. W, which saves a product an element:
///
///   T = T + transpose(exp(s r) k_r) v_r;  o_r = exp(-s r) q_r T
///
/// A window is a block, or all rows at hand if s is so small that rounding the
/// decay of each block would compound over the tokens that S remembers.
///
/// In plain form every element of S and o is computed in one order, whatever
/// the tokens of a call: results are the same bits for any cut of a sequence.
class TokenKernel {
public:
  /// Allocates scratch memory for a head of width `dim` and `rows` tokens at a
  /// time.
  TokenKernel(KernelBuilder &kb, int64_t dim, int64_t rows);

  /// Bytes that the constructor asks for.
  static int64_t scratchBytes(const CPUTarget &target, int64_t dim,
                              int64_t rows);

  /// Sets the decay rate of the tokens that follow.
  void setSlope(Value slope);

  /// exp(-s tokens), the decay over so many tokens.
  Value decay(Value tokens);

  void clearState();
  void loadState(const LightningState &state);
  void storeState(const LightningState &state);

  /// Tokens `begin` .. `end`: advances the state and puts outputs out.
  void emitTokens(LightningHead head, Value begin, Value end);
  /// One token on a state in place, in one pass over it.
  void emitDecode(const LightningHead &head, const LightningState &state);

private:
  /// Two plain ones, which differ in TokenDecay::isChange.
  enum class Form { Plain, PlainChange, Normalised };
  /// A state's decay: at every token, or by `factor` after a block.
  struct Carry {
    std::optional<TokenDecay> token;
    Value factor;
  };

  Value at(Value column, int64_t vector) const;
  Value exponent(Value tokens);
  SmallVector<Value> panelAt(Value row, Value column);
  void forEachStateVector(function_ref<void(Value, Value, Value)> body);
  void forEachPanel(function_ref<void(Value, int64_t)> body);
  void emitRows(const LightningHead &head, Value rows, Form form);
  void pack(const LightningHead &head, Value rows, Form form);
  void clearRows(Value begin, Value end);
  void unpack(const LightningHead &head, Value rows);
  void prefetch(const LightningHead &head, Value row, int64_t count,
                Value column, int64_t vectors);
  void emitBlock(const LightningHead &head, Value row, int64_t count,
                 Value panel, int64_t vectors, const Carry &carry);
  Value decayAfter(Value row, Value count);
  TokenDecay tokenDecay();
  SmallVector<Value> emitStateRow(Value row, int64_t count, Value d,
                                  ArrayRef<Value> old, ArrayRef<Value> items,
                                  MutableArrayRef<Value> sums,
                                  const Carry &carry);

  KernelBuilder &kb;
  int64_t dim, rows;
  /// Tokens of a block, columns of a panel, D and `rows` in whole ones.
  int64_t block, panelColumns, paddedDim, paddedRows;
  /// The decay rate, and the tokens of a window.
  Value slope, window;
  Value queries, keys, values, outputs, state;
};

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_CPU_LIGHTNINGTOKENS_H
