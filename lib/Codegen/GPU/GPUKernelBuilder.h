//===- GPUKernelBuilder.h - emit kernels for many threads -------*- C++ -*-===//
//
// What the GPU kernels are written with besides LoopBuilder's vocabulary:
// launches, threads, shared memory, reductions over warps and blocks.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_LIB_CODEGEN_GPU_GPUKERNELBUILDER_H
#define MINIMAX_LIB_CODEGEN_GPU_GPUKERNELBUILDER_H

#include "minimax/Codegen/Common/LoopBuilder.h"
#include "minimax/Dialect/MiniMaxGPU/IR/MiniMaxGPU.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::minimax {

/// Multiprocessors of the largest GPU of the targets (H100, H200): grids are
/// cut so that they fill it.
constexpr int64_t kMultiprocessors = 132;

/// One GPU architecture that kernels are emitted for.
struct GPUTarget {
  StringRef name;
  /// Shared memory that a block may have, in bytes.
  int64_t sharedBytes;
  /// Whether TMA, wgmma and clusters exist.
  bool hopper;
  /// Whether products of bf16 may use matrix units.
  bool tensorCores = true;
  /// Whether such products may be those of warpgroups, if they exist.
  bool warpgroups = true;

  /// The target called `name` (sm_80 or sm_90a); an error at `op` for another.
  static FailureOr<GPUTarget> get(Operation *op, StringRef name);
};

/// An OpBuilder with the vocabulary of the GPU kernels. Outside of `launch` it
/// emits host code, which may compute sizes but not read memory.
class GPUKernelBuilder : public LoopBuilder {
public:
  GPUKernelBuilder(Location loc, OpBuilder &builder, const GPUTarget &target)
      : LoopBuilder(loc, builder), target(target) {}

  static constexpr int64_t kWarp = 32;

  const GPUTarget target;

  /// Launches kernel `name` on a grid of `blocks` (one to three sizes, of type
  /// index) with `threads` threads in each, a multiple of 32; `body` emits what
  /// each thread does. Values from outside become arguments of the kernel: take
  /// sizes of memrefs before the launch. `cluster` neighbours of the first
  /// dimension run at the same time and see each other's shared memory (more
  /// than one: sm_90; they divide the grid).
  void launch(StringRef name, ArrayRef<Value> blocks, int64_t threads,
              function_ref<void()> body, int64_t cluster = 1);

  // Inside of a launch.
  /// This thread of the block, this thread of its warp, this warp of the block.
  Value thread(), lane(), warp();
  Value block(unsigned dim = 0);
  /// Threads of the block.
  int64_t threads() const { return blockThreads; }
  void barrier();
  /// The two halves of a barrier of all threads of the cluster, which all come
  /// to both in turn: what came before the one is seen behind the other.
  void arriveAtCluster(), waitForCluster();
  /// `shared`, memory of this block, as block `rank` of the cluster has it.
  Value clusterMemory(Value shared, Value rank);
  /// Uninitialised memory of the block, aligned to so many bytes: as a rule as
  /// the widest access of a thread.
  Value shared(ArrayRef<int64_t> shape, Type element = {},
               int64_t alignment = 16);
  /// Calls `body(i)` for i = thread, thread + threads, .. below `count`.
  void forEachThread(Value count, Body body);
  /// The same, carrying values.
  SmallVector<Value> carryThread(Value count, ArrayRef<Value> inits,
                                 CarryBody body);
  /// Calls `body(i)` for i = lane, lane + 32, .. below `count`.
  void forEachLane(Value count, Body body);
  SmallVector<Value> carryLane(Value count, ArrayRef<Value> inits,
                               CarryBody body);
  /// Sum and maximum over the lanes of a warp; all lanes call and get it.
  Value warpSum(Value value);
  Value warpMax(Value value);
  /// The same over a block; all threads call it. Has a barrier inside, and
  /// needs one between its calls in a loop.
  Value blockSum(Value value);
  Value blockMax(Value value);
  /// `value` of the lane whose number differs in the bits of `mask`; all lanes
  /// of a warp call it.
  Value shuffleXor(Value value, int64_t mask);
  /// A word with a bit for each lane of the warp; all of them call it.
  Value ballot(Value condition);
  /// Lets lanes of a warp see what the others have written to memory.
  void syncWarp();
  /// Stores an f32 value, rounded to the memref's element type.
  void store(Value value, Value memref, ValueRange indices);
  /// Vector of `count` elements at `indices`, whose address is a multiple of
  /// the vector's size, and its store.
  Value loadVector(Value memref, ValueRange indices, int64_t count);
  void storeVector(Value vector, Value memref, ValueRange indices);
  /// Whether rows of `memref` may be read and written `count` elements at a
  /// time, or 16 bytes if that is less.
  static bool hasRuns(Value memref, int64_t count);
  /// The `count` neighbours from `indices` on, in f32.
  SmallVector<Value> loadRun(Value memref, ValueRange indices, int64_t count);
  /// Stores f32 neighbours, rounded to the memref's element type.
  void storeRun(ArrayRef<Value> values, Value memref, ValueRange indices);
  /// Two f32 as vector<2xbf16>.
  Value roundPair(Value low, Value high);
  /// Reciprocal square root, correctly rounded in both steps.
  Value rsqrt(Value x);

private:
  Value allLanes();
  Value reduceWarp(Value value, gpu::AllReduceOperation kind);
  Value reduceBlock(Value value, gpu::AllReduceOperation kind, Value identity);

  int64_t blockThreads = 0;
};

} // namespace mlir::minimax

#endif // MINIMAX_LIB_CODEGEN_GPU_GPUKERNELBUILDER_H
