// On Hopper warpgroups compute products of bf16, if rows of the input are whole
// chunks of copies and no shorter than a stage.
// RUN: minimax-opt %s --minimax-lower-to-gpu-kernels=arch=sm_90a --canonicalize --cse | FileCheck %s
// RUN: minimax-opt %s --minimax-lower-to-gpu-kernels="arch=sm_90a warpgroups=false" | FileCheck %s --check-prefix=MMA
// RUN: minimax-opt %s --minimax-kernels-phase=target=cuda:sm_90a | FileCheck %s --check-prefix=OUTLINED
// RUN: minimax-opt %s --minimax-kernels-phase=target=cuda:sm_90a --minimax-llvm-phase=target=cuda:sm_90a | FileCheck %s --check-prefix=LLVM

// MMA-NOT: minimax_gpu.wgmma
// MMA: minimax_gpu.mma
// LLVM: gpu.binary @kernels {{.*}}chip = "sm_90a"

// CHECK-LABEL: func.func @linear
func.func @linear(%context: !llvm.ptr, %x: memref<?x200xbf16>, %w: memref<3x100x64x2xbf16>, %y: memref<?x180xf32>) {
  // CHECK: minimax.kernel = "linear_rows"
  // The host chooses the tile by the number of rows.
  // CHECK: arith.cmpi slt, %{{.*}}, %c17
  // As many blocks as run at once, at most one for each tile.
  // CHECK: %[[ROW_TILES:.*]] = arith.divui %{{.*}}, %c16
  // CHECK: %[[TILES:.*]] = arith.muli %[[ROW_TILES]], %c3
  // CHECK: %[[BLOCKS:.*]] = arith.minsi %[[TILES]], %c264
  // CHECK: gpu.launch blocks({{.*}}) in (%{{.*}} = %[[BLOCKS]], %{{.*}} = %c1, %{{.*}} = %c1) threads({{.*}}) in (%{{.*}} = %c384,
  // CHECK: %[[RING:.*]] = minimax_gpu.shared_memory alignment = 1024 : memref<102400xi8, #gpu.address_space<workgroup>>
  // CHECK: minimax_gpu.shared_memory : memref<2x16x68xf32, #gpu.address_space<workgroup>>
  // CHECK-COUNT-10: minimax_gpu.mbarrier_init %{{.*}} count = 129
  // CHECK: nvvm.fence.mbarrier.init
  // CHECK: gpu.barrier
  // One warpgroup copies, tile after tile.
  // CHECK-NOT: nvvm.setmaxregister
  // CHECK: gpu.grid_dim
  // CHECK: scf.for
  // CHECK: scf.for
  // CHECK: minimax_gpu.mbarrier_wait
  // CHECK: minimax_gpu.mbarrier_arrive %{{.*}} bytes = 8192
  // CHECK: minimax_gpu.bulk_copy %arg2{{.*}} bytes = 8192
  // CHECK-NOT: minimax_gpu.bulk_copy
  // CHECK: minimax_gpu.copy_async %arg1
  // CHECK: nvvm.cp.async.wait.group 8
  // What is under way in the end.
  // CHECK: nvvm.cp.async.wait.group 8
  // Two multiply, each half of a stage.
  // CHECK: minimax_gpu.mbarrier_wait
  // CHECK-COUNT-8: memref.load %{{.*}} : memref<10x1x32x64xi32, #gpu.address_space<workgroup>>
  // CHECK: nvvm.wgmma.fence.aligned
  // CHECK-COUNT-2: minimax_gpu.wgmma %{{.*}} : vector<4xi32>, memref<10x16x64xbf16, #gpu.address_space<workgroup>>, vector<8xf32>
  // CHECK-NEXT: nvvm.wgmma.commit.group.sync.aligned
  // Their sums meet in shared memory.
  // CHECK: nvvm.barrier id = %c1_i32 number_of_threads = %c256_i32
  // CHECK: vector.store %{{.*}} : memref<2x16x68xf32, #gpu.address_space<workgroup>>, vector<2xf32>
  // CHECK: nvvm.barrier id = %c1_i32 number_of_threads = %c256_i32
  // CHECK: memref.load %{{.*}}[%c0, %{{.*}}] : memref<2x16x68xf32
  // CHECK: memref.load %{{.*}}[%c1, %{{.*}}] : memref<2x16x68xf32
  // CHECK: minimax.kernel = "linear_warpgroups_16"
  // CHECK: arith.cmpi slt, %{{.*}}, %c65
  // CHECK: minimax.kernel = "linear_warpgroups_64"
  // CHECK: arith.cmpi slt, %{{.*}}, %c129
  // CHECK: minimax.kernel = "linear_warpgroups_128"
  // Tiles of many rows have two panels.
  // CHECK: arith.muli %{{.*}}, %c2 :
  // CHECK: arith.minsi %{{.*}}, %c132
  // CHECK: gpu.launch blocks({{.*}}) in (%{{.*}} = %{{.*}}, %{{.*}} = %c1, %{{.*}} = %c1) threads({{.*}}) in (%{{.*}} = %c384,
  // CHECK: minimax_gpu.shared_memory alignment = 1024 : memref<196608xi8, #gpu.address_space<workgroup>>
  // CHECK: minimax_gpu.shared_memory : memref<2x32x68xf32, #gpu.address_space<workgroup>>
  // CHECK-COUNT-4: minimax_gpu.mbarrier_init %{{.*}} count = 129
  // CHECK: nvvm.setmaxregister decrease 56
  // CHECK: minimax_gpu.mbarrier_arrive %{{.*}} bytes = 16384
  // CHECK-COUNT-2: minimax_gpu.bulk_copy %arg2{{.*}} bytes = 8192
  // CHECK-COUNT-16: minimax_gpu.copy_async %arg1
  // CHECK: nvvm.cp.async.wait.group 2
  // CHECK: nvvm.fence.proxy
  // CHECK: minimax_gpu.mbarrier_arrive
  // The others multiply, and free a stage when they have begun with the next.
  // CHECK: nvvm.setmaxregister increase 224
  // CHECK: minimax_gpu.mbarrier_wait
  // CHECK-COUNT-16: memref.load %{{.*}} : memref<4x2x32x64xi32, #gpu.address_space<workgroup>>
  // CHECK: nvvm.wgmma.fence.aligned
  // CHECK-COUNT-4: minimax_gpu.wgmma %{{.*}} : vector<4xi32>, memref<4x256x64xbf16, #gpu.address_space<workgroup>>, vector<128xf32>
  // CHECK: nvvm.wgmma.commit.group.sync.aligned
  // CHECK: nvvm.wgmma.wait.group.sync.aligned 1
  // CHECK: minimax_gpu.mbarrier_arrive
  // CHECK: nvvm.wgmma.wait.group.sync.aligned 0
  // The last stage is free before the sums go through shared memory to rows of
  // the output, 32 rows at a time.
  // CHECK: minimax_gpu.mbarrier_arrive
  // CHECK: nvvm.barrier id = %{{.*}} number_of_threads = %c128_i32
  // CHECK-COUNT-16: vector.store %{{.*}} : memref<2x32x68xf32, #gpu.address_space<workgroup>>, vector<2xf32>
  // CHECK: nvvm.barrier id = %{{.*}} number_of_threads = %c128_i32
  // CHECK: memref.store %{{.*}}, %arg3
  // The same with half of the products, for a tile of 128 rows at most.
  // CHECK-COUNT-4: minimax_gpu.wgmma %{{.*}} : vector<4xi32>, memref<4x256x64xbf16, #gpu.address_space<workgroup>>, vector<64xf32>
  // CHECK: minimax.kernel = "linear_warpgroups_256"
  minimax.linear %x, %w outs(%y) activation = silu : (memref<?x200xbf16>, memref<3x100x64x2xbf16>, memref<?x180xf32>) -> ()
  return
}

// OUTLINED: gpu.launch_func @kernels::@linear_warpgroups_16_1 {{.*}} dynamic_shared_memory_size %c111264_i32
// OUTLINED: gpu.launch_func @kernels::@linear_warpgroups_256_4 {{.*}} dynamic_shared_memory_size %c214080_i32

// CHECK-LABEL: func.func @experts
func.func @experts(%context: !llvm.ptr, %x: memref<?x64xbf16>, %w: memref<8x3x32x64x2xbf16>, %offsets: memref<9xi32>, %y: memref<?x90xf32>) {
  // 16, 64, 128 rows for each expert, on average.
  // CHECK: arith.cmpi slt, %{{.*}}, %c129
  // A warp counts the tiles before each expert, from its offsets.
  // CHECK: gpu.launch
  // CHECK: %[[BEGINS:.*]] = minimax_gpu.shared_memory : memref<9xi32, #gpu.address_space<workgroup>>
  // CHECK-COUNT-5: gpu.shuffle up
  // CHECK: memref.store %{{.*}}, %[[BEGINS]]
  // CHECK: gpu.barrier
  // A tile finds its expert by a vote.
  // CHECK: scf.for
  // CHECK: memref.load %[[BEGINS]]
  // CHECK: nvvm.vote.ballot.sync
  // CHECK: math.ctpop
  // CHECK: minimax.kernel = "grouped_matmul_warpgroups_16"
  // CHECK: arith.cmpi slt, %{{.*}}, %c513
  // CHECK: minimax.kernel = "grouped_matmul_warpgroups_64"
  // CHECK: arith.cmpi slt, %{{.*}}, %c1025
  // CHECK: minimax.kernel = "grouped_matmul_warpgroups_128"
  // CHECK: minimax.kernel = "grouped_matmul_warpgroups_256"
  minimax.grouped_matmul %x, %w, %offsets outs(%y) activation = swiglu : (memref<?x64xbf16>, memref<8x3x32x64x2xbf16>, memref<9xi32>, memref<?x90xf32>) -> ()
  return
}

// CHECK-LABEL: func.func @ragged
func.func @ragged(%context: !llvm.ptr, %x: memref<?x100xbf16>, %w: memref<1x50x64x2xbf16>, %y: memref<?x64xf32>) {
  // CHECK-NOT: minimax_gpu.wgmma
  // CHECK: minimax.kernel = "linear_matrix"
  minimax.linear %x, %w outs(%y) : (memref<?x100xbf16>, memref<1x50x64x2xbf16>, memref<?x64xf32>) -> ()
  return
}

// CHECK-LABEL: func.func @short
func.func @short(%context: !llvm.ptr, %x: memref<?x56xbf16>, %w: memref<1x28x64x2xbf16>, %y: memref<?x64xf32>) {
  // CHECK-NOT: minimax_gpu.wgmma
  // CHECK: minimax.kernel = "linear_matrix"
  minimax.linear %x, %w outs(%y) : (memref<?x56xbf16>, memref<1x28x64x2xbf16>, memref<?x64xf32>) -> ()
  return
}
