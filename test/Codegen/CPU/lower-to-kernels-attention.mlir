// RUN: minimax-opt %s --minimax-lower-to-kernels | FileCheck %s

// New keys and values go to the cache first, in its type; then queries read it.
// CHECK-LABEL: func.func @attention(
// CHECK-SAME: %[[KEYS:[^:]+]]: memref<?x?x2x16xbf16>, %[[VALUES:[^:]+]]: memref<?x?x2x16xbf16>, %[[Y:[^:]+]]: memref<?x4x16xf32>
// CHECK: scf.forall
// CHECK: vector.store {{.+}}, %[[KEYS]][
// CHECK: vector.store {{.+}}, %[[VALUES]][
// CHECK: scf.forall
// CHECK-NOT: store {{.+}}, %[[KEYS]][
// CHECK: vector.store {{.+}}, %[[Y]][
func.func @attention(%q: memref<?x4x16xf32>, %k: memref<?x2x16xf32>, %i: memref<?xi32>, %keys: memref<?x?x2x16xbf16>, %values: memref<?x?x2x16xbf16>, %y: memref<?x4x16xf32>) {
  minimax.attention %q, %k, %k, %i, %i, %i, %keys, %values outs(%y) scale = 0.25
      : (memref<?x4x16xf32>, memref<?x2x16xf32>, memref<?x2x16xf32>, memref<?xi32>, memref<?xi32>, memref<?xi32>, memref<?x?x2x16xbf16>, memref<?x?x2x16xbf16>, memref<?x4x16xf32>) -> ()
  return
}
