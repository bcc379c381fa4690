// RUN: minimax-opt %s --minimax-number-ops | FileCheck %s

// Numbers run through the functions of the module; what is no compute op has
// none.
// CHECK-LABEL: func.func private @layer
// CHECK: minimax.gate {{.*}} {minimax.op = 0 : i64}
// CHECK: memref.copy {{.*}} : memref<?x8xf32> to memref<?x8xf32>
// CHECK: minimax.gate {{.*}} {minimax.op = 1 : i64}
func.func private @layer(%x: memref<?x8xf32>, %y: memref<?x8xf32>) {
  minimax.gate %x, %x outs(%y) : (memref<?x8xf32>, memref<?x8xf32>, memref<?x8xf32>) -> ()
  memref.copy %y, %x : memref<?x8xf32> to memref<?x8xf32>
  minimax.gate %x, %y outs(%y) : (memref<?x8xf32>, memref<?x8xf32>, memref<?x8xf32>) -> ()
  return
}

// CHECK-LABEL: func.func @step
// CHECK: minimax.gate {{.*}} {minimax.op = 2 : i64}
func.func @step(%x: memref<?x8xf32>, %y: memref<?x8xf32>) {
  minimax.gate %x, %x outs(%y) : (memref<?x8xf32>, memref<?x8xf32>, memref<?x8xf32>) -> ()
  return
}
