// As many blocks of warpgroups' products run as the GPU holds at once: two small
// ones or a large one on each multiprocessor.
// RUN: minimax-opt %s --minimax-lower-to-gpu-kernels=arch=sm_90a --canonicalize | FileCheck %s

module attributes {minimax.multiprocessors = 7} {
  // CHECK-LABEL: func.func @linear
  func.func @linear(%context: !llvm.ptr, %x: memref<?x200xbf16>, %w: memref<3x100x64x2xbf16>, %y: memref<?x180xf32>) {
    // CHECK: arith.minsi %{{.*}}, %c14
    // CHECK: minimax.kernel = "linear_warpgroups_16"
    // CHECK: arith.minsi %{{.*}}, %c7
    // CHECK: minimax.kernel = "linear_warpgroups_256"
    minimax.linear %x, %w outs(%y) activation = silu : (memref<?x200xbf16>, memref<3x100x64x2xbf16>, memref<?x180xf32>) -> ()
    return
  }
}
