//===- LightningKernels.cpp - lightning attention -------------------------===//
//
// Chunks of one sequence and head, walked in order with the state in place, or
// all chunks in parallel with their states in memory: the same two tiles serve
// both (SPEC 2.4.1). For a chunk of m rows with entry state S:
//
//   P = (Q K^T) .* D,  D[i, j] = exp(-s (i - j)) for j <= i, else 0
//   O = diag(exp(-s (i + 1))) Q S + P V
//   S = exp(-s m) S + (diag(exp(-s (m - 1 - j))) K)^T V
//
// Roofline: about 4 m D^2 + 2 m^2 D flops a chunk from cache; a decode step
// reads and writes D^2 floats of state a head.
//
//===----------------------------------------------------------------------===//

#include "KernelPatterns.h"

using namespace mlir;
using namespace mlir::minimax;

namespace {
/// One head's view of the operands. Rows are addressed from the first row of
/// the chunk.
struct Head {
  Value query, key, value, output, head, firstRow;

  SmallVector<Value> at(KernelBuilder &kb, Value row, Value column) const {
    return {kb.add(firstRow, row), head, column};
  }
};

/// Where a D x D state lives: a memref of any rank with leading indices.
struct State {
  Value memref;
  SmallVector<Value> prefix;

  SmallVector<Value> at(Value row, Value column) const {
    SmallVector<Value> indices = prefix;
    indices.append({row, column});
    return indices;
  }
};

/// Emits the tiles of one chunk. Scratch memory is allocated once a head.
class ChunkKernel {
public:
  ChunkKernel(KernelBuilder &kb, int64_t dim, int64_t chunk, Value slope)
      : kb(kb), dim(dim), chunk(chunk), slope(slope) {
    int64_t block = kb.target.lanes * kb.target.tileVectors;
    width = llvm::alignTo(chunk, block);
  }

  /// Fills the table whose entry C - r is exp(-s r), 0 beyond entry C; read at
  /// an offset it is a row of D.
  void prepare() {
    decays = kb.scratch({chunk + 1 + width + kb.target.lanes});
    keys = kb.scratch({dim, width});
    scores = kb.scratch({chunk, width});
    Value rate = kb.broadcast(kb.create<arith::NegFOp>(slope));
    int64_t lanes = kb.target.lanes;
    SmallVector<float> lane;
    for (int64_t i = 0; i < lanes; ++i)
      lane.push_back(chunk - i);
    Value ramp = kb.create<arith::ConstantOp>(
        DenseElementsAttr::get(kb.vectorType(), ArrayRef<float>(lane)));
    kb.loop(kb.index(0), kb.index(chunk + 1 + width), lanes, [&](Value x) {
      Value word = kb.create<arith::IndexCastOp>(kb.getI32Type(), x);
      Value base =
          kb.broadcast(kb.create<arith::SIToFPOp>(kb.getF32Type(), word));
      Value distance = kb.create<arith::SubFOp>(ramp, base);
      Value decay = kb.exp(kb.create<arith::MulFOp>(rate, distance));
      Value future = kb.create<arith::CmpFOp>(arith::CmpFPredicate::OLT,
                                              distance, kb.splat(0));
      decay = kb.create<arith::SelectOp>(future, kb.splat(0), decay);
      kb.storeVector(decay, decays, {x});
    });
  }

  /// exp(-s r) for 0 <= r <= C.
  Value decay(Value r) { return kb.load(decays, {kb.sub(kb.index(chunk), r)}); }

  /// Transposes the chunk's keys: keys[d][j] = key[j][d].
  void packKeys(const Head &head, Value rows) {
    kb.loop(kb.index(0), rows, 1, [&](Value j) {
      kb.loop(kb.index(0), kb.index(dim), 1, [&](Value d) {
        kb.store(kb.load(head.key, head.at(kb, j, d)), keys, {d, j});
      });
    });
  }

  /// Outputs of a chunk of `rows` rows from its entry state.
  void emitOutput(const Head &head, const State &state, Value rows) {
    Value zero = kb.index(0);
    kb.forEachRowBlock(zero, rows, [&](Value row, int64_t count) {
      emitScores(head, row, count, rows);
      kb.forEachColumnBlock(dim, [&](Value column, ArrayRef<Value> masks) {
        emitOutputTile(head, state, row, count, rows, column, masks);
      });
    });
  }

  /// state = exp(-s m) * state + (decayed K)^T V. Scales the packed keys.
  void emitState(const Head &head, const State &state, Value rows) {
    Value zero = kb.index(0);
    Value first = kb.sub(kb.index(chunk + 1), rows);
    kb.loop(zero, kb.index(dim), 1, [&](Value d) {
      kb.loop(zero, rows, kb.target.lanes, [&](Value j) {
        Value decayed =
            kb.create<arith::MulFOp>(kb.loadVector(keys, {d, j}),
                                     kb.loadVector(decays, {kb.add(first, j)}));
        kb.storeVector(decayed, keys, {d, j});
      });
    });
    Value carry = kb.broadcast(decay(rows));
    kb.forEachRowBlock(zero, kb.index(dim), [&](Value d, int64_t count) {
      kb.forEachColumnBlock(dim, [&](Value column, ArrayRef<Value> masks) {
        emitStateTile(head, state, rows, carry, d, count, column, masks);
      });
    });
  }

  /// One token: S = exp(-s) S + k^T v; o = q S, in one pass over the state.
  void emitDecode(const Head &head, const State &state) {
    Value zero = kb.index(0);
    Value keep = kb.broadcast(kb.exp(kb.create<arith::NegFOp>(slope)));
    kb.forEachColumnBlock(dim, [&](Value column, ArrayRef<Value> masks) {
      SmallVector<Value> values, sums(masks.size(), kb.splat(0));
      for (auto [t, mask] : llvm::enumerate(masks))
        values.push_back(
            kb.loadVector(head.value, head.at(kb, zero, at(column, t)), mask));
      sums = kb.loopCarry(
          zero, kb.index(dim), 1, sums, [&](Value d, ValueRange carried) {
            Value k = kb.broadcast(kb.load(head.key, head.at(kb, zero, d)));
            Value q = kb.broadcast(kb.load(head.query, head.at(kb, zero, d)));
            SmallVector<Value> next;
            for (auto [t, mask] : llvm::enumerate(masks)) {
              SmallVector<Value> place = state.at(d, at(column, t));
              Value old = kb.loadVector(state.memref, place, mask);
              Value updated =
                  kb.fma(keep, old, kb.create<arith::MulFOp>(k, values[t]));
              kb.storeVector(updated, state.memref, place, mask);
              next.push_back(kb.fma(q, updated, carried[t]));
            }
            return next;
          });
      for (auto [t, mask] : llvm::enumerate(masks))
        kb.storeVector(sums[t], head.output, head.at(kb, zero, at(column, t)),
                       mask);
    });
  }

private:
  Value at(Value column, int64_t vector) {
    return kb.add(column, kb.index(vector * kb.target.lanes));
  }

  /// P for rows row .. row+count-1; columns beyond the diagonal become 0.
  void emitScores(const Head &head, Value row, int64_t count, Value rows) {
    int64_t vectors = kb.target.tileVectors;
    Value zero = kb.index(0);
    Value limit = kb.minimum(kb.add(row, kb.index(count)), rows);
    kb.loop(zero, limit, vectors * kb.target.lanes, [&](Value column) {
      SmallVector<Value> acc(count * vectors, kb.splat(0));
      acc = kb.contract(
          zero, kb.index(dim), acc, count, vectors,
          [&](Value d, int64_t r) {
            return kb.load(head.query,
                           head.at(kb, kb.add(row, kb.index(r)), d));
          },
          [&](Value d, int64_t t) {
            return kb.loadVector(keys, {d, at(column, t)});
          });
      for (int64_t r = 0; r < count; ++r)
        for (int64_t t = 0; t < vectors; ++t) {
          Value i = kb.add(row, kb.index(r)), j = at(column, t);
          Value place = kb.add(kb.sub(kb.index(chunk), i), j);
          Value score = kb.create<arith::MulFOp>(
              acc[r * vectors + t], kb.loadVector(decays, {place}));
          kb.storeVector(score, scores, {i, j});
        }
    });
  }

  /// acc[r][t] += sum over j < limit of a(j, r) * value[j], columns of a tile.
  SmallVector<Value> addValues(const Head &head, Value limit,
                               ArrayRef<Value> acc, int64_t count, Value column,
                               ArrayRef<Value> masks,
                               function_ref<Value(Value, int64_t)> a) {
    return kb.contract(kb.index(0), limit, acc, count, masks.size(), a,
                       [&](Value j, int64_t t) {
                         return kb.loadVector(head.value,
                                              head.at(kb, j, at(column, t)),
                                              masks[t]);
                       });
  }

  /// Calls `body(r, t, row + r, column + t vectors)` for a tile's elements.
  void forEachElement(Value row, int64_t count, Value column, int64_t vectors,
                      function_ref<void(int64_t, int64_t, Value, Value)> body) {
    for (int64_t r = 0; r < count; ++r)
      for (int64_t t = 0; t < vectors; ++t)
        body(r, t, kb.add(row, kb.index(r)), at(column, t));
  }

  void emitOutputTile(const Head &head, const State &state, Value row,
                      int64_t count, Value rows, Value column,
                      ArrayRef<Value> masks) {
    int64_t vectors = masks.size();
    SmallVector<Value> acc(count * vectors, kb.splat(0));
    acc = kb.contract(
        kb.index(0), kb.index(dim), acc, count, vectors,
        [&](Value d, int64_t r) {
          return kb.load(head.query, head.at(kb, kb.add(row, kb.index(r)), d));
        },
        [&](Value d, int64_t t) {
          return kb.loadVector(state.memref, state.at(d, at(column, t)),
                               masks[t]);
        });
    for (int64_t r = 0; r < count; ++r) {
      Value factor = kb.broadcast(decay(kb.add(row, kb.index(r + 1))));
      for (Value &sum : MutableArrayRef(acc).slice(r * vectors, vectors))
        sum = kb.create<arith::MulFOp>(sum, factor);
    }
    Value limit = kb.minimum(kb.add(row, kb.index(count)), rows);
    acc = addValues(head, limit, acc, count, column, masks,
                    [&](Value j, int64_t r) {
                      return kb.load(scores, {kb.add(row, kb.index(r)), j});
                    });
    forEachElement(row, count, column, vectors,
                   [&](int64_t r, int64_t t, Value i, Value c) {
                     kb.storeVector(acc[r * vectors + t], head.output,
                                    head.at(kb, i, c), masks[t]);
                   });
  }

  void emitStateTile(const Head &head, const State &state, Value rows,
                     Value carry, Value d, int64_t count, Value column,
                     ArrayRef<Value> masks) {
    int64_t vectors = masks.size();
    SmallVector<Value> acc;
    forEachElement(
        d, count, column, vectors, [&](int64_t, int64_t t, Value i, Value c) {
          Value old = kb.loadVector(state.memref, state.at(i, c), masks[t]);
          acc.push_back(kb.create<arith::MulFOp>(carry, old));
        });
    acc = addValues(head, rows, acc, count, column, masks,
                    [&](Value j, int64_t r) {
                      return kb.load(keys, {kb.add(d, kb.index(r)), j});
                    });
    forEachElement(d, count, column, vectors,
                   [&](int64_t r, int64_t t, Value i, Value c) {
                     kb.storeVector(acc[r * vectors + t], state.memref,
                                    state.at(i, c), masks[t]);
                   });
  }

  KernelBuilder &kb;
  int64_t dim, chunk, width;
  Value slope, decays, keys, scores;
};
} // namespace

/// Bytes of scratch memory on a worker's stack that a kernel may ask for.
static constexpr int64_t kMaxScratch = 2 << 20;

/// Fails if a chunk's transposed keys and scores are too large for the stack.
static LogicalResult verifyScratch(Operation *op, int64_t dim, int64_t chunk) {
  int64_t bytes = 4 * chunk * (dim + chunk);
  if (bytes <= kMaxScratch)
    return success();
  return op->emitOpError() << "expected a 'chunk' whose keys and scores fit "
                           << kMaxScratch << " bytes, but got " << chunk
                           << " tokens, which need " << bytes;
}

/// Dimension `dim` of a 3D operand's type.
static int64_t dimOf(Value memref, unsigned dim) {
  return cast<MemRefType>(memref.getType()).getDimSize(dim);
}

/// Calls `body(sequence, head)` for all sequences and heads, in parallel.
static void forEachHead(KernelBuilder &kb, Value cuSeqlens, int64_t heads,
                        function_ref<void(Value, Value)> body) {
  Value sequences = kb.sub(kb.size(cuSeqlens, 0), kb.index(1));
  kb.parallel(kb.mul(sequences, kb.index(heads)), [&](Value tile) {
    body(kb.div(tile, kb.index(heads)), kb.rem(tile, kb.index(heads)));
  });
}

namespace {
struct LowerLightningAttention : KernelPattern<LightningAttentionOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(LightningAttentionOp op,
                      KernelBuilder &kb) const override {
    int64_t heads = dimOf(op.getQuery(), 1), dim = dimOf(op.getQuery(), 2);
    int64_t chunk = op.getChunk();
    if (failed(verifyScratch(op, dim, chunk)))
      return failure();
    forEachHead(kb, op.getCuSeqlens(), heads, [&](Value sequence, Value head) {
      Value begin = kb.loadIndex(op.getCuSeqlens(), {sequence});
      Value end =
          kb.loadIndex(op.getCuSeqlens(), {kb.add(sequence, kb.index(1))});
      Value slope = kb.load(op.getSlope(), {head});
      Value slot = kb.loadIndex(op.getSlots(), {sequence});
      State state{op.getState(), {slot, head}};
      ChunkKernel kernel(kb, dim, chunk, slope);
      Head view{op.getQuery(),   op.getKey(), op.getValue(),
                op.getOuts()[0], head,        begin};
      Value length = kb.sub(end, begin);
      kb.ifElse(
          kb.equal(length, kb.index(1)),
          [&] { kernel.emitDecode(view, state); },
          [&] {
            kb.ifThen(kb.less(kb.index(0), length), [&] {
              kernel.prepare();
              kb.loop(begin, end, chunk, [&](Value first) {
                Value rows = kb.minimum(kb.index(chunk), kb.sub(end, first));
                view.firstRow = first;
                kernel.packKeys(view, rows);
                kernel.emitOutput(view, state, rows);
                kernel.emitState(view, state, rows);
              });
            });
          });
    });
    return success();
  }
};

/// One chunk of one head: its number over all sequences and its rows.
struct ChunkPlace {
  Value head, number, first, rows;
};

/// First row and rows (0 if there is no such chunk) of chunk `number`.
std::pair<Value, Value> findChunk(KernelBuilder &kb, Value cuSeqlens,
                                  int64_t chunk, Value number) {
  Value zero = kb.index(0), one = kb.index(1);
  Value yes = kb.create<arith::ConstantIntOp>(1, 1);
  SmallVector<Value> found = kb.loopCarry(
      zero, kb.sub(kb.size(cuSeqlens, 0), one), 1, {zero, zero, zero},
      [&](Value sequence, ValueRange carried) -> SmallVector<Value> {
        Value begin = kb.loadIndex(cuSeqlens, {sequence});
        Value end = kb.loadIndex(cuSeqlens, {kb.add(sequence, one)});
        Value next = kb.add(carried[0], kb.ceilDiv(kb.sub(end, begin), chunk));
        Value before = kb.less(number, carried[0]);
        Value inside = kb.create<arith::AndIOp>(
            kb.less(number, next), kb.create<arith::XOrIOp>(before, yes));
        Value first =
            kb.add(begin, kb.mul(kb.sub(number, carried[0]), kb.index(chunk)));
        Value rows = kb.minimum(kb.index(chunk), kb.sub(end, first));
        return {next, kb.create<arith::SelectOp>(inside, first, carried[1]),
                kb.create<arith::SelectOp>(inside, rows, carried[2])};
      });
  return {found[1], found[2]};
}

/// Runs `body` for all chunks and heads in parallel. `states` has one row for
/// each chunk that there may be.
void forEachChunk(KernelBuilder &kb, Value cuSeqlens, Value slope, Value states,
                  int64_t chunk,
                  function_ref<void(ChunkKernel &, ChunkPlace)> body) {
  int64_t heads = dimOf(states, 1), dim = dimOf(states, 2);
  Value count = kb.mul(kb.size(states, 0), kb.index(heads));
  kb.parallel(count, [&](Value tile) {
    Value head = kb.rem(tile, kb.index(heads));
    Value number = kb.div(tile, kb.index(heads));
    auto [first, rows] = findChunk(kb, cuSeqlens, chunk, number);
    kb.ifThen(kb.less(kb.index(0), rows), [&, first = first, rows = rows] {
      ChunkKernel kernel(kb, dim, chunk, kb.load(slope, {head}));
      kernel.prepare();
      body(kernel, {head, number, first, rows});
    });
  });
}

struct LowerChunkState : KernelPattern<ChunkStateOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(ChunkStateOp op, KernelBuilder &kb) const override {
    int64_t dim = dimOf(op.getKey(), 2);
    if (failed(verifyScratch(op, dim, op.getChunk())))
      return failure();
    Value local = op.getOuts()[0], decay = op.getOuts()[1];
    auto emit = [&](ChunkKernel &kernel, ChunkPlace at) {
      Head view{Value(), op.getKey(), op.getValue(),
                Value(), at.head,     at.first};
      State state{local, {at.number, at.head}};
      kb.loop(kb.index(0), kb.index(dim), 1, [&](Value d) {
        kb.forEachVector(dim, [&](Value column, Value mask) {
          kb.storeVector(kb.splat(0), local, state.at(d, column), mask);
        });
      });
      kernel.packKeys(view, at.rows);
      kernel.emitState(view, state, at.rows);
      kb.store(kernel.decay(at.rows), decay, {at.number, at.head});
    };
    forEachChunk(kb, op.getCuSeqlens(), op.getSlope(), local, op.getChunk(),
                 emit);
    return success();
  }
};

struct LowerStateScan : KernelPattern<StateScanOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(StateScanOp op, KernelBuilder &kb) const override {
    Value local = op.getLocal(), entry = op.getOuts()[0], state = op.getState();
    int64_t heads = dimOf(local, 1), dim = dimOf(local, 2);
    Value cu = op.getCuSeqlens(), one = kb.index(1);
    kb.parallel(kb.index(heads), [&](Value head) {
      Value sequences = kb.sub(kb.size(cu, 0), one);
      kb.loopCarry(
          kb.index(0), sequences, 1, {kb.index(0)},
          [&](Value sequence, ValueRange base) -> SmallVector<Value> {
            Value length = kb.sub(kb.loadIndex(cu, {kb.add(sequence, one)}),
                                  kb.loadIndex(cu, {sequence}));
            Value next = kb.add(base[0], kb.ceilDiv(length, op.getChunk()));
            Value slot = kb.loadIndex(op.getSlots(), {sequence});
            kb.loop(base[0], next, 1, [&](Value number) {
              Value factor =
                  kb.broadcast(kb.load(op.getDecay(), {number, head}));
              kb.loop(kb.index(0), kb.index(dim), 1, [&](Value d) {
                kb.forEachVector(dim, [&](Value column, Value mask) {
                  SmallVector<Value> place = {slot, head, d, column};
                  SmallVector<Value> item = {number, head, d, column};
                  Value old = kb.loadVector(state, place, mask);
                  kb.storeVector(old, entry, item, mask);
                  kb.storeVector(
                      kb.fma(factor, old, kb.loadVector(local, item, mask)),
                      state, place, mask);
                });
              });
            });
            return {next};
          });
    });
    return success();
  }
};

struct LowerChunkOutput : KernelPattern<ChunkOutputOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(ChunkOutputOp op, KernelBuilder &kb) const override {
    if (failed(verifyScratch(op, dimOf(op.getQuery(), 2), op.getChunk())))
      return failure();
    auto emit = [&](ChunkKernel &kernel, ChunkPlace at) {
      Head view{op.getQuery(),   op.getKey(), op.getValue(),
                op.getOuts()[0], at.head,     at.first};
      kernel.packKeys(view, at.rows);
      kernel.emitOutput(view, {op.getEntry(), {at.number, at.head}}, at.rows);
    };
    forEachChunk(kb, op.getCuSeqlens(), op.getSlope(), op.getEntry(),
                 op.getChunk(), emit);
    return success();
  }
};

struct LowerBeginSequences : KernelPattern<BeginSequencesOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(BeginSequencesOp op, KernelBuilder &kb) const override {
    auto type = cast<MemRefType>(op.getState().getType());
    int64_t heads = type.getDimSize(1);
    forEachHead(kb, op.getCuSeqlens(), heads, [&](Value sequence, Value head) {
      Value begin = kb.loadIndex(op.getCuSeqlens(), {sequence});
      Value end =
          kb.loadIndex(op.getCuSeqlens(), {kb.add(sequence, kb.index(1))});
      kb.ifThen(kb.less(begin, end), [&] {
        Value position = kb.loadIndex(op.getPositions(), {begin});
        kb.ifThen(kb.equal(position, kb.index(0)), [&] {
          Value slot = kb.loadIndex(op.getSlots(), {sequence});
          kb.loop(kb.index(0), kb.index(type.getDimSize(2)), 1, [&](Value d) {
            kb.forEachVector(type.getDimSize(3), [&](Value column, Value mask) {
              kb.storeVector(kb.splat(0), op.getState(),
                             {slot, head, d, column}, mask);
            });
          });
        });
      });
    });
    return success();
  }
};
} // namespace

void minimax::populateLightningKernels(RewritePatternSet &patterns,
                                       const CPUTarget &target) {
  patterns.add<LowerLightningAttention, LowerChunkState, LowerStateScan,
               LowerChunkOutput, LowerBeginSequences>(patterns.getContext(),
                                                      target);
}
