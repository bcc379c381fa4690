//===- ProductWarpgroupsGPU.cpp - products of Hopper's warpgroups ---------===//
//
// bf16 inputs by bf16 or int8 weights with wgmma (sm_90a). A block computes 16
// to 256 rows by one or two panels. The product is transposed, D[64 columns of
// a panel, rows] = W[64, K] X[rows, K]^T: a packed panel already holds the
// words of A's fragments, which come from registers; B is the tile of the
// input.
//
// One warpgroup fills a ring of stages, 64 deep: a bulk copy for each panel,
// cp.async for panels of int8, which it swizzles, and for the rows of the
// input, so that ragged ends become zeros. Two warpgroups multiply, one for
// each panel; if there is one panel, each has half of the depth of every stage,
// and their sums meet in the end. A barrier `full` for each stage counts the
// bytes of the panels and the threads whose copies have landed, a barrier
// `empty` the warps that have multiplied. The last stage holds the last 64
// values of the inner dimension: those that others have had are zeros in X.
//
// Row 16w + g + 8h of A is column 16w + 2g + h of the panel. Lanes whose t is
// odd read the columns of a pair in the other order; then the 32 words that a
// warp reads at once meet the 16 banks of its columns twice, which is as good
// as rows of 64 words allow.
//
// A tile with half of its rows at most, as the last one of an expert may be,
// takes half of the products: of experts with 512 rows on average, one in nine
// products is of rows that are not there, not one in five.
//
// Sums go through shared memory, from where whole rows are stored. A block goes
// on from tile to tile (WarpgroupSchedule.cpp): the ring is filled for the next
// one while sums are stored.
//
// Roofline: 2*M*N*K flops on matrix units. In the 1024 cycles that these need
// for a stage of 256 rows (4096 flops a cycle), shared memory gives 64 KiB to
// wgmma, 32 KiB (two meetings with each bank) to fragments and takes 48 KiB,
// together 1150 cycles at 128 bytes a cycle: .89 of the peak. Of int8, a word
// of which is two columns, fragments take 8 KiB and the ring 40, together 900
// cycles: matrix units bound it. 64 instructions a thread and stage turn words
// into bf16 while the stage before is multiplied. With few rows: the bytes of
// the weight, each read once for a tile of rows. One panel to a block, or for a
// cluster of blocks that share its depth (ProductShares.cpp), keeps more
// multiprocessors at it: 6144 columns are 96 tiles, three for each of 32
// clusters of eight blocks, two of which a multiprocessor has, with 80 KiB of
// stages under way in each.
//
//===----------------------------------------------------------------------===//

#include "WarpgroupBlock.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kThreads = (1 + kConsumers) * kWarpgroup;

/// Stages of the ring: as many as 192 KiB hold, or half of that where two
/// blocks fit a multiprocessor; then sums of a cluster's blocks need some too.
static int64_t countStages(const GPUProduct &product,
                           const WarpgroupTile &tile) {
  int64_t bytes = (tile.rows > 64 ? 192 : 100) * 1024;
  if (tile.shares > 1)
    bytes -= tile.rows * kPanelWidth * 4;
  return bytes /
         (tile.rows * kStageDepth * 2 + tile.panels * stagePanelBytes(product));
}

/// Memory of the ring and of some rows' sums.
static void allocateRing(WarpgroupBlock &block) {
  GPUKernelBuilder &kb = block.kb;
  int64_t inputBytes = block.stages * block.tileRows * kStageDepth * 2;
  int64_t panelBytes = stagePanelBytes(block.product);
  int64_t bytes = inputBytes + block.stages * block.panels * panelBytes;
  Value ring = kb.shared({bytes}, kb.getI8Type(), kSwizzledAlignment);
  auto view = [&](int64_t begin, ArrayRef<int64_t> shape, Type element) {
    auto type =
        MemRefType::get(shape, element, AffineMap(),
                        cast<MemRefType>(ring.getType()).getMemorySpace());
    return kb.create<memref::ViewOp>(type, ring, kb.index(begin), ValueRange());
  };
  block.inputs =
      view(0, {block.stages, block.tileRows, kStageDepth}, kb.getBF16Type());
  SmallVector<int64_t> shape = {block.stages, block.panels, kStageSteps,
                                kPanelWidth};
  if (block.product.quantized())
    shape.push_back(2);
  block.weights =
      view(inputBytes, shape,
           block.product.quantized() ? kb.getI8Type() : kb.getI32Type());
  block.sums = kb.shared({kConsumers, block.sumRows(), kSumStride});
  if (block.shares > 1)
    block.met =
        kb.shared({block.shares, block.tileRows / block.shares, kPanelWidth});
}

/// A stage is full when all that copy have said so, one of them also that it
/// has begun with bulks, and when these are there; it is empty when one
/// lane of each warp that multiplies has said so.
static void makeBarriers(WarpgroupBlock &block) {
  GPUKernelBuilder &kb = block.kb;
  block.full = kb.shared({block.stages}, kb.getI64Type());
  block.empty = kb.shared({block.stages}, kb.getI64Type());
  kb.ifThen(kb.equal(kb.thread(), kb.index(0)), [&] {
    for (int64_t i = 0; i < block.stages; ++i) {
      Value stage = kb.index(i);
      kb.create<minimax_gpu::MbarrierInitOp>(
          block.full, stage, kWarpgroup + (block.copiesBulks() ? 1 : 0));
      kb.create<minimax_gpu::MbarrierInitOp>(
          block.empty, stage, kConsumers * kWarpgroup / kb.kWarp);
    }
    kb.create<NVVM::FenceMbarrierInitOp>();
  });
  kb.barrier();
}

static void emitBlock(GPUKernelBuilder &kb, const GPUProduct &product,
                      const WarpgroupTile &tile) {
  WarpgroupSchedule schedule(kb, product, tile);
  WarpgroupBlock block = {
      kb,
      product,
      schedule,
      tile.rows,
      tile.panels,
      tile.shares,
      countStages(product, tile),
      findShare(kb, countDepthStages(product), tile.shares)};
  allocateRing(block);
  schedule.prepare();
  makeBarriers(block);
  kb.ifElse(
      kb.less(kb.thread(), kb.index(kWarpgroup)),
      [&] { emitWarpgroupCopies(block); },
      [&] { emitWarpgroupProducts(block); });
}

bool minimax::fitsWarpgroups(const GPUProduct &product) {
  return product.inputElement().isBF16() && product.pairs() &&
         product.depth() >= kStageDepth &&
         product.depth() % kSwizzledChunk == 0;
}

/// Blocks that a multiprocessor holds at once; see countStages.
static int64_t countResident(const WarpgroupTile &tile) {
  return tile.rows > 64 ? 1 : 2;
}

/// How many blocks share the inner dimension of each tile: rows are one tile,
/// and at least two experts have some. Where each multiprocessor has a tile, it
/// has enough under way by itself.
static int64_t countShares(GPUKernelBuilder &kb, const GPUProduct &product,
                           const WarpgroupTile &tile) {
  int64_t tiles = product.panels * std::min<int64_t>(product.matrices, 2);
  if (tile.rows > 64 || tiles >= countMultiprocessors(kb))
    return 1;
  return chooseShares(kb, {tiles, countDepthStages(product), /*partsAtOnce=*/1,
                           stagePanelBytes(product), countResident(tile)});
}

void minimax::emitProductWarpgroups(GPUKernelBuilder &kb,
                                    const GPUProduct &product,
                                    WarpgroupTile tile) {
  std::string name =
      (product.name + "_warpgroups_" + llvm::Twine(tile.rows)).str();
  tile.shares = countShares(kb, product, tile);
  int64_t most = countResident(tile) * countMultiprocessors(kb) / tile.shares;
  Value tiles = WarpgroupSchedule(kb, product, tile).countMost();
  Value clusters = kb.minimum(tiles, kb.index(std::max<int64_t>(most, 1)));
  kb.launch(
      name, {kb.mul(clusters, kb.index(tile.shares))}, kThreads,
      [&] { emitBlock(kb, product, tile); }, tile.shares);
}
