// RUN: minimax-opt %s --minimax-pack-weights | FileCheck %s

// Declarations end up behind the functions.
// CHECK-LABEL: func @entry(
// CHECK-DAG:     %[[TIED:.+]] = minimax.get_weight @tied :
// CHECK-DAG:     %[[PACKED:.+]] = minimax.get_weight @tied.packed :
// CHECK-DAG:     %[[W:.+]] = minimax.get_weight @w : tensor<3x32x64x2xbf16>
// CHECK-DAG:     minimax.embedding %{{.*}}, %[[TIED]]
// CHECK-DAG:     minimax.lm_head %{{.*}}, %[[PACKED]]
// CHECK-DAG:     call @layer(%{{.*}}, %[[W]])
func.func @entry(%x: tensor<?x64xf32>, %z: tensor<?x63xf32>, %t: tensor<?xi32>, %o: tensor<9xi32>)
    -> (tensor<?x192xf32>, tensor<?x70xf32>, tensor<?x64xf32>, tensor<?x256xf32>, tensor<?x64xf32>, tensor<?x64xf32>) {
  %w = minimax.get_weight @w : tensor<192x64xbf16>
  %wide = minimax.get_weight @wide : tensor<70x63xf32>
  %tied = minimax.get_weight @tied : tensor<256x64xbf16>
  %norm = minimax.get_weight @norm : tensor<64xf32>
  %gate_up = minimax.get_weight @gate_up : tensor<8x96x64xbf16>
  %down = minimax.get_weight @down : tensor<8x64x48xbf16>
  %0 = func.call @layer(%x, %w) : (tensor<?x64xf32>, tensor<192x64xbf16>) -> tensor<?x192xf32>
  %1 = minimax.linear %z, %wide : (tensor<?x63xf32>, tensor<70x63xf32>) -> tensor<?x70xf32>
  %2 = minimax.embedding %t, %tied : (tensor<?xi32>, tensor<256x64xbf16>) -> tensor<?x64xf32>
  %3 = minimax.lm_head %x, %tied : (tensor<?x64xf32>, tensor<256x64xbf16>) -> tensor<?x256xf32>
  %4 = minimax.rms_norm %x, %norm eps = 0.5 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  %5 = minimax.grouped_matmul %x, %gate_up, %o activation = swiglu
      : (tensor<?x64xf32>, tensor<8x96x64xbf16>, tensor<9xi32>) -> tensor<?x48xf32>
  %6 = minimax.grouped_matmul %5, %down, %o : (tensor<?x48xf32>, tensor<8x64x48xbf16>, tensor<9xi32>) -> tensor<?x64xf32>
  return %0, %1, %2, %3, %4, %6
      : tensor<?x192xf32>, tensor<?x70xf32>, tensor<?x64xf32>, tensor<?x256xf32>, tensor<?x64xf32>, tensor<?x64xf32>
}

// CHECK-LABEL: func private @layer(
// CHECK-SAME:    tensor<3x32x64x2xbf16>)
func.func private @layer(%x: tensor<?x64xf32>, %w: tensor<192x64xbf16>) -> tensor<?x192xf32> {
  %y = minimax.linear %x, %w : (tensor<?x64xf32>, tensor<192x64xbf16>) -> tensor<?x192xf32>
  return %y : tensor<?x192xf32>
}

// Packed as it is stored, through the call that passes it on.
// CHECK: minimax.weight @w : tensor<3x32x64x2xbf16> from ["a"] packs tensor<192x64xbf16>
minimax.weight @w : tensor<192x64xbf16> from ["a"]
// f32 products of a weight stored as f32.
// CHECK: minimax.weight @wide : tensor<2x63x64xf32> from ["b"] packs tensor<70x63xf32>
minimax.weight @wide : tensor<70x63xf32> from ["b"]
// Read as it is too: declared twice.
// CHECK: minimax.weight @tied : tensor<256x64xbf16> from ["c"]
// CHECK: minimax.weight @tied.packed : tensor<4x32x64x2xbf16> from ["c"] packs tensor<256x64xbf16>
minimax.weight @tied : tensor<256x64xbf16> from ["c"]
// No product reads it.
// CHECK: minimax.weight @norm : tensor<64xf32> from ["d"]
minimax.weight @norm : tensor<64xf32> from ["d"]
// Halves are interleaved for a product that pairs them.
// CHECK: minimax.weight @gate_up : tensor<8x2x32x64x2xbf16> from ["e"] packs tensor<8x96x64xbf16> interleaved
minimax.weight @gate_up : tensor<8x96x64xbf16> from ["e"]
// CHECK: minimax.weight @down : tensor<8x1x24x64x2xbf16> from ["f"] packs tensor<8x64x48xbf16>
// CHECK-NOT: interleaved
minimax.weight @down : tensor<8x64x48xbf16> from ["f"]
