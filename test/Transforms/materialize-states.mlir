// RUN: minimax-opt %s --minimax-materialize-states | FileCheck %s

!s = !minimax.lightning_state<4x16x16xf32>
!c = !minimax.kv_cache<2x16xbf16>

// Two layers of one kind, each with a pool of its own; a cache is two pools.
// CHECK-LABEL: func @step(
// CHECK-SAME:    %[[A:[^:]+]]: memref<?x4x16x16xf32> {minimax.state}
// CHECK-SAME:    %[[B:[^:]+]]: memref<?x4x16x16xf32> {minimax.state}
// CHECK-SAME:    %[[K:[^:]+]]: memref<?x?x2x16xbf16> {minimax.state}
// CHECK-SAME:    %[[V:[^:]+]]: memref<?x?x2x16xbf16> {minimax.state}
// CHECK-SAME:    -> tensor<?x4x16xf32>
// CHECK-DAG:     minimax.begin_sequences %[[A]],
// CHECK-DAG:     minimax.begin_sequences %[[B]],
// CHECK:         %[[X:.+]] = call @layer({{.*}}%[[A]])
// CHECK:         %[[Y:.+]] = call @layer({{.*}}%[[B]])
// CHECK:         %[[O:.+]] = minimax.attention %[[Y]], {{.*}}, %[[K]], %[[V]] scale
// CHECK:         return %[[O]] : tensor<?x4x16xf32>
func.func @step(%q: tensor<?x4x16xf32>, %k: tensor<?x2x16xf32>, %slope: tensor<4xf32>, %cu: tensor<?xi32>, %pos: tensor<?xi32>,
    %slots: tensor<?xi32>, %a0: !s, %b0: !s, %c0: !c) -> (tensor<?x4x16xf32>, !s, !s, !c) attributes {minimax.entry} {
  %a1 = minimax.begin_sequences %a0, %cu, %pos, %slots : (!s, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>) -> !s
  %b1 = minimax.begin_sequences %b0, %cu, %pos, %slots : (!s, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>) -> !s
  %c1 = minimax.begin_sequences %c0, %cu, %pos, %slots : (!c, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>) -> !c
  %x, %a2 = func.call @layer(%q, %slope, %cu, %slots, %a1)
      : (tensor<?x4x16xf32>, tensor<4xf32>, tensor<?xi32>, tensor<?xi32>, !s) -> (tensor<?x4x16xf32>, !s)
  %y, %b2 = func.call @layer(%x, %slope, %cu, %slots, %b1)
      : (tensor<?x4x16xf32>, tensor<4xf32>, tensor<?xi32>, tensor<?xi32>, !s) -> (tensor<?x4x16xf32>, !s)
  %o, %c2 = minimax.attention %y, %k, %k, %cu, %pos, %slots, %c1 scale = 0.25
      : (tensor<?x4x16xf32>, tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !c)
      -> (tensor<?x4x16xf32>, !c)
  return %o, %a2, %b2, %c2 : tensor<?x4x16xf32>, !s, !s, !c
}

// CHECK-LABEL: func private @layer(
// CHECK-SAME:    %[[POOL:[^:]+]]: memref<?x4x16x16xf32> {minimax.state}) -> tensor<?x4x16xf32>
// CHECK:         %[[O:.+]] = minimax.lightning_attention {{.*}}, %[[POOL]] chunk = 8 : {{.*}} -> tensor<?x4x16xf32>
// CHECK:         return %[[O]] : tensor<?x4x16xf32>
func.func private @layer(%q: tensor<?x4x16xf32>, %slope: tensor<4xf32>, %cu: tensor<?xi32>, %slots: tensor<?xi32>, %s: !s)
    -> (tensor<?x4x16xf32>, !s) {
  %o, %t = minimax.lightning_attention %q, %q, %q, %slope, %cu, %slots, %s chunk = 8
      : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<4xf32>, tensor<?xi32>, tensor<?xi32>, !s)
      -> (tensor<?x4x16xf32>, !s)
  return %o, %t : tensor<?x4x16xf32>, !s
}
