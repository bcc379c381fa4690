//===- LightningWarpgroups.cpp - lightning attention on Hopper ------------===//
//
// Lightning attention of bf16 with wgmma (sm_90a), in one pass over the tokens.
// One warpgroup copies 128 tokens ahead of two that compute, of 64 tokens each:
// scores, their product with the values, and the queries by the state as it is
// before these 64 tokens. The state, D x 64 in f32, is in the registers of both
// by rows; it advances twice in a stage, and each time a copy of it in bf16
// goes to shared memory, from where the other warpgroup reads it too. They meet
// once in a stage.
//
// Queries, weights and keys, which decay on their way to the state, are A from
// registers; B are the tiles as they were copied, and the copies of the state.
//
// Roofline: operands and outputs move once for each slice of the value columns,
// 8 D bytes a token and head, of which all slices but one find theirs in L2.
// With D = 128 a slice takes 56 KiFlop a token on matrix units, 14 cycles at
// 4096 a cycle; 288 KiB for 128 tokens pass through shared memory, 18 cycles a
// token at 128 bytes a cycle; 64 heads' bytes of a token take 27 cycles at 4.3
// TB/s: bound by memory.
//
//===----------------------------------------------------------------------===//

#include "LightningWarpgroups.h"
#include "MatrixTiles.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kHalves = LightningBlock::kConsumers,
                         kTokens = LightningBlock::kTokens,
                         kStages = LightningBlock::kStages;

void LightningBlock::fenceWrites() const {
  kb.create<NVVM::FenceProxyOp>(
      NVVM::ProxyKindAttr::get(kb.getContext(), NVVM::ProxyKind::async_shared),
      NVVM::SharedSpaceAttr::get(kb.getContext(),
                                 NVVM::SharedSpace::shared_cta));
}

static void allocate(LightningBlock &block) {
  GPUKernelBuilder &kb = block.kb;
  auto tiles = [&](SmallVector<int64_t> shape) {
    shape.push_back(kSwizzledColumns);
    return kb.shared(shape, kb.getBF16Type(), kSwizzledAlignment);
  };
  block.queries = tiles({kStages, kHalves, block.panels(), kTokens});
  block.keys = tiles({kStages, kHalves, block.panels(), kTokens});
  block.values = tiles({kStages, kHalves, kTokens});
  block.copies = tiles({2, kHalves, block.dim});
  block.decays = kb.shared({2 * kTokens + 1, 2});
  block.full = kb.shared({kStages}, kb.getI64Type());
  block.empty = kb.shared({kStages}, kb.getI64Type());
}

/// A stage is full when all threads that copy have said so, empty when one lane
/// of each warp that computes has.
static void makeBarriers(const LightningBlock &block) {
  GPUKernelBuilder &kb = block.kb;
  int64_t warps = kHalves * LightningBlock::kWarpgroup / kb.kWarp;
  kb.ifThen(kb.equal(kb.thread(), kb.index(0)), [&] {
    for (int64_t stage = 0; stage < kStages; ++stage) {
      kb.create<minimax_gpu::MbarrierInitOp>(block.full, kb.index(stage),
                                             LightningBlock::kWarpgroup);
      kb.create<minimax_gpu::MbarrierInitOp>(block.empty, kb.index(stage),
                                             warps);
    }
    kb.create<NVVM::FenceMbarrierInitOp>();
  });
}

static void fillDecays(const LightningBlock &block) {
  GPUKernelBuilder &kb = block.kb;
  kb.forEachThread(kb.index(2 * kTokens + 1), [&](Value place) {
    for (int64_t i = 0; i < 2; ++i) {
      Value tokens = kb.sub(place, kb.index(kTokens + i));
      Value decay =
          emitDecay(kb, block.work.slope, kb.maximum(tokens, kb.index(0)));
      Value hidden = kb.less(tokens, kb.index(0));
      kb.store(kb.create<arith::SelectOp>(hidden, kb.f32(0), decay),
               block.decays, {place, kb.index(i)});
    }
  });
}

bool minimax::fitsLightningWarpgroups(const GPUTarget &target,
                                      ArrayRef<Value> operands) {
  int64_t dim = dimOf(operands[0], 2);
  return target.hopper && target.warpgroups &&
         (dim == kSwizzledColumns || dim == 2 * kSwizzledColumns) &&
         llvm::all_of(operands, [](Value operand) {
           return getElementTypeOrSelf(operand).isBF16() &&
                  MatrixTiles::hasChunks(operand);
         });
}

void minimax::emitLightningWarpgroups(GPUKernelBuilder &kb,
                                      const LightningWork &work) {
  LightningBlock block = {kb, work, dimOf(work.head.key, 2)};
  block.firstColumn = kb.mul(work.slice, kb.index(kSwizzledColumns));
  allocate(block);
  makeBarriers(block);
  fillDecays(block);
  kb.barrier();
  kb.ifElse(
      kb.less(kb.thread(), kb.index(LightningBlock::kWarpgroup)),
      [&] { emitLightningCopies(block); },
      [&] { emitLightningProducts(block); });
}
