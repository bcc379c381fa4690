// What comes before the last prefetch comes before the wait.
// RUN: not minimax-opt %s --minimax-overlap-launches 2>&1 | FileCheck %s
// RUN: not minimax-opt %s --minimax-overlap-launches=arch=sm_75 2>&1 | FileCheck %s --check-prefix=ARCH

// CHECK: error: 'memref.load' op expected no access to memory before the last prefetch of kernel 'late', which its wait follows
// ARCH: error: expected 'arch' sm_80 or sm_90a, but got sm_75
module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @late(%a: memref<?x8xindex>) kernel {
      %i = gpu.thread_id x
      %next = memref.load %a[%i, %i] : memref<?x8xindex>
      minimax_gpu.prefetch %a[%next, %i] bytes = 64 : memref<?x8xindex>
      gpu.return
    }
  }
}
