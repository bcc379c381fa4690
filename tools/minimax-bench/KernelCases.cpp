//===- KernelCases.cpp - single ops ---------------------------------------===//
//
// The suite `kernels`: sizes for a CPU's cores and for a GPU.
//
//===----------------------------------------------------------------------===//

#include "KernelPrograms.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir::minimax::bench;
using llvm::formatv;

/// Few rows, so that the weight's bytes are what counts.
static void addFewRows(const CaseOptions &options, int64_t depth,
                       int64_t columns, llvm::ArrayRef<int64_t> batches,
                       std::vector<Case> &cases) {
  for (int64_t batch : batches) {
    cases.push_back(
        getProduct(formatv("gemv/{0}x{1}/batch{2}", depth, columns, batch),
                   options, batch, depth, columns));
    cases.back().unit = Unit::GBytes;
  }
}

static void addDecode(std::string name, const CaseOptions &options,
                      int64_t length, int64_t heads, int64_t groups,
                      std::vector<Case> &cases) {
  cases.push_back(getSoftmax(std::move(name), options, {1, length - 1}, heads,
                             groups, /*dim=*/128));
  cases.back().unit = Unit::GBytes;
}

static void addCPUKernels(const CaseOptions &options,
                          std::vector<Case> &cases) {
  for (int64_t size : {64, 512, 1024, 1536, 2048})
    cases.push_back(getProduct(formatv("gemm/{0}x{0}x{0}", size), options, size,
                               size, size));
  for (int64_t experts : {16, 32})
    cases.push_back(getGroupedProduct(options, /*rows=*/2048, experts,
                                      /*depth=*/1024, /*columns=*/2048));
  addFewRows(options, 8192, 8192, {1, 2, 3, 4, 8, 16}, cases);
  // Attention has no weights to quantise.
  if (options.dtype == "w8a16")
    return;
  cases.push_back(getLightning("lightning/8x128/8192", options, /*batch=*/1,
                               /*sequence=*/{8192, 0}, /*heads=*/8,
                               /*dim=*/128));
  cases.push_back(getSoftmax("attention/prefill/4096", options, {4096, 0},
                             /*heads=*/16, /*groups=*/4, /*dim=*/128));
  addDecode("attention/decode/65536", options, 65536, /*heads=*/16,
            /*groups=*/4, cases);
}

/// Shapes of MiniMax-Text-01: 6144 wide, 64 heads of 128 on 8 of keys, 32
/// experts of 9216, of which a token meets 2.
static void addGPUKernels(const CaseOptions &options,
                          std::vector<Case> &cases) {
  for (int64_t size : {64, 4096})
    cases.push_back(getProduct(formatv("gemm/{0}x{0}x{0}", size), options, size,
                               size, size));
  for (auto [depth, columns] :
       {std::pair<int64_t, int64_t>(6144, 24576), {6144, 8192}, {8192, 6144}})
    cases.push_back(getProduct(formatv("gemm/8192x{0}x{1}", depth, columns),
                               options, 8192, depth, columns));
  for (auto [depth, columns] :
       {std::pair<int64_t, int64_t>(6144, 18432), {9216, 6144}})
    cases.push_back(getGroupedProduct(options, /*rows=*/16384, /*experts=*/32,
                                      depth, columns));
  addFewRows(options, 6144, 24576, {1, 8, 64}, cases);
  addFewRows(options, 8192, 6144, {1, 8, 64}, cases);
  if (options.dtype == "w8a16")
    return;
  for (int64_t tokens : {8192, 65536, 262144})
    cases.push_back(getLightning(formatv("lightning/64x128/{0}", tokens),
                                 options, /*batch=*/1, {tokens, 0},
                                 /*heads=*/64,
                                 /*dim=*/128));
  for (int64_t batch : {1, 8, 64})
    cases.push_back(getLightning(
        formatv("lightning/64x128/decode/batch{0}", batch), options, batch,
        /*sequence=*/{1, 8192}, /*heads=*/64, /*dim=*/128));
  for (int64_t tokens : {8192, 32768})
    cases.push_back(getSoftmax(formatv("attention/prefill/{0}", tokens),
                               options, {tokens, 0}, /*heads=*/64,
                               /*groups=*/8, /*dim=*/128));
  for (int64_t tokens : {8192, 65536})
    addDecode(formatv("attention/decode/{0}", tokens), options, tokens,
              /*heads=*/64, /*groups=*/8, cases);
}

void mlir::minimax::bench::addKernelCases(const CaseOptions &options,
                                          std::vector<Case> &cases) {
  options.isGPU ? addGPUKernels(options, cases) : addCPUKernels(options, cases);
}
