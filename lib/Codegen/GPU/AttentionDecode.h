//===- AttentionDecode.h - softmax attention of a single token --*- C++ -*-===//
//
// A block of the kernel for tokens that come alone.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_GPU_ATTENTIONDECODE_H
#define MINIMAX_LIB_CODEGEN_GPU_ATTENTIONDECODE_H

#include "AttentionGPU.h"

namespace mlir::minimax {

constexpr int64_t kDecodeThreads = 512;
constexpr int64_t kDecodeWarps = kDecodeThreads / GPUKernelBuilder::kWarp;

/// Some heads of a group for one token, or a share of its keys.
class DecodeBlock {
public:
  DecodeBlock(GPUKernelBuilder &kb, const AttentionGPUOperands &operands,
              const HeadParts &parts, const Rotation &rotation);
  /// The keys of share `share` of `shares`; a share is written to row `place`
  /// of the workspace, if there is one.
  void emit(Value row, Value slot, Value groupAndPart);
  void takeShare(Value share, Value shares, Value place);

private:
  SmallVector<Value> emitKeyTile(Value key, ValueRange carried);
  SmallVector<Value> emitScores(Value key);
  void takeScores(Value j, Value total, int64_t width,
                  MutableArrayRef<Value> scores);
  Value sumLanes(SmallVector<Value> values);
  void emitValues(Value key, ArrayRef<Value> weights,
                  MutableArrayRef<Value> outputs);
  void storePartial(ValueRange sums);
  KeyRange findKeys();
  void merge();
  void storeShare(Value h, Value d, Value sum, Value maximum, Value norm);
  /// The lane's elements of a row of a pool; others than the row's are 0.
  SmallVector<Value> loadRow(Value pool, Value key);
  /// Column `i` of a lane: neighbours that it reads at once, if all lanes have
  /// as many.
  Value columnOf(int64_t i) {
    if (!readsRuns)
      return kb.add(kb.lane(), kb.index(i * kb.kWarp));
    return kb.add(kb.mul(kb.lane(), kb.index(laneColumns)), kb.index(i));
  }
  Value headOf(Value h) {
    Value member =
        kb.minimum(parts.memberOf(kb, part, h), kb.index(parts.groupHeads - 1));
    return kb.add(kb.mul(group, kb.index(parts.groupHeads)), member);
  }

  GPUKernelBuilder &kb;
  const AttentionGPUOperands &ops;
  const HeadParts &parts;
  const Rotation &rotation;
  /// Columns of a head, and those of them that a lane has.
  int64_t dim, laneColumns;
  bool readsRuns;
  Value query, maxima, norms, outputs;
  Value row, group, part, firstPlace, end;
  /// Which share of how many, where it goes; null if there is one only.
  Value share, shares, sharePlace;
  SmallVector<Value> mine;
};

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_ATTENTIONDECODE_H
