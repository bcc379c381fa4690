// int8 weights by bf16 activations: bytes become bf16 on the way to matrix
// units, four at a time, without conversion instructions.
// RUN: minimax-opt %s --minimax-lower-to-gpu-kernels=arch=sm_80 --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,SM80
// RUN: minimax-opt %s --minimax-lower-to-gpu-kernels=arch=sm_90a --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,SM90
// RUN: minimax-opt %s --minimax-lower-to-gpu-kernels="arch=sm_80 tensor-cores=false" | FileCheck %s --check-prefix=PLAIN
// RUN: minimax-opt %s --minimax-kernels-phase=target=cuda:sm_80 --minimax-llvm-phase=target=cuda:sm_80 | FileCheck %s --check-prefix=LLVM
// RUN: minimax-opt %s --minimax-kernels-phase=target=cuda:sm_90a --minimax-llvm-phase=target=cuda:sm_90a | FileCheck %s --check-prefix=LLVM

// PLAIN-NOT: minimax_gpu.mma
// PLAIN: arith.sitofp %{{.*}} : i8 to f32
// PLAIN: minimax.kernel = "linear"
// LLVM: gpu.binary @kernels

// CHECK-LABEL: func.func @linear
func.func @linear(%context: !llvm.ptr, %x: memref<?x200xbf16>, %w: memref<3x102x64x2xi8>, %y: memref<?x180xf32>) {
  // Threads keep up with memory for one row, if warpgroups take the others.
  // SM80: arith.cmpi slt, %{{.*}}, %c9
  // SM90: arith.cmpi slt, %{{.*}}, %c2
  // Few rows: a lane reads 8 columns of a step, 16 bytes; numbers of f32 are
  // bytes of 2^23 + n.
  // CHECK-COUNT-4: vector.load %arg2{{.*}} {minimax.aligned} : memref<3x102x64x2xi8>, vector<16xi8>
  // CHECK: vector.bitcast %{{.*}} : vector<16xi8> to vector<4xi32>
  // CHECK: arith.xori %{{.*}} : i32
  // CHECK: llvm.call_intrinsic "llvm.nvvm.prmt"
  // CHECK-NOT: arith.sitofp
  // CHECK: math.fma
  // The scale of the weight's row comes last.
  // CHECK: vector.load %arg2{{.*}} : memref<3x102x64x2xi8>, vector<4xi8>
  // CHECK: vector.bitcast %{{.*}} : vector<4xi8> to vector<1xf32>
  // CHECK: minimax.kernel = "linear_rows"

  // SM80: %[[WEIGHTS:.*]] = minimax_gpu.shared_memory : memref<4x2x16x64x2xi8, #gpu.address_space<workgroup>>
  // SM80: minimax_gpu.copy_async %arg2[{{.*}}], %[[WEIGHTS]]
  // SM80: vector.load %[[WEIGHTS]]{{.*}} {minimax.aligned} : {{.*}}, vector<8xi8>
  // SM80: vector.bitcast %{{.*}} : vector<8xi8> to vector<2xi32>
  // SM80: llvm.call_intrinsic "llvm.nvvm.prmt"
  // SM80: llvm.call_intrinsic "llvm.nvvm.fma.rn.bf16x2"
  // SM80-COUNT-32: minimax_gpu.mma
  // SM80: minimax.kernel = "linear_matrix"

  // A stage of a panel is half as large, so that the ring has more stages.
  // SM90: minimax_gpu.shared_memory alignment = 1024 : memref<98304xi8, #gpu.address_space<workgroup>>
  // Threads copy it, 16 bytes at a time, to swizzled places.
  // SM90-COUNT-16: minimax_gpu.mbarrier_init %{{.*}} count = 128
  // SM90-NOT: minimax_gpu.bulk_copy
  // SM90-COUNT-2: minimax_gpu.copy_async %arg2{{.*}}memref<16x1x32x64x2xi8, #gpu.address_space<workgroup>>
  // SM90: minimax_gpu.copy_async %arg1
  // A word is two columns of a step.
  // SM90: vector.load %{{.*}} {minimax.aligned} : memref<16x1x32x64x2xi8, #gpu.address_space<workgroup>>, vector<4xi8>
  // SM90-COUNT-2: llvm.call_intrinsic "llvm.nvvm.fma.rn.bf16x2"
  // SM90: vector.load %{{.*}} {minimax.aligned} : memref<16x1x32x64x2xi8, #gpu.address_space<workgroup>>, vector<4xi8>
  // SM90-COUNT-2: llvm.call_intrinsic "llvm.nvvm.fma.rn.bf16x2"
  // SM90: nvvm.wgmma.fence.aligned
  // SM90-COUNT-2: minimax_gpu.wgmma
  // SM90: vector.bitcast %{{.*}} : vector<4xi8> to vector<1xf32>
  // SM90: minimax.kernel = "linear_warpgroups_16"
  // SM90: minimax.kernel = "linear_warpgroups_64"
  // SM90: minimax.kernel = "linear_warpgroups_128"
  // SM90: minimax.kernel = "linear_warpgroups_256"
  minimax.linear %x, %w outs(%y) activation = silu : (memref<?x200xbf16>, memref<3x102x64x2xi8>, memref<?x180xf32>) -> ()
  return
}

// CHECK-LABEL: func.func @experts
func.func @experts(%context: !llvm.ptr, %x: memref<?x64xbf16>, %w: memref<8x3x34x64x2xi8>, %offsets: memref<9xi32>, %y: memref<?x90xf32>) {
  // Which expert has rows is not known before the kernels before have ended.
  // CHECK-NOT: minimax_gpu.prefetch
  // CHECK: minimax.kernel = "grouped_matmul_rows"
  // SM80: minimax.kernel = "grouped_matmul_matrix"
  // SM90: minimax.kernel = "grouped_matmul_warpgroups_16"
  // SM90: minimax.kernel = "grouped_matmul_warpgroups_256"
  minimax.grouped_matmul %x, %w, %offsets outs(%y) activation = swiglu : (memref<?x64xbf16>, memref<8x3x34x64x2xi8>, memref<9xi32>, memref<?x90xf32>) -> ()
  return
}
