//===- AttentionWarpgroups.h - a block of Hopper's attention ----*- C++ -*-===//
//
// What the warpgroups of a block share: the ring of keys and values and its
// barriers.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_GPU_ATTENTIONWARPGROUPS_H
#define MINIMAX_LIB_CODEGEN_GPU_ATTENTIONWARPGROUPS_H

#include "AttentionGPU.h"
#include "MatrixTiles.h"
#include "SwizzledTile.h"

namespace mlir::minimax {

/// One block of attention by warpgroups (AttentionWarpgroups.cpp).
struct AttentionWarpgroups {
  static constexpr int64_t kThreads = 128, kConsumers = 2;
  /// Rows of a block, 64 for each warpgroup that multiplies.
  static constexpr int64_t kRows = 64 * kConsumers;
  /// Keys of a tile.
  static constexpr int64_t kTileKeys = 128;
  /// Tiles of keys and of values that the ring holds, together.
  static constexpr int64_t kStages = 6;

  GPUKernelBuilder &kb;
  const AttentionGPUOperands &ops;
  const AttentionRows &rows;
  /// Tiles of keys that the block sees, at least one.
  Value tiles;
  /// [row, column], as MatrixTiles loads fragments.
  Value queries;
  /// [stage, panel of 64 columns, key, column of the panel], swizzled. The keys
  /// of tile t are piece 2 t of all that passes through, its values the next.
  Value ring;
  /// Barriers of each stage: what fills it has landed, what it held is used.
  Value full, empty;

  int64_t dim() const { return ops.dim(); }
  int64_t panels() const { return dim() / kSwizzledColumns; }
  Value stageOf(Value piece) const { return kb.rem(piece, kb.index(kStages)); }
  /// The parity of the phase of `full` that ends when `piece` is there.
  Value parityOf(Value piece) const {
    return kb.rem(kb.div(piece, kb.index(kStages)), kb.index(2));
  }
  /// The first key of a tile, a position of the slot.
  Value firstKey(Value tile) const {
    return kb.add(rows.range.begin, kb.mul(tile, kb.index(kTileKeys)));
  }
  void arrive(Value barriers, Value piece) const {
    kb.create<minimax_gpu::MbarrierArriveOp>(barriers, stageOf(piece),
                                             IntegerAttr());
  }
  void wait(Value barriers, Value piece, Value parity) const {
    kb.create<minimax_gpu::MbarrierWaitOp>(barriers, stageOf(piece), parity);
  }
};

/// Something for each of a thread's two rows of its warp's 16, g and g + 8.
using RowPair = std::array<Value, 2>;

/// Maxima of scores (in base 2) and this thread's parts of the norms.
struct ScoreRows {
  RowPair maxima, norms;

  /// Before the first score.
  explicit ScoreRows(GPUKernelBuilder &kb)
      : maxima{kb.f32(kNoScore), kb.f32(kNoScore)}, norms{kb.f32(0),
                                                          kb.f32(0)} {}
  ScoreRows(RowPair maxima, RowPair norms) : maxima(maxima), norms(norms) {}
};

/// What a tile's scores become, in their order, and by what that scales what
/// came before.
struct Exponentials {
  SmallVector<Value> elements;
  RowPair factors;
};

/// The softmax of a warp's 16 rows, inside of a warpgroup that multiplies.
class AttentionSoftmax {
public:
  AttentionSoftmax(const AttentionWarpgroups &block, MatrixTiles &matrix)
      : block(block), kb(block.kb), matrix(matrix) {}

  /// The first row of the warp, and this thread's.
  Value firstRow() const;
  Value rowAt(int64_t half) const;
  /// Takes the exponentials of scores of a tile, [64 rows, keys] of the
  /// warpgroup, hidden ones being 0.
  Exponentials emit(Value scores, Value tile, ScoreRows &rows) const;
  /// Exponentials as left factors of 16 keys each.
  SmallVector<Value> round(const Exponentials &exponentials) const;

private:
  Value hideUnseen(Value scores, Value tile) const;
  Value hide(Value scores, Value tile) const;

  const AttentionWarpgroups &block;
  GPUKernelBuilder &kb;
  MatrixTiles &matrix;
};

/// Emits what the threads of the first warpgroup do: they fill the ring.
void emitAttentionCopies(const AttentionWarpgroups &block);
/// Emits what the others do: they attend, 64 rows each, and store.
void emitAttentionProducts(const AttentionWarpgroups &block,
                           const Rotation &rotation);

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_ATTENTIONWARPGROUPS_H
