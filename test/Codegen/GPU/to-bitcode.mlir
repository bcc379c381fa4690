// From ops to host code and kernels for both architectures.
// RUN: minimax-opt %s --minimax-kernels-phase=target=cuda:sm_80 --minimax-llvm-phase=target=cuda:sm_80 | FileCheck %s --check-prefixes=CHECK,SM80
// RUN: minimax-opt %s --minimax-kernels-phase=target=cuda:sm_90a --minimax-llvm-phase=target=cuda:sm_90a | FileCheck %s --check-prefixes=CHECK,SM90

// SM80: gpu.binary @kernels [#gpu.object<#nvvm.target<O = 3, chip = "sm_80", features = "+ptx83">, offload = "BC
// SM90: gpu.binary @kernels [#gpu.object<#nvvm.target<O = 3, chip = "sm_90a", features = "+ptx83">, offload = "BC
// CHECK: llvm.call @mmrt_launch
// CHECK: llvm.call @mmrt_launch
func.func @f(%context: !llvm.ptr, %x: memref<?x96xf32>, %w: memref<96xbf16>, %y: memref<?x96xf32>, %z: memref<?x96xf32>) {
  minimax.rms_norm %x, %w outs(%y) eps = 1.0e-5 : (memref<?x96xf32>, memref<96xbf16>, memref<?x96xf32>) -> ()
  minimax.activation %y outs(%z) kind = silu : (memref<?x96xf32>, memref<?x96xf32>) -> ()
  return
}
