// Products: a kernel for few rows and one for many, on matrix units for bf16.
// RUN: minimax-opt %s --minimax-lower-to-gpu-kernels=arch=sm_80 --canonicalize --cse | FileCheck %s
// RUN: minimax-opt %s --minimax-lower-to-gpu-kernels="arch=sm_80 tensor-cores=false" | FileCheck %s --check-prefix=PLAIN
// RUN: minimax-opt %s --minimax-lower-to-gpu-kernels=arch=sm_80 --canonicalize --minimax-outline-kernels --minimax-allocate-shared-memory=arch=sm_80 | FileCheck %s --check-prefix=OUTLINED
// RUN: minimax-opt %s --minimax-kernels-phase=target=cuda:sm_80 --minimax-llvm-phase=target=cuda:sm_80 | FileCheck %s --check-prefix=LLVM

// PLAIN-NOT: minimax_gpu.mma
// PLAIN: minimax.kernel = "grouped_matmul"
// LLVM: gpu.binary @kernels {{.*}}chip = "sm_80"

// CHECK-LABEL: func.func @f32
func.func @f32(%context: !llvm.ptr, %x: memref<?x96xf32>, %w: memref<2x96x64xf32>, %y: memref<?x100xf32>) {
  // The host chooses by the number of rows.
  // CHECK: %[[ROWS:.*]] = memref.dim %arg3, %c0
  // CHECK: %[[FEW:.*]] = arith.cmpi slt, %[[ROWS]], %c9
  // CHECK: scf.if %[[FEW]]
  // Half a panel for each block, four vectors of weights under way.
  // CHECK: gpu.launch blocks({{.*}}) in (%{{.*}} = %c4, %{{.*}} = %c1,
  // CHECK: minimax_gpu.shared_memory : memref<8x8x32xf32, #gpu.address_space<workgroup>>
  // CHECK-COUNT-4: vector.load %arg2{{.*}} {minimax.aligned} : memref<2x96x64xf32>, vector<4xf32>
  // CHECK: math.fma
  // CHECK: gpu.shuffle xor
  // CHECK: gpu.barrier
  // CHECK: memref.store %{{.*}}, %arg3
  // CHECK: minimax.kernel = "linear_rows"
  // 64 rows by a panel for each block.
  // CHECK: arith.divui %{{.*}}, %c64
  // CHECK: gpu.launch blocks({{.*}}) in (%{{.*}} = %{{.*}}, %{{.*}} = %c2,
  // CHECK: %[[INPUTS:.*]] = minimax_gpu.shared_memory : memref<64x36xf32, #gpu.address_space<workgroup>>
  // CHECK: %[[WEIGHTS:.*]] = minimax_gpu.shared_memory : memref<32x80xf32, #gpu.address_space<workgroup>>
  // CHECK: gpu.barrier
  // CHECK: memref.store %{{.*}}, %[[INPUTS]]
  // CHECK: memref.store %{{.*}}, %[[WEIGHTS]]
  // CHECK: gpu.barrier
  // CHECK: vector.load %[[INPUTS]]
  // CHECK: vector.load %[[WEIGHTS]]
  // CHECK: math.fma
  // CHECK: minimax.kernel = "linear"
  minimax.linear %x, %w outs(%y) activation = silu : (memref<?x96xf32>, memref<2x96x64xf32>, memref<?x100xf32>) -> ()
  return
}

// OUTLINED: gpu.launch_func @kernels::@linear_rows_0 {{.*}} dynamic_shared_memory_size %c8192_i32
// OUTLINED: gpu.launch_func @kernels::@linear_1 {{.*}} dynamic_shared_memory_size %c19456_i32
// OUTLINED: gpu.launch_func @kernels::@linear_matrix_3 {{.*}} dynamic_shared_memory_size %c65536_i32

// CHECK-LABEL: func.func @bf16
func.func @bf16(%context: !llvm.ptr, %x: memref<?x96xbf16>, %w: memref<2x48x64x2xbf16>, %r: memref<?x100xf32>, %y: memref<?x100xf32>) {
  // CHECK: minimax.kernel = "linear_rows"
  // CHECK: %[[INPUTS:.*]] = minimax_gpu.shared_memory : memref<4x128x32xbf16, #gpu.address_space<workgroup>>
  // CHECK: %[[WEIGHTS:.*]] = minimax_gpu.shared_memory : memref<4x2x16x64x2xbf16, #gpu.address_space<workgroup>>
  // CHECK: minimax_gpu.copy_async %arg1[{{.*}}], %[[INPUTS]]
  // CHECK: minimax_gpu.copy_async %arg2[{{.*}}], %[[WEIGHTS]]
  // CHECK: nvvm.cp.async.commit.group
  // CHECK: nvvm.cp.async.wait.group 2
  // CHECK: gpu.barrier
  // CHECK: minimax_gpu.load_matrix %[[INPUTS]]
  // CHECK: vector.load %[[WEIGHTS]]{{.*}} {minimax.aligned} : {{.*}}, vector<8xbf16>
  // CHECK-COUNT-32: minimax_gpu.mma
  // CHECK: memref.load %arg3
  // CHECK: memref.store %{{.*}}, %arg4
  // CHECK: minimax.kernel = "linear_matrix"
  minimax.linear %x, %w residual(%r) outs(%y) alpha = 2.0 beta = 3.0 : (memref<?x96xbf16>, memref<2x48x64x2xbf16>, memref<?x100xf32>, memref<?x100xf32>) -> ()
  return
}

// CHECK-LABEL: func.func @head
func.func @head(%context: !llvm.ptr, %x: memref<?x96xf32>, %w: memref<2x48x64x2xbf16>, %y: memref<?x100xf32>) {
  // CHECK: minimax.kernel = "lm_head_rows"
  // CHECK-NOT: minimax_gpu.mma
  // CHECK: minimax.kernel = "lm_head"
  minimax.lm_head %x, %w outs(%y) : (memref<?x96xf32>, memref<2x48x64x2xbf16>, memref<?x100xf32>) -> ()
  return
}

// CHECK-LABEL: func.func @integers
func.func @integers(%context: !llvm.ptr, %x: memref<?x98xi16>, %w: memref<8x2x50x64x2xi8>, %offsets: memref<9xi32>, %y: memref<?x50xf32>) {
  // CHECK: memref.collapse_shape %arg2 {{\[\[}}0, 1], [2], [3], [4]]
  // A block for each half of a panel and expert.
  // CHECK: gpu.launch blocks({{.*}}) in (%{{.*}} = %c4, %{{.*}} = %c8,
  // CHECK: arith.muli %{{.*}} : i32
  // CHECK: gpu.shuffle xor %{{.*}} : i32
  // CHECK: arith.sitofp
  // CHECK: minimax.kernel = "grouped_matmul_rows"
  // Tiles of all experts are found from the offsets.
  // CHECK: minimax_gpu.shared_memory : memref<64x36xi32, #gpu.address_space<workgroup>>
  // CHECK: minimax.kernel = "grouped_matmul"
  minimax.grouped_matmul %x, %w, %offsets outs(%y) activation = swiglu : (memref<?x98xi16>, memref<8x2x50x64x2xi8>, memref<9xi32>, memref<?x50xf32>) -> ()
  return
}
