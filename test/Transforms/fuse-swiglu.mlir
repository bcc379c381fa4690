// RUN: minimax-opt %s --minimax-fuse-swiglu | FileCheck %s
// RUN: minimax-opt %s --minimax-fuse-swiglu --check-each-pass --check-function=experts -o /dev/null

// CHECK-LABEL: func @experts(
// CHECK-SAME:    %[[P:[^:]+]]: tensor<?x64xf32>, %[[W:[^:]+]]: tensor<8x96x64xbf16>, %[[O:[^:]+]]: tensor<9xi32>
// CHECK-NEXT:    %[[H:.+]] = minimax.grouped_matmul %[[P]], %[[W]], %[[O]] activation = swiglu : {{.*}} -> tensor<?x48xf32>
// CHECK-NEXT:    return %[[H]]
func.func @experts(%p: tensor<?x64xf32>, %w: tensor<8x96x64xbf16>, %offsets: tensor<9xi32>) -> tensor<?x48xf32> {
  %u = minimax.grouped_matmul %p, %w, %offsets
      : (tensor<?x64xf32>, tensor<8x96x64xbf16>, tensor<9xi32>) -> tensor<?x96xf32>
  %h = minimax.swiglu %u : (tensor<?x96xf32>) -> tensor<?x48xf32>
  return %h : tensor<?x48xf32>
}

// CHECK-LABEL: func @static(
// CHECK-NEXT:    minimax.grouped_matmul {{.*}} activation = swiglu : {{.*}} -> tensor<6x48xf32>
// CHECK-NEXT:    return
func.func @static(%p: tensor<6x64xf32>, %w: tensor<8x96x64xf32>, %offsets: tensor<9xi32>) -> tensor<6x48xf32> {
  %u = minimax.grouped_matmul %p, %w, %offsets
      : (tensor<6x64xf32>, tensor<8x96x64xf32>, tensor<9xi32>) -> tensor<6x96xf32>
  %h = minimax.swiglu %u : (tensor<6x96xf32>) -> tensor<6x48xf32>
  return %h : tensor<6x48xf32>
}

// CHECK-LABEL: func @second_reader(
// CHECK:         minimax.grouped_matmul
// CHECK:         minimax.swiglu
func.func @second_reader(%p: tensor<?x64xf32>, %w: tensor<8x96x64xf32>, %offsets: tensor<9xi32>) -> (tensor<?x48xf32>, tensor<?x96xf32>) {
  %u = minimax.grouped_matmul %p, %w, %offsets
      : (tensor<?x64xf32>, tensor<8x96x64xf32>, tensor<9xi32>) -> tensor<?x96xf32>
  %h = minimax.swiglu %u : (tensor<?x96xf32>) -> tensor<?x48xf32>
  return %h, %u : tensor<?x48xf32>, tensor<?x96xf32>
}

// Panels of a weight packed without interleaving hold one half each.
// CHECK-LABEL: func @packed(
// CHECK:         minimax.grouped_matmul
// CHECK:         minimax.swiglu
func.func @packed(%p: tensor<?x64xf32>, %w: tensor<8x2x64x64xf32>, %offsets: tensor<9xi32>) -> tensor<?x48xf32> {
  %u = minimax.grouped_matmul %p, %w, %offsets
      : (tensor<?x64xf32>, tensor<8x2x64x64xf32>, tensor<9xi32>) -> tensor<?x96xf32>
  %h = minimax.swiglu %u : (tensor<?x96xf32>) -> tensor<?x48xf32>
  return %h : tensor<?x48xf32>
}

// CHECK-LABEL: func @activated_already(
// CHECK:         minimax.grouped_matmul
// CHECK:         minimax.swiglu
func.func @activated_already(%p: tensor<?x64xf32>, %w: tensor<8x96x64xf32>, %offsets: tensor<9xi32>) -> tensor<?x24xf32> {
  %u = minimax.grouped_matmul %p, %w, %offsets activation = swiglu
      : (tensor<?x64xf32>, tensor<8x96x64xf32>, tensor<9xi32>) -> tensor<?x48xf32>
  %h = minimax.swiglu %u : (tensor<?x48xf32>) -> tensor<?x24xf32>
  return %h : tensor<?x24xf32>
}

// CHECK-LABEL: func @rounded(
// CHECK:         minimax.grouped_matmul
// CHECK:         minimax.swiglu
func.func @rounded(%p: tensor<?x64xf32>, %w: tensor<8x96x64xf32>, %offsets: tensor<9xi32>) -> tensor<?x48xf32> {
  %u = minimax.grouped_matmul %p, %w, %offsets
      : (tensor<?x64xf32>, tensor<8x96x64xf32>, tensor<9xi32>) -> tensor<?x96xbf16>
  %h = minimax.swiglu %u : (tensor<?x96xbf16>) -> tensor<?x48xf32>
  return %h : tensor<?x48xf32>
}
