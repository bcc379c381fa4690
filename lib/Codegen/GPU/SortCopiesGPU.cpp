//===- SortCopiesGPU.cpp - token copies in the order of experts -----------===//
//
// A stable counting sort in one block. Its 32 warps have consecutive copies
// each: they count them by expert, turn counts into where each warp begins to
// place an expert's copies, and go over their copies again to place them. In a
// warp, lanes with the same expert find each other by one vote for each bit of
// its number. Deterministic: no atomics.
//
// Roofline: 4 bytes for each copy, read twice and written once, by one of the
// GPU's multiprocessors; rows of thousands of bytes for each are read next.
//
//===----------------------------------------------------------------------===//

#include "SortCopiesGPU.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kSortThreads = 1024;

namespace {
/// Emits the block that sorts copies.
class Sort {
public:
  Sort(GPUKernelBuilder &kb, const CopyOrder &order, Value copies)
      : kb(kb), order(order), copies(copies),
        numExperts(dimOf(order.offsets, 0) - 1) {}

  void emit() {
    cursors = kb.shared({kWarps, numExperts}, kb.getI32Type());
    totals = kb.shared({numExperts}, kb.getI32Type());
    kb.forEachThread(kb.index(kWarps * numExperts), [&](Value place) {
      kb.storeIndex(kb.index(0), cursors, placeOf(place));
    });
    kb.barrier();
    forEachGroup([&](const Group &group) { advance(group); });
    kb.barrier();
    countsToCursors();
    kb.barrier();
    forEachGroup([&](const Group &group) {
      kb.ifThen(group.inside, [&] {
        Value place = kb.add(kb.loadIndex(cursors, {kb.warp(), group.expert}),
                             group.rank);
        SmallVector<Value> copy = copyAt(group.copy);
        kb.storeIndex(place, order.rows, copy);
        if (order.sources)
          kb.storeIndex(copy[0], order.sources, {place});
      });
      kb.syncWarp();
      advance(group);
    });
  }

private:
  static constexpr int64_t kWarps = kSortThreads / 32;

  /// A lane's copy: its expert, how many lanes before have the same, how many
  /// in all, and whether there is a copy.
  struct Group {
    Value copy, inside, expert, rank, count;
  };

  SmallVector<Value> placeOf(Value place) {
    return {kb.div(place, kb.index(numExperts)),
            kb.rem(place, kb.index(numExperts))};
  }
  SmallVector<Value> copyAt(Value copy) {
    Value topK = kb.index(dimOf(order.experts, 1));
    return {kb.div(copy, topK), kb.rem(copy, topK)};
  }

  Value word(int64_t value) {
    return kb.create<arith::ConstantIntOp>(value, 32);
  }
  Value toIndex(Value value) {
    return kb.create<arith::IndexCastOp>(kb.getIndexType(), value);
  }

  /// Bits of the lanes whose copy has this lane's expert.
  Value findPeers(Value inside, Value expert) {
    Value peers = kb.ballot(inside);
    for (int64_t bit = 1; bit < numExperts; bit *= 2) {
      Value isSet = kb.create<arith::CmpIOp>(
          arith::CmpIPredicate::ne, kb.create<arith::AndIOp>(expert, word(bit)),
          word(0));
      Value same = kb.ballot(isSet);
      Value differ = kb.create<arith::XOrIOp>(same, word(-1));
      peers = kb.create<arith::AndIOp>(
          peers, kb.create<arith::SelectOp>(isSet, same, differ));
    }
    return peers;
  }

  Value countBits(Value bits) {
    return toIndex(kb.create<math::CtPopOp>(bits));
  }

  /// This warp's copies, 32 at a time.
  void forEachGroup(function_ref<void(const Group &)> body) {
    Value share = kb.mul(kb.ceilDiv(copies, kSortThreads), kb.index(kb.kWarp));
    Value first = kb.mul(kb.warp(), share);
    Value last = kb.minimum(kb.add(first, share), copies);
    kb.loop(first, last, kb.kWarp, [&](Value begin) {
      Group group;
      Value copy = kb.add(begin, kb.lane());
      group.inside = kb.less(copy, last);
      group.copy = kb.minimum(copy, kb.sub(last, kb.index(1)));
      Value expert =
          kb.create<memref::LoadOp>(order.experts, copyAt(group.copy));
      Value peers = findPeers(group.inside, expert);
      Value lane = kb.create<arith::IndexCastOp>(kb.getI32Type(), kb.lane());
      Value before = kb.create<arith::SubIOp>(
          kb.create<arith::ShLIOp>(word(1), lane), word(1));
      group.expert = toIndex(expert);
      group.rank = countBits(kb.create<arith::AndIOp>(peers, before));
      group.count = countBits(peers);
      body(group);
      kb.syncWarp();
    });
  }

  /// Moves the warp's cursors of the group's experts on, once for each.
  void advance(const Group &group) {
    Value leads = kb.create<arith::AndIOp>(group.inside,
                                           kb.equal(group.rank, kb.index(0)));
    kb.ifThen(leads, [&] {
      SmallVector<Value> place = {kb.warp(), group.expert};
      kb.storeIndex(kb.add(kb.loadIndex(cursors, place), group.count), cursors,
                    place);
    });
  }

  /// From each warp's counts to where each of them begins to place; writes
  /// `offsets`.
  void countsToCursors() {
    kb.forEachThread(kb.index(numExperts), [&](Value expert) {
      Value total = kb.index(0);
      for (int64_t warp = 0; warp < kWarps; ++warp)
        total = kb.add(total, kb.loadIndex(cursors, {kb.index(warp), expert}));
      kb.storeIndex(total, totals, {expert});
    });
    kb.barrier();
    kb.forEachThread(kb.index(numExperts), [&](Value expert) {
      Value begin = kb.loopCarry(
          kb.index(0), expert, 1, {kb.index(0)},
          [&](Value before, ValueRange sum) -> SmallVector<Value> {
            return {kb.add(sum[0], kb.loadIndex(totals, {before}))};
          })[0];
      kb.storeIndex(begin, order.offsets, {expert});
      for (int64_t warp = 0; warp < kWarps; ++warp) {
        SmallVector<Value> place = {kb.index(warp), expert};
        Value count = kb.loadIndex(cursors, place);
        kb.storeIndex(begin, cursors, place);
        begin = kb.add(begin, count);
      }
    });
    kb.ifThen(kb.equal(kb.thread(), kb.index(0)), [&] {
      kb.storeIndex(copies, order.offsets, {kb.index(numExperts)});
    });
  }

  GPUKernelBuilder &kb;
  CopyOrder order;
  Value copies;
  int64_t numExperts;
  /// [warp, expert]: first counts, then rows of the next copies. Totals over
  /// warps.
  Value cursors, totals;
};
} // namespace

void minimax::emitSortCopies(GPUKernelBuilder &kb, StringRef name,
                             const CopyOrder &order,
                             function_ref<void()> choose) {
  Value topK = kb.index(dimOf(order.experts, 1));
  Value copies = kb.mul(kb.size(order.experts, 0), topK);
  kb.launch(name, {kb.index(1)}, kSortThreads, [&] {
    if (choose) {
      choose();
      kb.barrier();
    }
    Sort(kb, order, copies).emit();
  });
}
