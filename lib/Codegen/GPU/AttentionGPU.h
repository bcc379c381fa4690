//===- AttentionGPU.h - softmax attention of a block ------------*- C++ -*-===//
//
// The kernels that softmax attention on GPUs consists of: tiles of rows, on
// matrix units and without, and single tokens.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_GPU_ATTENTIONGPU_H
#define MINIMAX_LIB_CODEGEN_GPU_ATTENTIONGPU_H

#include "RopeGPUKernels.h"

namespace mlir::minimax {

/// What attention to a share of the keys needs. Pools are [S * C, G, D]:
/// position p of slot s is row s * `capacity` + p.
struct AttentionGPUOperands {
  Value query, cuSeqlens, positions, slots, keys, values, capacity;
  /// `lse` may be null.
  Value output, lse;
  double scale, theta;
  int64_t rotary, split, splits;
  /// Whether products may round their factors to bf16.
  bool bf16Products;
  /// Where blocks leave what single tokens found in their keys (see
  /// AttentionDecode.cpp), or null.
  Value workspace;

  int64_t dim() const { return dimOf(query, 2); }
  int64_t groups() const { return dimOf(keys, 1); }
  /// Query heads that share one head of keys.
  int64_t groupHeads() const { return dimOf(query, 1) / groups(); }
};

/// Threads that do something together: which of them this one is, how many.
struct Team {
  Value thread;
  int64_t threads;

  /// All threads of the block.
  static Team ofBlock(GPUKernelBuilder &kb) {
    return {kb.thread(), kb.threads()};
  }
};

/// Stands for minus infinity where differences are taken.
constexpr double kNoScore = -1e30;

/// Query heads of one group in equal parts: a block has one part.
struct HeadParts {
  int64_t groupHeads, parts, heads;

  HeadParts(int64_t groupHeads, int64_t most)
      : groupHeads(groupHeads), parts(llvm::divideCeil(groupHeads, most)),
        heads(llvm::divideCeil(groupHeads, parts)) {}

  /// Head `member` of part `part` among the group's heads.
  Value memberOf(LoopBuilder &kb, Value part, Value member) const {
    return kb.add(kb.mul(part, kb.index(heads)), member);
  }
};

/// Keys that a row or a block sees: `begin` .. `end` of the slot.
struct KeyRange {
  Value begin, end;
};

/// The keys of this share in a sequence of `total` positions, of which those up
/// to `causal` are seen.
KeyRange findShare(GPUKernelBuilder &kb, const AttentionGPUOperands &operands,
                   Value total, Value causal);

/// 2^x with a relative error of 2^-22; 0 for very small x.
Value emitExp2(GPUKernelBuilder &kb, Value x);

/// The end of a row: its output is the weighted sum of values over `norm`, its
/// log-sum-exp follows from the maximum (in base 2) and the norm.
struct RowEnd {
  Value factor, lse;
  RowEnd(GPUKernelBuilder &kb, Value maximum, Value norm);
};

/// A block's tile of rows: tokens x query heads that share one head of keys.
/// Row r is head r % heads of token r / heads; rows that do not exist repeat
/// others and are not stored.
class AttentionRows {
public:
  /// Inside of a launch: takes part `groupAndPart` of `block`'s heads.
  AttentionRows(GPUKernelBuilder &kb, const AttentionGPUOperands &operands,
                const HeadParts &parts, const SequenceBlock &block,
                Value groupAndPart);

  /// The keys that the tile sees of the share, place of the slot's position 0.
  KeyRange range;
  Value firstPlace, group;

  Value tokenOf(Value r) const { return kb.div(r, kb.index(parts.heads)); }
  /// End of the keys that row `r` sees.
  Value seenBy(Value r) const;
  /// Fills `tile` with `rows` rows, rotated and scaled, for exponentials of
  /// base 2.
  void loadQueries(const Rotation &rotation, Value tile, int64_t rows,
                   const Team &team) const;
  /// Calls `store(row, head)` if row `r` exists.
  void ifExists(Value r, function_ref<void(Value, Value)> store) const;

private:
  Value memberOf(Value r) const {
    return parts.memberOf(kb, part, kb.rem(r, kb.index(parts.heads)));
  }

  GPUKernelBuilder &kb;
  const AttentionGPUOperands &ops;
  const HeadParts &parts;
  Value part, firstPosition, firstRow, count;
};

/// Launches `body` for all tiles of `rows` rows of sequences of two tokens and
/// more.
void launchAttentionRows(
    GPUKernelBuilder &kb, const AttentionGPUOperands &operands, StringRef name,
    int64_t rows, int64_t threads,
    function_ref<void(const AttentionRows &, const Rotation &)> body);

/// Launches attention of all sequences of two tokens and more, in f32.
void emitAttentionPrefill(GPUKernelBuilder &kb,
                          const AttentionGPUOperands &operands);

/// The same with products in bf16 on matrix units.
void emitAttentionMatrix(GPUKernelBuilder &kb,
                         const AttentionGPUOperands &operands);
/// Whether there is a kernel for it: heads of up to 128 columns, a multiple of
/// 16.
bool fitsAttentionMatrix(const AttentionGPUOperands &operands);

/// The same with products of warpgroups.
void emitAttentionWarpgroups(GPUKernelBuilder &kb,
                             const AttentionGPUOperands &operands);
/// Whether there is a kernel for it on Hopper: heads of 64 or 128 columns,
/// caches of bf16.
bool fitsAttentionWarpgroups(const AttentionGPUOperands &operands);

/// The attribute of a `memref.assume_alignment` right behind an op whose memref
/// is memory that the op may use.
constexpr StringRef kWorkspace = "minimax.workspace";
/// What `minimax-reserve-workspace` has reserved for `op`, or null.
Value findWorkspace(Operation *op);

/// Blocks that can share the keys of all single tokens of a step, for each part
/// of a group's heads: together they fill a GPU.
int64_t countKeyBlocks(int64_t groups, int64_t groupHeads);

/// What a block leaves for a head in its workspace: the weighted sum of values,
/// the maximum (in base 2) and the norm.
inline int64_t countShareColumns(int64_t dim) { return dim + 2; }

/// Loads `rows` queries to a tile, rotated and scaled for exponentials of base
/// 2; `placeOf(r)` gives the token's row and the head of query r.
void emitQueries(GPUKernelBuilder &kb, const AttentionGPUOperands &operands,
                 const Rotation &rotation, Value tile, int64_t rows,
                 const Team &team,
                 function_ref<std::pair<Value, Value>(Value)> placeOf);

/// Calls `body(row)` if `sequence` has one token.
void ifSingle(GPUKernelBuilder &kb, const AttentionGPUOperands &operands,
              Value sequence, function_ref<void(Value)> body);

/// Launches the merge of what `shares` blocks left for each single token.
void launchShareMerge(GPUKernelBuilder &kb,
                      const AttentionGPUOperands &operands, Value sequences,
                      Value shares);

/// Launches attention of all sequences of one token.
void emitAttentionDecode(GPUKernelBuilder &kb,
                         const AttentionGPUOperands &operands);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_ATTENTIONGPU_H
