// A kernel that no block has the shared memory for.
// RUN: not minimax-opt %s --minimax-allocate-shared-memory=arch=sm_80 2>&1 | FileCheck %s --check-prefix=SM80
// RUN: minimax-opt %s --minimax-allocate-shared-memory=arch=sm_90a | FileCheck %s --check-prefix=SM90
// RUN: not minimax-opt %s --minimax-allocate-shared-memory=arch=sm_75 2>&1 | FileCheck %s --check-prefix=ARCH
// RUN: not minimax-opt %s --minimax-lower-to-gpu-kernels=arch=sm_75 2>&1 | FileCheck %s --check-prefix=ARCH

// SM80: error: kernel 'large' needs 204800 bytes of shared memory, but a block on sm_80 has at most 166912; use smaller tiles or heads
// SM90: minimax_gpu.shared_memory at 0
// ARCH: error: expected 'arch' sm_80 or sm_90a, but got sm_75
module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @large() kernel {
      %tile = minimax_gpu.shared_memory : memref<51200xf32, #gpu.address_space<workgroup>>
      gpu.return
    }
  }
}
