// RUN: minimax-opt %s --minimax-fuse-permute | FileCheck %s
// RUN: minimax-opt %s --minimax-fuse-permute --check-each-pass -o /dev/null

// CHECK-LABEL: func @experts(
// CHECK-SAME:    %[[X:[^:]+]]: tensor<?x6xf32>, %[[E:[^:]+]]:
// CHECK-NEXT:    %[[S:.+]]:3 = minimax.sort_copies %[[E]] : (tensor<?x2xi32>) -> (tensor<4xi32>, tensor<?x2xi32>, tensor<?xi32>)
// CHECK-NEXT:    %[[U:.+]] = minimax.grouped_matmul %[[X]], %{{.+}}, %[[S]]#0 rows(%[[S]]#2) activation = swiglu :
// CHECK-NEXT:    minimax.unpermute %[[U]], %[[S]]#1,
func.func @experts(%x: tensor<?x6xf32>, %e: tensor<?x2xi32>, %w: tensor<3x12x6xf32>, %s: tensor<?x2xf32>) -> tensor<?x6xf32> {
  %p, %o, %r = minimax.permute %x, %e : (tensor<?x6xf32>, tensor<?x2xi32>) -> (tensor<?x6xf32>, tensor<4xi32>, tensor<?x2xi32>)
  %u = minimax.grouped_matmul %p, %w, %o activation = swiglu : (tensor<?x6xf32>, tensor<3x12x6xf32>, tensor<4xi32>) -> tensor<?x6xf32>
  %y = minimax.unpermute %u, %r, %s : (tensor<?x6xf32>, tensor<?x2xi32>, tensor<?x2xf32>) -> tensor<?x6xf32>
  return %y : tensor<?x6xf32>
}

// Two products read the copies; a product reads what a cast makes of them.
// CHECK-LABEL: func @left_alone(
// CHECK-NOT:     minimax.sort_copies
// CHECK:         return
func.func @left_alone(%x: tensor<?x6xf32>, %e: tensor<?x2xi32>, %w: tensor<3x8x6xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>) {
  %p, %o, %r = minimax.permute %x, %e : (tensor<?x6xf32>, tensor<?x2xi32>) -> (tensor<?x6xf32>, tensor<4xi32>, tensor<?x2xi32>)
  %a = minimax.grouped_matmul %p, %w, %o : (tensor<?x6xf32>, tensor<3x8x6xf32>, tensor<4xi32>) -> tensor<?x8xf32>
  %b = minimax.grouped_matmul %p, %w, %o : (tensor<?x6xf32>, tensor<3x8x6xf32>, tensor<4xi32>) -> tensor<?x8xf32>
  %q, %f, %t = minimax.permute %x, %e : (tensor<?x6xf32>, tensor<?x2xi32>) -> (tensor<?x6xf32>, tensor<4xi32>, tensor<?x2xi32>)
  %n = minimax.cast %q : (tensor<?x6xf32>) -> tensor<?x6xbf16>
  %c = minimax.grouped_matmul %n, %w, %f : (tensor<?x6xbf16>, tensor<3x8x6xf32>, tensor<4xi32>) -> tensor<?x8xf32>
  return %a, %b, %c : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
}
