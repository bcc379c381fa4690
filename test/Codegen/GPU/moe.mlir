// Routing by warps, a sort in one block, rows moved and summed by all.
// RUN: minimax-opt %s --minimax-lower-to-gpu-kernels=arch=sm_80 --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func.func @route
func.func @route(%logits: memref<?x32xf32>, %weights: memref<?x2xf32>, %experts: memref<?x2xi32>) {
  // CHECK: gpu.launch
  // CHECK: scf.for {{.*}} iter_args
  // CHECK: gpu.shuffle xor
  // CHECK: memref.store %{{.*}}, %arg2[
  // CHECK: arith.divf
  // CHECK: memref.store %{{.*}}, %arg1[
  // CHECK: minimax.kernel = "route"
  minimax.route %logits outs(%weights, %experts) : (memref<?x32xf32>, memref<?x2xf32>, memref<?x2xi32>) -> ()
  return
}

// CHECK-LABEL: func.func @permute
func.func @permute(%x: memref<?x99xf32>, %experts: memref<?x2xi32>, %p: memref<?x99xf32>, %offsets: memref<33xi32>, %rows: memref<?x2xi32>) {
  // CHECK: gpu.launch blocks({{.*}}) in (%{{.*}} = %c1, {{.*}}) threads({{.*}}) in (%{{.*}} = %c1024,
  // CHECK: minimax_gpu.shared_memory : memref<32x32xi32, #gpu.address_space<workgroup>>
  // Counts: a vote for each of 5 bits and one for which lanes have a copy.
  // CHECK-COUNT-6: nvvm.vote.ballot.sync
  // CHECK: math.ctpop
  // CHECK: nvvm.bar.warp.sync
  // CHECK: gpu.barrier
  // CHECK: memref.store %{{.*}}, %arg3[
  // CHECK: gpu.barrier
  // CHECK-COUNT-6: nvvm.vote.ballot.sync
  // CHECK: memref.store %{{.*}}, %arg4[
  // CHECK: minimax.kernel = "permute_sort"
  // CHECK: gpu.launch
  // CHECK: memref.load %arg0
  // CHECK-COUNT-2: memref.store %{{.*}}, %arg2[
  // CHECK: minimax.kernel = "permute_copy"
  minimax.permute %x, %experts outs(%p, %offsets, %rows) : (memref<?x99xf32>, memref<?x2xi32>, memref<?x99xf32>, memref<33xi32>, memref<?x2xi32>) -> ()
  return
}

// The choice of few tokens' experts is a part of the sort.
// CHECK-LABEL: func.func @route_and_permute
func.func @route_and_permute(%logits: memref<?x32xf32>, %x: memref<?x99xf32>, %w: memref<?x2xf32>, %experts: memref<?x2xi32>, %p: memref<?x99xf32>, %offsets: memref<33xi32>, %rows: memref<?x2xi32>) {
  // CHECK: %[[TOKENS:.*]] = memref.dim %arg0
  // CHECK: %[[FEW:.*]] = arith.cmpi slt, %[[TOKENS]], %c65
  // CHECK: scf.if %[[FEW]]
  // CHECK: memref.store %{{.*}}, %arg3[
  // CHECK: memref.store %{{.*}}, %arg2[
  // CHECK: gpu.barrier
  // CHECK: nvvm.vote.ballot.sync
  // CHECK: minimax.kernel = "route_sort"
  // CHECK: else
  // CHECK: minimax.kernel = "route"
  // CHECK: minimax.kernel = "permute_sort"
  // CHECK: minimax.kernel = "permute_copy"
  minimax.route %logits outs(%w, %experts) : (memref<?x32xf32>, memref<?x2xf32>, memref<?x2xi32>) -> ()
  minimax.permute %x, %experts outs(%p, %offsets, %rows) : (memref<?x99xf32>, memref<?x2xi32>, memref<?x99xf32>, memref<33xi32>, memref<?x2xi32>) -> ()
  return
}

// Where nothing moves, the token of each sorted copy is noted.
// CHECK-LABEL: func.func @sort_copies
func.func @sort_copies(%experts: memref<?x2xi32>, %offsets: memref<33xi32>, %rows: memref<?x2xi32>, %sources: memref<?xi32>) {
  // CHECK: memref.store %{{.*}}, %arg1[
  // CHECK: memref.store %{{.*}}, %arg2[
  // CHECK: memref.store %{{.*}}, %arg3[
  // CHECK: minimax.kernel = "permute_sort"
  // CHECK-NOT: gpu.launch
  // CHECK: return
  minimax.sort_copies %experts outs(%offsets, %rows, %sources) : (memref<?x2xi32>, memref<33xi32>, memref<?x2xi32>, memref<?xi32>) -> ()
  return
}

// Of few tokens the same block chooses the experts.
// CHECK-LABEL: func.func @route_and_sort
func.func @route_and_sort(%logits: memref<?x32xf32>, %w: memref<?x2xf32>, %experts: memref<?x2xi32>, %offsets: memref<33xi32>, %rows: memref<?x2xi32>, %sources: memref<?xi32>) {
  // CHECK: scf.if
  // CHECK: minimax.kernel = "route_sort"
  // CHECK: else
  // CHECK: minimax.kernel = "route"
  // CHECK: minimax.kernel = "permute_sort"
  // CHECK-NOT: gpu.launch
  // CHECK: return
  minimax.route %logits outs(%w, %experts) : (memref<?x32xf32>, memref<?x2xf32>, memref<?x2xi32>) -> ()
  minimax.sort_copies %experts outs(%offsets, %rows, %sources) : (memref<?x2xi32>, memref<33xi32>, memref<?x2xi32>, memref<?xi32>) -> ()
  return
}

// CHECK-LABEL: func.func @unpermute
func.func @unpermute(%p: memref<?x99xf32>, %rows: memref<?x2xi32>, %w: memref<?x2xf32>, %x: memref<?x99xf32>, %y: memref<?x99xf32>) {
  // CHECK: gpu.launch
  // CHECK-COUNT-2: memref.load %arg0
  // CHECK: memref.load %arg3
  // CHECK: memref.store %{{.*}}, %arg4[
  // CHECK: minimax.kernel = "unpermute"
  minimax.unpermute %p, %rows, %w residual(%x) outs(%y) alpha = 2.0 : (memref<?x99xf32>, memref<?x2xi32>, memref<?x2xf32>, memref<?x99xf32>, memref<?x99xf32>) -> ()
  return
}

// A block for each row; all of its threads take the same branch.
// CHECK-LABEL: func.func @sample
func.func @sample(%l: memref<?x251xf32>, %t: memref<?xf32>, %k: memref<?xi32>, %p: memref<?xf32>, %u: memref<?xf32>, %y: memref<?xi32>) {
  // CHECK: gpu.launch blocks({{.*}}) in ({{.*}}) threads({{.*}}) in (%{{.*}} = %c1024,
  // CHECK: gpu.subgroup_reduce maxnumf
  // CHECK: gpu.barrier
  // CHECK: scf.if
  // CHECK: gpu.subgroup_reduce add
  // CHECK: memref.store %{{.*}}, %arg5[
  // CHECK: minimax.kernel = "sample"
  minimax.sample %l, %t, %k, %p, %u outs(%y)
      : (memref<?x251xf32>, memref<?xf32>, memref<?xi32>, memref<?xf32>, memref<?xf32>, memref<?xi32>) -> ()
  return
}
