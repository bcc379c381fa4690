// RUN: minimax-opt %s --resolve-ranked-shaped-type-result-dims --canonicalize --cse | FileCheck %s
//
// The sizes of results in terms of operands, which bufferization allocates by.

// CHECK-DAG: #[[$LESS_1:.+]] = affine_map<()[s0] -> (s0 - 1)>
// CHECK-DAG: #[[$TWICE:.+]] = affine_map<()[s0] -> (s0 * 2)>
// CHECK-DAG: #[[$CHUNKS:.+]] = affine_map<()[s0, s1] -> (s0 + s1 floordiv 64 - 1)>

// CHECK-LABEL: func @linear(
// CHECK-SAME:    %[[X:[^:]+]]:
// CHECK-DAG:     %[[C192:.+]] = arith.constant 192
// CHECK-DAG:     %[[T:.+]] = tensor.dim %[[X]]
// CHECK:         return %[[T]], %[[C192]]
func.func @linear(%x: tensor<?x64xf32>, %w: tensor<192x64xf32>) -> (index, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %y = minimax.linear %x, %w : (tensor<?x64xf32>, tensor<192x64xf32>) -> tensor<?x192xf32>
  %t = tensor.dim %y, %c0 : tensor<?x192xf32>
  %n = tensor.dim %y, %c1 : tensor<?x192xf32>
  return %t, %n : index, index
}

// CHECK-LABEL: func @last_rows(
// CHECK-SAME:    %{{[^:]+}}: tensor<?x64xf32>, %[[CU:[^:]+]]:
// CHECK:         %[[SIZE:.+]] = tensor.dim %[[CU]]
// CHECK-NEXT:    affine.apply #[[$LESS_1]]()[%[[SIZE]]]
func.func @last_rows(%x: tensor<?x64xf32>, %cu: tensor<?xi32>) -> index {
  %c0 = arith.constant 0 : index
  %y = minimax.last_rows %x, %cu : (tensor<?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
  %n = tensor.dim %y, %c0 : tensor<?x64xf32>
  return %n : index
}

// CHECK-LABEL: func @permute(
// CHECK-SAME:    %[[X:[^:]+]]:
// CHECK:         %[[T:.+]] = tensor.dim %[[X]]
// CHECK-NEXT:    %[[COPIES:.+]] = affine.apply #[[$TWICE]]()[%[[T]]]
// CHECK-NEXT:    return %[[COPIES]], %[[T]]
func.func @permute(%x: tensor<?x64xf32>, %e: tensor<?x2xi32>) -> (index, index) {
  %c0 = arith.constant 0 : index
  %p, %offsets, %rows = minimax.permute %x, %e
      : (tensor<?x64xf32>, tensor<?x2xi32>) -> (tensor<?x64xf32>, tensor<9xi32>, tensor<?x2xi32>)
  %n = tensor.dim %p, %c0 : tensor<?x64xf32>
  %t = tensor.dim %rows, %c0 : tensor<?x2xi32>
  return %n, %t : index, index
}

// CHECK-LABEL: func @sort_copies(
// CHECK-SAME:    %[[X:[^:]+]]: tensor<?x64xf32>, %[[E:[^:]+]]:
// CHECK:         %[[T:.+]] = tensor.dim %[[E]]
// CHECK-NEXT:    %[[COPIES:.+]] = affine.apply #[[$TWICE]]()[%[[T]]]
// CHECK-NEXT:    return %[[COPIES]]
func.func @sort_copies(%x: tensor<?x64xf32>, %e: tensor<?x2xi32>, %w: tensor<8x96x64xf32>) -> index {
  %c0 = arith.constant 0 : index
  %offsets, %rows, %sources = minimax.sort_copies %e : (tensor<?x2xi32>) -> (tensor<9xi32>, tensor<?x2xi32>, tensor<?xi32>)
  %y = minimax.grouped_matmul %x, %w, %offsets rows(%sources)
      : (tensor<?x64xf32>, tensor<8x96x64xf32>, tensor<9xi32>, tensor<?xi32>) -> tensor<?x96xf32>
  %n = tensor.dim %y, %c0 : tensor<?x96xf32>
  return %n : index
}

// CHECK-LABEL: func @unpermute(
// CHECK-SAME:    %{{[^:]+}}: tensor<?x64xf32>, %[[ROWS:[^:]+]]:
// CHECK:         tensor.dim %[[ROWS]]
func.func @unpermute(%u: tensor<?x64xf32>, %rows: tensor<?x2xi32>, %w: tensor<?x2xf32>) -> index {
  %c0 = arith.constant 0 : index
  %y = minimax.unpermute %u, %rows, %w : (tensor<?x64xf32>, tensor<?x2xi32>, tensor<?x2xf32>) -> tensor<?x64xf32>
  %t = tensor.dim %y, %c0 : tensor<?x64xf32>
  return %t : index
}

// Whole chunks of all tokens, and a shorter one for each sequence.
// CHECK-LABEL: func @chunk_state(
// CHECK-SAME:    %[[K:[^:]+]]: tensor<?x4x16xf32>, %{{[^:]+}}: tensor<4xf32>, %[[CU:[^:]+]]:
// CHECK-DAG:     %[[T:.+]] = tensor.dim %[[K]]
// CHECK-DAG:     %[[SIZE:.+]] = tensor.dim %[[CU]]
// CHECK:         %[[C:.+]] = affine.apply #[[$CHUNKS]]()[%[[SIZE]], %[[T]]]
// CHECK-NEXT:    return %[[C]], %[[C]]
func.func @chunk_state(%k: tensor<?x4x16xf32>, %slope: tensor<4xf32>, %cu: tensor<?xi32>) -> (index, index) {
  %c0 = arith.constant 0 : index
  %local, %decay = minimax.chunk_state %k, %k, %slope, %cu chunk = 64
      : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<4xf32>, tensor<?xi32>) -> (tensor<?x4x16x16xf32>, tensor<?x4xf32>)
  %a = tensor.dim %local, %c0 : tensor<?x4x16x16xf32>
  %b = tensor.dim %decay, %c0 : tensor<?x4xf32>
  return %a, %b : index, index
}
