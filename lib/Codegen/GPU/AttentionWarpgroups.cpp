//===- AttentionWarpgroups.cpp - softmax attention of warpgroups ----------===//
//
// As AttentionMatrix.cpp, with wgmma (sm_90a), for caches of bf16: one
// warpgroup copies tiles of keys and values to a ring, two have 64 rows each,
// tokens x query heads that share a head of keys. Queries and exponentials are
// factors from registers; keys are read along their rows, values across.
//
// A warpgroup has the scores of a tile under way together with the values'
// product of the tile before, which goes on while exponentials are taken.
//
// Roofline: 4 D flops in bf16 for each row and key; a causal tile drops what is
// beyond its last row only. For 128 rows by 128 keys of 128 columns matrix
// units need 2048 cycles (4096 flops each), exponentials 1024 (16 each), about
// five more operations on each score 640 (128 each): the first bounds if the
// two warpgroups take turns. Keys and values are read once for 128 rows, 128
// flops for a byte that comes from beyond the block; shared memory gives 128
// KiB to the products of a tile, 1024 cycles at 128 bytes.
//
//===----------------------------------------------------------------------===//

#include "AttentionWarpgroups.h"
#include "MatrixTiles.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::minimax;

/// Registers of a thread that copies.
static constexpr int32_t kCopyRegisters = 40;
/// Groups of copies under way. A piece needs the stage of one that is freed
/// when the next after that one is there: it must have been reported by then.
static constexpr int64_t kAhead = AttentionWarpgroups::kStages - 2;
/// Keys and values take turns.
static constexpr int64_t kPieces = 2;
static_assert(kAhead % kPieces == 0);

namespace {
/// What the warpgroup that copies does.
class AttentionCopies : AttentionWarpgroups {
public:
  explicit AttentionCopies(const AttentionWarpgroups &block)
      : AttentionWarpgroups(block) {}

  void emit() {
    kb.create<NVVM::SetMaxRegisterOp>(kCopyRegisters,
                                      NVVM::SetMaxRegisterAction::decrease);
    Value end = kb.add(tiles, kb.index(kAhead / kPieces));
    kb.loop(kb.index(0), end, 1, [&](Value tile) {
      emitPiece(tile, ops.keys, 0);
      emitPiece(tile, ops.values, 1);
    });
  }

private:
  /// Starts copying piece `number` of a tile, if it exists, and reports one
  /// that has landed.
  void emitPiece(Value tile, Value pool, int64_t number) {
    Value piece = kb.add(kb.mul(tile, kb.index(kPieces)), kb.index(number));
    kb.ifThen(kb.less(tile, tiles), [&] {
      wait(empty, piece, kb.sub(kb.index(1), parityOf(piece)));
      copy(pool, firstKey(tile), stageOf(piece));
    });
    kb.create<NVVM::CpAsyncCommitGroupOp>();
    kb.create<NVVM::CpAsyncWaitGroupOp>(kAhead);
    // wgmma reads what threads have written only behind such a fence.
    kb.create<NVVM::FenceProxyOp>(
        NVVM::ProxyKindAttr::get(kb.getContext(),
                                 NVVM::ProxyKind::async_shared),
        NVVM::SharedSpaceAttr::get(kb.getContext(),
                                   NVVM::SharedSpace::shared_cta));
    kb.ifThen(kb.less(kb.index(kAhead - 1), piece),
              [&] { arrive(full, kb.sub(piece, kb.index(kAhead))); });
  }

  /// A thread copies the same chunk of every few rows.
  void copy(Value pool, Value key, Value stage) {
    int64_t chunks = dim() / kSwizzledChunk, step = kThreads / chunks;
    Value row = kb.div(kb.thread(), kb.index(chunks));
    Value chunk = kb.rem(kb.thread(), kb.index(chunks));
    Value panel = kb.div(chunk, kb.index(kSwizzledChunks));
    Value place =
        kb.mul(swizzleChunk(kb, row, kb.rem(chunk, kb.index(kSwizzledChunks))),
               kb.index(kSwizzledChunk));
    Value column = kb.mul(chunk, kb.index(kSwizzledChunk));
    for (int64_t i = 0; i < kTileKeys; i += step) {
      Value local = kb.add(row, kb.index(i));
      Value position = kb.add(key, local);
      kb.create<minimax_gpu::CopyAsyncOp>(
          pool,
          ValueRange{kb.add(rows.firstPlace, position), rows.group, column},
          ring, ValueRange{stage, panel, local, place},
          kb.less(position, rows.range.end));
    }
  }
};
} // namespace

void minimax::emitAttentionCopies(const AttentionWarpgroups &block) {
  AttentionCopies(block).emit();
}

/// A stage is full when all that copy have said so, empty when one lane of each
/// warp that multiplies has.
static void makeBarriers(AttentionWarpgroups &block) {
  using Block = AttentionWarpgroups;
  GPUKernelBuilder &kb = block.kb;
  block.full = kb.shared({Block::kStages}, kb.getI64Type());
  block.empty = kb.shared({Block::kStages}, kb.getI64Type());
  kb.ifThen(kb.equal(kb.thread(), kb.index(0)), [&] {
    for (int64_t i = 0; i < Block::kStages; ++i) {
      Value stage = kb.index(i);
      kb.create<minimax_gpu::MbarrierInitOp>(block.full, stage,
                                             Block::kThreads);
      kb.create<minimax_gpu::MbarrierInitOp>(
          block.empty, stage, Block::kConsumers * Block::kThreads / kb.kWarp);
    }
    kb.create<NVVM::FenceMbarrierInitOp>();
  });
  kb.barrier();
}

static void emitBlock(AttentionWarpgroups &block, const Rotation &rotation) {
  using Block = AttentionWarpgroups;
  GPUKernelBuilder &kb = block.kb;
  block.ring = kb.shared(
      {Block::kStages, block.panels(), Block::kTileKeys, kSwizzledColumns},
      kb.getBF16Type(), kSwizzledAlignment);
  block.queries = MatrixTiles(kb).tile({Block::kRows, block.dim()});
  // A share without keys has a tile of hidden ones.
  const KeyRange &range = block.rows.range;
  Value end = kb.maximum(range.end, kb.add(range.begin, kb.index(1)));
  block.tiles = kb.ceilDiv(kb.sub(end, range.begin), Block::kTileKeys);
  makeBarriers(block);
  kb.ifElse(
      kb.less(kb.thread(), kb.index(Block::kThreads)),
      [&] { emitAttentionCopies(block); },
      [&] { emitAttentionProducts(block, rotation); });
}

bool minimax::fitsAttentionWarpgroups(const AttentionGPUOperands &operands) {
  auto isBF16 = [](Value pool) {
    return cast<MemRefType>(pool.getType()).getElementType().isBF16();
  };
  int64_t dim = operands.dim();
  return fitsAttentionMatrix(operands) && dim % kSwizzledColumns == 0 &&
         isBF16(operands.keys) && isBF16(operands.values);
}

void minimax::emitAttentionWarpgroups(GPUKernelBuilder &kb,
                                      const AttentionGPUOperands &operands) {
  using Block = AttentionWarpgroups;
  launchAttentionRows(kb, operands, "attention_prefill_warpgroups",
                      Block::kRows, (1 + Block::kConsumers) * Block::kThreads,
                      [&](const AttentionRows &rows, const Rotation &rotation) {
                        Block block{kb, operands, rows};
                        emitBlock(block, rotation);
                      });
}
