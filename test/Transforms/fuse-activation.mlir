// RUN: minimax-opt %s --minimax-fuse-activation | FileCheck %s
// RUN: minimax-opt %s --minimax-fuse-activation --check-each-pass -o /dev/null

// CHECK-LABEL: func @silu(
// CHECK-SAME:    %[[X:[^:]+]]: tensor<?x64xf32>, %[[W:[^:]+]]: tensor<192x64xbf16>
// CHECK-NEXT:    %[[Y:.+]] = minimax.linear %[[X]], %[[W]] activation = silu :
// CHECK-NEXT:    return %[[Y]]
func.func @silu(%x: tensor<?x64xf32>, %w: tensor<192x64xbf16>) -> tensor<?x192xf32> {
  %z = minimax.linear %x, %w : (tensor<?x64xf32>, tensor<192x64xbf16>) -> tensor<?x192xf32>
  %y = minimax.activation %z kind = silu : (tensor<?x192xf32>) -> tensor<?x192xf32>
  return %y : tensor<?x192xf32>
}

// CHECK-LABEL: func @sigmoid_static_packed(
// CHECK-NEXT:    minimax.linear {{.*}} activation = sigmoid : (tensor<5x64xf32>, tensor<1x32x64x2xbf16>) -> tensor<5x64xf32>
// CHECK-NEXT:    return
func.func @sigmoid_static_packed(%x: tensor<5x64xf32>, %w: tensor<1x32x64x2xbf16>) -> tensor<5x64xf32> {
  %z = minimax.linear %x, %w : (tensor<5x64xf32>, tensor<1x32x64x2xbf16>) -> tensor<5x64xf32>
  %y = minimax.activation %z kind = sigmoid : (tensor<5x64xf32>) -> tensor<5x64xf32>
  return %y : tensor<5x64xf32>
}

// A second reader needs the product as it is.
// CHECK-LABEL: func @second_reader(
// CHECK:         minimax.linear
// CHECK-NOT:     activation =
// CHECK:         minimax.activation
func.func @second_reader(%x: tensor<?x64xf32>, %w: tensor<64x64xf32>) -> (tensor<?x64xf32>, tensor<?x64xf32>) {
  %z = minimax.linear %x, %w : (tensor<?x64xf32>, tensor<64x64xf32>) -> tensor<?x64xf32>
  %y = minimax.activation %z kind = silu : (tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y, %z : tensor<?x64xf32>, tensor<?x64xf32>
}

// silu(a*r + b*x*w) is not a*r + b*silu(x*w).
// CHECK-LABEL: func @has_residual(
// CHECK:         minimax.linear {{.*}} residual
// CHECK:         minimax.activation
func.func @has_residual(%x: tensor<?x64xf32>, %w: tensor<64x64xf32>, %r: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %z = minimax.linear %x, %w residual(%r) : (tensor<?x64xf32>, tensor<64x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %y = minimax.activation %z kind = silu : (tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// CHECK-LABEL: func @has_activation(
// CHECK:         minimax.linear {{.*}} activation = sigmoid
// CHECK:         minimax.activation {{.*}} kind = silu
func.func @has_activation(%x: tensor<?x64xf32>, %w: tensor<64x64xf32>) -> tensor<?x64xf32> {
  %z = minimax.linear %x, %w activation = sigmoid : (tensor<?x64xf32>, tensor<64x64xf32>) -> tensor<?x64xf32>
  %y = minimax.activation %z kind = silu : (tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// The product is rounded before the activation reads it.
// CHECK-LABEL: func @rounded(
// CHECK:         minimax.linear
// CHECK-NOT:     activation =
// CHECK:         minimax.activation
func.func @rounded(%x: tensor<?x64xf32>, %w: tensor<64x64xf32>) -> tensor<?x64xf32> {
  %z = minimax.linear %x, %w : (tensor<?x64xf32>, tensor<64x64xf32>) -> tensor<?x64xbf16>
  %y = minimax.activation %z kind = silu : (tensor<?x64xbf16>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// A loop would repeat the product.
// CHECK-LABEL: func @other_block(
// CHECK:         minimax.linear
// CHECK:         scf.for
// CHECK:           minimax.activation
func.func @other_block(%x: tensor<?x64xf32>, %w: tensor<64x64xf32>, %n: index) -> tensor<?x64xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = minimax.linear %x, %w : (tensor<?x64xf32>, tensor<64x64xf32>) -> tensor<?x64xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %x) -> tensor<?x64xf32> {
    %y = minimax.activation %z kind = silu : (tensor<?x64xf32>) -> tensor<?x64xf32>
    %g = minimax.gate %acc, %y : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
    scf.yield %g : tensor<?x64xf32>
  }
  return %r : tensor<?x64xf32>
}
