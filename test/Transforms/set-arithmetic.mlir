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

// A product's result is rounded for the gate of a norm, not for other readers.
// CHECK-LABEL: func @gate(
// CHECK:         %[[F:.+]] = minimax.linear {{.*}} activation = sigmoid : {{.*}} -> tensor<?x64xf32>
// CHECK-NEXT:    %[[G:.+]] = minimax.cast %[[F]] : (tensor<?x64xf32>) -> tensor<?x64xbf16>
// CHECK:         minimax.rms_norm %{{.+}}, %{{.+}} gate(%[[G]]) {{.*}}, tensor<?x64xbf16>) -> tensor<?x64xf32>
// CHECK-NOT:     minimax.cast
// CHECK:         return
func.func @gate(%x: tensor<?x64xbf16>, %o: tensor<?x64xf32>, %v: tensor<64xf32>, %w: tensor<64x64xbf16>) -> (tensor<?x64xf32>, tensor<?x64xf32>) {
  %g = minimax.linear %x, %w activation = sigmoid : (tensor<?x64xbf16>, tensor<64x64xbf16>) -> tensor<?x64xf32>
  %n = minimax.rms_norm %o, %v gate(%g) eps = 1.0e-5 : (tensor<?x64xf32>, tensor<64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %h = minimax.linear %x, %w activation = silu : (tensor<?x64xbf16>, tensor<64x64xbf16>) -> tensor<?x64xf32>
  %m = minimax.rms_norm %o, %v gate(%h) eps = 1.0e-5 : (tensor<?x64xf32>, tensor<64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %k = minimax.gate %m, %h : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %n, %k : tensor<?x64xf32>, tensor<?x64xf32>
}

// Experts' outputs are rounded before they are summed in f32.
// CHECK-LABEL: func @experts_out(
// CHECK:         %[[F:.+]] = minimax.grouped_matmul
// CHECK-NEXT:    %[[C:.+]] = minimax.cast %[[F]] : (tensor<?x64xf32>) -> tensor<?x64xbf16>
// CHECK:         minimax.unpermute %[[C]], {{.*}} -> tensor<?x64xf32>
func.func @experts_out(%p: tensor<?x64xbf16>, %w: tensor<8x64x64xf32>, %o: tensor<9xi32>, %r: tensor<?x2xi32>, %s: tensor<?x2xf32>) -> tensor<?x64xf32> {
  %u = minimax.grouped_matmul %p, %w, %o : (tensor<?x64xbf16>, tensor<8x64x64xf32>, tensor<9xi32>) -> tensor<?x64xf32>
  %y = minimax.unpermute %u, %r, %s : (tensor<?x64xf32>, tensor<?x2xi32>, tensor<?x2xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// Heads and outputs of lightning attention are bf16; the norm behind it sums in f32.
// CHECK-LABEL: func @lightning(
// CHECK:         %[[F:.+]] = minimax.linear
// CHECK-NEXT:    %[[Z:.+]] = minimax.cast %[[F]] : (tensor<?x192xf32>) -> tensor<?x192xbf16>
// CHECK-NEXT:    %[[Q:.+]], %[[K:.+]], %[[V:.+]] = minimax.split_heads %[[Z]] {{.*}} -> (tensor<?x4x16xbf16>, tensor<?x4x16xbf16>, tensor<?x4x16xbf16>)
// CHECK:         minimax.lightning_attention %[[Q]], %[[K]], %[[V]], {{.*}} -> (tensor<?x4x16xf32>,
// CHECK:         %[[O:.+]] = minimax.cast %{{.+}} : (tensor<?x64xf32>) -> tensor<?x64xbf16>
// CHECK:         minimax.rms_norm %[[O]], {{.*}} -> tensor<?x64xf32>
func.func @lightning(%x: tensor<?x64xbf16>, %w: tensor<192x64xbf16>, %s: tensor<4xf32>, %i: tensor<?xi32>, %v: tensor<64xf32>,
    %state: !minimax.lightning_state<4x16x16xf32>) -> (tensor<?x64xf32>, !minimax.lightning_state<4x16x16xf32>) {
  %z = minimax.linear %x, %w activation = silu : (tensor<?x64xbf16>, tensor<192x64xbf16>) -> tensor<?x192xf32>
  %q, %k, %u = minimax.split_heads %z packing = per_head : (tensor<?x192xf32>) -> (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>)
  %o, %next = minimax.lightning_attention %q, %k, %u, %s, %i, %i, %state chunk = 8
      : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<4xf32>, tensor<?xi32>, tensor<?xi32>, !minimax.lightning_state<4x16x16xf32>)
      -> (tensor<?x4x16xf32>, !minimax.lightning_state<4x16x16xf32>)
  %joined = tensor.collapse_shape %o [[0], [1, 2]] : tensor<?x4x16xf32> into tensor<?x64xf32>
  %n = minimax.rms_norm %joined, %v eps = 1.0e-5 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  return %n, %next : tensor<?x64xf32>, !minimax.lightning_state<4x16x16xf32>
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

// Heads that products make for it are bf16.
// CHECK-LABEL: func @attention_heads(
// CHECK:         %[[F:.+]] = minimax.linear
// CHECK-NEXT:    %[[Z:.+]] = minimax.cast %[[F]] : (tensor<?x64xf32>) -> tensor<?x64xbf16>
// CHECK-NEXT:    %[[Q:.+]] = tensor.expand_shape %[[Z]] {{.*}} : tensor<?x64xbf16> into tensor<?x4x16xbf16>
// CHECK:         minimax.attention %[[Q]], %[[Q]], %[[Q]], {{.*}} -> (tensor<?x4x16xf32>,
func.func @attention_heads(%x: tensor<?x64xbf16>, %w: tensor<64x64xbf16>, %t: index, %i: tensor<?xi32>, %cache: !minimax.kv_cache<4x16xf32>) -> (tensor<?x4x16xf32>, !minimax.kv_cache<4x16xf32>) {
  %z = minimax.linear %x, %w : (tensor<?x64xbf16>, tensor<64x64xbf16>) -> tensor<?x64xf32>
  %q = tensor.expand_shape %z [[0], [1, 2]] output_shape [%t, 4, 16] : tensor<?x64xf32> into tensor<?x4x16xf32>
  %o, %next = minimax.attention %q, %q, %q, %i, %i, %i, %cache scale = 0.25
      : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<4x16xf32>)
      -> (tensor<?x4x16xf32>, !minimax.kv_cache<4x16xf32>)
  return %o, %next : tensor<?x4x16xf32>, !minimax.kv_cache<4x16xf32>
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
