// RUN: minimax-opt %s --minimax-results-to-out-parameters | FileCheck %s

// A buffer that was made to be returned is the caller's from here on.
// CHECK-LABEL: func.func private @square(
// CHECK-SAME: %[[X:[^:]+]]: memref<?x8xf32>, %[[OUT:[^:]+]]: memref<?x8xf32> {minimax.output, minimax.shape = affine_map<(d0, d1, d2, d3) -> (d0, 8)>})
// CHECK-SAME: {
// CHECK-NOT: memref.alloc
// CHECK: minimax.gate %[[X]], %[[X]] outs(%[[OUT]])
// CHECK: return{{$}}
func.func private @square(%x: memref<?x8xf32>) -> memref<?x8xf32> {
  %c0 = arith.constant 0 : index
  %t = memref.dim %x, %c0 : memref<?x8xf32>
  %y = memref.alloc(%t) : memref<?x8xf32>
  minimax.gate %x, %x outs(%y) : (memref<?x8xf32>, memref<?x8xf32>, memref<?x8xf32>) -> ()
  return %y : memref<?x8xf32>
}

// Memory of somebody else is copied.
// CHECK-LABEL: func.func private @same(
// CHECK-SAME: %[[X:[^:]+]]: memref<?x8xf32>, %[[OUT:[^:]+]]: memref<?x8xf32>
// CHECK-NEXT: memref.copy %[[X]], %[[OUT]]
// CHECK-NEXT: return{{$}}
func.func private @same(%x: memref<?x8xf32>) -> memref<?x8xf32> {
  return %x : memref<?x8xf32>
}

// The entry's own buffers stay; what a callee returned is allocated here, with
// sizes read off arguments; names of results go to parameters.
// CHECK-LABEL: func.func @step(
// CHECK-SAME: %[[TOKENS:[^:]+]]: memref<?xi32>
// CHECK-SAME: %[[Y:[^:]+]]: memref<?x8xf32> {minimax.name = "hidden", minimax.output, minimax.shape =
// CHECK-SAME: %[[S:[^:]+]]: memref<4xf32> {minimax.output, minimax.shape = affine_map<(d0, d1, d2, d3) -> (4)>}
// CHECK-SAME: ) attributes {minimax.entry}
// CHECK: %[[X:.+]] = memref.alloc({{.+}}) : memref<?x8xf32>
// CHECK: %[[T1:.+]] = memref.dim %[[TOKENS]]
// CHECK: %[[A:.+]] = memref.alloc(%[[T1]]) : memref<?x8xf32>
// CHECK: call @square(%[[X]], %[[A]])
// CHECK: %[[T2:.+]] = memref.dim %[[TOKENS]]
// CHECK: %[[B:.+]] = memref.alloc(%[[T2]]) : memref<?x8xf32>
// CHECK: call @same(%[[A]], %[[B]])
// CHECK-NOT: memref.alloc
// CHECK: minimax.gate %[[A]], %[[B]] outs(%[[Y]])
// CHECK: return{{$}}
func.func @step(%tokens: memref<?xi32> {minimax.name = "tokens"}, %w: memref<32x8xf32> {minimax.name = "w", minimax.weight})
    -> (memref<?x8xf32> {minimax.name = "hidden"}, memref<4xf32>) attributes {minimax.entry} {
  %c0 = arith.constant 0 : index
  %t = memref.dim %tokens, %c0 : memref<?xi32>
  %x = memref.alloc(%t) : memref<?x8xf32>
  minimax.embedding %tokens, %w outs(%x) : (memref<?xi32>, memref<32x8xf32>, memref<?x8xf32>) -> ()
  %a = func.call @square(%x) : (memref<?x8xf32>) -> memref<?x8xf32>
  %b = func.call @same(%a) : (memref<?x8xf32>) -> memref<?x8xf32>
  %y = memref.alloc(%t) : memref<?x8xf32>
  minimax.gate %a, %b outs(%y) : (memref<?x8xf32>, memref<?x8xf32>, memref<?x8xf32>) -> ()
  %s = memref.alloc() : memref<4xf32>
  return %y, %s : memref<?x8xf32>, memref<4xf32>
}

// Nothing is returned, nothing changes.
// CHECK-LABEL: func.func private @nothing(
// CHECK-SAME: %{{[^:]+}}: memref<?x8xf32>) {
// CHECK-NEXT: return
func.func private @nothing(%x: memref<?x8xf32>) {
  return
}

// One buffer returned twice: the second result is a copy of the first.
// CHECK-LABEL: func.func private @twice(
// CHECK-SAME: %[[X:[^:]+]]: memref<4xf32>, %[[FIRST:[^:]+]]: memref<4xf32>{{.*}}, %[[SECOND:[^:]+]]: memref<4xf32>
// CHECK: memref.copy %[[X]], %[[FIRST]]
// CHECK: memref.copy %[[FIRST]], %[[SECOND]]
func.func private @twice(%x: memref<4xf32>) -> (memref<4xf32>, memref<4xf32>) {
  %y = memref.alloc() : memref<4xf32>
  memref.copy %x, %y : memref<4xf32> to memref<4xf32>
  return %y, %y : memref<4xf32>, memref<4xf32>
}
