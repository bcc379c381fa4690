// RUN: minimax-opt %s --minimax-lower-to-gpu-kernels=arch=sm_80 | FileCheck %s

// The table of frequencies is a constant that the host hands to the kernel. A
// pair of rotated values is one thread's, a value that passes another's.
// CHECK: memref.global "private" constant @rope_frequencies_8_{{.+}} : memref<4xf32>
// CHECK-LABEL: func.func @rope(
// CHECK: %[[TABLE:.+]] = memref.get_global @rope_frequencies_8_
// CHECK: gpu.launch
// CHECK: scf.if
// CHECK: memref.load %[[TABLE]]
// CHECK: minimax.kernel = "rope"
func.func @rope(%x: memref<?x4x16xf32>, %i: memref<?xi32>, %y: memref<?x4x16xf32>) {
  minimax.rope %x, %i outs(%y) theta = 1.0e7 rotary_dim = 8 : (memref<?x4x16xf32>, memref<?xi32>, memref<?x4x16xf32>) -> ()
  return
}
