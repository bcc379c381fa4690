// RUN: minimax-opt %s --minimax-lower-to-kernels | FileCheck %s

// The runtime is told where a numbered op begins.
// CHECK: func.func private @mmrt_begin_op(i64)
// CHECK-LABEL: func.func @numbered
// CHECK: %[[OP:.+]] = arith.constant 5 : i64
// CHECK: call @mmrt_begin_op(%[[OP]])
// CHECK: scf.forall
func.func @numbered(%x: memref<?x8xf32>, %y: memref<?x8xf32>) {
  minimax.gate %x, %x outs(%y) {minimax.op = 5 : i64} : (memref<?x8xf32>, memref<?x8xf32>, memref<?x8xf32>) -> ()
  return
}

// CHECK-LABEL: func.func @plain
// CHECK-NOT: mmrt_begin_op
// CHECK: scf.forall
func.func @plain(%x: memref<?x8xf32>, %y: memref<?x8xf32>) {
  minimax.gate %x, %x outs(%y) : (memref<?x8xf32>, memref<?x8xf32>, memref<?x8xf32>) -> ()
  return
}
