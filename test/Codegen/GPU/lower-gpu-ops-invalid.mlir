// RUN: minimax-opt %s --pass-pipeline="builtin.module(gpu.module(minimax-lower-gpu-ops))" --split-input-file --verify-diagnostics

gpu.module @kernels {
  // expected-error @+1 {{kernel 'pool' expected arguments with static strides, but got 'memref<?x?x2xf32>'}}
  gpu.func @pool(%pool: memref<?x?x2xf32>) kernel {
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @size(%x: memref<?x2xf32>, %y: memref<1xindex>) kernel {
    %zero = arith.constant 0 : index
    // expected-error @+1 {{kernels do not know sizes of their arguments; expected it to be taken before the launch}}
    %size = memref.dim %x, %zero : memref<?x2xf32>
    memref.store %size, %y[%zero] : memref<1xindex>
    gpu.return
  }
}

// -----

gpu.module @kernels {
  gpu.func @unplaced() kernel {
    // expected-error @+1 {{expected an offset (run minimax-allocate-shared-memory)}}
    %tile = minimax_gpu.shared_memory : memref<8xf32, #gpu.address_space<workgroup>>
    gpu.return
  }
}
