//===- LightningMatrix.cpp - lightning attention on matrix units ----------===//
//
// The 8 warps of a block share 64 tokens as 4 x 2 (rows by keys, then rows by
// value columns) and the slice of the state as rows, which stay in registers in
// f32; the queries meet a copy of it in bf16. While a tile is computed, the
// f32 operands of the next are copied; each thread rounds what it copied.
//
// Roofline: operands and outputs move once for each slice of the value columns,
// 16 D bytes a token and head, of which all slices but one find theirs in L2;
// for C = 64 tokens 2 C D + 2 C N + 4 D N flops a token and slice of N columns
// in bf16: with D = 128, N = 64 112 KiFlop for 2 KiB, bound by memory from 57
// flops a byte on.
//
//===----------------------------------------------------------------------===//

#include "LightningMatrix.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::minimax;

static constexpr int64_t kTokens = LightningMatrix::kTokens,
                         kWarps = LightningMatrix::kWarps,
                         kAcross = LightningMatrix::kAcross,
                         kSide = MatrixTiles::kSide,
                         kColumns = MatrixTiles::kColumns;
/// Values in 16 bytes of f32; keys of a warp.
static constexpr int64_t kChunk = 4, kKeys = kTokens / kAcross;

LightningMatrix::LightningMatrix(GPUKernelBuilder &kb,
                                 const LightningShape &shape)
    : kb(kb), tiles(kb), dim(shape.dim), columns(sliceColumns(dim)),
      rowParts(llvm::divideCeil(dim / kSide, kWarps)),
      columnParts(llvm::divideCeil(columns / kSide, kAcross)) {
  firstColumn = kb.mul(shape.slice, kb.index(columns));
  warpRow = kb.mul(kb.div(kb.warp(), kb.index(kAcross)), kb.index(kSide));
  warpAcross = kb.rem(kb.warp(), kb.index(kAcross));
  auto staging = [&](int64_t width) {
    return kb.shared({kTokens * width / kChunk, kChunk});
  };
  if (shape.hasOutput) {
    queries = tiles.tile({kTokens, dim});
    scores = tiles.tile({kTokens, kTokens});
    stateCopy = tiles.tile({dim, columns});
    stagedQueries = staging(dim);
  }
  keys = tiles.tile({kTokens, dim});
  values = tiles.tile({kTokens, columns});
  decayedValues = tiles.tile({kTokens, columns});
  stagedKeys = staging(dim);
  stagedValues = staging(columns);
  decays = kb.shared({kTokens + 1});
}

bool minimax::fitsLightningMatrix(const GPUTarget &target,
                                  ArrayRef<Value> operands) {
  int64_t dim = dimOf(operands[0], 2);
  int64_t columns = LightningTile::sliceColumns(dim);
  int64_t bytes = 2 * MatrixTiles::tileBytes(kTokens, dim) +
                  2 * MatrixTiles::tileBytes(kTokens, columns) +
                  MatrixTiles::tileBytes(kTokens, kTokens) +
                  MatrixTiles::tileBytes(dim, columns) +
                  kTokens * (2 * dim + columns) * 4 + (kTokens + 1) * 4;
  return dim % kSide == 0 && bytes <= target.sharedBytes &&
         llvm::all_of(operands, [](Value operand) {
           auto type = cast<MemRefType>(operand.getType());
           return type.getElementType().isF32() &&
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

SmallVector<LightningMatrix::Operand>
LightningMatrix::operandsOf(const LightningView &head) const {
  Value zero = kb.index(0);
  SmallVector<Operand> operands = {
      {head.key, keys, stagedKeys, zero, dim},
      {head.value, values, stagedValues, firstColumn, columns}};
  if (head.query)
    operands.push_back({head.query, queries, stagedQueries, zero, dim});
  return operands;
}

/// Starts copying the tokens from `first` on, if there are any.
void LightningMatrix::copyTile(const LightningView &head, Value first,
                               Value end) {
  for (const Operand &operand : operandsOf(head))
    tiles.forEachPiece(
        kTokens, operand.width, kChunk,
        [&](int64_t piece, Value row, Value column) {
          Value token = kb.add(first, row);
          Value from = kb.add(operand.firstColumn, column);
          Value inside = kb.create<arith::AndIOp>(kb.less(token, end),
                                                  kb.less(from, kb.index(dim)));
          Value place = kb.add(kb.thread(), kb.index(piece * kThreads));
          kb.create<minimax_gpu::CopyAsyncOp>(
              operand.from, ValueRange{token, head.head, from}, operand.staged,
              ValueRange{place, kb.index(0)}, inside);
        });
  kb.create<NVVM::CpAsyncCommitGroupOp>();
}

/// Rounds what this thread has copied; values also as they enter the state.
void LightningMatrix::roundTile(const LightningView &head, Value count) {
  Value last = kb.sub(count, kb.index(1));
  for (const Operand &operand : operandsOf(head))
    tiles.forEachPiece(
        kTokens, operand.width, kChunk,
        [&](int64_t piece, Value row, Value column) {
          Value place = kb.add(kb.thread(), kb.index(piece * kThreads));
          Value four =
              kb.loadVector(operand.staged, {place, kb.index(0)}, kChunk);
          SmallVector<Value> elements, decayed;
          for (int64_t i = 0; i < kChunk; ++i)
            elements.push_back(tiles.extract(four, i));
          tiles.storeFour(elements, {operand.tile, row, column, Value()});
          if (operand.tile != values)
            return;
          Value after = kb.maximum(kb.sub(last, row), kb.index(0));
          Value decay = decayAt(after);
          for (Value element : elements)
            decayed.push_back(kb.create<arith::MulFOp>(element, decay));
          tiles.storeFour(decayed, {decayedValues, row, column, Value()});
        });
}

void LightningMatrix::emitTokens(const LightningView &head, Value begin,
                                 Value end, bool keepsState) {
  copyTile(head, begin, end);
  Value step = kb.index(kTokens);
  state = kb.loopCarry(
      begin, end, kTokens, state, [&](Value first, ValueRange carried) {
        Value next = kb.add(first, step);
        Value count = kb.minimum(step, kb.sub(end, first));
        kb.create<NVVM::CpAsyncWaitGroupOp>(0);
        // Until here the tile before is read.
        kb.barrier();
        roundTile(head, count);
        if (head.query)
          copyState(carried);
        kb.barrier();
        kb.ifThen(kb.less(next, end), [&] { copyTile(head, next, end); });
        if (head.query) {
          SmallVector<Value> sums = emitScores();
          kb.barrier();
          emitOutputs(head, first, count, sums);
        }
        if (keepsState)
          return emitState(carried, count);
        auto branch =
            kb.create<scf::IfOp>(TypeRange(carried), kb.less(next, end), true);
        OpBuilder::InsertionGuard guard(kb);
        kb.setInsertionPointToStart(branch.thenBlock());
        kb.create<scf::YieldOp>(emitState(carried, count));
        kb.setInsertionPointToStart(branch.elseBlock());
        kb.create<scf::YieldOp>(carried);
        return SmallVector<Value>(branch.getResults());
      });
}

/// Decayed scores; returns the products of the warp's queries and the state.
SmallVector<Value> LightningMatrix::emitScores() {
  SmallVector<Value> products = tiles.zeros(kKeys / kColumns);
  SmallVector<Value> sums = tiles.zeros(2 * columnParts);
  Value firstKey = kb.mul(warpAcross, kb.index(kKeys));
  for (int64_t depth = 0; depth < dim; depth += kSide) {
    Value d = kb.index(depth);
    Value query = tiles.left({queries, warpRow, d, Value()});
    for (int64_t key = 0; key < kKeys; key += kSide)
      tiles.multiplyAdd(
          query,
          tiles.rightTransposed(
              {keys, kb.add(firstKey, kb.index(key)), d, Value()}),
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
          weights, tiles.right({values, j, outputColumns(part).first, Value()}),
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
