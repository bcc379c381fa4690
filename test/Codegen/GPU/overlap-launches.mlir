// Kernels let those behind them begin, and wait for those before them before
// they access memory; prefetches come before that. Hopper only.
// RUN: minimax-opt %s --minimax-overlap-launches=arch=sm_90a | FileCheck %s
// RUN: minimax-opt %s --minimax-overlap-launches=arch=sm_80 | FileCheck %s --check-prefix=SM80

// SM80-NOT: minimax_gpu.launch_dependents
// SM80-NOT: minimax_gpu.wait_prerequisites
// SM80-NOT: minimax.waits
module attributes {gpu.container_module, minimax.kernels = ["plain_0", "early_1"]} {
  gpu.module @kernels {
    // CHECK-LABEL: gpu.func @plain_0
    // CHECK-NEXT: minimax_gpu.launch_dependents
    // CHECK-NEXT: minimax_gpu.wait_prerequisites
    // CHECK-NEXT: gpu.thread_id
    // CHECK-NOT: minimax_gpu.wait_prerequisites
    gpu.func @plain_0(%a: memref<?x8xf32>) kernel {
      %i = gpu.thread_id x
      %x = memref.load %a[%i, %i] : memref<?x8xf32>
      memref.store %x, %a[%i, %i] : memref<?x8xf32>
      gpu.return
    }

    // CHECK-LABEL: gpu.func @early_1
    // CHECK-NEXT: minimax_gpu.launch_dependents
    // CHECK: scf.if
    // CHECK: minimax_gpu.prefetch
    // CHECK: }
    // CHECK-NEXT: minimax_gpu.wait_prerequisites
    // CHECK-NEXT: memref.load
    gpu.func @early_1(%a: memref<?x8xf32>) kernel {
      %zero = arith.constant 0 : index
      %i = gpu.thread_id x
      %tile = minimax_gpu.shared_memory : memref<8xf32, #gpu.address_space<workgroup>>
      %first = arith.cmpi eq, %i, %zero : index
      scf.if %first {
        minimax_gpu.prefetch %a[%zero, %zero] bytes = 64 : memref<?x8xf32>
      }
      %x = memref.load %a[%i, %i] : memref<?x8xf32>
      memref.store %x, %tile[%i] : memref<8xf32, #gpu.address_space<workgroup>>
      gpu.return
    }

    // CHECK-LABEL: gpu.func @helper
    // CHECK-NOT: minimax_gpu
    // CHECK: gpu.return
    gpu.func @helper() {
      gpu.return
    }
  }

  // CHECK-LABEL: func.func @main
  // CHECK: gpu.launch_func @kernels::@plain_0 {{.*}}{minimax.waits}
  // CHECK: gpu.launch_func @kernels::@early_1 {{.*}}{minimax.waits}
  func.func @main(%a: memref<?x8xf32>) {
    %one = arith.constant 1 : index
    gpu.launch_func @kernels::@plain_0 blocks in (%one, %one, %one) threads in (%one, %one, %one) args(%a : memref<?x8xf32>)
    gpu.launch_func @kernels::@early_1 blocks in (%one, %one, %one) threads in (%one, %one, %one) args(%a : memref<?x8xf32>)
    return
  }
}
