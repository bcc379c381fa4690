// Weights, states and the types of states.
//
// RUN: minimax-opt %s | FileCheck %s
// RUN: minimax-opt %s --mlir-print-op-generic | minimax-opt | FileCheck %s
// RUN: minimax-opt %s | minimax-opt | FileCheck %s

// CHECK: minimax.weight @layers.0.gate_up : tensor<2x8x16xbf16> from ["experts.0.w1.weight"
minimax.weight @layers.0.gate_up : tensor<2x8x16xbf16>
    from ["experts.0.w1.weight", "experts.0.w3.weight", "experts.1.w1.weight", "experts.1.w3.weight"]
// CHECK: minimax.weight @norm : tensor<64xf32> from ["norm.weight"]
minimax.weight @norm : tensor<64xf32> from ["norm.weight"]
// CHECK: minimax.weight @packed : tensor<3x32x64x2xbf16> from ["a"] packs tensor<192x64xbf16>
minimax.weight @packed : tensor<3x32x64x2xbf16> from ["a"] packs tensor<192x64xbf16>
// CHECK: minimax.weight @experts : tensor<8x2x64x64xf32> from ["b"] packs tensor<8x96x64xbf16> interleaved
minimax.weight @experts : tensor<8x2x64x64xf32> from ["b"] packs tensor<8x96x64xbf16> interleaved

// CHECK-LABEL: func @weights(
// CHECK: minimax.get_weight @layers.0.gate_up : tensor<2x8x16xbf16>
// CHECK: minimax.get_weight @packed :
// CHECK: minimax.pack %{{.*}} : tensor<192x64xbf16> -> tensor<3x64x64xf32>
// CHECK: minimax.pack %{{.*}} interleaved : tensor<8x96x64xbf16> -> tensor<8x2x32x64x2xbf16>
// CHECK: minimax.pack %{{.*}} : tensor<70x63xf32> -> tensor<2x32x64x2xbf16>
func.func @weights(%w: tensor<192x64xbf16>, %x: tensor<8x96x64xbf16>, %odd: tensor<70x63xf32>) {
  %w0 = minimax.get_weight @layers.0.gate_up : tensor<2x8x16xbf16>
  %w1 = minimax.get_weight @packed : tensor<3x32x64x2xbf16>
  %p = minimax.pack %w : tensor<192x64xbf16> -> tensor<3x64x64xf32>
  %q = minimax.pack %x interleaved : tensor<8x96x64xbf16> -> tensor<8x2x32x64x2xbf16>
  %r = minimax.pack %odd : tensor<70x63xf32> -> tensor<2x32x64x2xbf16>
  return
}

// CHECK-LABEL: func @states(
// CHECK: minimax.begin_sequences {{.*}} -> !minimax.lightning_state<4x16x16xf32>
// CHECK: minimax.begin_sequences {{.*}} -> !minimax.kv_cache<2x16xbf16>
// CHECK: minimax.snapshot %{{.*}}, %{{.*}} :
// CHECK: minimax.restore %{{.*}}, %{{.*}}, %{{.*}} :
// CHECK: minimax.begin_sequences {{.*}} : (memref<?x4x16x16xf32>
func.func @states(%state: !minimax.lightning_state<4x16x16xf32>, %cache: !minimax.kv_cache<2x16xbf16>, %cu: tensor<?xi32>, %positions: tensor<?xi32>,
    %slots: tensor<?xi32>, %pool: memref<?x4x16x16xf32>, %i: memref<?xi32>) {
  %s = minimax.begin_sequences %state, %cu, %positions, %slots
      : (!minimax.lightning_state<4x16x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>)
      -> !minimax.lightning_state<4x16x16xf32>
  %c = minimax.begin_sequences %cache, %cu, %positions, %slots
      : (!minimax.kv_cache<2x16xbf16>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>) -> !minimax.kv_cache<2x16xbf16>
  %s1, %copy = minimax.snapshot %s, %slots
      : (!minimax.lightning_state<4x16x16xf32>, tensor<?xi32>)
      -> (!minimax.lightning_state<4x16x16xf32>, tensor<?x4x16x16xf32>)
  %s2 = minimax.restore %s1, %copy, %slots
      : (!minimax.lightning_state<4x16x16xf32>, tensor<?x4x16x16xf32>, tensor<?xi32>)
      -> !minimax.lightning_state<4x16x16xf32>
  minimax.begin_sequences %pool, %i, %i, %i : (memref<?x4x16x16xf32>, memref<?xi32>, memref<?xi32>, memref<?xi32>) -> ()
  return
}
