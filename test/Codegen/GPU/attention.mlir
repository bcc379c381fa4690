// RUN: minimax-opt %s --minimax-lower-to-gpu-kernels=arch=sm_80 | FileCheck %s

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
// CHECK: scf.if
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
