//===- LowerHopperOps.cpp - barriers, bulk copies, wgmma ------------------===//
//
// What only sm_90 and sm_90a have, clusters too. Upstream's ops take no
// fragment of A from registers and know no bulk copy without a tensor map and
// no overlapping launches: these become inline assembly.
//
//===----------------------------------------------------------------------===//

#include "LowerGPUOps.h"
#include "SwizzledTile.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::minimax;

/// How long a try_wait may sleep before the loop around it tries again, in ns.
static constexpr int64_t kWaitHint = 10'000'000;

static Value word(AddressBuilder &builder, int64_t value) {
  return builder.create<LLVM::ConstantOp>(builder.getI32IntegerAttr(value));
}

static LLVM::InlineAsmOp assemble(AddressBuilder &builder, Type result,
                                  ValueRange operands, StringRef text,
                                  StringRef constraints) {
  return builder.create<LLVM::InlineAsmOp>(
      result ? TypeRange(result) : TypeRange(), operands, text, constraints,
      /*has_side_effects=*/true, /*is_align_stack=*/false,
      LLVM::AsmDialectAttr::get(builder.getContext(), LLVM::AsmDialect::AD_ATT),
      /*operand_attrs=*/ArrayAttr());
}

/// A generic address: what loads and stores of shared memory take is the
/// block's own.
void minimax::lowerHopperOp(minimax_gpu::ClusterMemoryOp op,
                            const LLVMTypeConverter &converter) {
  AddressBuilder builder(op, converter);
  auto type = cast<MemRefType>(op.getResult().getType());
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  Value zero = builder.create<arith::ConstantIndexOp>(0);
  Value own = builder.create<LLVM::AddrSpaceCastOp>(
      pointer, builder.address(op.getSource(),
                               SmallVector<Value>(type.getRank(), zero)));
  Value rank =
      builder.create<arith::IndexCastOp>(builder.getI32Type(), op.getRank());
  auto mapped = builder.create<LLVM::CallIntrinsicOp>(
      TypeRange{pointer}, builder.getStringAttr("llvm.nvvm.mapa"),
      ValueRange{own, rank}, LLVM::FastmathFlagsAttr());
  op.replaceAllUsesWith(builder.memrefAt(type, mapped.getResult(0),
                                         getStridesAndOffset(type).first));
  op.erase();
}

void minimax::lowerHopperOp(minimax_gpu::MbarrierInitOp op,
                            const LLVMTypeConverter &converter) {
  AddressBuilder builder(op, converter);
  builder.create<NVVM::MBarrierInitSharedOp>(
      builder.address(op.getBarrier(), op.getIndex()),
      word(builder, op.getCount()), /*predicate=*/Value());
  op.erase();
}

void minimax::lowerHopperOp(minimax_gpu::MbarrierArriveOp op,
                            const LLVMTypeConverter &converter) {
  AddressBuilder builder(op, converter);
  Value barrier = builder.address(op.getBarrier(), op.getIndex());
  if (std::optional<uint64_t> bytes = op.getBytes())
    builder.create<NVVM::MBarrierArriveExpectTxSharedOp>(
        barrier, word(builder, *bytes), /*predicate=*/Value());
  else
    builder.create<NVVM::MBarrierArriveSharedOp>(builder.getI64Type(), barrier);
  op.erase();
}

void minimax::lowerHopperOp(minimax_gpu::MbarrierWaitOp op,
                            const LLVMTypeConverter &converter) {
  AddressBuilder builder(op, converter);
  Value parity =
      builder.create<arith::IndexCastOp>(builder.getI32Type(), op.getParity());
  builder.create<NVVM::MBarrierTryWaitParitySharedOp>(
      builder.address(op.getBarrier(), op.getIndex()), parity,
      word(builder, kWaitHint));
  op.erase();
}

/// The address in global memory.
static Value globalAddress(AddressBuilder &builder, Value memref,
                           ValueRange indices) {
  return builder.create<LLVM::AddrSpaceCastOp>(
      LLVM::LLVMPointerType::get(builder.getContext(),
                                 NVVM::kGlobalMemorySpace),
      builder.address(memref, indices));
}

void minimax::lowerHopperOp(minimax_gpu::BulkCopyOp op,
                            const LLVMTypeConverter &converter) {
  AddressBuilder builder(op, converter);
  Value source = globalAddress(builder, op.getSource(), op.getSourceIndices());
  assemble(builder, Type(),
           {builder.address(op.getDestination(), op.getDestinationIndices()),
            source, word(builder, op.getBytes()),
            builder.address(op.getBarrier(), op.getIndex())},
           "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes "
           "[$0], [$1], $2, [$3];",
           "r,l,r,r,~{memory}");
  op.erase();
}

void minimax::lowerHopperOp(minimax_gpu::LaunchDependentsOp op,
                            const LLVMTypeConverter &converter) {
  AddressBuilder builder(op, converter);
  assemble(builder, Type(), {}, "griddepcontrol.launch_dependents;",
           "~{memory}");
  op.erase();
}

void minimax::lowerHopperOp(minimax_gpu::WaitPrerequisitesOp op,
                            const LLVMTypeConverter &converter) {
  AddressBuilder builder(op, converter);
  assemble(builder, Type(), {}, "griddepcontrol.wait;", "~{memory}");
  op.erase();
}

void minimax::lowerHopperOp(minimax_gpu::PrefetchOp op,
                            const LLVMTypeConverter &converter) {
  AddressBuilder builder(op, converter);
  assemble(builder, Type(),
           {globalAddress(builder, op.getSource(), op.getIndices()),
            word(builder, op.getBytes())},
           "cp.async.bulk.prefetch.L2.global [$0], $1;", "l,r,~{memory}");
  op.erase();
}

/// Text of a product of `sums` values a thread: these, the same again as
/// inputs, four words of A, descriptor of B, whether to add to the sums, signs
/// of A and B, whether B is transposed.
static std::string getProductText(int64_t sums) {
  auto list = [](int64_t first, int64_t count) {
    std::string text;
    for (int64_t i = 0; i < count; ++i)
      text += (i ? ", $" : "$") + std::to_string(first + i);
    return text;
  };
  auto operand = [&](int64_t i) { return "$" + std::to_string(2 * sums + i); };
  return "{\n.reg .pred p;\nsetp.ne.b32 p, " + operand(5) +
         ", 0;\nwgmma.mma_async.sync.aligned.m64n" + std::to_string(2 * sums) +
         "k16.f32.bf16.bf16 {" + list(0, sums) + "}, {" + list(2 * sums, 4) +
         "}, " + operand(4) + ", p, " + operand(6) + ", " + operand(7) + ", " +
         operand(8) + ";\n}";
}

static std::string getProductConstraints(int64_t sums) {
  std::string text;
  for (int64_t i = 0; i < sums; ++i)
    text += "=f,";
  for (int64_t i = 0; i < sums; ++i)
    text += std::to_string(i) + ",";
  return text + "r,r,r,r,l,n,n,n,n";
}

/// Bytes from a tile to the one that holds the next 64 columns, if `op` reads
/// several.
static std::optional<int64_t> findTileBytes(minimax_gpu::WgmmaOp op) {
  if (!op.getTranspose() || op.getColumns() <= kSwizzledColumns)
    return std::nullopt;
  ArrayRef<int64_t> shape = cast<MemRefType>(op.getTile().getType()).getShape();
  return shape[shape.size() - 2] * kSwizzledRowBytes;
}

void minimax::lowerHopperOp(minimax_gpu::WgmmaOp op,
                            const LLVMTypeConverter &converter) {
  AddressBuilder builder(op, converter);
  int64_t sums = op.getColumns() / 2;
  // What is added to nothing need not be set.
  bool adds = !matchPattern(op.getC(), m_AnyZeroFloat());
  Value old = op.getC();
  if (!adds)
    old = builder.create<LLVM::UndefOp>(old.getType());
  SmallVector<Value> operands;
  for (Value vector : {old, Value(op.getA())})
    for (int64_t i = 0, e = cast<VectorType>(vector.getType()).getNumElements();
         i < e; ++i)
      operands.push_back(
          builder.create<LLVM::ExtractElementOp>(vector, builder.integer(i)));
  operands.push_back(buildTileDescriptor(
      builder, builder.address(op.getTile(), op.getIndices()),
      findTileBytes(op)));
  // Whether to add to the sums; both factors as they are.
  for (bool value : {adds, true, true, op.getTranspose()})
    operands.push_back(word(builder, value));
  auto type = LLVM::LLVMStructType::getLiteral(
      builder.getContext(), SmallVector<Type>(sums, builder.getF32Type()));
  Value product = assemble(builder, type, operands, getProductText(sums),
                           getProductConstraints(sums))
                      .getResult(0);
  Value result = builder.create<LLVM::UndefOp>(op.getType());
  for (int64_t i = 0; i < sums; ++i)
    result = builder.create<LLVM::InsertElementOp>(
        result, builder.create<LLVM::ExtractValueOp>(product, i),
        builder.integer(i));
  op.replaceAllUsesWith(result);
  op.erase();
}
