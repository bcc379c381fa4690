//===- ProductShares.cpp - how many blocks share a tile's depth -----------===//
//
// Few rows by few columns are fewer tiles than a GPU has multiprocessors, or
// fill the last wave badly. Blocks of a cluster then take a share of the inner
// dimension each, and their sums meet in shared memory.
//
//===----------------------------------------------------------------------===//

#include "ProductGPU.h"

using namespace mlir;
using namespace mlir::minimax;

/// Sizes of clusters that every GPU with clusters runs.
static constexpr int64_t kClusterSizes[] = {1, 2, 4, 8};
/// What a multiprocessor could read while sums meet: two barriers of the
/// cluster and an access of another block's memory, some 600 cycles, in which
/// memory gives it 21 bytes a cycle (H200).
static constexpr int64_t kMeetingBytes = 12 * 1024;

/// The same while a ring of stages fills again, when one of several tiles
/// begins.
static constexpr int64_t kFillingBytes = 12 * 1024;

/// At the pace that memory has for each multiprocessor, the busiest one takes
///
///     W * ceil(B / M) * (rounds * bytes of a round + meeting)
///
/// with S blocks for each tile, M multiprocessors, B = min(S * tiles, resident)
/// blocks at once, W = ceil(tiles / (resident / S)) tiles for each of them, and
/// rounds = ceil(ceil(parts / S) / parts at once).
static int64_t measureShares(const ProductWork &work, int64_t shares,
                             int64_t multiprocessors) {
  int64_t blocks = shares * work.tiles, tilesOfBlock = 1;
  if (int64_t resident = work.residentBlocks * multiprocessors) {
    int64_t clusters = std::max<int64_t>(resident / shares, 1);
    blocks = std::min(blocks, clusters * shares);
    tilesOfBlock = llvm::divideCeil(work.tiles, clusters);
  }
  int64_t parts =
      llvm::alignTo(llvm::divideCeil(work.parts, shares), work.partsAtOnce);
  int64_t bytes = parts * work.partBytes;
  if (shares > 1)
    bytes += kMeetingBytes + (work.residentBlocks ? kFillingBytes : 0);
  return tilesOfBlock * llvm::divideCeil(blocks, multiprocessors) * bytes;
}

int64_t minimax::chooseShares(GPUKernelBuilder &kb, const ProductWork &work) {
  if (!kb.target.hopper)
    return 1;
  int64_t multiprocessors = countMultiprocessors(kb), best = 1;
  for (int64_t shares : kClusterSizes)
    if (shares <= work.parts && measureShares(work, shares, multiprocessors) <
                                    measureShares(work, best, multiprocessors))
      best = shares;
  return best;
}

int64_t minimax::countMultiprocessors(GPUKernelBuilder &kb) {
  auto module =
      kb.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
  auto count = module->getAttrOfType<IntegerAttr>(kMultiprocessorsAttr);
  return count ? count.getInt() : kMultiprocessors;
}

/// Where share `number` of `shares` of `parts` begins.
static Value shareBegin(GPUKernelBuilder &kb, Value number, int64_t parts,
                        int64_t shares) {
  return kb.div(kb.mul(number, kb.index(parts)), kb.index(shares));
}

DepthShare minimax::findShare(GPUKernelBuilder &kb, int64_t parts,
                              int64_t shares) {
  if (shares == 1)
    return {kb.index(0), kb.index(0), kb.index(parts)};
  Value rank = kb.rem(kb.block(0), kb.index(shares));
  Value next = kb.add(rank, kb.index(1));
  return {rank, shareBegin(kb, rank, parts, shares),
          shareBegin(kb, next, parts, shares)};
}
