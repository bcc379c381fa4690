// Arguments become pointers, shared memory one array, fragments intrinsics.
// RUN: minimax-opt %s --pass-pipeline="builtin.module(gpu.module(minimax-lower-gpu-ops))" | FileCheck %s

// CHECK: llvm.mlir.global external @shared_memory() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>
// CHECK: gpu.func @kernel(%[[GLOBAL:.*]]: !llvm.ptr, %{{.*}}: index, %{{.*}}: i1, %{{.*}}: vector<2xi32>, %{{.*}}: vector<4xf32>, %{{.*}}: f32)
// CHECK: llvm.mlir.addressof @shared_memory : !llvm.ptr<3>
// CHECK: llvm.getelementptr %{{.*}}[256]
// CHECK: llvm.call_intrinsic "llvm.nvvm.cp.async.cg.shared.global.16.s"(%{{.*}}) : (!llvm.ptr<3>, !llvm.ptr<1>, i32) -> ()
// CHECK: nvvm.ldmatrix %{{.*}} {layout = #nvvm.mma_layout<row>, num = 4 : i32}
// CHECK: nvvm.ldmatrix %{{.*}} {layout = #nvvm.mma_layout<col>, num = 4 : i32}
// CHECK: llvm.call_intrinsic "llvm.nvvm.mma.m16n8k16.row.col.bf16"
// CHECK: gpu.shuffle xor
gpu.module @kernels {
  gpu.func @kernel(%global: memref<?x64xbf16>, %i: index, %inside: i1, %b: vector<2xi32>,
                   %c: vector<4xf32>, %x: f32) kernel {
    %tile = minimax_gpu.shared_memory at 256 : memref<64x32xbf16, #gpu.address_space<workgroup>>
    minimax_gpu.copy_async %global[%i, %i], %tile[%i, %i] if %inside
      : memref<?x64xbf16>, memref<64x32xbf16, #gpu.address_space<workgroup>>
    %a = minimax_gpu.load_matrix %tile[%i, %i]
      : memref<64x32xbf16, #gpu.address_space<workgroup>> -> vector<4xi32>
    %t = minimax_gpu.load_matrix %tile[%i, %i] transpose
      : memref<64x32xbf16, #gpu.address_space<workgroup>> -> vector<4xi32>
    %d = minimax_gpu.mma %a, %b, %c : vector<4xi32>, vector<2xi32>, vector<4xf32>
    %sum = gpu.subgroup_reduce add %x : (f32) -> f32
    %e = vector.extract %d[0] : f32 from vector<4xf32>
    %total = arith.addf %e, %sum : f32
    %word = vector.extract %t[0] : i32 from vector<4xi32>
    %wide = arith.uitofp %word : i32 to f32
    %all = arith.addf %total, %wide : f32
    %narrow = arith.truncf %all : f32 to bf16
    memref.store %narrow, %global[%i, %i] : memref<?x64xbf16>
    gpu.return
  }
}
