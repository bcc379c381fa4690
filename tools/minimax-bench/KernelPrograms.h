//===- KernelPrograms.h - entries of one op ---------------------*- C++ -*-===//
//
// Cases of single ops, in any size.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TOOLS_BENCH_KERNELPROGRAMS_H
#define MINIMAX_TOOLS_BENCH_KERNELPROGRAMS_H

#include "Case.h"

namespace mlir::minimax::bench {

/// `rows` times a weight of `depth` x `columns`; both operands in the case's
/// type, the result in f32.
Case getProduct(std::string name, const CaseOptions &options, int64_t rows,
                int64_t depth, int64_t columns);

/// `rows` spread unevenly over `experts` weights.
Case getGroupedProduct(const CaseOptions &options, int64_t rows,
                       int64_t experts, int64_t depth, int64_t columns);

/// The lightning core on `batch` sequences, all like `sequence`.
Case getLightning(std::string name, const CaseOptions &options, int64_t batch,
                  Sequence sequence, int64_t heads, int64_t dim);

/// The softmax core of `heads` query heads on `groups` key heads.
Case getSoftmax(std::string name, const CaseOptions &options, Sequence sequence,
                int64_t heads, int64_t groups, int64_t dim);

} // namespace mlir::minimax::bench

#endif // MINIMAX_TOOLS_BENCH_KERNELPROGRAMS_H
