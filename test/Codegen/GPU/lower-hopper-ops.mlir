// Barriers, bulk copies and products of warpgroups become instructions.
// RUN: minimax-opt %s --pass-pipeline="builtin.module(gpu.module(minimax-lower-gpu-ops))" | FileCheck %s

// Warps exchange registers: one block for each multiprocessor.
// CHECK: gpu.func @kernel({{.*}}) kernel attributes {nvvm.minctasm = 1 : i32}
// The layout of a tile that wgmma reads: 1024 bytes for 8 rows, the 128-byte
// swizzle.
// CHECK-DAG: %[[TILES:.*]] = llvm.mlir.constant(4611686293317877760 : i64) : i64
// CHECK-DAG: %[[LAYOUT:.*]] = llvm.mlir.constant(4611686293305360384 : i64) : i64
// CHECK: llvm.inline_asm has_side_effects asm_dialect = att "griddepcontrol.launch_dependents;", "~{memory}"
// CHECK: llvm.inline_asm has_side_effects asm_dialect = att "cp.async.bulk.prefetch.L2.global [$0], $1;", "l,r,~{memory}" {{.*}} : (!llvm.ptr<1>, i32) -> ()
// CHECK: llvm.inline_asm has_side_effects asm_dialect = att "griddepcontrol.wait;", "~{memory}"
// Memory of another block has a generic address.
// CHECK: %[[OWN:.*]] = llvm.addrspacecast %{{.*}} : !llvm.ptr<3> to !llvm.ptr
// CHECK: llvm.call_intrinsic "llvm.nvvm.mapa"(%[[OWN]], %{{.*}}) : (!llvm.ptr, i32) -> !llvm.ptr
// CHECK: nvvm.mbarrier.init.shared %{{.*}}, %{{.*}} : !llvm.ptr<3>, i32
// CHECK: nvvm.mbarrier.arrive.expect_tx.shared %{{.*}}, %{{.*}} : !llvm.ptr<3>, i32
// CHECK: llvm.inline_asm has_side_effects asm_dialect = att "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [$0], [$1], $2, [$3];", "r,l,r,r,~{memory}" {{.*}} : (!llvm.ptr<3>, !llvm.ptr<1>, i32, !llvm.ptr<3>) -> ()
// CHECK: nvvm.mbarrier.arrive.shared
// CHECK: nvvm.mbarrier.try_wait.parity.shared
// The descriptor of the tile: also its address in units of 16 bytes.
// CHECK: llvm.ptrtoint %{{.*}} : !llvm.ptr<3> to i32
// CHECK: llvm.lshr
// CHECK: llvm.and
// CHECK: %[[DESCRIPTOR:.*]] = llvm.or %{{.*}}, %[[LAYOUT]]
// CHECK: llvm.inline_asm has_side_effects asm_dialect = att {{.*}}wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {$0, $1, $2, $3}, {$8, $9, $10, $11}, $12, p, $14, $15, $16;
// CHECK-SAME: "=f,=f,=f,=f,0,1,2,3,r,r,r,r,l,n,n,n,n"
// CHECK-SAME: %[[DESCRIPTOR]]
// A tile whose rows are the inner dimension: the same descriptor for up to 64
// columns, the last operand says so; of more columns it knows the distance of
// tiles, here 24 rows (192 units of 16 bytes).
// What is added to zeros is added to nothing, which need not be set.
// CHECK: %[[WIDE:.*]] = llvm.or %{{.*}}, %[[TILES]] : i64
// CHECK: wgmma.mma_async.sync.aligned.m64n128k16
// CHECK-SAME: %[[WIDE]], %[[ONE:[0-9]+]], %[[ONE]], %[[ONE]], %[[ONE]] : (
// CHECK: wgmma.mma_async.sync.aligned.m64n8k16
// CHECK-SAME: %[[ZERO:[0-9]+]], %[[ONE]], %[[ONE]], %[[ZERO]] : (
gpu.module @kernels {
  gpu.func @kernel(%w: memref<?x64xbf16>, %i: index, %a: vector<4xi32>, %c: vector<4xf32>, %wide: vector<64xf32>) kernel {
    %tile = minimax_gpu.shared_memory at 0 alignment = 1024 : memref<8x64xbf16, #gpu.address_space<workgroup>>
    %full = minimax_gpu.shared_memory at 1024 : memref<4xi64, #gpu.address_space<workgroup>>
    minimax_gpu.launch_dependents
    minimax_gpu.prefetch %w[%i, %i] bytes = 1024 : memref<?x64xbf16>
    minimax_gpu.wait_prerequisites
    nvvm.setmaxregister increase 224
    %there = minimax_gpu.cluster_memory %full of %i : memref<4xi64, #gpu.address_space<workgroup>> -> memref<4xi64>
    %word = arith.constant 1 : i64
    memref.store %word, %there[%i] : memref<4xi64>
    minimax_gpu.mbarrier_init %full[%i] count = 2 : memref<4xi64, #gpu.address_space<workgroup>>
    minimax_gpu.mbarrier_arrive %full[%i] bytes = 1024 : memref<4xi64, #gpu.address_space<workgroup>>
    minimax_gpu.bulk_copy %w[%i, %i], %tile[%i, %i], %full[%i] bytes = 1024
      : memref<?x64xbf16>, memref<8x64xbf16, #gpu.address_space<workgroup>>, memref<4xi64, #gpu.address_space<workgroup>>
    minimax_gpu.mbarrier_arrive %full[%i] : memref<4xi64, #gpu.address_space<workgroup>>
    minimax_gpu.mbarrier_wait %full[%i] parity %i : memref<4xi64, #gpu.address_space<workgroup>>
    %d = minimax_gpu.wgmma %a, %tile[%i, %i], %c
      : vector<4xi32>, memref<8x64xbf16, #gpu.address_space<workgroup>>, vector<4xf32>
    %tiles = minimax_gpu.shared_memory at 2048 alignment = 1024 : memref<2x24x64xbf16, #gpu.address_space<workgroup>>
    %e = minimax_gpu.wgmma %a, %tiles[%i, %i, %i], %wide transpose
      : vector<4xi32>, memref<2x24x64xbf16, #gpu.address_space<workgroup>>, vector<64xf32>
    %zero = arith.constant dense<0.0> : vector<4xf32>
    %f = minimax_gpu.wgmma %a, %tile[%i, %i], %zero
      : vector<4xi32>, memref<8x64xbf16, #gpu.address_space<workgroup>>, vector<4xf32>
    %new = vector.extract %f[0] : f32 from vector<4xf32>
    %last = arith.truncf %new : f32 to bf16
    memref.store %last, %w[%i, %i] : memref<?x64xbf16>
    %other = vector.extract %e[0] : f32 from vector<64xf32>
    %more = arith.truncf %other : f32 to bf16
    memref.store %more, %w[%i, %i] : memref<?x64xbf16>
    %sum = vector.extract %d[0] : f32 from vector<4xf32>
    %narrow = arith.truncf %sum : f32 to bf16
    memref.store %narrow, %w[%i, %i] : memref<?x64xbf16>
    gpu.return
  }
}
