// RUN: minimax-opt %s --minimax-set-arithmetic=dtype=bf16 | FileCheck %s
// RUN: minimax-opt %s --minimax-set-arithmetic | FileCheck %s --check-prefix=F32
// RUN: not minimax-opt %s --minimax-set-arithmetic=dtype=f16 2>&1 | FileCheck %s --check-prefix=BAD
// F32-NOT: minimax.cast
// BAD: error: expected 'dtype' f32 or bf16, but got f16

// Products of one input share its rounded copy.
// CHECK-LABEL: func @products(
// CHECK-SAME:    %[[X:[^:]+]]: tensor<?x63xf32>
// CHECK:         %[[C:.+]] = minimax.cast %[[X]] : (tensor<?x63xf32>) -> tensor<?x64xbf16>
// CHECK-NOT:     minimax.cast
// CHECK:         minimax.linear %[[C]],
// CHECK:         minimax.linear %[[C]],
func.func @products(%x: tensor<?x63xf32>, %v: tensor<2x32x64x2xbf16>, %w: tensor<1x32x64x2xbf16>) -> (tensor<?x96xf32>, tensor<?x64xf32>) {
  %a = minimax.linear %x, %v : (tensor<?x63xf32>, tensor<2x32x64x2xbf16>) -> tensor<?x96xf32>
  %b = minimax.linear %x, %w : (tensor<?x63xf32>, tensor<1x32x64x2xbf16>) -> tensor<?x64xf32>
  return %a, %b : tensor<?x96xf32>, tensor<?x64xf32>
}

// CHECK-LABEL: func @experts(
// CHECK:         minimax.cast
// CHECK:         minimax.grouped_matmul {{.*}} : (tensor<?x64xbf16>
func.func @experts(%p: tensor<?x64xf32>, %w: tensor<8x96x64xf32>, %o: tensor<9xi32>) -> tensor<?x96xf32> {
  %u = minimax.grouped_matmul %p, %w, %o : (tensor<?x64xf32>, tensor<8x96x64xf32>, tensor<9xi32>) -> tensor<?x96xf32>
  return %u : tensor<?x96xf32>
}

// The router and the head stay f32.
// CHECK-LABEL: func @router_and_head(
// CHECK-NOT:     minimax.cast
// CHECK:         return
func.func @router_and_head(%x: tensor<?x64xf32>, %r: tensor<8x64xf32>, %h: tensor<256x64xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>, tensor<?x256xf32>) {
  %l = minimax.linear %x, %r : (tensor<?x64xf32>, tensor<8x64xf32>) -> tensor<?x8xf32>
  %w, %e = minimax.route %l : (tensor<?x8xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
  %y = minimax.lm_head %x, %h : (tensor<?x64xf32>, tensor<256x64xf32>) -> tensor<?x256xf32>
  return %w, %e, %y : tensor<?x2xf32>, tensor<?x2xi32>, tensor<?x256xf32>
}

// CHECK-LABEL: func @narrow_already(
// CHECK-NOT:     minimax.cast
// CHECK:         return
func.func @narrow_already(%x: tensor<3x64xbf16>, %w: tensor<96x64xf32>) -> tensor<3x96xf32> {
  %y = minimax.linear %x, %w : (tensor<3x64xbf16>, tensor<96x64xf32>) -> tensor<3x96xf32>
  return %y : tensor<3x96xf32>
}

// Attention keeps its types; its products may round inside.
// CHECK-LABEL: func @attention(
// CHECK-NOT:     minimax.cast
// CHECK:         minimax.attention {{.*}} {bf16_products} :
// F32-LABEL:   func @attention(
// F32-NOT:       bf16_products
func.func @attention(%q: tensor<?x4x16xf32>, %k: tensor<?x2x16xf32>, %i: tensor<?xi32>, %cache: !minimax.kv_cache<2x16xf32>) -> (tensor<?x4x16xf32>, !minimax.kv_cache<2x16xf32>) {
  %o, %next = minimax.attention %q, %k, %k, %i, %i, %i, %cache scale = 0.25
      : (tensor<?x4x16xf32>, tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<2x16xf32>)
      -> (tensor<?x4x16xf32>, !minimax.kv_cache<2x16xf32>)
  return %o, %next : tensor<?x4x16xf32>, !minimax.kv_cache<2x16xf32>
}

// CHECK-LABEL: func @chunks(
// CHECK:         minimax.chunk_state {{.*}} {bf16_products} :
// CHECK:         minimax.chunk_output {{.*}} {bf16_products} :
func.func @chunks(%q: tensor<?x4x16xf32>, %s: tensor<4xf32>, %i: tensor<?xi32>) -> tensor<?x4x16xf32> {
  %local, %decay = minimax.chunk_state %q, %q, %s, %i chunk = 64
      : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<4xf32>, tensor<?xi32>) -> (tensor<?x4x16x16xf32>, tensor<?x4xf32>)
  %o = minimax.chunk_output %q, %q, %q, %s, %i, %local chunk = 64
      : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<4xf32>, tensor<?xi32>, tensor<?x4x16x16xf32>) -> tensor<?x4x16xf32>
  return %o : tensor<?x4x16xf32>
}
