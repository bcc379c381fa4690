//===- MatmulKernels.cpp - products with packed weights -------------------===//
//
// Dense and grouped products: blocks of rows and groups of panels, spread over
// workers, each a call of a kernel function (ProductKernel.h).
//
//===----------------------------------------------------------------------===//

#include "KernelPatterns.h"
#include "ProductKernel.h"

using namespace mlir;
using namespace mlir::minimax;

static Value castTo(KernelBuilder &kb, Value memref, MemRefType type) {
  return memref.getType() == type
             ? memref
             : kb.create<memref::CastOp>(type, memref).getResult();
}

namespace {
/// Operands of a dense or grouped product.
struct Product {
  Value input, weight, output, residual;
  Activation activation = Activation::none;
  double alpha = 1, beta = 1;
};
} // namespace

static ProductKind kindOf(const Product &product) {
  auto input = cast<MemRefType>(product.input.getType());
  auto weight = cast<MemRefType>(product.weight.getType());
  auto output = cast<MemRefType>(product.output.getType());
  bool odd = weight.getElementType().isBF16() && input.getDimSize(1) % 2 != 0;
  return {input.getElementType(),  weight.getElementType(),
          output.getElementType(), product.activation,
          bool(product.residual),  odd};
}

/// Calls the kernel for some rows and one group of panels.
static void callKernel(KernelBuilder &kb, func::FuncOp kernel,
                       const Product &product, Value weight, Value firstRow,
                       Value lastRow, Value group) {
  auto weightType = cast<MemRefType>(weight.getType());
  Value panels = kb.size(weight, 0);
  Value firstPanel = kb.mul(group, kb.index(kBlockPanels));
  Value lastPanel =
      kb.minimum(kb.add(firstPanel, kb.index(kBlockPanels)), panels);
  auto elementOf = [](Value memref) {
    return cast<MemRefType>(memref.getType()).getElementType();
  };
  SmallVector<Value> operands = {
      castTo(kb, product.input, getRowsType(elementOf(product.input))),
      castTo(kb, weight, getPanelsType(weightType.getElementType())),
      castTo(kb, product.output, getRowsType(elementOf(product.output)))};
  if (product.residual)
    operands.push_back(
        castTo(kb, product.residual, getRowsType(kb.getF32Type())));
  operands.append({firstRow, lastRow, firstPanel, lastPanel,
                   kb.f32(product.alpha), kb.f32(product.beta)});
  kb.create<func::CallOp>(kernel, operands);
}

static int64_t groupsOf(Value weight, unsigned panelDim) {
  return llvm::divideCeil(
      cast<MemRefType>(weight.getType()).getDimSize(panelDim), kBlockPanels);
}

static LogicalResult lowerDense(Operation *op, const Product &product,
                                KernelBuilder &kb) {
  if (failed(verifyPacked(op, product.weight, 3)))
    return failure();
  func::FuncOp kernel = getProductKernel(kb, kindOf(product));
  Value groups = kb.index(groupsOf(product.weight, 0));
  Value rows = kb.size(product.output, 0);
  Value blocks = kb.ceilDiv(rows, kBlockRows);
  kb.parallel(kb.mul(blocks, groups), [&](Value tile) {
    Value first = kb.mul(kb.div(tile, groups), kb.index(kBlockRows));
    Value last = kb.minimum(kb.add(first, kb.index(kBlockRows)), rows);
    callKernel(kb, kernel, product, product.weight, first, last,
               kb.rem(tile, groups));
  });
  return success();
}

/// The packed weight of one expert.
static Value expertWeight(KernelBuilder &kb, Value weight, Value expert) {
  auto type = cast<MemRefType>(weight.getType());
  SmallVector<OpFoldResult> offsets(type.getRank(), kb.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(type.getRank(), kb.getIndexAttr(1));
  SmallVector<OpFoldResult> sizes =
      getAsIndexOpFoldResult(kb.getContext(), type.getShape());
  offsets[0] = expert;
  sizes[0] = kb.getIndexAttr(1);
  auto reduced = cast<MemRefType>(memref::SubViewOp::inferRankReducedResultType(
      type.getShape().drop_front(), type, offsets, sizes, strides));
  return kb.create<memref::SubViewOp>(reduced, weight, offsets, sizes, strides);
}

static LogicalResult lowerGrouped(Operation *op, const Product &product,
                                  Value offsets, KernelBuilder &kb) {
  if (failed(verifyPacked(op, product.weight, 4)))
    return failure();
  func::FuncOp kernel = getProductKernel(kb, kindOf(product));
  Value groups = kb.index(groupsOf(product.weight, 1));
  Value tiles = kb.mul(kb.size(product.weight, 0), groups);
  kb.parallel(tiles, [&](Value tile) {
    Value expert = kb.div(tile, groups), group = kb.rem(tile, groups);
    Value begin = kb.loadIndex(offsets, {expert});
    Value end = kb.loadIndex(offsets, {kb.add(expert, kb.index(1))});
    Value weight = expertWeight(kb, product.weight, expert);
    kb.loop(begin, end, kBlockRows, [&](Value first) {
      Value last = kb.minimum(kb.add(first, kb.index(kBlockRows)), end);
      callKernel(kb, kernel, product, weight, first, last, group);
    });
  });
  return success();
}

namespace {
struct LowerLinear : KernelPattern<LinearOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(LinearOp op, KernelBuilder &kb) const override {
    Product product{op.getInput(),
                    op.getWeight(),
                    op.getOuts()[0],
                    op.getResidual(),
                    op.getActivation(),
                    op.getAlpha().convertToDouble(),
                    op.getBeta().convertToDouble()};
    return lowerDense(op, product, kb);
  }
};

struct LowerLmHead : KernelPattern<LmHeadOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(LmHeadOp op, KernelBuilder &kb) const override {
    Product product{op.getInput(), op.getWeight(), op.getOuts()[0], Value()};
    return lowerDense(op, product, kb);
  }
};

struct LowerGroupedMatmul : KernelPattern<GroupedMatmulOp> {
  using KernelPattern::KernelPattern;
  LogicalResult lower(GroupedMatmulOp op, KernelBuilder &kb) const override {
    if (op.getRows())
      return op.emitOpError("gathers rows, which only kernels of GPUs do; "
                            "expected minimax.permute before it");
    Product product{op.getInput(), op.getWeight(), op.getOuts()[0], Value(),
                    op.getActivation()};
    return lowerGrouped(op, product, op.getOffsets(), kb);
  }
};
} // namespace

void minimax::populateMatmulKernels(RewritePatternSet &patterns,
                                    const CPUTarget &target) {
  patterns.add<LowerLinear, LowerLmHead, LowerGroupedMatmul>(
      patterns.getContext(), target);
}
