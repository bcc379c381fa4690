//===- LightningMatrix.cpp - lightning attention on matrix units ----------===//
//
// The 8 warps of a block share 64 tokens as 4 x 2 (rows by keys, then rows by
// value columns) and the slice of the state as rows, which stay in registers in
// f32; the queries meet a copy of it in bf16. While a tile is computed, the
// next are on their way (LightningMatrixLoad.cpp).
//
// Roofline: operands and outputs move once for each slice of the value columns,
// 8 D bytes a token and head in bf16 and 16 D in f32, of which all slices but
// one find theirs in L2; for C = 64 tokens 2 C D + 2 C N + 4 D N flops a token
// and slice of N columns in bf16: with D = 128, N = 64 112 KiFlop for 1 KiB,
// bound by memory from 112 flops a byte on.
//
//===----------------------------------------------------------------------===//

#include "LightningMatrix.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kTokens = LightningMatrix::kTokens,
                         kWarps = LightningMatrix::kWarps,
                         kAcross = LightningMatrix::kAcross,
                         kSide = MatrixTiles::kSide,
                         kColumns = MatrixTiles::kColumns;
/// Keys of a warp.
static constexpr int64_t kKeys = kTokens / kAcross;

/// Most tiles of tokens in shared memory: two that are on their way cover the
/// time that memory takes.
static constexpr int64_t kMostStages = 3;

/// Bytes of shared memory with so many stages of bf16; with one, f32 operands
/// are staged beside.
static int64_t sharedBytes(int64_t dim, int64_t columns, int64_t stages) {
  int64_t bytes = stages * (2 * MatrixTiles::tileBytes(kTokens, dim) +
                            MatrixTiles::tileBytes(kTokens, columns)) +
                  MatrixTiles::tileBytes(kTokens, kTokens) +
                  MatrixTiles::tileBytes(dim, columns) + (kTokens + 1) * 4;
  return stages == 1 ? bytes + kTokens * (2 * dim + columns) * 4 : bytes;
}

/// Stages that fit; none if matrix units cannot compute on such heads.
static int64_t countStages(const GPUTarget &target, int64_t dim, Type element) {
  int64_t columns = LightningTile::sliceColumns(dim);
  bool narrow = element.isBF16();
  int64_t least = narrow ? 2 : 1;
  int64_t stages = narrow ? kMostStages : 1;
  while (stages >= least &&
         sharedBytes(dim, columns, stages) > target.sharedBytes)
    --stages;
  return stages >= least ? stages : 0;
}

LightningMatrix::LightningMatrix(GPUKernelBuilder &kb,
                                 const LightningShape &shape)
    : kb(kb), tiles(kb), dim(shape.dim), columns(sliceColumns(dim)),
      rowParts(llvm::divideCeil(dim / kSide, kWarps)),
      columnParts(llvm::divideCeil(columns / kSide, kAcross)),
      stages(countStages(kb.target, dim, shape.element)) {
  firstColumn = kb.mul(shape.slice, kb.index(columns));
  warpRow = kb.mul(kb.div(kb.warp(), kb.index(kAcross)), kb.index(kSide));
  warpAcross = kb.rem(kb.warp(), kb.index(kAcross));
  constexpr int64_t chunk = 16 / sizeof(float);
  auto staging = [&](int64_t width) {
    return stages > 1 ? Value() : kb.shared({kTokens * width / chunk, chunk});
  };
  if (shape.hasOutput) {
    queries = tiles.tile({stages, kTokens, dim});
    scores = tiles.tile({kTokens, kTokens});
    stateCopy = tiles.tile({dim, columns});
    stagedQueries = staging(dim);
  }
  keys = tiles.tile({stages, kTokens, dim});
  values = tiles.tile({stages, kTokens, columns});
  stagedKeys = staging(dim);
  stagedValues = staging(columns);
  decays = kb.shared({kTokens + 1});
}

bool minimax::fitsLightningMatrix(const GPUTarget &target,
                                  ArrayRef<Value> operands) {
  int64_t dim = dimOf(operands[0], 2);
  Type element = getElementTypeOrSelf(operands[0]);
  return dim % kSide == 0 && countStages(target, dim, element) > 0 &&
         llvm::all_of(operands, [&](Value operand) {
           return getElementTypeOrSelf(operand) == element &&
                  MatrixTiles::hasChunks(operand);
         });
}

void LightningMatrix::setSlope(Value slope) {
  kb.forEachThread(kb.index(kTokens + 1), [&](Value n) {
    kb.store(emitDecay(kb, slope, n), decays, {n});
  });
}

WarpPart LightningMatrix::partOf(Value warp, int64_t part, int64_t each,
                                 int64_t total) const {
  Value place = kb.add(kb.mul(warp, kb.index(each)), kb.index(part));
  Value last = kb.index(total - 1);
  return {kb.mul(kb.minimum(place, last), kb.index(kSide)),
          kb.less(place, kb.index(total))};
}

Value LightningMatrix::scaleRows(Value sums, Value upper, Value lower) {
  Value factors = tiles.sumsFrom({upper, upper, lower, lower});
  return kb.create<arith::MulFOp>(sums, factors);
}

void LightningMatrix::emitTokens(const LightningView &head, Value begin,
                                 Value end, bool keepsState) {
  startLoads(head, begin, end);
  if (head.query)
    copyState(state);
  SmallVector<Value> inits(state);
  inits.push_back(kb.index(0));
  inits = kb.loopCarry(
      begin, end, kTokens, inits, [&](Value first, ValueRange carried) {
        stage = carried.back();
        finishLoad(head, first, end);
        SmallVector<Value> sums =
            emitTile(head, first, end, carried.drop_back(), keepsState);
        sums.push_back(nextStage());
        return sums;
      });
  inits.pop_back();
  state = inits;
}

/// Puts out the tile's outputs; returns the state after it.
SmallVector<Value> LightningMatrix::emitTile(const LightningView &head,
                                             Value first, Value end,
                                             ValueRange carried,
                                             bool keepsState) {
  Value next = kb.add(first, kb.index(kTokens));
  Value count = kb.minimum(kb.index(kTokens), kb.sub(end, first));
  if (head.query) {
    SmallVector<Value> sums = emitScores();
    // From here on nothing reads the copy of the state.
    kb.barrier();
    emitOutputs(head, first, count, sums);
  }
  auto advance = [&] {
    SmallVector<Value> sums = emitState(carried, count);
    if (head.query)
      copyState(sums);
    return sums;
  };
  if (keepsState)
    return advance();
  auto branch =
      kb.create<scf::IfOp>(TypeRange(carried), kb.less(next, end), true);
  OpBuilder::InsertionGuard guard(kb);
  kb.setInsertionPointToStart(branch.thenBlock());
  kb.create<scf::YieldOp>(advance());
  kb.setInsertionPointToStart(branch.elseBlock());
  kb.create<scf::YieldOp>(carried);
  return SmallVector<Value>(branch.getResults());
}

/// Decayed scores; returns the products of the warp's queries and the state.
SmallVector<Value> LightningMatrix::emitScores() {
  SmallVector<Value> products = tiles.zeros(kKeys / kColumns);
  SmallVector<Value> sums = tiles.zeros(2 * columnParts);
  Value firstKey = kb.mul(warpAcross, kb.index(kKeys));
  for (int64_t depth = 0; depth < dim; depth += kSide) {
    Value d = kb.index(depth);
    Value query = tiles.left({queries, warpRow, d, stage});
    for (int64_t key = 0; key < kKeys; key += kSide)
      tiles.multiplyAdd(query,
                        tiles.rightTransposed(
                            {keys, kb.add(firstKey, kb.index(key)), d, stage}),
                        MutableArrayRef(products).slice(key / kColumns, 2));
    for (int64_t part = 0; part < columnParts; ++part)
      tiles.multiplyAdd(
          query,
          tiles.right({stateCopy, d, outputColumns(part).first, Value()}),
          MutableArrayRef(sums).slice(2 * part, 2));
  }
  for (auto [n, product] : llvm::enumerate(products))
    for (int64_t half = 0; half < 2; ++half) {
      Value row = kb.add(kb.add(warpRow, tiles.row()), kb.index(half * 8));
      Value key =
          kb.add(kb.add(firstKey, tiles.column()), kb.index(n * kColumns));
      SmallVector<Value> pair;
      for (int64_t i = 0; i < 2; ++i) {
        Value distance = kb.sub(row, kb.add(key, kb.index(i)));
        Value decay = decayAt(kb.maximum(distance, kb.index(0)));
        Value decayed = kb.create<arith::MulFOp>(
            tiles.extract(product, 2 * half + i), decay);
        pair.push_back(kb.create<arith::SelectOp>(
            kb.less(distance, kb.index(0)), kb.f32(0), decayed));
      }
      tiles.storePair(pair[0], pair[1], {scores, row, key, Value()});
    }
  return sums;
}

/// Adds the weighted values to the decayed `sums` and puts them out.
void LightningMatrix::emitOutputs(const LightningView &head, Value first,
                                  Value count, SmallVector<Value> sums) {
  Value row = kb.add(warpRow, tiles.row());
  Value upper = decayAt(kb.add(row, kb.index(1)));
  Value lower = decayAt(kb.add(row, kb.index(9)));
  for (Value &sum : sums)
    sum = scaleRows(sum, upper, lower);
  for (int64_t key = 0; key < kTokens; key += kSide) {
    Value j = kb.index(key);
    Value weights = tiles.left({scores, warpRow, j, Value()});
    for (int64_t part = 0; part < columnParts; ++part)
      tiles.multiplyAdd(
          weights, tiles.right({values, j, outputColumns(part).first, stage}),
          MutableArrayRef(sums).slice(2 * part, 2));
  }
  for (auto [n, sum] : llvm::enumerate(sums)) {
    WarpPart part = outputColumns(n / 2);
    Value column = kb.add(kb.add(firstColumn, part.first),
                          kb.add(tiles.column(), kb.index(n % 2 * kColumns)));
    Value exists =
        kb.create<arith::AndIOp>(part.active, kb.less(column, kb.index(dim)));
    for (int64_t half = 0; half < 2; ++half) {
      Value token = kb.add(row, kb.index(half * 8));
      Value two = kb.create<vector::ShuffleOp>(
          sum, sum, ArrayRef<int64_t>{2 * half, 2 * half + 1});
      kb.ifThen(kb.create<arith::AndIOp>(exists, kb.less(token, count)), [&] {
        if (getElementTypeOrSelf(head.output).isBF16())
          two = tiles.pack(tiles.extract(two, 0), tiles.extract(two, 1));
        kb.storeVector(two, head.output,
                       {kb.add(first, token), head.head, column});
      });
    }
  }
}

std::unique_ptr<LightningTile>
minimax::makeLightningMatrix(GPUKernelBuilder &kb,
                             const LightningShape &shape) {
  return std::make_unique<LightningMatrix>(kb, shape);
}
