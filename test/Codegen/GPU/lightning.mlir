// RUN: minimax-opt %s --minimax-lower-to-gpu-kernels=arch=sm_80 | FileCheck %s

// A block has a sequence, a head and a slice of the value columns: the slice of
// the state stays in shared memory while it walks the tokens. Single tokens
// have a kernel of their own, which loads rows of the state before it stores
// the first.
// CHECK-LABEL: func.func @lightning(
// CHECK: %[[HEADS:.+]] = arith.constant 4 : index
// CHECK: gpu.launch
// CHECK: scf.if
// CHECK: minimax_gpu.shared_memory : memref<64x17xf32, #gpu.address_space<workgroup>>
// CHECK: %[[STATE:.+]] = minimax_gpu.shared_memory : memref<16x16xf32, #gpu.address_space<workgroup>>
// CHECK: scf.for
// CHECK: gpu.barrier
// CHECK: gpu.barrier
// CHECK: math.fma
// CHECK: gpu.barrier
// CHECK: math.fma
// CHECK: gpu.barrier
// CHECK: memref.store {{.+}}, %[[STATE]]
// CHECK: minimax.kernel = "lightning_prefill"
// CHECK: gpu.launch
// CHECK: memref.load {{.+}} : memref<?x4x16x16xf32>
// CHECK: memref.load {{.+}} : memref<?x4x16x16xf32>
// CHECK: memref.store {{.+}} : memref<?x4x16x16xf32>
// CHECK: gpu.barrier
// CHECK: minimax.kernel = "lightning_decode"
func.func @lightning(%q: memref<?x4x16xf32>, %s: memref<4xf32>, %i: memref<?xi32>, %state: memref<?x4x16x16xf32>, %y: memref<?x4x16xf32>) {
  minimax.lightning_attention %q, %q, %q, %s, %i, %i, %state outs(%y) chunk = 64
      : (memref<?x4x16xf32>, memref<?x4x16xf32>, memref<?x4x16xf32>, memref<4xf32>, memref<?xi32>, memref<?xi32>, memref<?x4x16x16xf32>, memref<?x4x16xf32>) -> ()
  return
}

// With products in bf16, on matrix units: tiles of queries, keys and values are
// rounded on their way through shared memory while the next are copied; the
// state stays in registers in f32 and is carried from tile to tile.
// CHECK-LABEL: func.func @matrix(
// CHECK: minimax_gpu.shared_memory : memref<1x64x40xbf16, #gpu.address_space<workgroup>>
// CHECK: minimax_gpu.shared_memory : memref<512x4xf32, #gpu.address_space<workgroup>>
// CHECK: minimax_gpu.copy_async
// CHECK: nvvm.cp.async.commit.group
// CHECK: scf.for {{.+}} iter_args({{.+}}) -> (vector<4xf32>
// CHECK: nvvm.cp.async.wait.group 0
// CHECK: gpu.barrier
// CHECK: llvm.nvvm.ff2bf16x2.rn
// CHECK: gpu.barrier
// CHECK: minimax_gpu.copy_async
// CHECK: minimax_gpu.load_matrix
// CHECK: minimax_gpu.mma
// CHECK: gpu.barrier
// CHECK: minimax_gpu.mma
// CHECK: minimax_gpu.load_matrix {{.*}} transpose
// CHECK: minimax_gpu.mma
// CHECK: scf.yield {{.+}} : vector<4xf32>
// CHECK: minimax.kernel = "lightning_prefill_matrix"
func.func @matrix(%q: memref<?x4x32xf32>, %s: memref<4xf32>, %i: memref<?xi32>, %state: memref<?x4x32x32xf32>, %y: memref<?x4x32xf32>) {
  minimax.lightning_attention %q, %q, %q, %s, %i, %i, %state outs(%y) chunk = 64 {bf16_products}
      : (memref<?x4x32xf32>, memref<?x4x32xf32>, memref<?x4x32xf32>, memref<4xf32>, memref<?xi32>, memref<?xi32>, memref<?x4x32x32xf32>, memref<?x4x32xf32>) -> ()
  return
}

// Operands of bf16 are copied to where they are multiplied, two tiles ahead;
// keys are decayed on their way to the state, outputs rounded.
// CHECK-LABEL: func.func @narrow(
// CHECK: minimax_gpu.shared_memory : memref<3x64x40xbf16, #gpu.address_space<workgroup>>
// CHECK-NOT: minimax_gpu.shared_memory : memref<{{.*}}x4xf32
// CHECK-COUNT-2: nvvm.cp.async.commit.group
// CHECK: scf.for {{.+}} iter_args({{.+}}) -> (vector<4xf32>
// CHECK: nvvm.cp.async.wait.group 1
// CHECK-NEXT: gpu.barrier
// CHECK: minimax_gpu.copy_async {{.*}} : memref<?x4x32xbf16>, memref<3x64x40xbf16
// CHECK: nvvm.cp.async.commit.group
// CHECK: gpu.barrier
// CHECK: vector.store {{.*}} : memref<?x4x32xbf16>, vector<2xbf16>
// CHECK: %[[KEYS:.+]] = minimax_gpu.load_matrix {{.*}} transpose
// CHECK: vector.extract %[[KEYS]][0]
// CHECK: llvm.nvvm.ff2bf16x2.rn
// CHECK: minimax_gpu.mma
// CHECK: minimax.kernel = "lightning_prefill_matrix"
func.func @narrow(%q: memref<?x4x32xbf16>, %s: memref<4xf32>, %i: memref<?xi32>, %state: memref<?x4x32x32xf32>, %y: memref<?x4x32xbf16>) {
  minimax.lightning_attention %q, %q, %q, %s, %i, %i, %state outs(%y) chunk = 64 {bf16_products}
      : (memref<?x4x32xbf16>, memref<?x4x32xbf16>, memref<?x4x32xbf16>, memref<4xf32>, memref<?xi32>, memref<?xi32>, memref<?x4x32x32xf32>, memref<?x4x32xbf16>) -> ()
  return
}

// In parts: chunks run in parallel, a thread scans one element of the state. A
// chunk's own state leaves out the tokens that have faded by its end.
// CHECK-LABEL: func.func @parts(
// CHECK-DAG: %[[FADED:.+]] = arith.constant 16.6{{.+}} : f32
// CHECK: %[[TOKENS:.+]] = arith.divf %[[FADED]]
// CHECK: arith.fptosi %[[TOKENS]]
// CHECK: arith.maxsi
// CHECK: minimax.kernel = "chunk_state"
// CHECK: gpu.launch
// CHECK-NOT: gpu.barrier
// CHECK: scf.for {{.+}} iter_args
// CHECK: math.fma
// CHECK: minimax.kernel = "state_scan"
// CHECK: minimax.kernel = "chunk_output"
func.func @parts(%q: memref<?x4x16xf32>, %s: memref<4xf32>, %i: memref<?xi32>, %state: memref<?x4x16x16xf32>, %local: memref<?x4x16x16xf32>, %decay: memref<?x4xf32>, %entry: memref<?x4x16x16xf32>, %y: memref<?x4x16xf32>) {
  minimax.chunk_state %q, %q, %s, %i outs(%local, %decay) chunk = 64
      : (memref<?x4x16xf32>, memref<?x4x16xf32>, memref<4xf32>, memref<?xi32>, memref<?x4x16x16xf32>, memref<?x4xf32>) -> ()
  minimax.state_scan %local, %decay, %i, %i, %state outs(%entry) chunk = 64
      : (memref<?x4x16x16xf32>, memref<?x4xf32>, memref<?xi32>, memref<?xi32>, memref<?x4x16x16xf32>, memref<?x4x16x16xf32>) -> ()
  minimax.chunk_output %q, %q, %q, %s, %i, %entry outs(%y) chunk = 64
      : (memref<?x4x16xf32>, memref<?x4x16xf32>, memref<?x4x16xf32>, memref<4xf32>, memref<?xi32>, memref<?x4x16x16xf32>, memref<?x4x16xf32>) -> ()
  return
}

// CHECK-LABEL: func.func @begin(
// CHECK: gpu.launch
// CHECK-COUNT-2: scf.if
// CHECK: vector.store %{{.*}}, %arg1[{{.*}}] {minimax.aligned} : memref<?x4x16x16xf32>, vector<4xf32>
// CHECK: minimax.kernel = "begin_sequences"
func.func @begin(%i: memref<?xi32>, %state: memref<?x4x16x16xf32>) {
  minimax.begin_sequences %state, %i, %i, %i : (memref<?x4x16x16xf32>, memref<?xi32>, memref<?xi32>, memref<?xi32>) -> ()
  return
}

// One kernel for all states of a step that are of one type; not for one that
// has been used before.
// CHECK-LABEL: func.func @begin_all(
// CHECK: gpu.launch blocks({{.*}}) in ({{.*}}, %{{.*}} = %c4, %{{.*}} = %c2)
// CHECK: %[[POOL:.*]] = scf.index_switch %{{.*}} -> memref<?x4x16x16xf32>
// CHECK-NEXT: case 1 {
// CHECK-NEXT: scf.yield %arg2
// CHECK: default {
// CHECK-NEXT: scf.yield %arg1
// CHECK: vector.store %{{.*}}, %[[POOL]]
// CHECK: minimax.kernel = "begin_sequences"
// CHECK: memref.load %arg4
// CHECK: vector.store %{{.*}}, %arg3
// CHECK: minimax.kernel = "begin_sequences"
// CHECK: vector.store %{{.*}}, %arg4
// CHECK: minimax.kernel = "begin_sequences"
// CHECK-NOT: minimax.kernel
func.func @begin_all(%i: memref<?xi32>, %a: memref<?x4x16x16xf32>, %b: memref<?x4x16x16xf32>,
                     %small: memref<?x4x8x8xf32>, %used: memref<?x4x16x16xf32>) -> f32 {
  %zero = arith.constant 0 : index
  minimax.begin_sequences %a, %i, %i, %i : (memref<?x4x16x16xf32>, memref<?xi32>, memref<?xi32>, memref<?xi32>) -> ()
  %x = memref.load %used[%zero, %zero, %zero, %zero] : memref<?x4x16x16xf32>
  minimax.begin_sequences %small, %i, %i, %i : (memref<?x4x8x8xf32>, memref<?xi32>, memref<?xi32>, memref<?xi32>) -> ()
  minimax.begin_sequences %b, %i, %i, %i : (memref<?x4x16x16xf32>, memref<?xi32>, memref<?xi32>, memref<?xi32>) -> ()
  minimax.begin_sequences %used, %i, %i, %i : (memref<?x4x16x16xf32>, memref<?xi32>, memref<?xi32>, memref<?xi32>) -> ()
  return %x : f32
}
