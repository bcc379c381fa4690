//===- MatmulGPUKernels.cpp - products with packed weights ----------------===//
//
// Dense and grouped products. The host knows how many rows a step has and
// launches the kernel for few of them or one of those for many.
//
//===----------------------------------------------------------------------===//

#include "GPUKernelPatterns.h"
#include "ProductGPU.h"

using namespace mlir;
using namespace mlir::minimax;

/// Up to this many rows for each matrix of weights, threads do without matrix
/// units: reading the weights costs most. Warpgroups take over earlier than
/// other kernels, as their smallest tile reads weights at the same rate. With
/// int8 threads spend 3 + rows instructions on a byte, of which memory gives a
/// multiprocessor 21 a cycle (H200): they keep up with one row.
static constexpr int64_t kFewRows = 8, kFewRowsBesideWarpgroups = 4,
                         kFewRowsOfInt8BesideWarpgroups = 1;

/// Rows of the tiles of warpgroups: the larger ones read a weight less often,
/// the smaller ones waste less on rows that are not there. Up to so many rows
/// for each matrix, all are in one tile.
static constexpr int64_t kWarpgroupTiles[] = {16, 64, 128, 256};

/// What all products have.
template <typename OpTy> static GPUProduct productOf(OpTy op, StringRef name) {
  GPUProduct product;
  product.name = name;
  product.input = op.getInput();
  product.weight = op.getWeight();
  product.output = op.getOuts()[0];
  return product;
}

/// The panels of all of the weight's matrices in one dimension.
static Value mergeMatrices(GPUKernelBuilder &kb, Value weight) {
  SmallVector<ReassociationIndices> dims = {{0, 1}};
  for (int64_t i = 2, e = cast<MemRefType>(weight.getType()).getRank(); i < e;
       ++i)
    dims.push_back({i});
  return kb.create<memref::CollapseShapeOp>(weight, dims);
}

static bool usesMatrixUnits(const GPUTarget &target,
                            const GPUProduct &product) {
  return target.tensorCores && product.inputElement().isBF16() &&
         product.pairs();
}

static bool usesWarpgroups(const GPUTarget &target, const GPUProduct &product) {
  return usesMatrixUnits(target, product) && target.hopper &&
         target.warpgroups && fitsWarpgroups(product);
}

/// Panels of a warpgroups' tile. Two halve the reading of inputs; one is for
/// few rows, when inputs are small, and while two would leave multiprocessors
/// idle.
static int64_t countPanels(const GPUProduct &product, int64_t tileRows) {
  bool fills = product.matrices * product.panels >= 2 * kMultiprocessors;
  return tileRows > 128 || (tileRows == 128 && fills) ? 2 : 1;
}

/// The smallest of `tiles` that holds the rows of a matrix, else the largest.
static void emitWarpgroups(GPUKernelBuilder &kb, const GPUProduct &product,
                           ArrayRef<int64_t> tiles) {
  int64_t size = tiles.front();
  auto emit = [&] {
    emitProductWarpgroups(kb, product, {size, countPanels(product, size)});
  };
  if (tiles.size() == 1)
    return emit();
  kb.ifElse(kb.less(product.rows, kb.index(size * product.matrices + 1)), emit,
            [&] { emitWarpgroups(kb, product, tiles.drop_front()); });
}

/// The kernels for more than a few rows.
static void emitManyRows(GPUKernelBuilder &kb, const GPUProduct &product,
                         minimax_gpu::ScheduleAttr schedule) {
  if (usesWarpgroups(kb.target, product))
    return emitWarpgroups(kb, product,
                          schedule ? schedule.getTileRows() : kWarpgroupTiles);
  if (usesMatrixUnits(kb.target, product))
    return emitProductMatrix(kb, product);
  emitProductTiles(kb, product);
}

static int64_t countFewRows(const GPUTarget &target, const GPUProduct &product,
                            minimax_gpu::ScheduleAttr schedule) {
  if (schedule)
    return schedule.getFewRows();
  if (!usesWarpgroups(target, product))
    return kFewRows;
  return product.quantized() ? kFewRowsOfInt8BesideWarpgroups
                             : kFewRowsBesideWarpgroups;
}

static LogicalResult lowerProduct(Operation *op, GPUProduct product,
                                  GPUKernelBuilder &kb) {
  bool grouped = bool(product.offsets);
  if (failed(verifyPacked(op, product.weight, grouped ? 4 : 3)))
    return failure();
  product.panels = dimOf(product.weight, grouped ? 1 : 0);
  if (grouped) {
    product.matrices = dimOf(product.weight, 0);
    product.weight = mergeMatrices(kb, product.weight);
  }
  product.rows = kb.size(product.output, 0);
  auto schedule =
      op->getAttrOfType<minimax_gpu::ScheduleAttr>(minimax_gpu::kScheduleName);
  int64_t few = countFewRows(kb.target, product, schedule);
  kb.ifElse(
      kb.less(product.rows, kb.index(few * product.matrices + 1)),
      [&] { emitProductRows(kb, product); },
      [&] { emitManyRows(kb, product, schedule); });
  return success();
}

namespace {
struct LowerLinear : GPUKernelPattern<LinearOp> {
  using GPUKernelPattern::GPUKernelPattern;
  LogicalResult lower(LinearOp op, GPUKernelBuilder &kb) const override {
    GPUProduct product = productOf(op, "linear");
    product.residual = op.getResidual();
    product.activation = op.getActivation();
    product.alpha = op.getAlpha().convertToDouble();
    product.beta = op.getBeta().convertToDouble();
    return lowerProduct(op, product, kb);
  }
};

struct LowerLmHead : GPUKernelPattern<LmHeadOp> {
  using GPUKernelPattern::GPUKernelPattern;
  LogicalResult lower(LmHeadOp op, GPUKernelBuilder &kb) const override {
    return lowerProduct(op, productOf(op, "lm_head"), kb);
  }
};

struct LowerGroupedMatmul : GPUKernelPattern<GroupedMatmulOp> {
  using GPUKernelPattern::GPUKernelPattern;
  LogicalResult lower(GroupedMatmulOp op, GPUKernelBuilder &kb) const override {
    GPUProduct product = productOf(op, "grouped_matmul");
    product.offsets = op.getOffsets();
    product.inputRows = op.getRows();
    product.activation = op.getActivation();
    return lowerProduct(op, product, kb);
  }
};
} // namespace

void minimax::populateMatmulGPUKernels(RewritePatternSet &patterns,
                                       const GPUTarget &target) {
  patterns.add<LowerLinear, LowerLmHead, LowerGroupedMatmul>(
      patterns.getContext(), target);
}
