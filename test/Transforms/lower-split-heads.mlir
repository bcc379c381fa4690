// RUN: minimax-opt %s --minimax-lower-split-heads --cse | FileCheck %s
// RUN: minimax-opt %s --minimax-lower-split-heads --check-each-pass -o /dev/null

// CHECK-LABEL: func @per_head(
// CHECK-SAME:    %[[Z:[^:]+]]:
// CHECK:         %[[T:.+]] = tensor.dim %[[Z]]
// CHECK:         %[[H:.+]] = tensor.expand_shape %[[Z]] {{.*}} tensor<?x192xf32> into tensor<?x4x3x16xf32>
// CHECK:         %[[N:.+]] = tensor.dim %[[H]]
// CHECK:         %[[Q:.+]] = tensor.extract_slice %[[H]][0, 0, 0, 0] [%[[N]], 4, 1, 16]
// CHECK:         %[[K:.+]] = tensor.extract_slice %[[H]][0, 0, 1, 0] [%[[N]], 4, 1, 16]
// CHECK:         %[[V:.+]] = tensor.extract_slice %[[H]][0, 0, 2, 0] [%[[N]], 4, 1, 16]
// CHECK:         return %[[Q]], %[[K]], %[[V]]
func.func @per_head(%z: tensor<?x192xf32>) -> (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>) {
  %q, %k, %v = minimax.split_heads %z packing = per_head
      : (tensor<?x192xf32>) -> (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>)
  return %q, %k, %v : tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>
}

// CHECK-LABEL: func @concatenated_static(
// CHECK:         %[[H:.+]] = tensor.expand_shape {{.*}} tensor<5x192xf32> into tensor<5x3x4x16xf32>
// CHECK-NEXT:    tensor.extract_slice %[[H]][0, 0, 0, 0] [5, 1, 4, 16]
// CHECK-NEXT:    tensor.extract_slice %[[H]][0, 1, 0, 0] [5, 1, 4, 16]
// CHECK-NEXT:    tensor.extract_slice %[[H]][0, 2, 0, 0] [5, 1, 4, 16]
func.func @concatenated_static(%z: tensor<5x192xf32>) -> (tensor<5x4x16xf32>, tensor<5x4x16xf32>, tensor<5x4x16xf32>) {
  %q, %k, %v = minimax.split_heads %z packing = concatenated
      : (tensor<5x192xf32>) -> (tensor<5x4x16xf32>, tensor<5x4x16xf32>, tensor<5x4x16xf32>)
  return %q, %k, %v : tensor<5x4x16xf32>, tensor<5x4x16xf32>, tensor<5x4x16xf32>
}
