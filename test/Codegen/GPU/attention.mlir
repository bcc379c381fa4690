// RUN: minimax-opt %s --minimax-lower-to-gpu-kernels=arch=sm_80 | FileCheck %s
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
