//===- AttentionTiles.h - tiles of softmax attention ------------*- C++ -*-===//
//
// Queries of a group of heads against tiles of their keys and values.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_CPU_ATTENTIONTILES_H
#define MINIMAX_LIB_CODEGEN_CPU_ATTENTIONTILES_H

#include "KernelPatterns.h"

namespace mlir::minimax {

/// What one attention op reads and writes. `lse` is null if not wanted.
struct AttentionOperands {
  Value query, cuSeqlens, positions, slots, keys, values, output, lse;
  double scale, theta;
  int64_t rotary, split, splits;
};

/// Emits attention of a block of tokens and the query heads that share one
/// head of keys. A row is one token's query of one head, row = token * heads +
/// head. Over tiles of keys at absolute positions, with running maximum m, sum
/// l and output o of each row (SPEC 2.5, 4.7):
///
///   s = q K^T;  m' = max(m, max s);  e = exp(s - m')
///   l = exp(m - m') l + sum e;  o = exp(m - m') o + e V
///
/// Keys (transposed) and values of a tile are copied once, widened to f32, for
/// all rows. A row's result does not depend on the rows beside it.
class AttentionKernel {
public:
  /// Tokens of a block.
  static int64_t blockTokens(const AttentionOperands &operands);

  /// Allocates scratch memory.
  AttentionKernel(KernelBuilder &kb, const AttentionOperands &operands);

  /// Attention of one block and group.
  void emit(const SequenceBlock &block, Value group);

private:
  /// Keys of a tile.
  static constexpr int64_t kTileKeys = 64;
  /// Stands for minus infinity where differences are taken.
  static constexpr double kNoScore = -1e30;

  /// Calls `body(row, count)` for tiles of rows; of the last one rows may not
  /// exist.
  void forEachRowTile(function_ref<void(Value, int64_t)> body);
  void forEachPanel(int64_t columns, function_ref<void(Value, int64_t)> body);
  void forEachRow(function_ref<void(Value)> body);
  SmallVector<Value> panelAt(Value row, Value column);
  Value at(Value column, int64_t vector) const;

  void emitBlock(const SequenceBlock &block, Value group);
  void prepareRow(Value r);
  void emitKeyTile(Value key, Value end);
  void packKeys(Value key, Value count);
  void packValues(Value key, Value count);
  void emitScores(Value count);
  void emitSoftmax(Value key, Value count, bool isMasked);
  void emitMaxima(Value row, Value key, Value count, bool isMasked);
  void emitExponentials(Value r, Value key, Value count, bool isMasked);
  Value seenOnly(Value score, Value r, int64_t t, Value key, Value count,
                 double hidden);
  void emitValues(Value count);
  void emitDecodeScores(Value key, Value count);
  void emitDecodeScores(Value key, Value j, Value count, int64_t first,
                        int64_t members, int64_t width);
  void emitDecodeValues(Value key, Value count);
  void emitDecodeValues(Value key, Value count, int64_t head, int64_t rowCount,
                        int64_t column, int64_t vectors);
  void prefetch(Value pool, Value row, Value column, int64_t count);
  void finishRow(Value r);

  KernelBuilder &kb;
  const AttentionOperands &ops;
  int64_t dim, heads, tokens, tileRows, panelColumns, paddedDim;
  Value queries, sums, transposed, items, scores, maxima, norms, factors;
  /// Of the current block. `oneToken`: it is known to have a single token.
  Value group, slot, firstRow, firstPosition, rows;
  bool oneToken = false;
};

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_CPU_ATTENTIONTILES_H
