// Products of few rows with few columns: blocks of a cluster share the inner
// dimension, so that a GPU of 132 multiprocessors is evenly busy.
// RUN: minimax-opt %s --minimax-lower-to-gpu-kernels=arch=sm_90a --canonicalize --cse | FileCheck %s
// RUN: minimax-opt %s --minimax-lower-to-gpu-kernels=arch=sm_80 | FileCheck %s --check-prefix=ALONE
// RUN: minimax-opt %s --minimax-kernels-phase=target=cuda:sm_90a | FileCheck %s --check-prefix=OUTLINED

// ALONE-NOT: clusters
// ALONE-NOT: minimax_gpu.prefetch
// OUTLINED: minimax_gpu.launch_dependents
// OUTLINED: minimax_gpu.prefetch
// OUTLINED-NEXT: }
// OUTLINED-NEXT: minimax_gpu.wait_prerequisites
// OUTLINED: gpu.launch_func @kernels::@linear_rows_{{[0-9]+}} clusters in (%c8, %c1, %c1) blocks in (%c16

// 192 tiles are one or two for each multiprocessor; shared by two, three.
// CHECK-LABEL: func.func @out_proj
func.func @out_proj(%context: !llvm.ptr, %x: memref<?x8192xf32>, %w: memref<96x4096x64x2xbf16>, %y: memref<?x6144xf32>) {
  // CHECK: gpu.launch clusters({{.*}}) in (%{{.*}} = %c2, %{{.*}} = %c1, %{{.*}} = %c1) blocks({{.*}}) in (%{{.*}} = %c384,
  // Before it waits for the kernels before it, a block brings what the
  // multiprocessor, of which it has a half, reads in 2 us.
  // CHECK-NOT: load
  // CHECK: minimax_gpu.prefetch %arg2[%{{.*}}, %{{.*}}, %c0, %c0] bytes = 36864
  // CHECK: minimax.kernel = "linear_rows"
  minimax.linear %x, %w outs(%y) : (memref<?x8192xf32>, memref<96x4096x64x2xbf16>, memref<?x6144xf32>) -> ()
  return
}

// CHECK-LABEL: func.func @router
func.func @router(%context: !llvm.ptr, %x: memref<?x6144xf32>, %w: memref<1x6144x64xf32>, %y: memref<?x32xf32>) {
  // CHECK: gpu.launch clusters({{.*}}) in (%{{.*}} = %c8, %{{.*}} = %c1, %{{.*}} = %c1) blocks({{.*}}) in (%{{.*}} = %c16,
  // What a block has of 384 parts of 16 steps, eight of which its warps take.
  // CHECK: %[[BLOCK:.*]] = gpu.block_id  x
  // CHECK: %[[RANK:.*]] = arith.remui %[[BLOCK]], %c8
  // CHECK: %[[PARTS:.*]] = arith.muli %[[RANK]], %c384
  // CHECK: arith.divui %[[PARTS]], %c8
  // CHECK: minimax_gpu.prefetch %arg2[%{{.*}}, %{{.*}}, %c0] bytes = 73728 : memref<1x6144x64xf32>
  // CHECK: minimax_gpu.shared_memory : memref<8x8x32xf32
  // CHECK: %[[MET:.*]] = minimax_gpu.shared_memory : memref<8x8x32xf32
  // The first block may be written to when it has begun and, if there are more
  // rows, has stored those before.
  // CHECK: nvvm.cluster.arrive {aligned}
  // CHECK: scf.for
  // CHECK: vector.load %arg2
  // CHECK: gpu.barrier
  // CHECK: nvvm.cluster.wait {aligned}
  // CHECK: %[[THERE:.*]] = minimax_gpu.cluster_memory %[[MET]] of %c0
  // CHECK: memref.store %{{.*}}, %[[THERE]][%[[RANK]], %{{.*}}, %{{.*}}] : memref<8x8x32xf32>
  // CHECK: nvvm.cluster.arrive {aligned}
  // CHECK: nvvm.cluster.wait {aligned}
  // CHECK: %[[IS_FIRST:.*]] = arith.cmpi eq, %[[RANK]], %c0
  // CHECK: scf.if %[[IS_FIRST]]
  // CHECK-COUNT-8: memref.load %[[MET]][%c{{[0-7]}}, %{{.*}}, %{{.*}}] : memref<8x8x32xf32, #gpu.address_space<workgroup>>
  // CHECK: memref.store %{{.*}}, %arg3
  // CHECK: minimax.kernel = "linear_rows"
  minimax.linear %x, %w outs(%y) : (memref<?x6144xf32>, memref<1x6144x64xf32>, memref<?x32xf32>) -> ()
  return
}

// Tiles of warpgroups: as many clusters as run at once, two blocks of them on
// each multiprocessor. All threads meet twice for each tile, those that copy
// when they have reported all stages; each block stores every eighth row.
// CHECK-LABEL: func.func @key
func.func @key(%context: !llvm.ptr, %x: memref<?x6144xbf16>, %w: memref<16x3072x64x2xbf16>, %y: memref<?x1024xf32>) {
  // CHECK: minimax.kernel = "linear_rows"
  // CHECK: %[[CLUSTERS:.*]] = arith.minsi %{{.*}}, %c33
  // CHECK: %[[BLOCKS:.*]] = arith.muli %[[CLUSTERS]], %c8
  // CHECK: gpu.launch clusters({{.*}}) in (%{{.*}} = %c8, %{{.*}} = %c1, %{{.*}} = %c1) blocks({{.*}}) in (%{{.*}} = %[[BLOCKS]],
  // CHECK: minimax_gpu.shared_memory : memref<2x16x68xf32, #gpu.address_space<workgroup>>
  // CHECK: %[[MET:.*]] = minimax_gpu.shared_memory : memref<8x2x64xf32, #gpu.address_space<workgroup>>
  // CHECK: nvvm.cluster.arrive {aligned}
  // CHECK: minimax_gpu.bulk_copy
  // CHECK: nvvm.cluster.wait {aligned}
  // CHECK-NEXT: nvvm.cluster.arrive {aligned}
  // CHECK-NEXT: nvvm.cluster.wait {aligned}
  // CHECK: nvvm.cluster.arrive {aligned}
  // CHECK: minimax_gpu.wgmma
  // CHECK: nvvm.cluster.wait {aligned}
  // CHECK: minimax_gpu.cluster_memory %[[MET]] of
  // CHECK: nvvm.cluster.arrive {aligned}
  // CHECK-NEXT: nvvm.cluster.wait {aligned}
  // CHECK-COUNT-8: memref.load %[[MET]]
  // CHECK: minimax.kernel = "linear_warpgroups_16"
  // CHECK: gpu.launch clusters
  // CHECK: minimax.kernel = "linear_warpgroups_64"
  // CHECK: minimax.kernel = "linear_warpgroups_256"
  minimax.linear %x, %w outs(%y) : (memref<?x6144xbf16>, memref<16x3072x64x2xbf16>, memref<?x1024xf32>) -> ()
  return
}

// Many tiles, or a short inner dimension: nothing to share.
// CHECK-LABEL: func.func @alone
// CHECK-NOT: clusters
// CHECK: minimax_gpu.prefetch %arg2{{.*}} bytes = 36864
// CHECK: kernel = "linear_rows"
// Half of all there is.
// CHECK: minimax_gpu.prefetch %arg5{{.*}} bytes = 6144
// CHECK-NOT: clusters
func.func @alone(%context: !llvm.ptr, %x: memref<?x6144xbf16>, %w: memref<384x3072x64x2xbf16>, %y: memref<?x24576xf32>,
                 %small: memref<?x96xf32>, %v: memref<2x48x64x2xbf16>, %z: memref<?x128xf32>) {
  minimax.linear %x, %w outs(%y) : (memref<?x6144xbf16>, memref<384x3072x64x2xbf16>, memref<?x24576xf32>) -> ()
  minimax.linear %small, %v outs(%z) : (memref<?x96xf32>, memref<2x48x64x2xbf16>, memref<?x128xf32>) -> ()
  return
}
