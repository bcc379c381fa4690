// RUN: minimax-opt %s --minimax-fuse-residual | FileCheck %s
// RUN: minimax-opt %s --minimax-fuse-residual --check-each-pass -o /dev/null

// CHECK-LABEL: func @linear(
// CHECK-SAME:    %[[X:[^:]+]]: tensor<?x48xf32>, %[[W:[^:]+]]: tensor<64x48xbf16>, %[[S:[^:]+]]: tensor<?x64xf32>
// CHECK-NEXT:    %[[Y:.+]] = minimax.linear %[[X]], %[[W]] residual(%[[S]]) alpha = 2.000000e+00 beta = 5.000000e-01 :
// CHECK-NEXT:    return %[[Y]]
func.func @linear(%x: tensor<?x48xf32>, %w: tensor<64x48xbf16>, %s: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %b = minimax.linear %x, %w : (tensor<?x48xf32>, tensor<64x48xbf16>) -> tensor<?x64xf32>
  %y = minimax.residual %s, %b alpha = 2.0 beta = 0.5 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// The sum follows the activation, as in the op's equation.
// CHECK-LABEL: func @activated_static(
// CHECK-NEXT:    minimax.linear {{.*}} residual({{.*}}) activation = silu : (tensor<3x64xf32>
// CHECK-NEXT:    return
func.func @activated_static(%x: tensor<3x64xf32>, %w: tensor<64x64xf32>, %s: tensor<3x64xf32>) -> tensor<3x64xf32> {
  %b = minimax.linear %x, %w activation = silu : (tensor<3x64xf32>, tensor<64x64xf32>) -> tensor<3x64xf32>
  %y = minimax.residual %s, %b : (tensor<3x64xf32>, tensor<3x64xf32>) -> tensor<3x64xf32>
  return %y : tensor<3x64xf32>
}

// CHECK-LABEL: func @unpermute(
// CHECK-SAME:    %[[U:[^:]+]]: tensor<?x64xf32>, %[[ROWS:[^:]+]]: tensor<?x2xi32>, %[[W:[^:]+]]: tensor<?x2xf32>, %[[S:[^:]+]]: tensor<?x64xf32>
// CHECK-NEXT:    minimax.unpermute %[[U]], %[[ROWS]], %[[W]] residual(%[[S]]) alpha = 3.000000e+00 :
// CHECK-NEXT:    return
func.func @unpermute(%u: tensor<?x64xf32>, %rows: tensor<?x2xi32>, %w: tensor<?x2xf32>, %s: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %b = minimax.unpermute %u, %rows, %w beta = 0.5
      : (tensor<?x64xf32>, tensor<?x2xi32>, tensor<?x2xf32>) -> tensor<?x64xf32>
  %y = minimax.residual %s, %b alpha = 3.0 beta = 2.0 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// CHECK-LABEL: func @coefficient(
// CHECK:         minimax.linear
// CHECK:         minimax.residual {{.*}} coefficient
func.func @coefficient(%x: tensor<?x64xf32>, %w: tensor<64x64xf32>, %s: tensor<?x64xf32>, %c: tensor<?x1xf32>) -> tensor<?x64xf32> {
  %b = minimax.linear %x, %w : (tensor<?x64xf32>, tensor<64x64xf32>) -> tensor<?x64xf32>
  %y = minimax.residual %s, %b coefficient(%c)
      : (tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x1xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// CHECK-LABEL: func @second_reader(
// CHECK:         minimax.linear
// CHECK:         minimax.residual
func.func @second_reader(%x: tensor<?x64xf32>, %w: tensor<64x64xf32>, %s: tensor<?x64xf32>) -> (tensor<?x64xf32>, tensor<?x64xf32>) {
  %b = minimax.linear %x, %w : (tensor<?x64xf32>, tensor<64x64xf32>) -> tensor<?x64xf32>
  %y = minimax.residual %s, %b : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y, %b : tensor<?x64xf32>, tensor<?x64xf32>
}

// The skip connection is not the branch: its product is scaled by alpha.
// CHECK-LABEL: func @product_is_skip(
// CHECK:         minimax.linear
// CHECK:         minimax.residual
func.func @product_is_skip(%x: tensor<?x64xf32>, %w: tensor<64x64xf32>, %s: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %b = minimax.linear %x, %w : (tensor<?x64xf32>, tensor<64x64xf32>) -> tensor<?x64xf32>
  %y = minimax.residual %b, %s : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// Only the inner of two sums has room.
// CHECK-LABEL: func @two_residuals(
// CHECK:         minimax.linear {{.*}} residual
// CHECK:         minimax.residual
func.func @two_residuals(%x: tensor<?x64xf32>, %w: tensor<64x64xf32>, %s: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %b = minimax.linear %x, %w : (tensor<?x64xf32>, tensor<64x64xf32>) -> tensor<?x64xf32>
  %y = minimax.residual %s, %b : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %z = minimax.residual %x, %y : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %z : tensor<?x64xf32>
}

// CHECK-LABEL: func @bf16(
// CHECK:         minimax.linear
// CHECK:         minimax.residual
func.func @bf16(%x: tensor<?x64xbf16>, %w: tensor<64x64xbf16>, %s: tensor<?x64xbf16>) -> tensor<?x64xbf16> {
  %b = minimax.linear %x, %w : (tensor<?x64xbf16>, tensor<64x64xbf16>) -> tensor<?x64xbf16>
  %y = minimax.residual %s, %b : (tensor<?x64xbf16>, tensor<?x64xbf16>) -> tensor<?x64xbf16>
  return %y : tensor<?x64xbf16>
}
