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
