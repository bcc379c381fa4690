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

} // namespace mlir::minimax

#endif // MINIMAX_TEST_LIB_TESTPASSES_H
