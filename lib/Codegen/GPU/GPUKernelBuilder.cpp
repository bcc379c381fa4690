//===- GPUKernelBuilder.cpp - emit kernels for many threads ---------------===//
//
// Launches, threads, shared memory and reductions of the GPU kernels.
//
//===----------------------------------------------------------------------===//

#include "GPUKernelBuilder.h"
#include "minimax/Codegen/GPU/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::minimax;

FailureOr<GPUTarget> GPUTarget::get(Operation *op, StringRef name) {
  // CUDA C++ Programming Guide, technical specifications by compute capability.
  if (name == "sm_80")
    return GPUTarget{"sm_80", 163 * 1024, /*hopper=*/false};
  if (name == "sm_90a")
    return GPUTarget{"sm_90a", 227 * 1024, /*hopper=*/true};
  return op->emitError() << "expected 'arch' sm_80 or sm_90a, but got " << name;
}

void GPUKernelBuilder::launch(StringRef name, ArrayRef<Value> blocks,
                              int64_t threads, function_ref<void()> body,
                              int64_t cluster) {
  assert(threads % kWarp == 0 && "expected whole warps");
  assert((cluster == 1 || target.hopper) && "expected a target with clusters");
  Value one = index(1), size = index(threads);
  auto grid = [&](size_t dim) {
    return dim < blocks.size() ? blocks[dim] : one;
  };
  Value neighbours = cluster > 1 ? index(cluster) : Value();
  Value alone = cluster > 1 ? one : Value();
  auto op = create<gpu::LaunchOp>(
      grid(0), grid(1), grid(2), size, one, one,
      /*dynamicSharedMemorySize=*/Value(), /*asyncTokenType=*/Type(),
      /*asyncDependencies=*/ValueRange(), /*workgroupAttributions=*/TypeRange(),
      /*privateAttributions=*/TypeRange(), neighbours, alone, alone);
  // Upstream's builder forgets the identifiers and sizes of clusters.
  for (unsigned i = op.getBody().getNumArguments(),
                e = op.getNumConfigRegionAttributes();
       i < e; ++i)
    op.getBody().addArgument(getIndexType(), getLoc());
  op->setAttr("minimax.kernel", getStringAttr(name));
  blockThreads = threads;
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(&op.getBody().front());
  body();
  create<gpu::TerminatorOp>();
}

//===----------------------------------------------------------------------===//
// Threads
//===----------------------------------------------------------------------===//

Value GPUKernelBuilder::thread() {
  return create<gpu::ThreadIdOp>(gpu::Dimension::x);
}
Value GPUKernelBuilder::lane() { return rem(thread(), index(kWarp)); }
Value GPUKernelBuilder::warp() { return div(thread(), index(kWarp)); }
Value GPUKernelBuilder::block(unsigned dim) {
  return create<gpu::BlockIdOp>(static_cast<gpu::Dimension>(dim));
}
void GPUKernelBuilder::barrier() { create<gpu::BarrierOp>(); }
void GPUKernelBuilder::arriveAtCluster() {
  create<NVVM::ClusterArriveOp>(getUnitAttr());
}
void GPUKernelBuilder::waitForCluster() {
  create<NVVM::ClusterWaitOp>(getUnitAttr());
}
Value GPUKernelBuilder::clusterMemory(Value shared, Value rank) {
  auto type = cast<MemRefType>(shared.getType());
  return create<minimax_gpu::ClusterMemoryOp>(
      MemRefType::get(type.getShape(), type.getElementType()), shared, rank);
}

Value GPUKernelBuilder::shared(ArrayRef<int64_t> shape, Type element,
                               int64_t alignment) {
  auto space =
      gpu::AddressSpaceAttr::get(getContext(), gpu::AddressSpace::Workgroup);
  auto type = MemRefType::get(shape, element ? element : getF32Type(),
                              MemRefLayoutAttrInterface(), space);
  return create<minimax_gpu::SharedMemoryOp>(type, alignment, IntegerAttr());
}

void GPUKernelBuilder::forEachThread(Value count, Body body) {
  loop(thread(), count, blockThreads, body);
}
SmallVector<Value> GPUKernelBuilder::carryThread(Value count,
                                                 ArrayRef<Value> inits,
                                                 CarryBody body) {
  return loopCarry(thread(), count, blockThreads, inits, body);
}
void GPUKernelBuilder::forEachLane(Value count, Body body) {
  loop(lane(), count, kWarp, body);
}
SmallVector<Value> GPUKernelBuilder::carryLane(Value count,
                                               ArrayRef<Value> inits,
                                               CarryBody body) {
  return loopCarry(lane(), count, kWarp, inits, body);
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

Value GPUKernelBuilder::reduceWarp(Value value, gpu::AllReduceOperation kind) {
  return create<gpu::SubgroupReduceOp>(value, kind, /*uniform=*/false);
}
Value GPUKernelBuilder::warpSum(Value value) {
  return reduceWarp(value, gpu::AllReduceOperation::ADD);
}
Value GPUKernelBuilder::warpMax(Value value) {
  return reduceWarp(value, gpu::AllReduceOperation::MAXNUMF);
}
Value GPUKernelBuilder::shuffleXor(Value value, int64_t mask) {
  return create<gpu::ShuffleOp>(value, static_cast<int32_t>(mask),
                                static_cast<int32_t>(kWarp),
                                gpu::ShuffleMode::XOR)
      .getShuffleResult();
}
Value GPUKernelBuilder::ballot(Value condition) {
  return create<NVVM::VoteBallotOp>(getI32Type(), allLanes(), condition);
}
void GPUKernelBuilder::syncWarp() { create<NVVM::SyncWarpOp>(allLanes()); }
Value GPUKernelBuilder::allLanes() {
  return create<arith::ConstantIntOp>(-1, 32);
}

Value GPUKernelBuilder::reduceBlock(Value value, gpu::AllReduceOperation kind,
                                    Value identity) {
  Value ofWarp = reduceWarp(value, kind);
  int64_t warps = blockThreads / kWarp;
  if (warps == 1)
    return ofWarp;
  Value partial = shared({warps}), here = lane();
  ifThen(equal(here, index(0)), [&] { store(ofWarp, partial, {warp()}); });
  barrier();
  // Lanes beyond the warps read some partial and drop it.
  Value inside = less(here, index(warps));
  Value place = create<arith::SelectOp>(inside, here, index(0));
  Value mine =
      create<arith::SelectOp>(inside, load(partial, {place}), identity);
  return reduceWarp(mine, kind);
}
Value GPUKernelBuilder::blockSum(Value value) {
  return reduceBlock(value, gpu::AllReduceOperation::ADD, f32(0));
}
Value GPUKernelBuilder::blockMax(Value value) {
  return reduceBlock(value, gpu::AllReduceOperation::MAXNUMF,
                     f32(-std::numeric_limits<float>::infinity()));
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

void GPUKernelBuilder::store(Value value, Value memref, ValueRange indices) {
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  if (value.getType().isF32() && element.isBF16())
    value = create<arith::TruncFOp>(element, value);
  LoopBuilder::store(value, memref, indices);
}

Value GPUKernelBuilder::loadVector(Value memref, ValueRange indices,
                                   int64_t count) {
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  auto load = create<vector::LoadOp>(VectorType::get({count}, element), memref,
                                     indices);
  load->setAttr(kAligned, getUnitAttr());
  return load;
}
void GPUKernelBuilder::storeVector(Value vector, Value memref,
                                   ValueRange indices) {
  auto store = create<vector::StoreOp>(vector, memref, indices);
  store->setAttr(kAligned, getUnitAttr());
}

/// Elements of a run that one access moves.
static int64_t countTogether(Value memref, int64_t count) {
  auto type = cast<MemRefType>(memref.getType());
  return std::min<int64_t>(count, 128 / type.getElementTypeBitWidth());
}

bool GPUKernelBuilder::hasRuns(Value memref, int64_t count) {
  if (count == 1)
    return true;
  auto type = cast<MemRefType>(memref.getType());
  int64_t together = countTogether(memref, count), offset;
  SmallVector<int64_t> strides;
  if (failed(getStridesAndOffset(type, strides, offset)))
    return false;
  auto whole = [&](int64_t distance) {
    return !ShapedType::isDynamic(distance) && distance % together == 0;
  };
  return strides.back() == 1 && whole(offset) &&
         llvm::all_of(ArrayRef(strides).drop_back(), whole) &&
         type.getShape().back() % count == 0;
}

/// Calls `body(first, indices)` for each access of a run.
static void forEachAccess(GPUKernelBuilder &kb, ValueRange indices,
                          int64_t count, int64_t together,
                          function_ref<void(int64_t, ValueRange)> body) {
  assert(count % together == 0 && "expected whole accesses");
  for (int64_t first = 0; first < count; first += together) {
    SmallVector<Value> place(indices);
    if (first)
      place.back() = kb.add(place.back(), kb.index(first));
    body(first, place);
  }
}

SmallVector<Value> GPUKernelBuilder::loadRun(Value memref, ValueRange indices,
                                             int64_t count) {
  if (count == 1)
    return {load(memref, indices)};
  int64_t together = countTogether(memref, count);
  SmallVector<Value> values;
  forEachAccess(
      *this, indices, count, together, [&](int64_t, ValueRange place) {
        Value vector = loadVector(memref, place, together);
        for (int64_t i = 0; i < together; ++i)
          values.push_back(
              widen(create<vector::ExtractOp>(vector, ArrayRef<int64_t>{i})));
      });
  return values;
}

Value GPUKernelBuilder::roundPair(Value low, Value high) {
  auto pair = VectorType::get({2}, getBF16Type());
  // One conversion of both; upstream's truncation makes two.
  auto call = create<LLVM::CallIntrinsicOp>(
      TypeRange{pair}, getStringAttr("llvm.nvvm.ff2bf16x2.rn"),
      ValueRange{high, low}, LLVM::FastmathFlagsAttr());
  return call.getResult(0);
}

/// f32 values as one vector of bf16; an even number of them.
static Value roundAll(GPUKernelBuilder &kb, ArrayRef<Value> values) {
  if (values.size() == 2)
    return kb.roundPair(values[0], values[1]);
  size_t half = values.size() / 2;
  auto order = llvm::to_vector(llvm::seq<int64_t>(0, values.size()));
  return kb.create<vector::ShuffleOp>(roundAll(kb, values.take_front(half)),
                                      roundAll(kb, values.drop_front(half)),
                                      order);
}

void GPUKernelBuilder::storeRun(ArrayRef<Value> values, Value memref,
                                ValueRange indices) {
  int64_t count = values.size(), together = countTogether(memref, count);
  if (count == 1)
    return store(values[0], memref, indices);
  bool isF32 = cast<MemRefType>(memref.getType()).getElementType().isF32();
  auto type = VectorType::get({together}, getF32Type());
  forEachAccess(
      *this, indices, count, together, [&](int64_t first, ValueRange place) {
        ArrayRef<Value> part = values.slice(first, together);
        Value vector = isF32 ? create<vector::FromElementsOp>(type, part)
                             : roundAll(*this, part);
        storeVector(vector, memref, place);
      });
}

Value GPUKernelBuilder::rsqrt(Value x) {
  auto root = create<LLVM::CallIntrinsicOp>(
      TypeRange{getF32Type()}, getStringAttr("llvm.nvvm.sqrt.rn.f"),
      ValueRange{x}, LLVM::FastmathFlagsAttr());
  return create<arith::DivFOp>(f32(1), root.getResult(0));
}
