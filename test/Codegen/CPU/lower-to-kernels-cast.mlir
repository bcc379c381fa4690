// RUN: minimax-opt %s --minimax-lower-to-kernels=target=znver4 | FileCheck %s

// Groups of 256 columns, then the rest of 7; the scale lies behind the 520
// integers, as bytes.
// CHECK-LABEL: func.func @integers(
// CHECK-SAME: %[[X:[^:]+]]: memref<?x519xf32>, %[[Y:[^:]+]]: memref<?x526xi16>
// CHECK: scf.forall
// CHECK: scf.for
// CHECK: vector.load %[[X]]
// CHECK: arith.maxsi %{{.*}} : vector<16xi32>
// CHECK: vector.reduction <maxsi>
// CHECK: %[[FACTOR:.+]] = vector.broadcast %{{.*}} : f32 to vector<16xf32>
// CHECK: arith.mulf %{{.*}}, %[[FACTOR]]
// CHECK: math.roundeven
// CHECK: %[[Q:.+]] = arith.trunci %{{.*}} : vector<16xi32> to vector<16xi16>
// CHECK: vector.store %[[Q]], %[[Y]]
// CHECK: vector.bitcast %{{.*}} : vector<1xf32> to vector<2xi16>
// CHECK: vector.maskedstore %[[Y]]
// The padding of an odd number of columns.
// CHECK: memref.store %c0_i16, %[[Y]][%{{.*}}, %c519{{.*}}]
func.func @integers(%x: memref<?x519xf32>, %y: memref<?x526xi16>) {
  minimax.cast %x outs(%y) : (memref<?x519xf32>, memref<?x526xi16>) -> ()
  return
}

// CHECK-LABEL: func.func @narrow(
// CHECK: vector.store %{{.*}} : memref<?x64xbf16>, vector<16xbf16>
func.func @narrow(%x: memref<?x64xf32>, %y: memref<?x64xbf16>) {
  minimax.cast %x outs(%y) : (memref<?x64xf32>, memref<?x64xbf16>) -> ()
  return
}
