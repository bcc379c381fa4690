// RUN: minimax-opt %s --minimax-fuse-cast --canonicalize --cse | FileCheck %s

// CHECK-LABEL: func @norm(
// CHECK:         %[[Y:.+]] = minimax.rms_norm {{.*}} -> tensor<?x64xbf16>
// CHECK-NEXT:    return %[[Y]]
func.func @norm(%x: tensor<?x64xf32>, %w: tensor<64xf32>) -> tensor<?x64xbf16> {
  %n = minimax.rms_norm %x, %w gate(%x) eps = 1.0e-5 : (tensor<?x64xf32>, tensor<64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %c = minimax.cast %n : (tensor<?x64xf32>) -> tensor<?x64xbf16>
  return %c : tensor<?x64xbf16>
}

// Rows are rounded once and copied in bf16, also where the cast pads them.
// CHECK-LABEL: func @experts(
// CHECK:         %[[C:.+]] = minimax.cast %{{.+}} : (tensor<?x63xf32>) -> tensor<?x64xbf16>
// CHECK-NEXT:    %[[P:.+]]:3 = minimax.permute %[[C]], {{.*}} -> (tensor<?x64xbf16>,
// CHECK-NEXT:    %[[H:.+]] = minimax.grouped_matmul %[[P]]#0, {{.*}} -> tensor<?x48xbf16>
// CHECK-NEXT:    return %[[H]]
func.func @experts(%x: tensor<?x63xf32>, %e: tensor<?x2xi32>, %w: tensor<8x96x63xf32>) -> tensor<?x48xbf16> {
  %p, %o, %r = minimax.permute %x, %e : (tensor<?x63xf32>, tensor<?x2xi32>) -> (tensor<?x63xf32>, tensor<9xi32>, tensor<?x2xi32>)
  %c = minimax.cast %p : (tensor<?x63xf32>) -> tensor<?x64xbf16>
  %h = minimax.grouped_matmul %c, %w, %o activation = swiglu : (tensor<?x64xbf16>, tensor<8x96x63xf32>, tensor<9xi32>) -> tensor<?x48xf32>
  %d = minimax.cast %h : (tensor<?x48xf32>) -> tensor<?x48xbf16>
  return %d : tensor<?x48xbf16>
}

// CHECK-LABEL: func @product(
// CHECK:         %[[Y:.+]] = minimax.linear {{.*}} activation = silu {{.*}} -> tensor<?x96xbf16>
// CHECK-NEXT:    return %[[Y]]
func.func @product(%x: tensor<?x64xbf16>, %w: tensor<96x64xf32>) -> tensor<?x96xbf16> {
  %n = minimax.linear %x, %w activation = silu : (tensor<?x64xbf16>, tensor<96x64xf32>) -> tensor<?x96xf32>
  %c = minimax.cast %n : (tensor<?x96xf32>) -> tensor<?x96xbf16>
  return %c : tensor<?x96xbf16>
}

// The router and the residual read the norm in f32, products in bf16.
// CHECK-LABEL: func @two_readers(
// CHECK:         %[[N:.+]]:2 = minimax.rms_norm {{.*}} -> (tensor<?x64xf32>, tensor<?x64xbf16>)
// CHECK-NEXT:    return %[[N]]#0, %[[N]]#1, %[[N]]#1
func.func @two_readers(%x: tensor<?x64xf32>, %w: tensor<64xf32>) -> (tensor<?x64xf32>, tensor<?x64xbf16>, tensor<?x64xbf16>) {
  %n = minimax.rms_norm %x, %w eps = 1.0e-5 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  %c = minimax.cast %n : (tensor<?x64xf32>) -> tensor<?x64xbf16>
  %d = minimax.cast %n : (tensor<?x64xf32>) -> tensor<?x64xbf16>
  return %n, %c, %d : tensor<?x64xf32>, tensor<?x64xbf16>, tensor<?x64xbf16>
}

// The cast pads the row; another one makes integers.
// CHECK-LABEL: func @left_alone(
// CHECK:         minimax.rms_norm {{.*}} -> tensor<?x63xf32>
// CHECK-NEXT:    minimax.cast
// CHECK-NEXT:    minimax.rms_norm {{.*}} -> tensor<?x64xf32>
// CHECK-NEXT:    minimax.cast
func.func @left_alone(%x: tensor<?x63xf32>, %v: tensor<63xf32>, %y: tensor<?x64xf32>, %w: tensor<64xf32>) -> (tensor<?x64xbf16>, tensor<?x66xi16>) {
  %n = minimax.rms_norm %x, %v eps = 1.0e-5 : (tensor<?x63xf32>, tensor<63xf32>) -> tensor<?x63xf32>
  %c = minimax.cast %n : (tensor<?x63xf32>) -> tensor<?x64xbf16>
  %m = minimax.rms_norm %y, %w eps = 1.0e-5 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  %q = minimax.cast %m : (tensor<?x64xf32>) -> tensor<?x66xi16>
  return %c, %q : tensor<?x64xbf16>, tensor<?x66xi16>
}

// Heads of lightning attention are rounded before they are joined, if nothing
// else reads them.
// CHECK-LABEL: func @heads(
// CHECK:         %[[O:.+]]:2 = minimax.lightning_attention {{.*}} -> (tensor<?x4x16xbf16>, !minimax
// CHECK-NEXT:    tensor.collapse_shape %[[O]]#0 {{.*}} into tensor<?x64xbf16>
// CHECK:         minimax.lightning_attention {{.*}} -> (tensor<?x4x16xf32>, !minimax
// CHECK-NEXT:    tensor.collapse_shape {{.*}} into tensor<?x64xf32>
// CHECK-NEXT:    minimax.cast
func.func @heads(%q: tensor<?x4x16xbf16>, %s: tensor<4xf32>, %i: tensor<?xi32>, %state: !minimax.lightning_state<4x16x16xf32>)
    -> (tensor<?x64xbf16>, tensor<?x64xbf16>, tensor<?x64xf32>, !minimax.lightning_state<4x16x16xf32>) {
  %o, %next = minimax.lightning_attention %q, %q, %q, %s, %i, %i, %state chunk = 64 : (tensor<?x4x16xbf16>, tensor<?x4x16xbf16>, tensor<?x4x16xbf16>, tensor<4xf32>, tensor<?xi32>, tensor<?xi32>, !minimax.lightning_state<4x16x16xf32>) -> (tensor<?x4x16xf32>, !minimax.lightning_state<4x16x16xf32>)
  %j = tensor.collapse_shape %o [[0], [1, 2]] : tensor<?x4x16xf32> into tensor<?x64xf32>
  %c = minimax.cast %j : (tensor<?x64xf32>) -> tensor<?x64xbf16>
  %p, %last = minimax.lightning_attention %q, %q, %q, %s, %i, %i, %next chunk = 64 : (tensor<?x4x16xbf16>, tensor<?x4x16xbf16>, tensor<?x4x16xbf16>, tensor<4xf32>, tensor<?xi32>, tensor<?xi32>, !minimax.lightning_state<4x16x16xf32>) -> (tensor<?x4x16xf32>, !minimax.lightning_state<4x16x16xf32>)
  %k = tensor.collapse_shape %p [[0], [1, 2]] : tensor<?x4x16xf32> into tensor<?x64xf32>
  %d = minimax.cast %k : (tensor<?x64xf32>) -> tensor<?x64xbf16>
  return %c, %d, %k, %last : tensor<?x64xbf16>, tensor<?x64xbf16>, tensor<?x64xf32>, !minimax.lightning_state<4x16x16xf32>
}

// So are those of softmax attention.
// CHECK-LABEL: func @softmax_heads(
// CHECK:         %[[O:.+]]:2 = minimax.attention {{.*}} -> (tensor<?x4x16xbf16>, !minimax
// CHECK-NEXT:    tensor.collapse_shape %[[O]]#0 {{.*}} into tensor<?x64xbf16>
// CHECK-NOT:     minimax.cast
// CHECK:         %[[M:.+]]:2 = minimax.attention_merge {{.*}} -> (tensor<?x4x16xbf16>, tensor<?x4xf32>)
// CHECK-NEXT:    tensor.collapse_shape %[[M]]#0 {{.*}} into tensor<?x64xbf16>
func.func @softmax_heads(%q: tensor<?x4x16xbf16>, %i: tensor<?xi32>, %cache: !minimax.kv_cache<4x16xbf16>, %o: tensor<?x4x16xf32>, %l: tensor<?x4xf32>)
    -> (tensor<?x64xbf16>, !minimax.kv_cache<4x16xbf16>, tensor<?x64xbf16>) {
  %p, %next = minimax.attention %q, %q, %q, %i, %i, %i, %cache scale = 0.25 : (tensor<?x4x16xbf16>, tensor<?x4x16xbf16>, tensor<?x4x16xbf16>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<4x16xbf16>) -> (tensor<?x4x16xf32>, !minimax.kv_cache<4x16xbf16>)
  %j = tensor.collapse_shape %p [[0], [1, 2]] : tensor<?x4x16xf32> into tensor<?x64xf32>
  %c = minimax.cast %j : (tensor<?x64xf32>) -> tensor<?x64xbf16>
  %m, %lse = minimax.attention_merge %o, %l, %o, %l : (tensor<?x4x16xf32>, tensor<?x4xf32>, tensor<?x4x16xf32>, tensor<?x4xf32>) -> (tensor<?x4x16xf32>, tensor<?x4xf32>)
  %k = tensor.collapse_shape %m [[0], [1, 2]] : tensor<?x4x16xf32> into tensor<?x64xf32>
  %d = minimax.cast %k : (tensor<?x64xf32>) -> tensor<?x64xbf16>
  return %c, %next, %d : tensor<?x64xbf16>, !minimax.kv_cache<4x16xbf16>, tensor<?x64xbf16>
}
