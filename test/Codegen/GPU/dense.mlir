// A block for each row of a norm, a thread for each element of the rest.
// RUN: minimax-opt %s --minimax-lower-to-gpu-kernels=arch=sm_80 --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func.func @rms_norm
func.func @rms_norm(%x: memref<?x96xf32>, %w: memref<96xbf16>, %g: memref<?x96xf32>, %y: memref<?x96xf32>) {
  // CHECK: %[[ROWS:.*]] = memref.dim %arg0, %c0
  // CHECK: gpu.launch blocks({{.*}}) in (%{{.*}} = %[[ROWS]], {{.*}}) threads({{.*}}) in (%{{.*}} = %c256,
  // CHECK: %[[ROW:.*]] = gpu.block_id x
  // CHECK: %[[SQUARES:.*]] = scf.for {{.*}} iter_args
  // CHECK: gpu.subgroup_reduce add %[[SQUARES]]
  // CHECK: minimax_gpu.shared_memory : memref<8xf32, #gpu.address_space<workgroup>>
  // CHECK: gpu.barrier
  // CHECK: gpu.subgroup_reduce add
  // CHECK: llvm.call_intrinsic "llvm.nvvm.sqrt.rn.f"
  // CHECK: scf.for
  // CHECK: memref.load %arg2[%[[ROW]], %{{.*}}]
  // CHECK: memref.store %{{.*}}, %arg3[%[[ROW]], %{{.*}}]
  // CHECK: gpu.terminator
  // CHECK: minimax.kernel = "rms_norm"
  minimax.rms_norm %x, %w gate(%g) outs(%y) eps = 1.0e-5
    : (memref<?x96xf32>, memref<96xbf16>, memref<?x96xf32>, memref<?x96xf32>) -> ()
  return
}

// CHECK-LABEL: func.func @embedding
func.func @embedding(%tokens: memref<?xi32>, %table: memref<251x96xbf16>, %y: memref<?x96xf32>) {
  // CHECK: gpu.launch
  // CHECK: %[[PLACE:.*]] = arith.addi
  // CHECK: %[[INSIDE:.*]] = arith.cmpi slt, %[[PLACE]]
  // CHECK: scf.if %[[INSIDE]]
  // CHECK: %[[TOKEN:.*]] = memref.load %arg0
  // CHECK: memref.load %arg1
  // CHECK: arith.shli
  // CHECK: memref.store %{{.*}}, %arg2
  // CHECK: minimax.kernel = "embedding"
  minimax.embedding %tokens, %table outs(%y) : (memref<?xi32>, memref<251x96xbf16>, memref<?x96xf32>) -> ()
  return
}

// CHECK-LABEL: func.func @numbered
func.func @numbered(%x: memref<?x8xf32>, %y: memref<?x8xf32>) {
  // CHECK: call @mmrt_begin_op(%c3_i64)
  // CHECK: gpu.launch
  minimax.activation %x outs(%y) kind = silu {minimax.op = 3 : i64} : (memref<?x8xf32>, memref<?x8xf32>) -> ()
  return
}
