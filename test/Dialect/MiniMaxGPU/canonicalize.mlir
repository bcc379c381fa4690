// What nobody reads disappears: unused shared memory, and pure fragments. What
// waits or copies stays.
// RUN: minimax-opt %s --canonicalize --cse | FileCheck %s

// CHECK-LABEL: gpu.func @unused
// CHECK-NEXT: gpu.return
gpu.module @kernels {
  gpu.func @unused(%a: vector<4xi32>, %b: vector<2xi32>, %c: vector<4xf32>) kernel {
    %tile = minimax_gpu.shared_memory : memref<64x32xbf16, #gpu.address_space<workgroup>>
    %d = minimax_gpu.mma %a, %b, %c : vector<4xi32>, vector<2xi32>, vector<4xf32>
    gpu.return
  }

  // Equal products are one; two buffers are never one.
  // CHECK-LABEL: gpu.func @shared_result
  // CHECK: minimax_gpu.shared_memory
  // CHECK: minimax_gpu.shared_memory
  // CHECK: minimax_gpu.mma
  // CHECK-NOT: minimax_gpu.mma
  // CHECK: minimax_gpu.copy_async
  gpu.func @shared_result(%a: vector<4xi32>, %b: vector<2xi32>, %c: vector<4xf32>,
                          %global: memref<?x32xbf16>, %i: index) kernel {
    %first = minimax_gpu.shared_memory : memref<4xf32, #gpu.address_space<workgroup>>
    %second = minimax_gpu.shared_memory : memref<4xf32, #gpu.address_space<workgroup>>
    %tile = minimax_gpu.shared_memory : memref<64x32xbf16, #gpu.address_space<workgroup>>
    %zero = arith.constant 0 : index
    %d = minimax_gpu.mma %a, %b, %c : vector<4xi32>, vector<2xi32>, vector<4xf32>
    %e = minimax_gpu.mma %a, %b, %c : vector<4xi32>, vector<2xi32>, vector<4xf32>
    vector.store %d, %first[%zero] : memref<4xf32, #gpu.address_space<workgroup>>, vector<4xf32>
    vector.store %e, %second[%zero] : memref<4xf32, #gpu.address_space<workgroup>>, vector<4xf32>
    minimax_gpu.copy_async %global[%i, %zero], %tile[%i, %zero]
      : memref<?x32xbf16>, memref<64x32xbf16, #gpu.address_space<workgroup>>
    gpu.return
  }
}
