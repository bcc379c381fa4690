//===- LightningWarpgroupProducts.cpp - tokens by Hopper's warpgroups -----===//
//
// A warpgroup that computes: the outputs of its half of a stage, and its rows
// of the state over both halves (of 64 rows both have all).
//
// Products are asynchronous: scores run beside the state's first half, weights
// by values beside its second, the queries by the state beside the rounding of
// the state that the next stage begins with.
//
// Roofline: see LightningWarpgroups.cpp.
//
//===----------------------------------------------------------------------===//

#include "LightningWarpgroupProducts.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::minimax;

/// Registers of a thread that computes.
static constexpr int32_t kComputeRegisters = 224;
/// The hardware barrier of these warpgroups; 0 is that of the whole block.
static constexpr int64_t kConsumerBarrier = 1;

void LightningProducts::findPlace() {
  consumer = kb.sub(kb.div(kb.thread(), kb.index(kWarpgroup)), kb.index(1));
  warp = kb.rem(kb.warp(), kb.index(kWarpgroup / kb.kWarp));
  firstRow = kb.mul(warp, kb.index(kSide));
  row = kb.add(firstRow, tiles.row());
  statePanel = panels() == kConsumers ? consumer : kb.index(0);
  stateRow = kb.add(kb.mul(statePanel, kb.index(kTokens)), row);
  auto after = [&](int64_t tokens) {
    return kb.load(decays,
                   {kb.add(row, kb.index(kTokens + tokens)), kb.index(0)});
  };
  upperDecay = after(1);
  lowerDecay = after(9);
}

void LightningProducts::emit() {
  kb.create<NVVM::SetMaxRegisterOp>(kComputeRegisters,
                                    NVVM::SetMaxRegisterAction::increase);
  findPlace();
  Value state = loadState();
  copyState(state, kb.index(0), 0);
  state =
      kb.loopCarry(kb.index(0), countStages(), 1, {state},
                   [&](Value number, ValueRange carried) {
                     return SmallVector<Value>{emitStage(number, carried[0])};
                   })[0];
  if (work.to)
    storeState(state);
}

/// Puts out the stage's outputs; returns the state after it.
Value LightningProducts::emitStage(Value number, Value state) {
  Value stage = stageOf(number), zero = kb.index(0);
  Value left = kb.sub(work.end, firstToken(number));
  auto countOf = [&](Value half) {
    Value rest = kb.sub(left, kb.mul(half, kb.index(kTokens)));
    return kb.maximum(kb.minimum(rest, kb.index(kTokens)), zero);
  };
  // Before anything is under way: ptxas does not see that sums of the loop's
  // last round are complete.
  Value count = countOf(zero), nextCount = countOf(kb.index(1));
  state = decayState(state, count);
  kb.create<minimax_gpu::MbarrierWaitOp>(full, stage, parityOf(number));
  SmallVector<Value> query = loadQueries(stage);
  Value scores = multiply(query, zeroSums(), keys, false, [&](int64_t i) {
    return SmallVector<Value>{stage, consumer, kb.index(i / 4), zero,
                              kb.index(i % 4 * kSide)};
  });
  state = advanceState(state, stage, 0, count);
  await(1);
  SmallVector<Value> weights = weighScores(scores);
  Value own = multiplyRows(weights, zeroSums(), values, {stage, consumer});
  await(1);
  copyState(state, number, 1);
  fenceWrites();
  state = advanceState(decayState(state, nextCount), stage, 1, nextCount);
  // From here on both have written their rows of the copies.
  auto word = [&](int64_t value) {
    return kb.create<arith::ConstantIntOp>(value, 32);
  };
  kb.create<NVVM::BarrierOp>(word(kConsumerBarrier),
                             word(kConsumers * kWarpgroup));
  Value past = multiplyRows(query, zeroSums(), copies,
                            {kb.rem(number, kb.index(2)), consumer});
  await(1);
  copyState(state, kb.add(number, kb.index(1)), 0);
  await(0);
  storeOutputs(own, past, stage, firstToken(number), countOf(consumer));
  // The lanes' last accesses to the stage are behind them.
  kb.syncWarp();
  kb.ifThen(kb.equal(kb.lane(), zero), [&] {
    kb.create<minimax_gpu::MbarrierArriveOp>(empty, stage, IntegerAttr());
  });
  return state;
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

Value LightningProducts::zeroSums() {
  auto type = VectorType::get({kSums}, kb.getF32Type());
  return kb.create<arith::ConstantOp>(kb.getZeroAttr(type));
}

Value LightningProducts::multiply(ArrayRef<Value> left, Value sums, Value tile,
                                  bool transpose, Place at) {
  kb.create<NVVM::WgmmaFenceAlignedOp>();
  for (auto [i, fragment] : llvm::enumerate(left))
    sums = kb.create<minimax_gpu::WgmmaOp>(sums.getType(), fragment, tile,
                                           at(i), sums, transpose);
  kb.create<NVVM::WgmmaGroupSyncAlignedOp>();
  return sums;
}

Value LightningProducts::multiplyRows(ArrayRef<Value> left, Value sums,
                                      Value tile, ArrayRef<Value> prefix) {
  return multiply(left, sums, tile, true, [&](int64_t i) {
    SmallVector<Value> place(prefix);
    place.append({kb.index(i * kSide), kb.index(0)});
    return place;
  });
}

void LightningProducts::await(int64_t groups) {
  kb.create<NVVM::WgmmaWaitGroupSyncOp>(groups);
}

//===----------------------------------------------------------------------===//
// Fragments
//===----------------------------------------------------------------------===//

Value LightningProducts::loadFragment(Value tile, SmallVector<Value> prefix,
                                      Value atRow, Value chunk,
                                      bool transpose) {
  Value place = swizzleChunk(kb, atRow, chunk);
  prefix.append({atRow, kb.mul(place, kb.index(kSwizzledChunk))});
  return kb.create<minimax_gpu::LoadMatrixOp>(
      VectorType::get({4}, kb.getI32Type()), tile, prefix, transpose);
}

/// The queries of the warpgroup's tokens, 16 columns each.
SmallVector<Value> LightningProducts::loadQueries(Value stage) {
  Value lane = kb.lane(), side = kb.index(kSide);
  Value atRow = kb.add(firstRow, kb.rem(lane, side));
  SmallVector<Value> fragments;
  for (int64_t i = 0; i < dim / kSide; ++i) {
    Value chunk = kb.add(kb.div(lane, side), kb.index(i % 4 * 2));
    fragments.push_back(loadFragment(
        queries, {stage, consumer, kb.index(i / 4)}, atRow, chunk, false));
  }
  return fragments;
}

/// The state's rows of keys of 16 tokens each, as they have decayed at the end
/// of the `count` tokens of the half.
SmallVector<Value> LightningProducts::loadDecayedKeys(Value stage, int64_t half,
                                                      Value count) {
  Value lane = kb.lane(), eight = kb.index(8), side = kb.index(kSide);
  Value token = kb.add(kb.mul(kb.div(lane, side), eight), kb.rem(lane, eight));
  Value chunk = kb.add(kb.mul(warp, kb.index(2)),
                       kb.rem(kb.div(lane, eight), kb.index(2)));
  Value last = kb.sub(kb.add(count, kb.index(kTokens - 1)), tiles.column());
  SmallVector<Value> fragments;
  for (int64_t first = 0; first < kTokens; first += kSide) {
    Value loaded = loadFragment(keys, {stage, kb.index(half), statePanel},
                                kb.add(token, kb.index(first)), chunk, true);
    SmallVector<Value> factors;
    for (int64_t further : {0, 8}) {
      Value pair = decaysAt(kb.sub(last, kb.index(first + further)));
      factors.append({tiles.extract(pair, 0), tiles.extract(pair, 1)});
    }
    fragments.push_back(tiles.scaleColumns(loaded, factors));
  }
  return fragments;
}

Value LightningProducts::decaysAt(Value place) {
  return kb.loadVector(decays, {place, kb.index(0)}, 2);
}

/// Scores of the warpgroup's tokens by their decay, as left factors. Those of
/// later keys become zero.
SmallVector<Value> LightningProducts::weighScores(Value scores) {
  Value distance = kb.sub(kb.add(row, kb.index(kTokens)), tiles.column());
  SmallVector<Value> quarters;
  for (int64_t j = 0; j < kTokens / kColumns; ++j) {
    SmallVector<Value> weights;
    for (int64_t half = 0; half < 2; ++half) {
      Value pair = decaysAt(kb.add(distance, kb.index((half - j) * kColumns)));
      for (int64_t i = 0; i < 2; ++i)
        weights.push_back(kb.create<arith::MulFOp>(
            tiles.extract(scores, 4 * j + 2 * half + i),
            tiles.extract(pair, i)));
    }
    quarters.push_back(tiles.sumsFrom(weights));
  }
  SmallVector<Value> fragments;
  for (size_t i = 0; i < quarters.size(); i += 2)
    fragments.push_back(tiles.leftFrom(quarters[i], quarters[i + 1]));
  return fragments;
}

//===----------------------------------------------------------------------===//
// Outputs
//===----------------------------------------------------------------------===//

void LightningProducts::storeOutputs(Value own, Value past, Value stage,
                                     Value first, Value count) {
  SmallVector<Value> sums;
  for (int64_t i = 0; i < kSums; ++i)
    sums.push_back(kb.fma(i % 4 < 2 ? upperDecay : lowerDecay,
                          tiles.extract(past, i), tiles.extract(own, i)));
  first = kb.add(first, kb.mul(consumer, kb.index(kTokens)));
  if (getElementTypeOrSelf(work.head.output).isBF16())
    stageOutputs(sums, stage, first, count);
  else
    storePairs(sums, first, count);
}

/// In f32, whose pairs of four lanes are 32 bytes.
void LightningProducts::storePairs(ArrayRef<Value> sums, Value first,
                                   Value count) {
  auto type = VectorType::get({2}, kb.getF32Type());
  forEachPair(row, [&](int64_t sum, Value atRow, Value column) {
    Value pair = kb.create<vector::FromElementsOp>(
        type, ValueRange{sums[sum], sums[sum + 1]});
    kb.ifThen(kb.less(atRow, count), [&] {
      kb.storeVector(
          pair, work.head.output,
          {kb.add(first, atRow), work.head.head, kb.add(firstColumn, column)});
    });
  });
}

/// In bf16, through the place of the warp's queries, from where a lane stores
/// 16 bytes.
void LightningProducts::stageOutputs(ArrayRef<Value> sums, Value stage,
                                     Value first, Value count) {
  Value panel = kb.index(0), width = kb.index(kSwizzledChunk);
  forEachPair(row, [&](int64_t sum, Value atRow, Value column) {
    Value place = swizzleChunk(kb, atRow, kb.div(column, width));
    kb.storeVector(tiles.pack(sums[sum], sums[sum + 1]), queries,
                   {stage, consumer, panel, atRow,
                    kb.add(kb.mul(place, width), tiles.column())});
  });
  kb.syncWarp();
  Value chunk = kb.rem(kb.lane(), kb.index(kSwizzledChunks));
  Value to = kb.add(firstColumn, kb.mul(chunk, width));
  for (int64_t i = 0; i < kSide; i += kb.kWarp / kSwizzledChunks) {
    Value atRow = kb.add(kb.add(firstRow, kb.index(i)),
                         kb.div(kb.lane(), kb.index(kSwizzledChunks)));
    Value from = kb.mul(swizzleChunk(kb, atRow, chunk), width);
    kb.ifThen(kb.less(atRow, count), [&] {
      Value eight = kb.loadVector(
          queries, {stage, consumer, panel, atRow, from}, kSwizzledChunk);
      kb.storeVector(eight, work.head.output,
                     {kb.add(first, atRow), work.head.head, to});
    });
  }
}

void minimax::emitLightningProducts(const LightningBlock &block) {
  LightningProducts(block).emit();
}
