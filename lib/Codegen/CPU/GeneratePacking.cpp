//===- GeneratePacking.cpp - functions that pack weights ------------------===//
//
// The layout of minimax.pack as compiled code, run once when weights are
// prepared. Roofline: each byte of the source is read, each of the destination
// written once; rows that become integers are read twice, from cache.
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"
#include "minimax/Codegen/CPU/Passes.h"
#include "minimax/Dialect/MiniMax/IR/MiniMax.h"
#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <limits>

namespace mlir::minimax {
#define GEN_PASS_DEF_GENERATEPACKING
#include "minimax/Codegen/CPU/Passes.h.inc"
} // namespace mlir::minimax

using namespace mlir;
using namespace mlir::minimax;

/// Rows that fill a cache line of a panel, and the depth they are taken in.
static constexpr int64_t kRows = 16, kDepth = 64;

namespace {
/// One packing function: rows of `source` into `packed`.
struct Packing {
  RankedTensorType source, packed, logical;
  bool interleaved;

  bool operator==(const Packing &other) const {
    return source == other.source && packed == other.packed &&
           logical == other.logical && interleaved == other.interleaved;
  }
};

/// Emits the body of one packing function.
class PackingKernel {
public:
  PackingKernel(KernelBuilder &kb, const Packing &packing, Block *body)
      : kb(kb), packing(packing), element(packing.packed.getElementType()) {
    RankedTensorType logical = packing.logical;
    rows = logical.getDimSize(logical.getRank() - 2);
    depth = logical.getShape().back();
    integers = element.isInteger(8);
    pairs = integers || element.isBF16();
    panels = packing.packed.getDimSize(logical.getRank() - 2);
    panelSize = packing.packed.getNumElements() /
                (logical.getNumElements() / rows / depth * panels);
    source = contiguous(body->getArgument(1), packing.source);
    destination =
        contiguous(body->getArgument(2),
                   RankedTensorType::get({packing.packed.getNumElements()},
                                         packing.packed.getElementType()));
    firstRow =
        kb.create<arith::IndexCastOp>(kb.getIndexType(), body->getArgument(3));
  }

  void emit() {
    int64_t sourceRows = packing.source.getDimSize(0);
    kb.parallel(
        kb.index(llvm::divideCeil(sourceRows, kRows)), [&](Value block) {
          Value begin = kb.mul(block, kb.index(kRows));
          Value end =
              kb.minimum(kb.add(begin, kb.index(kRows)), kb.index(sourceRows));
          Value from = source, start = kb.index(0);
          if (integers) {
            from = quantizeRows(begin, end);
            start = begin;
          }
          kb.loop(kb.index(0), kb.index(depth), kDepth, [&](Value k0) {
            Value k1 =
                kb.minimum(kb.add(k0, kb.index(kDepth)), kb.index(depth));
            kb.loop(begin, end, 1, [&](Value row) {
              Value base = placeOf(kb.add(firstRow, row));
              Value local = kb.sub(row, start);
              kb.loop(k0, k1, 1, [&](Value k) { copy(from, local, k, base); });
            });
          });
        });
  }

private:
  Value contiguous(Value pointer, RankedTensorType type) {
    auto memref = MemRefType::get(type.getShape(), type.getElementType());
    LLVMTypeConverter converter(kb.getContext());
    Value descriptor = MemRefDescriptor::fromStaticShape(
        kb, kb.getLoc(), converter, memref, pointer);
    return kb.create<UnrealizedConversionCastOp>(memref, descriptor)
        .getResult(0);
  }

  /// Where its panel starts in the packed weight, and which column of it
  /// logical row `row` is.
  std::pair<Value, Value> panelOf(Value row) {
    Value matrix = kb.div(row, kb.index(rows)),
          inner = kb.rem(row, kb.index(rows));
    Value panel, column;
    if (packing.interleaved) {
      Value half = kb.div(inner, kb.index(rows / 2));
      Value place = kb.rem(inner, kb.index(rows / 2));
      Value width = kb.index(kPanelWidth / 2);
      panel = kb.div(place, width);
      column = kb.add(kb.mul(half, width), kb.rem(place, width));
    } else {
      panel = kb.div(inner, kb.index(kPanelWidth));
      column = kb.rem(inner, kb.index(kPanelWidth));
    }
    Value whole = kb.add(kb.mul(matrix, kb.index(panels)), panel);
    return {kb.mul(whole, kb.index(panelSize)), column};
  }

  /// Position in the packed weight of logical row `row` at k = 0.
  Value placeOf(Value row) {
    auto [start, column] = panelOf(row);
    return kb.add(start, pairs ? kb.mul(column, kb.index(2)) : column);
  }

  /// Element `k` of row `row` of `from` to its place.
  void copy(Value from, Value row, Value k, Value base) {
    Value place;
    if (pairs) {
      Value pair = kb.mul(kb.div(k, kb.index(2)), kb.index(2 * kPanelWidth));
      place = kb.add(kb.add(base, pair), kb.rem(k, kb.index(2)));
    } else {
      place = kb.add(base, kb.mul(k, kb.index(kPanelWidth)));
    }
    if (cast<MemRefType>(from.getType()).getElementType() == element) {
      Value same = kb.create<memref::LoadOp>(from, ValueRange{row, k});
      return kb.store(same, destination, {place});
    }
    Value value = kb.load(from, {row, k});
    if (pairs)
      value = kb.create<arith::BitcastOp>(element, kb.roundToBF16(value));
    kb.store(value, destination, {place});
  }

  /// The rows `begin` .. `end` in integers; their scales are in place already.
  Value quantizeRows(Value begin, Value end) {
    Value quantized = kb.scratch({kRows, depth}, element);
    kb.loop(begin, end, 1, [&](Value row) {
      Value most = kb.largestMagnitude(source, row, kb.index(0), depth);
      Value scale = kb.create<arith::DivFOp>(most, kb.f32(127));
      auto [start, column] = panelOf(kb.add(firstRow, row));
      Value room = kb.index(panelSize - kScaleRows * kPanelWidth * 2);
      Value place = kb.add(kb.add(start, room), kb.mul(column, kb.index(4)));
      kb.storeScale(scale, destination, {place});
      // No number divided by infinity is one, where 0 / 0 would be.
      Value isZero =
          kb.create<arith::CmpFOp>(arith::CmpFPredicate::OEQ, scale, kb.f32(0));
      Value infinity = kb.f32(std::numeric_limits<float>::infinity());
      Value divisor = kb.create<arith::SelectOp>(isZero, infinity, scale);
      Value unit = kb.broadcast(divisor), local = kb.sub(row, begin);
      kb.forEachVector(depth, [&](Value k, Value mask) {
        Value number = kb.create<arith::DivFOp>(
            kb.loadVector(source, {row, k}, mask), unit);
        kb.storeVector(kb.toIntegers(number, 127, element), quantized,
                       {local, k}, mask);
      });
    });
    return quantized;
  }

  KernelBuilder &kb;
  const Packing &packing;
  Type element;
  int64_t rows, depth, panels, panelSize;
  bool pairs, integers;
  Value source, destination, firstRow;
};
} // namespace

static func::FuncOp buildPacking(ModuleOp module, const Packing &packing,
                                 StringRef name) {
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  KernelBuilder kb(module.getLoc(), builder, *CPUTarget::get("x86-64-v3"));
  auto pointer = LLVM::LLVMPointerType::get(module.getContext());
  auto function = kb.create<func::FuncOp>(
      name, kb.getFunctionType({pointer, pointer, pointer, kb.getI64Type()},
                               kb.getI32Type()));
  Block *body = function.addEntryBlock();
  kb.setInsertionPointToStart(body);
  PackingKernel(kb, packing, body).emit();
  kb.create<func::ReturnOp>(kb.create<arith::ConstantIntOp>(0, 32).getResult());
  return function;
}

/// Rows and type of each of a weight's source tensors.
static Packing packingOf(WeightOp weight) {
  auto logical = cast<RankedTensorType>(*weight.getLogical());
  int64_t depth = logical.getShape().back();
  int64_t rows = logical.getNumElements() / depth / weight.getSources().size();
  return {RankedTensorType::get({rows, depth}, logical.getElementType()),
          cast<RankedTensorType>(weight.getType()), logical,
          weight.getInterleaved()};
}

namespace {
struct GeneratePackingPass
    : minimax::impl::GeneratePackingBase<GeneratePackingPass> {
  using GeneratePackingBase::GeneratePackingBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<Packing> known;
    for (WeightOp weight :
         llvm::make_early_inc_range(module.getOps<WeightOp>())) {
      if (!weight.getLogical())
        continue;
      Packing packing = packingOf(weight);
      auto found = llvm::find(known, packing);
      std::string name = ("mm_pack_" + Twine(found - known.begin())).str();
      if (found == known.end()) {
        known.push_back(packing);
        buildPacking(module, packing, name);
      }
      weight->setAttr("minimax.pack", StringAttr::get(&getContext(), name));
    }
  }
};
} // namespace
