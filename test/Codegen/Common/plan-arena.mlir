// RUN: minimax-opt %s --minimax-plan-arena --canonicalize | FileCheck %s
// RUN: minimax-opt %s --minimax-plan-arena | FileCheck %s --check-prefix=GONE
// GONE-NOT: memref.alloc

// A callee's frame starts at the beginning of what it is given.
// CHECK: #[[ROWS:.+]] = affine_map<()[s0] -> ((s0 ceildiv 2) * 64)>
// CHECK-LABEL: func.func private @callee(
// CHECK-SAME: %[[T:[^:]+]]: index, %{{[^:]+}}: index, %{{[^:]+}}: index, %{{[^:]+}}: index,
// CHECK-SAME: %[[X:[^:]+]]: memref<?x8xf32> {minimax.shape = affine_map<(d0, d1, d2, d3) -> (d0, 8)>}, %[[ARENA:[^:]+]]: memref<?xi8> {minimax.arena})
// CHECK: %[[C0:.+]] = arith.constant 0 : index
// CHECK: %[[A:.+]] = memref.view %[[ARENA]][%[[C0]]][%[[T]]] : memref<?xi8> to memref<?x8xf32>
// CHECK: minimax.gate %[[X]], %[[X]] outs(%[[A]])
func.func private @callee(%x: memref<?x8xf32>) {
  %c0 = arith.constant 0 : index
  %t = memref.dim %x, %c0 : memref<?x8xf32>
  %a = memref.alloc(%t) : memref<?x8xf32>
  minimax.gate %x, %x outs(%a) : (memref<?x8xf32>, memref<?x8xf32>, memref<?x8xf32>) -> ()
  return
}

// Bytes of a step: two regions of the entry and one of the callee.
// CHECK-LABEL: func.func private @step.arena(
// CHECK-SAME: %[[T:[^:]+]]: index, %{{[^:]+}}: index, %{{[^:]+}}: index, %{{[^:]+}}: index) -> index
// CHECK-DAG: %[[B1:.+]] = affine.apply #[[ROWS]]()[%[[T]]]
// CHECK-DAG: %[[B2:.+]] = affine.apply #[[ROWS]]()[%[[T]]]
// CHECK-DAG: %[[B3:.+]] = affine.apply #[[ROWS]]()[%[[T]]]
// CHECK: %[[FRAME:.+]] = arith.addi
// CHECK: %[[TOTAL:.+]] = arith.addi %[[FRAME]],
// CHECK: return %[[TOTAL]] : index

// x is dead when z begins and gives it its memory; y overlaps both.
// CHECK-LABEL: func.func @step(
// CHECK-SAME: %[[T:[^:]+]]: index, %[[N:[^:]+]]: index, %[[S:[^:]+]]: index, %[[C:[^:]+]]: index,
// CHECK-SAME: {minimax.input, minimax.name = "tokens", minimax.shape = affine_map<(d0, d1, d2, d3) -> (d0)>}
// CHECK-SAME: {minimax.name = "w", minimax.shape = affine_map<(d0, d1, d2, d3) -> (32, 8)>, minimax.weight}
// CHECK-SAME: %[[ARENA:[^:]+]]: memref<?xi8> {minimax.arena}) attributes {minimax.entry}
// CHECK: %[[C0:.+]] = arith.constant 0 : index
// CHECK: %[[SECOND:.+]] = affine.apply #[[ROWS]]()[%[[T]]]
// CHECK: %[[SIZE:.+]] = affine.apply #[[ROWS]]()[%[[T]]]
// CHECK: %[[FRAME:.+]] = arith.addi %[[SECOND]], %[[SIZE]]
// CHECK: %[[X:.+]] = memref.view %[[ARENA]][%[[C0]]][%[[T]]]
// CHECK: minimax.embedding {{.+}} outs(%[[X]])
// CHECK: %[[Y:.+]] = memref.view %[[ARENA]][%[[SECOND]]][%[[T]]]
// CHECK: minimax.gate %[[X]], %[[X]] outs(%[[Y]])
// CHECK: %[[Z:.+]] = memref.view %[[ARENA]][%[[C0]]][%[[T]]]
// CHECK: minimax.gate %[[Y]], %[[Y]] outs(%[[Z]])
// CHECK: %[[ALL:.+]] = memref.dim %[[ARENA]], %[[C0]]
// CHECK: %[[LEFT:.+]] = arith.subi %[[ALL]], %[[FRAME]]
// CHECK: %[[REST:.+]] = memref.view %[[ARENA]][%[[FRAME]]][%[[LEFT]]]
// CHECK: call @callee(%[[T]], %[[N]], %[[S]], %[[C]], %[[Z]], %[[REST]])
func.func @step(%tokens: memref<?xi32> {minimax.name = "tokens"}, %w: memref<32x8xf32> {minimax.name = "w", minimax.weight}) attributes {minimax.entry} {
  %c0 = arith.constant 0 : index
  %t = memref.dim %tokens, %c0 : memref<?xi32>
  %x = memref.alloc(%t) : memref<?x8xf32>
  minimax.embedding %tokens, %w outs(%x) : (memref<?xi32>, memref<32x8xf32>, memref<?x8xf32>) -> ()
  %y = memref.alloc(%t) : memref<?x8xf32>
  minimax.gate %x, %x outs(%y) : (memref<?x8xf32>, memref<?x8xf32>, memref<?x8xf32>) -> ()
  %z = memref.alloc(%t) : memref<?x8xf32>
  minimax.gate %y, %y outs(%z) : (memref<?x8xf32>, memref<?x8xf32>, memref<?x8xf32>) -> ()
  func.call @callee(%z) : (memref<?x8xf32>) -> ()
  return
}

// A view keeps its buffer alive, and regions grow to the larger of two sizes.
// CHECK-LABEL: func.func @views(
// CHECK: %[[C0:.+]] = arith.constant 0 : index
// CHECK: %[[A:.+]] = memref.view %[[ARENA:.+]][%[[C0]]][]{{.*}} to memref<4x8xf32>
// CHECK: %[[V:.+]] = memref.expand_shape %[[A]]
// CHECK: %[[B:.+]] = memref.view %[[ARENA]][%c256][]{{.*}} to memref<2x8xf32>
// CHECK: memref.copy
// CHECK: memref.load %[[V]]
// CHECK: memref.view %[[ARENA]][%[[C0]]][]{{.*}} to memref<8x8xf32>
func.func @views(%s: memref<2x8xf32> {minimax.name = "s"}) attributes {minimax.entry} {
  %i = arith.constant 0 : index
  %a = memref.alloc() : memref<4x8xf32>
  %v = memref.expand_shape %a [[0, 1], [2]] output_shape [2, 2, 8] : memref<4x8xf32> into memref<2x2x8xf32>
  %b = memref.alloc() : memref<2x8xf32>
  memref.copy %s, %b : memref<2x8xf32> to memref<2x8xf32>
  %x = memref.load %v[%i, %i, %i] : memref<2x2x8xf32>
  %c = memref.alloc() : memref<8x8xf32>
  memref.store %x, %c[%i, %i] : memref<8x8xf32>
  return
}
