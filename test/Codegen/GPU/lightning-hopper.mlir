// RUN: minimax-opt %s --minimax-lower-to-gpu-kernels=arch=sm_90a | FileCheck %s
// RUN: minimax-opt %s --minimax-lower-to-gpu-kernels=arch=sm_80 | FileCheck %s --check-prefix=AMPERE

// On sm_90a warpgroups compute operands of bf16: one fills two stages of 128
// tokens, the others have 64 tokens each and 64 rows of the state, which
// advances twice a stage. Neighbouring blocks have the slices of one head.
// CHECK-LABEL: func.func @lightning(
// CHECK: %[[BLOCKS:.+]] = arith.muli {{.+}}, %{{.+}} : index
// CHECK: gpu.launch blocks({{.+}}) in ({{.+}} = %[[BLOCKS]],
// CHECK: %[[Q:.+]] = minimax_gpu.shared_memory alignment = 1024 : memref<2x2x2x64x64xbf16
// CHECK: %[[K:.+]] = minimax_gpu.shared_memory alignment = 1024 : memref<2x2x2x64x64xbf16
// CHECK: %[[V:.+]] = minimax_gpu.shared_memory alignment = 1024 : memref<2x2x64x64xbf16
// CHECK: %[[S:.+]] = minimax_gpu.shared_memory alignment = 1024 : memref<2x2x128x64xbf16
// CHECK: minimax_gpu.mbarrier_init {{.*}} count = 128
// CHECK: minimax_gpu.mbarrier_init {{.*}} count = 8

// CHECK: nvvm.setmaxregister decrease
// CHECK: minimax_gpu.mbarrier_wait
// CHECK: minimax_gpu.copy_async
// CHECK: nvvm.cp.async.wait.group 0
// CHECK-NEXT: nvvm.fence.proxy
// CHECK-NEXT: minimax_gpu.mbarrier_arrive

// CHECK: nvvm.setmaxregister increase
// CHECK: scf.for {{.+}} iter_args({{.+}}) -> (vector<32xf32>)
// CHECK: minimax_gpu.mbarrier_wait
// CHECK-COUNT-8: minimax_gpu.wgmma %{{.+}}, %[[K]][{{[^]]+}}], %{{[a-z0-9_]+}} :
// CHECK: nvvm.wgmma.commit
// CHECK: minimax_gpu.load_matrix %[[K]]{{.*}} transpose
// CHECK-COUNT-4: minimax_gpu.wgmma %{{.+}}, %[[V]]{{.*}} transpose
// CHECK: nvvm.wgmma.wait.group.sync.aligned 1
// CHECK-COUNT-4: minimax_gpu.wgmma %{{.+}}, %[[V]]{{.*}} transpose
// CHECK: nvvm.wgmma.wait.group.sync.aligned 1
// CHECK: vector.store {{.*}}, %[[S]]
// CHECK: nvvm.fence.proxy
// CHECK-COUNT-4: minimax_gpu.wgmma %{{.+}}, %[[V]]{{.*}} transpose
// CHECK: nvvm.barrier
// CHECK-COUNT-8: minimax_gpu.wgmma %{{.+}}, %[[S]]{{.*}} transpose
// CHECK: nvvm.wgmma.wait.group.sync.aligned 1
// CHECK: vector.store {{.*}}, %[[S]]
// CHECK: nvvm.wgmma.wait.group.sync.aligned 0
// CHECK: vector.store {{.*}} : memref<?x4x128xbf16>, vector<8xbf16>
// CHECK: nvvm.bar.warp.sync
// CHECK: minimax_gpu.mbarrier_arrive
// CHECK: minimax.kernel = "lightning_prefill_warpgroups"
// AMPERE: minimax.kernel = "lightning_prefill_matrix"
func.func @lightning(%q: memref<?x4x128xbf16>, %s: memref<4xf32>, %i: memref<?xi32>, %state: memref<?x4x128x128xf32>, %y: memref<?x4x128xbf16>) {
  minimax.lightning_attention %q, %q, %q, %s, %i, %i, %state outs(%y) chunk = 64 {bf16_products}
      : (memref<?x4x128xbf16>, memref<?x4x128xbf16>, memref<?x4x128xbf16>, memref<4xf32>, memref<?xi32>, memref<?xi32>, memref<?x4x128x128xf32>, memref<?x4x128xbf16>) -> ()
  return
}

// Other widths, and a chunk's state, stay with warps.
// CHECK-LABEL: func.func @warps(
// CHECK: minimax.kernel = "lightning_prefill_matrix"
// CHECK: minimax.kernel = "chunk_state_matrix"
func.func @warps(%q: memref<?x4x96xbf16>, %k: memref<?x4x64xbf16>, %s: memref<4xf32>, %i: memref<?xi32>, %state: memref<?x4x96x96xf32>,
    %y: memref<?x4x96xbf16>, %local: memref<?x4x64x64xf32>, %decay: memref<?x4xf32>) {
  minimax.lightning_attention %q, %q, %q, %s, %i, %i, %state outs(%y) chunk = 64 {bf16_products}
      : (memref<?x4x96xbf16>, memref<?x4x96xbf16>, memref<?x4x96xbf16>, memref<4xf32>, memref<?xi32>, memref<?xi32>, memref<?x4x96x96xf32>, memref<?x4x96xbf16>) -> ()
  minimax.chunk_state %k, %k, %s, %i outs(%local, %decay) chunk = 64 {bf16_products}
      : (memref<?x4x64xbf16>, memref<?x4x64xbf16>, memref<4xf32>, memref<?xi32>, memref<?x4x64x64xf32>, memref<?x4xf32>) -> ()
  return
}
