// Kernels in the LLVM dialect become bitcode of their architecture.
// RUN: minimax-opt %s --minimax-kernels-to-bitcode=arch=sm_80 | FileCheck %s
// CHECK: gpu.binary @kernels
// CHECK-SAME: #nvvm.target<O = 3, chip = "sm_80", features = "+ptx83">, offload = "BC
// CHECK-NOT: gpu.module
module attributes {gpu.container_module} {
  gpu.module @kernels {
    llvm.func @store(%a: !llvm.ptr, %x: f32) attributes {gpu.kernel, nvvm.kernel} {
      llvm.store %x, %a : f32, !llvm.ptr
      llvm.return
    }
  }
}
