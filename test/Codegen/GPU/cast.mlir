// A thread for each bf16, a warp for each group of integers.
// RUN: minimax-opt %s --minimax-lower-to-gpu-kernels=arch=sm_80 --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func.func @bf16
func.func @bf16(%x: memref<?x99xf32>, %y: memref<?x100xbf16>) {
  // CHECK: gpu.launch
  // The odd column is padded with zero.
  // CHECK: %[[INSIDE:.*]] = arith.cmpi slt, %{{.*}}, %c99
  // CHECK: arith.select %[[INSIDE]], %{{.*}}, %cst
  // CHECK: arith.truncf %{{.*}} : f32 to bf16
  // CHECK: minimax.kernel = "cast_bf16"
  minimax.cast %x outs(%y) : (memref<?x99xf32>, memref<?x100xbf16>) -> ()
  return
}

// CHECK-LABEL: func.func @integers
func.func @integers(%x: memref<?x300xf32>, %y: memref<?x304xi16>) {
  // CHECK: gpu.launch
  // CHECK-COUNT-8: memref.load %arg0
  // CHECK: arith.maxsi
  // CHECK-COUNT-5: gpu.shuffle xor
  // CHECK: math.roundeven
  // CHECK: arith.fptosi
  // CHECK: memref.store %{{.*}}, %arg1
  // CHECK: minimax.kernel = "cast_integers"
  minimax.cast %x outs(%y) : (memref<?x300xf32>, memref<?x304xi16>) -> ()
  return
}
