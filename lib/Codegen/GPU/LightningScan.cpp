//===- LightningScan.cpp - states between pieces of sequences -------------===//
//
// A thread has one element of a sequence's state and walks over its pieces.
//
// Roofline: 12 D^2 bytes for each piece and head, bound by memory.
//
//===----------------------------------------------------------------------===//

#include "LightningScan.h"
#include "LightningTile.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kThreads = 256;

static void emitSequence(GPUKernelBuilder &kb, const LightningScan &scan,
                         function_ref<Value(Value, Value, Value)> decayOf) {
  int64_t dim = dimOf(scan.state, 2);
  Value head = kb.block(1), sequence = kb.block(2);
  Value most = kb.sub(scan.size, kb.index(1));
  auto tokensOf = [&](Value n) {
    auto [begin, end] = rowsOfSequence(kb, scan.cuSeqlens, n);
    return kb.sub(end, begin);
  };
  auto pieces = [&](Value tokens) {
    return kb.div(kb.add(tokens, most), scan.size);
  };
  Value base =
      kb.loopCarry(kb.index(0), sequence, 1, {kb.index(0)},
                   [&](Value before, ValueRange sum) -> SmallVector<Value> {
                     return {kb.add(sum[0], pieces(tokensOf(before)))};
                   })[0];
  Value tokens = tokensOf(sequence);
  Value place = kb.add(kb.mul(kb.block(), kb.index(kThreads)), kb.thread());
  Value d = kb.div(place, kb.index(dim)), e = kb.rem(place, kb.index(dim));
  Value used =
      kb.create<arith::AndIOp>(kb.less(place, kb.index(dim * dim)),
                               kb.less(kb.index(scan.leastTokens - 1), tokens));
  kb.ifThen(used, [&] {
    Value slot = kb.loadIndex(scan.slots, {sequence});
    auto step = [&](Value i, ValueRange old) -> SmallVector<Value> {
      Value number = kb.add(base, i);
      SmallVector<Value> at = {number, head, d, e};
      Value own = kb.load(scan.local, at);
      kb.store(old[0], scan.entry, at);
      Value rest = kb.sub(tokens, kb.mul(i, scan.size));
      Value decay = decayOf(number, head, kb.minimum(scan.size, rest));
      return {kb.fma(decay, old[0], own)};
    };
    Value state =
        kb.loopCarry(kb.index(0), pieces(tokens), 1,
                     {kb.load(scan.state, {slot, head, d, e})}, step)[0];
    kb.store(state, scan.state, {slot, head, d, e});
  });
}

void minimax::emitLightningScan(
    GPUKernelBuilder &kb, const LightningScan &scan,
    function_ref<Value(Value, Value, Value)> decayOf) {
  int64_t heads = dimOf(scan.state, 1), dim = dimOf(scan.state, 2);
  Value elements = kb.index(llvm::divideCeil(dim * dim, kThreads));
  kb.launch(scan.name, {elements, kb.index(heads), scan.sequences}, kThreads,
            [&] { emitSequence(kb, scan, decayOf); });
}
