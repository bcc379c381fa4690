// RUN: minimax-opt %s --minimax-lower-to-gpu-kernels=arch=sm_80 | FileCheck %s
// RUN: minimax-opt %s --minimax-lower-to-gpu-kernels=arch=sm_90a | FileCheck %s --check-prefix=HOPPER
// RUN: minimax-opt %s --minimax-lower-to-gpu-kernels="arch=sm_90a warpgroups=false" | FileCheck %s --check-prefix=WARPS
// RUN: minimax-opt %s --minimax-lower-to-gpu-kernels="arch=sm_80 tensor-cores=false" | FileCheck %s --check-prefix=SIMT

// New keys and values go to the cache first, in its type. Then tiles of rows
// attend: products of shared tiles, a softmax of rows across 16 threads, and
// outputs that stay in registers. Single tokens have a kernel of their own,
// whose warps share the keys and meet in shared memory.
// CHECK-LABEL: func.func @attention(
// CHECK: memref.collapse_shape %{{.+}} {{\[}}[0, 1], [2], [3]]
// CHECK: gpu.launch
// CHECK: arith.truncf {{.+}} : f32 to bf16
// CHECK: minimax.kernel = "cache_append"
// CHECK: gpu.launch
// CHECK: minimax_gpu.shared_memory : memref<64x17xf32, #gpu.address_space<workgroup>>
// CHECK: minimax_gpu.shared_memory : memref<32x17xf32, #gpu.address_space<workgroup>>
// CHECK: scf.for {{.+}} iter_args
// CHECK: gpu.barrier
// CHECK: gpu.barrier
// CHECK: math.fma
// CHECK: gpu.shuffle xor
// CHECK: llvm.nvvm.ex2.approx.ftz.f
// CHECK: gpu.barrier
// CHECK: math.fma
// CHECK: minimax.kernel = "attention_prefill"
// CHECK: gpu.launch
// CHECK: gpu.subgroup_reduce {{add|maxnumf}}
// CHECK: gpu.shuffle idx
// CHECK: gpu.barrier
// CHECK: minimax.kernel = "attention_decode"
func.func @attention(%q: memref<?x4x16xf32>, %k: memref<?x2x16xf32>, %i: memref<?xi32>, %keys: memref<?x?x2x16xbf16>, %values: memref<?x?x2x16xbf16>, %y: memref<?x4x16xf32>) {
  minimax.attention %q, %k, %k, %i, %i, %i, %keys, %values outs(%y) scale = 0.25
      : (memref<?x4x16xf32>, memref<?x2x16xf32>, memref<?x2x16xf32>, memref<?xi32>, memref<?xi32>, memref<?xi32>, memref<?x?x2x16xbf16>, memref<?x?x2x16xbf16>, memref<?x4x16xf32>) -> ()
  return
}

// With products in bf16, on matrix units: queries stay in fragments, tiles of
// keys and values come in two stages of asynchronous copies, a row's maximum is
// found by the four lanes that share it, exponentials become the left factor in
// registers. Without matrix units nothing changes.
// CHECK-LABEL: func.func @matrix(
// CHECK: minimax_gpu.shared_memory : memref<128x40xbf16, #gpu.address_space<workgroup>>
// CHECK: minimax_gpu.shared_memory : memref<2x64x40xbf16, #gpu.address_space<workgroup>>
// CHECK: minimax_gpu.copy_async
// CHECK: nvvm.cp.async.commit.group
// CHECK: gpu.barrier
// CHECK-COUNT-2: minimax_gpu.load_matrix {{.*}} -> vector<4xi32>
// CHECK: scf.for
// CHECK: nvvm.cp.async.wait.group 0
// CHECK: gpu.barrier
// CHECK: minimax_gpu.copy_async
// CHECK: minimax_gpu.load_matrix
// CHECK-COUNT-16: minimax_gpu.mma
// CHECK: gpu.shuffle xor
// CHECK: llvm.nvvm.ex2.approx.ftz.f
// CHECK: llvm.nvvm.ff2bf16x2.rn
// CHECK: minimax_gpu.load_matrix {{.*}} transpose
// CHECK-COUNT-16: minimax_gpu.mma
// CHECK-NOT: minimax_gpu.mma
// CHECK: minimax.kernel = "attention_prefill_matrix"
// SIMT-LABEL: func.func @matrix(
// SIMT-NOT: minimax_gpu.mma
// SIMT: minimax.kernel = "attention_prefill"
func.func @matrix(%q: memref<?x4x32xf32>, %k: memref<?x2x32xf32>, %i: memref<?xi32>, %keys: memref<?x?x2x32xbf16>, %values: memref<?x?x2x32xbf16>, %y: memref<?x4x32xf32>) {
  minimax.attention %q, %k, %k, %i, %i, %i, %keys, %values outs(%y) scale = 0.25 {bf16_products}
      : (memref<?x4x32xf32>, memref<?x2x32xf32>, memref<?x2x32xf32>, memref<?xi32>, memref<?xi32>, memref<?xi32>, memref<?x?x2x32xbf16>, memref<?x?x2x32xbf16>, memref<?x4x32xf32>) -> ()
  return
}

// On Hopper warpgroups do this for heads of 64 and 128 columns in caches of
// bf16: one fills a ring of tiles of keys and values, each reported when it has
// landed; the others start the scores of a tile and the values of the one
// before, and take exponentials while the latter are under way.
// HOPPER-LABEL: func.func @warpgroups(
// HOPPER: minimax_gpu.shared_memory alignment = 1024 : memref<6x2x128x64xbf16, #gpu.address_space<workgroup>>
// HOPPER: minimax_gpu.shared_memory : memref<128x136xbf16, #gpu.address_space<workgroup>>
// HOPPER: minimax_gpu.mbarrier_init {{.*}} count = 128
// HOPPER: minimax_gpu.mbarrier_init {{.*}} count = 8
// HOPPER: nvvm.setmaxregister decrease 40
// HOPPER: minimax_gpu.mbarrier_wait
// HOPPER-COUNT-16: minimax_gpu.copy_async
// HOPPER: nvvm.cp.async.commit.group
// HOPPER: nvvm.cp.async.wait.group 4
// HOPPER: nvvm.fence.proxy
// HOPPER: minimax_gpu.mbarrier_arrive
// HOPPER: nvvm.setmaxregister increase 232
// HOPPER-COUNT-8: minimax_gpu.load_matrix
// HOPPER: minimax_gpu.mbarrier_wait
// HOPPER: nvvm.wgmma.fence.aligned
// HOPPER-COUNT-8: minimax_gpu.wgmma {{.*}} : vector<4xi32>, memref<6x2x128x64xbf16, #gpu.address_space<workgroup>>, vector<64xf32>
// HOPPER: nvvm.wgmma.wait.group.sync.aligned 0
// HOPPER: scf.if
// HOPPER: arith.cmpi slt
// HOPPER: llvm.nvvm.ex2.approx.ftz.f
// HOPPER: llvm.nvvm.ff2bf16x2.rn
// HOPPER: scf.for
// HOPPER-COUNT-2: minimax_gpu.mbarrier_wait
// HOPPER: nvvm.wgmma.fence.aligned
// HOPPER-COUNT-8: minimax_gpu.wgmma
// HOPPER: nvvm.wgmma.commit.group.sync.aligned
// HOPPER-COUNT-8: minimax_gpu.wgmma {{.*}} transpose : vector<4xi32>, memref<6x2x128x64xbf16, #gpu.address_space<workgroup>>, vector<64xf32>
// HOPPER: nvvm.wgmma.commit.group.sync.aligned
// HOPPER: nvvm.wgmma.wait.group.sync.aligned 1
// HOPPER: llvm.nvvm.ex2.approx.ftz.f
// HOPPER-NOT: llvm.nvvm.ff2bf16x2.rn
// HOPPER: nvvm.wgmma.wait.group.sync.aligned 0
// HOPPER: llvm.nvvm.ff2bf16x2.rn
// HOPPER: scf.yield
// HOPPER-COUNT-8: minimax_gpu.wgmma {{.*}} transpose
// HOPPER: nvvm.wgmma.wait.group.sync.aligned 0
// HOPPER: minimax.kernel = "attention_prefill_warpgroups"
// HOPPER: minimax.kernel = "attention_decode"
// CHECK-LABEL: func.func @warpgroups(
// CHECK: minimax.kernel = "attention_prefill_matrix"
// WARPS-LABEL: func.func @warpgroups(
// WARPS: minimax.kernel = "attention_prefill_matrix"
func.func @warpgroups(%q: memref<?x8x128xf32>, %k: memref<?x1x128xf32>, %i: memref<?xi32>, %keys: memref<?x?x1x128xbf16>, %values: memref<?x?x1x128xbf16>, %y: memref<?x8x128xf32>) {
  minimax.attention %q, %k, %k, %i, %i, %i, %keys, %values outs(%y) scale = 0.25 {bf16_products}
      : (memref<?x8x128xf32>, memref<?x1x128xf32>, memref<?x1x128xf32>, memref<?xi32>, memref<?xi32>, memref<?xi32>, memref<?x?x1x128xbf16>, memref<?x?x1x128xbf16>, memref<?x8x128xf32>) -> ()
  return
}

// Caches of f32 are rounded on the way, by threads: no ring.
// HOPPER-LABEL: func.func @f32_cache(
// HOPPER-NOT: minimax_gpu.wgmma
// HOPPER: minimax.kernel = "attention_prefill_matrix"
func.func @f32_cache(%q: memref<?x8x128xf32>, %k: memref<?x1x128xf32>, %i: memref<?xi32>, %keys: memref<?x?x1x128xf32>, %values: memref<?x?x1x128xf32>, %y: memref<?x8x128xf32>) {
  minimax.attention %q, %k, %k, %i, %i, %i, %keys, %values outs(%y) scale = 0.25 {bf16_products}
      : (memref<?x8x128xf32>, memref<?x1x128xf32>, memref<?x1x128xf32>, memref<?xi32>, memref<?xi32>, memref<?xi32>, memref<?x?x1x128xf32>, memref<?x?x1x128xf32>, memref<?x8x128xf32>) -> ()
  return
}

// Heads of odd widths stay as they are.
// CHECK-LABEL: func.func @odd(
// CHECK-NOT: minimax_gpu.mma
// CHECK: minimax.kernel = "attention_prefill"
func.func @odd(%q: memref<?x4x24xf32>, %k: memref<?x2x24xf32>, %i: memref<?xi32>, %keys: memref<?x?x2x24xbf16>, %values: memref<?x?x2x24xbf16>, %y: memref<?x4x24xf32>) {
  minimax.attention %q, %k, %k, %i, %i, %i, %keys, %values outs(%y) scale = 0.25 {bf16_products}
      : (memref<?x4x24xf32>, memref<?x2x24xf32>, memref<?x2x24xf32>, memref<?xi32>, memref<?xi32>, memref<?xi32>, memref<?x?x2x24xbf16>, memref<?x?x2x24xbf16>, memref<?x4x24xf32>) -> ()
  return
}

// A warp merges one head of one row; a side without keys has weight 0.
// CHECK-LABEL: func.func @merge(
// CHECK: gpu.launch
// CHECK: arith.cmpf oeq, %{{.+}}, %{{.+}} : f32
// CHECK: arith.select
// CHECK: minimax.kernel = "attention_merge"
func.func @merge(%o: memref<?x4x16xf32>, %l: memref<?x4xf32>, %y: memref<?x4x16xf32>, %m: memref<?x4xf32>) {
  minimax.attention_merge %o, %l, %o, %l outs(%y, %m)
      : (memref<?x4x16xf32>, memref<?x4xf32>, memref<?x4x16xf32>, memref<?x4xf32>, memref<?x4x16xf32>, memref<?x4xf32>) -> ()
  return
}
