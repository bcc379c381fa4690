// RUN: minimax-opt %s --minimax-lower-to-kernels | FileCheck %s

// One pass over the logits for each choice, then a softmax of the chosen.
// CHECK-LABEL: func.func @route(
// CHECK-SAME: %[[L:[^:]+]]: memref<?x8xf32>, %[[W:[^:]+]]: memref<?x2xf32>, %[[E:[^:]+]]: memref<?x2xi32>
// CHECK: scf.forall
// CHECK-COUNT-2: memref.store {{.+}}, %[[E]]
// CHECK-COUNT-2: memref.store {{.+}}, %[[W]]
// CHECK-NOT: store
// CHECK: return
func.func @route(%l: memref<?x8xf32>, %w: memref<?x2xf32>, %e: memref<?x2xi32>) {
  minimax.route %l outs(%w, %e) : (memref<?x8xf32>, memref<?x2xf32>, memref<?x2xi32>) -> ()
  return
}

// Counting is one tile, copying of rows parallel.
// CHECK-LABEL: func.func @permute(
// CHECK-SAME: %[[P:[^:]+]]: memref<?x20xf32>, %[[O:[^:]+]]: memref<9xi32>, %[[R:[^:]+]]: memref<?x2xi32>
// CHECK: scf.forall (%{{.+}}) in (%c1)
// CHECK: memref.store {{.+}}, %[[O]]
// CHECK: memref.alloca() {{.*}}memref<8xi32>
// CHECK: memref.store {{.+}}, %[[R]]
// CHECK: scf.forall
// CHECK: vector.store {{.+}}, %[[P]]
// CHECK: vector.maskedstore %[[P]]
func.func @permute(%x: memref<?x20xf32>, %e: memref<?x2xi32>, %p: memref<?x20xf32>, %o: memref<9xi32>, %r: memref<?x2xi32>) {
  minimax.permute %x, %e outs(%p, %o, %r)
      : (memref<?x20xf32>, memref<?x2xi32>, memref<?x20xf32>, memref<9xi32>, memref<?x2xi32>) -> ()
  return
}

// CHECK-LABEL: func.func @unpermute(
// CHECK: scf.forall
// CHECK-COUNT-3: math.fma
// CHECK: vector.store
func.func @unpermute(%u: memref<?x16xf32>, %r: memref<?x2xi32>, %w: memref<?x2xf32>, %s: memref<?x16xf32>, %y: memref<?x16xf32>) {
  minimax.unpermute %u, %r, %w residual(%s) outs(%y) alpha = 2.0
      : (memref<?x16xf32>, memref<?x2xi32>, memref<?x2xf32>, memref<?x16xf32>, memref<?x16xf32>) -> ()
  return
}

// A tile for each row: the largest logit, then its first column or, with a
// temperature, bisections by sums.
// CHECK-LABEL: func.func @sample(
// CHECK: scf.forall
// CHECK: vector.reduction <maximumf>
// CHECK: scf.if
// CHECK: vector.reduction <add>
// CHECK: vector.reduction <maximumf>
// CHECK: memref.store %{{.+}}, %arg5[
func.func @sample(%l: memref<?x251xf32>, %t: memref<?xf32>, %k: memref<?xi32>, %p: memref<?xf32>, %u: memref<?xf32>, %y: memref<?xi32>) {
  minimax.sample %l, %t, %k, %p, %u outs(%y)
      : (memref<?x251xf32>, memref<?xf32>, memref<?xi32>, memref<?xf32>, memref<?xf32>, memref<?xi32>) -> ()
  return
}
