// A block for each row of a norm, a thread for each element of the rest.
// RUN: minimax-opt %s --minimax-lower-to-gpu-kernels=arch=sm_80 --canonicalize --cse | FileCheck %s

// Threads keep their runs of four columns of the row.
// CHECK-LABEL: func.func @rms_norm
func.func @rms_norm(%x: memref<?x96xf32>, %w: memref<96xbf16>, %g: memref<?x96xbf16>, %y: memref<?x96xf32>, %z: memref<?x96xbf16>) {
  // CHECK: %[[ROWS:.*]] = memref.dim %arg0, %c0
  // CHECK: gpu.launch blocks({{.*}}) in (%{{.*}} = %[[ROWS]], {{.*}}) threads({{.*}}) in (%{{.*}} = %c256,
  // CHECK: %[[ROW:.*]] = gpu.block_id x
  // CHECK: vector.load %arg0[%[[ROW]], %{{.*}}] {minimax.aligned} : memref<?x96xf32>, vector<4xf32>
  // CHECK-NOT: vector.load %arg0
  // CHECK: gpu.subgroup_reduce add
  // CHECK: minimax_gpu.shared_memory : memref<8xf32, #gpu.address_space<workgroup>>
  // CHECK: gpu.barrier
  // CHECK: gpu.subgroup_reduce add
  // CHECK: llvm.call_intrinsic "llvm.nvvm.sqrt.rn.f"
  // CHECK-NOT: vector.load %arg0
  // CHECK: vector.load %arg2{{.*}} : memref<?x96xbf16>, vector<4xbf16>
  // CHECK: vector.store %{{.*}}, %arg3[%[[ROW]], %{{.*}}] {minimax.aligned} : memref<?x96xf32>, vector<4xf32>
  // CHECK-COUNT-2: llvm.call_intrinsic "llvm.nvvm.ff2bf16x2.rn"
  // CHECK: vector.store %{{.*}}, %arg4[%[[ROW]], %{{.*}}] {minimax.aligned} : memref<?x96xbf16>, vector<4xbf16>
  // CHECK: gpu.terminator
  // CHECK: minimax.kernel = "rms_norm"
  minimax.rms_norm %x, %w gate(%g) outs(%y, %z) eps = 1.0e-5
    : (memref<?x96xf32>, memref<96xbf16>, memref<?x96xbf16>, memref<?x96xf32>, memref<?x96xbf16>) -> ()
  return
}

// Rows of no whole runs are read twice.
// CHECK-LABEL: func.func @odd_norm
func.func @odd_norm(%x: memref<?x97xf32>, %w: memref<97xf32>, %y: memref<?x97xf32>) {
  // CHECK: %[[SQUARES:.*]] = scf.for {{.*}} iter_args
  // CHECK: gpu.subgroup_reduce add %[[SQUARES]]
  // CHECK: scf.for
  // CHECK: memref.load %arg0
  // CHECK: memref.store %{{.*}}, %arg2
  minimax.rms_norm %x, %w outs(%y) eps = 1.0e-5 : (memref<?x97xf32>, memref<97xf32>, memref<?x97xf32>) -> ()
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
