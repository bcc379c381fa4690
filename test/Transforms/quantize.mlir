// RUN: minimax-opt %s --minimax-quantize | FileCheck %s --check-prefixes=CHECK,EXPERTS
// RUN: minimax-opt %s --minimax-quantize="scheme=w8a16 scope=all" | FileCheck %s --check-prefixes=CHECK,ALL
// RUN: minimax-opt %s --minimax-quantize="scope=all activations=bf16" --minimax-set-arithmetic=dtype=bf16 | FileCheck %s --check-prefix=BF16
// RUN: not minimax-opt %s --minimax-quantize=activations=f32 2>&1 | FileCheck %s --check-prefix=ACTIVATIONS
// RUN: not minimax-opt %s --minimax-quantize=scheme=w4a16 2>&1 | FileCheck %s --check-prefix=SCHEME
// RUN: not minimax-opt %s --minimax-quantize=scope=head 2>&1 | FileCheck %s --check-prefix=SCOPE
// SCHEME: error: expected 'scheme' w8a16, but got 'w4a16'
// SCOPE: error: expected 'scope' experts or all, but got 'head'
// ACTIVATIONS: error: expected 'activations' i16 or bf16, but got 'f32'

// minimax-set-arithmetic rounds what the integers of the weight meet.
// BF16-LABEL: func @experts(
// BF16-NOT:     i16
// BF16:         %[[C:.+]] = minimax.cast %{{.*}} : (tensor<?x63xf32>) -> tensor<?x64xbf16>
// BF16:         %[[D:.+]] = minimax.dequantize
// BF16:         minimax.grouped_matmul %[[C]], %[[D]], %{{.*}} activation = swiglu : (tensor<?x64xbf16>, tensor<8x96x63xf32>, tensor<9xi32>) -> tensor<?x48xf32>
// BF16-LABEL: func @projections(
// BF16:         %[[C:.+]] = minimax.cast %{{.*}} : (tensor<?x64xf32>) -> tensor<?x64xbf16>
// BF16-NOT:     minimax.cast
// BF16:         minimax.linear %[[C]], %{{.*}} : (tensor<?x64xbf16>, tensor<96x64xf32>)

// CHECK-LABEL: func @experts(
// CHECK-SAME:    %[[P:[^:]+]]: tensor<?x63xf32>, %[[W:[^:]+]]: tensor<8x96x63xbf16>
// CHECK:         %[[C:.+]] = minimax.cast %[[P]] : (tensor<?x63xf32>) -> tensor<?x66xi16>
// CHECK:         %[[Q:.+]], %[[S:.+]] = minimax.quantize %[[W]] : tensor<8x96x63xbf16> -> tensor<8x96x63xi8>, tensor<8x96xf32>
// CHECK:         %[[D:.+]] = minimax.dequantize %[[Q]], %[[S]] : {{.*}} -> tensor<8x96x63xf32>
// CHECK:         minimax.grouped_matmul %[[C]], %[[D]], %{{.*}} activation = swiglu : (tensor<?x66xi16>, tensor<8x96x63xf32>, tensor<9xi32>) -> tensor<?x48xf32>
func.func @experts(%p: tensor<?x63xf32>, %w: tensor<8x96x63xbf16>, %o: tensor<9xi32>) -> tensor<?x48xf32> {
  %u = minimax.grouped_matmul %p, %w, %o activation = swiglu
      : (tensor<?x63xf32>, tensor<8x96x63xbf16>, tensor<9xi32>) -> tensor<?x48xf32>
  return %u : tensor<?x48xf32>
}

// Products of one input share its integers.
// CHECK-LABEL: func @projections(
// EXPERTS-NOT:   minimax.cast
// EXPERTS-NOT:   minimax.quantize
// ALL:           %[[C:.+]] = minimax.cast %{{.*}} : (tensor<?x64xf32>) -> tensor<?x66xi16>
// ALL-NOT:       minimax.cast
// ALL:           minimax.linear %[[C]], %{{.*}} : (tensor<?x66xi16>, tensor<96x64xf32>)
// ALL:           minimax.linear %[[C]], %{{.*}} residual(%{{.*}}) {{.*}} : (tensor<?x66xi16>, tensor<64x64xf32>, tensor<?x64xf32>)
// CHECK:         return
func.func @projections(%x: tensor<?x64xf32>, %v: tensor<96x64xbf16>, %w: tensor<64x64xf16>) -> (tensor<?x96xf32>, tensor<?x64xf32>) {
  %a = minimax.linear %x, %v : (tensor<?x64xf32>, tensor<96x64xbf16>) -> tensor<?x96xf32>
  %b = minimax.linear %x, %w residual(%x) alpha = 2.0 : (tensor<?x64xf32>, tensor<64x64xf16>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %a, %b : tensor<?x96xf32>, tensor<?x64xf32>
}

// What decides and what stays f32: router, coefficient, norm, embedding, head.
// CHECK-LABEL: func @excluded(
// CHECK-NOT:     minimax.quantize
// CHECK:         return
func.func @excluded(%t: tensor<?xi32>, %x: tensor<?x64xf32>, %r: tensor<8x64xf32>, %c: tensor<1x64xf32>, %h: tensor<256x64xf32>, %n: tensor<64xf32>)
    -> (tensor<?x2xf32>, tensor<?x2xi32>, tensor<?x256xf32>, tensor<?x64xf32>) {
  %l = minimax.linear %x, %r : (tensor<?x64xf32>, tensor<8x64xf32>) -> tensor<?x8xf32>
  %w, %e = minimax.route %l : (tensor<?x8xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
  %k = minimax.linear %x, %c activation = sigmoid : (tensor<?x64xf32>, tensor<1x64xf32>) -> tensor<?x1xf32>
  %m = minimax.residual %x, %x coefficient(%k) : (tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x1xf32>) -> tensor<?x64xf32>
  %b = minimax.embedding %t, %h : (tensor<?xi32>, tensor<256x64xf32>) -> tensor<?x64xf32>
  %y = minimax.rms_norm %b, %n eps = 0.5 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  %z = minimax.lm_head %y, %h : (tensor<?x64xf32>, tensor<256x64xf32>) -> tensor<?x256xf32>
  return %w, %e, %z, %m : tensor<?x2xf32>, tensor<?x2xi32>, tensor<?x256xf32>, tensor<?x64xf32>
}

// Packed already, or rounded already.
// CHECK-LABEL: func @left_alone(
// CHECK-NOT:     minimax.quantize
// CHECK:         return
func.func @left_alone(%x: tensor<3x64xf32>, %c: tensor<3x64xbf16>, %p: tensor<8x2x64x64xf32>, %w: tensor<8x96x64xf32>, %o: tensor<9xi32>) -> (tensor<3x96xf32>, tensor<3x96xf32>) {
  %a = minimax.grouped_matmul %x, %p, %o : (tensor<3x64xf32>, tensor<8x2x64x64xf32>, tensor<9xi32>) -> tensor<3x96xf32>
  %b = minimax.grouped_matmul %c, %w, %o : (tensor<3x64xbf16>, tensor<8x96x64xf32>, tensor<9xi32>) -> tensor<3x96xf32>
  return %a, %b : tensor<3x96xf32>, tensor<3x96xf32>
}
