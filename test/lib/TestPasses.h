//===- TestPasses.h - passes that only tests run ----------------*- C++ -*-===//
//
// Registered by minimax-test-opt, which is minimax-opt with these on top.
//
//===----------------------------------------------------------------------===//

#ifndef MINIMAX_TEST_LIB_TESTPASSES_H
#define MINIMAX_TEST_LIB_TESTPASSES_H

namespace mlir::minimax {

/// `test-minimax-break-residual`: changes what residuals compute.
void registerBreakResidualPass();

/// `test-minimax-print-costs`: a remark with each op's FLOPs and bytes.
void registerPrintCostsPass();

} // namespace mlir::minimax

#endif // MINIMAX_TEST_LIB_TESTPASSES_H
