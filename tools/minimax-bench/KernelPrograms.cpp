//===- KernelPrograms.cpp - entries of one op -----------------------------===//
//
// Written as text.
//
//===----------------------------------------------------------------------===//

#include "KernelPrograms.h"
#include "ModelWork.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;
using namespace mlir::minimax;
using namespace mlir::minimax::bench;
using llvm::formatv;

/// A case of the entry `main` in `text`.
static Case getKernel(std::string name, const CaseOptions &options,
                      std::string text) {
  Case kernel;
  kernel.suite = "kernels";
  kernel.name = std::move(name);
  kernel.dtype = options.dtype.str();
  kernel.arithmetic = getArithmetic(options);
  kernel.program.key = kernel.fullName();
  kernel.program.dtype = options.dtype.str();
  kernel.program.build = [text = std::move(text)](MLIRContext *context) {
    context->loadAllAvailableDialects();
    auto module = parseSourceString<ModuleOp>(text, context);
    // The runtime wants to know whose artifact it loads.
    Builder builder(context);
    auto type = builder.getNamedAttr("model_type", builder.getStringAttr("op"));
    if (module)
      (*module)->setAttr("minimax.model", builder.getDictionaryAttr(type));
    return module;
  };
  kernel.entry = "main";
  return kernel;
}

/// Element types of a product's operands before minimax-quantize, which rounds
/// f32 rows to integers itself: that is part of the case.
static std::pair<StringRef, StringRef> getOperandTypes(StringRef dtype) {
  if (dtype == "w8a16")
    return {"f32", "bf16"};
  return {dtype, dtype};
}

Case mlir::minimax::bench::getProduct(std::string name,
                                      const CaseOptions &options, int64_t rows,
                                      int64_t depth, int64_t columns) {
  static constexpr char text[] = R"(
!input = tensor<?x{2}x{0}>
!weight = tensor<{3}x{2}x{1}>
!output = tensor<?x{3}xf32>
minimax.weight @weight : !weight from ["weight"]
func.func @main(
    %input: !input {{minimax.name = "input", minimax.shape = affine_map<(t, n, s, c) -> (t, {2})>})
    -> (!output {{minimax.name = "out"}) attributes {{minimax.entry} {{
  %w = minimax.get_weight @weight : !weight
  %y = minimax.linear %input, %w : (!input, !weight) -> !output
  return %y : !output
})";
  auto [input, weight] = getOperandTypes(options.dtype);
  Case kernel = getKernel(std::move(name), options,
                          formatv(text, input, weight, depth, columns));
  kernel.call.sequences = {{rows, 0}};
  kernel.work.flops = 2.0 * rows * depth * columns;
  return kernel;
}

/// Rows of each of `experts`: shares fall as 1/rank, every fourth expert has a
/// tail of 1 to 6 rows only, and the last two none.
static std::vector<int32_t> getSkewedOffsets(int64_t rows, int64_t experts) {
  double harmonic = 0;
  for (int64_t e = 1; e <= experts; ++e)
    harmonic += 1.0 / e;
  std::vector<int32_t> counts(experts, 0);
  int64_t rest = rows;
  for (int64_t e = experts - 3; e > 0; --e) {
    counts[e] = e % 4 == 3 ? 1 + e % 6
                           : static_cast<int32_t>(rows / (e + 1) / harmonic);
    rest -= counts[e];
  }
  counts[0] = static_cast<int32_t>(rest);
  std::vector<int32_t> offsets = {0};
  for (int32_t count : counts)
    offsets.push_back(offsets.back() + count);
  return offsets;
}

Case mlir::minimax::bench::getGroupedProduct(const CaseOptions &options,
                                             int64_t rows, int64_t experts,
                                             int64_t depth, int64_t columns) {
  static constexpr char text[] = R"(
!input = tensor<?x{2}x{0}>
!weight = tensor<{4}x{3}x{2}x{1}>
!offsets = tensor<{5}xi32>
!output = tensor<?x{3}xf32>
minimax.weight @weight : !weight from ["weight"]
func.func @main(
    %input: !input {{minimax.name = "input", minimax.shape = affine_map<(t, n, s, c) -> (t, {2})>},
    %offsets: !offsets {{minimax.name = "offsets"})
    -> (!output {{minimax.name = "out"}) attributes {{minimax.entry} {{
  %w = minimax.get_weight @weight : !weight
  %y = minimax.grouped_matmul %input, %w, %offsets : (!input, !weight, !offsets) -> !output
  return %y : !output
})";
  auto [input, weight] = getOperandTypes(options.dtype);
  Case kernel = getKernel(
      formatv("grouped_gemm/{0}x{1}x{2}/experts{3}", rows, depth, columns,
              experts),
      options,
      formatv(text, input, weight, depth, columns, experts, experts + 1));
  kernel.call.sequences = {{rows, 0}};
  kernel.call.offsets = getSkewedOffsets(rows, experts);
  kernel.work.flops = 2.0 * rows * depth * columns;
  double used = 1.0 - 2.0 / experts;
  kernel.work.weightShare = [=](StringRef) { return used; };
  return kernel;
}

Case mlir::minimax::bench::getLightning(std::string name,
                                        const CaseOptions &options,
                                        int64_t batch, Sequence sequence,
                                        int64_t heads, int64_t dim) {
  static constexpr char text[] = R"(
!rows = tensor<?x{0}x{1}x{3}>
!indices = tensor<?xi32>
!state = !minimax.lightning_state<{0}x{1}x{1}xf32>
#rows = affine_map<(t, n, s, c) -> (t, {0}, {1})>
func.func @main(
    %query: !rows {{minimax.name = "query", minimax.shape = #rows},
    %key: !rows {{minimax.name = "key", minimax.shape = #rows},
    %value: !rows {{minimax.name = "value", minimax.shape = #rows},
    %slope: tensor<{0}xf32> {{minimax.name = "slope"},
    %cu_seqlens: !indices {{minimax.name = "cu_seqlens"},
    %positions: !indices {{minimax.name = "positions"},
    %slots: !indices {{minimax.name = "slots"},
    %state: !state {{minimax.name = "main.lightning_state"})
    -> (!rows {{minimax.name = "out"}, !state {{minimax.name = "next"})
    attributes {{minimax.entry} {{
  %begun = minimax.begin_sequences %state, %cu_seqlens, %positions, %slots
      : (!state, !indices, !indices, !indices) -> !state
  %out, %next = minimax.lightning_attention
      %query, %key, %value, %slope, %cu_seqlens, %slots, %begun chunk = {2}
      : (!rows, !rows, !rows, tensor<{0}xf32>, !indices, !indices, !state) -> (!rows, !state)
  return %out, %next : !rows, !state
})";
  Case kernel = getKernel(std::move(name), options,
                          formatv(text, heads, dim, kChunk, options.rowType()));
  kernel.call.sequences.assign(batch, sequence);
  kernel.work.flops = batch * heads * countLightningFlops(sequence.length, dim);
  kernel.work.stateBytes = 2.0 * batch * kStateBytes * heads * dim * dim;
  kernel.unit = Unit::MicrosecondsPerToken;
  return kernel;
}

Case mlir::minimax::bench::getSoftmax(std::string name,
                                      const CaseOptions &options,
                                      Sequence sequence, int64_t heads,
                                      int64_t groups, int64_t dim) {
  static constexpr char text[] = R"(
!rows = tensor<?x{0}x{2}xf32>
!pairs = tensor<?x{1}x{2}xf32>
!indices = tensor<?xi32>
!cache = !minimax.kv_cache<{1}x{2}x{4}>
#rows = affine_map<(t, n, s, c) -> (t, {0}, {2})>
#pairs = affine_map<(t, n, s, c) -> (t, {1}, {2})>
func.func @main(
    %query: !rows {{minimax.name = "query", minimax.shape = #rows},
    %key: !pairs {{minimax.name = "key", minimax.shape = #pairs},
    %value: !pairs {{minimax.name = "value", minimax.shape = #pairs},
    %cu_seqlens: !indices {{minimax.name = "cu_seqlens"},
    %positions: !indices {{minimax.name = "positions"},
    %slots: !indices {{minimax.name = "slots"},
    %cache: !cache {{minimax.name = "main.kv_cache"})
    -> (!rows {{minimax.name = "out"}, !cache {{minimax.name = "next"})
    attributes {{minimax.entry} {{
  %begun = minimax.begin_sequences %cache, %cu_seqlens, %positions, %slots
      : (!cache, !indices, !indices, !indices) -> !cache
  %out, %next = minimax.attention
      %query, %key, %value, %cu_seqlens, %positions, %slots, %begun scale = {3}
      : (!rows, !pairs, !pairs, !indices, !indices, !indices, !cache) -> (!rows, !cache)
  return %out, %next : !rows, !cache
})";
  std::string scale = formatv("{0:e}", 1 / std::sqrt(double(dim)));
  Case kernel = getKernel(std::move(name), options,
                          formatv(text, heads, groups, dim, scale,
                                  options.hasNarrowCache() ? "bf16" : "f32"));
  kernel.call = {{sequence}, sequence.position + sequence.length, {}};
  kernel.work.flops = heads * countSoftmaxFlops(sequence, dim);
  kernel.work.stateBytes = 2.0 * options.cacheBytes() * groups * dim *
                           (sequence.position + 2.0 * sequence.length);
  return kernel;
}
