// RUN: minimax-opt %s --minimax-pack-weights | FileCheck %s

// CHECK-LABEL: func @entry(
// CHECK-NOT:     quantize
// CHECK:         %[[W:.+]] = minimax.get_weight @w : tensor<2x34x64x2xi8>
// CHECK-NEXT:    minimax.linear %{{.*}}, %[[W]] : (tensor<?x66xi16>, tensor<2x34x64x2xi8>)
// CHECK-NEXT:    %[[E:.+]] = minimax.get_weight @experts : tensor<8x2x34x64x2xi8>
// CHECK-NEXT:    call @layer(%{{.*}}, %[[E]], %{{.*}})
func.func @entry(%x: tensor<?x66xi16>, %o: tensor<9xi32>) -> (tensor<?x70xf32>, tensor<?x48xf32>) {
  %w = minimax.get_weight @w : tensor<70x64xf16>
  %experts = minimax.get_weight @experts : tensor<8x96x63xbf16>
  %q, %s = minimax.quantize %w : tensor<70x64xf16> -> tensor<70x64xi8>, tensor<70xf32>
  %d = minimax.dequantize %q, %s : tensor<70x64xi8>, tensor<70xf32> -> tensor<70x64xf32>
  %0 = minimax.linear %x, %d : (tensor<?x66xi16>, tensor<70x64xf32>) -> tensor<?x70xf32>
  %1 = func.call @layer(%x, %experts, %o) : (tensor<?x66xi16>, tensor<8x96x63xbf16>, tensor<9xi32>) -> tensor<?x48xf32>
  return %0, %1 : tensor<?x70xf32>, tensor<?x48xf32>
}

// Hoisted from the function that quantises its parameter.
// CHECK-LABEL: func private @layer(
// CHECK-SAME:    %[[X:[^:]+]]: tensor<?x66xi16>, %[[P:[^:]+]]: tensor<8x2x34x64x2xi8>
// CHECK-NEXT:    minimax.grouped_matmul %[[X]], %[[P]],
func.func private @layer(%x: tensor<?x66xi16>, %w: tensor<8x96x63xbf16>, %o: tensor<9xi32>) -> tensor<?x48xf32> {
  %q, %s = minimax.quantize %w : tensor<8x96x63xbf16> -> tensor<8x96x63xi8>, tensor<8x96xf32>
  %d = minimax.dequantize %q, %s : tensor<8x96x63xi8>, tensor<8x96xf32> -> tensor<8x96x63xf32>
  %y = minimax.grouped_matmul %x, %d, %o activation = swiglu
      : (tensor<?x66xi16>, tensor<8x96x63xf32>, tensor<9xi32>) -> tensor<?x48xf32>
  return %y : tensor<?x48xf32>
}

// bf16 activations meet the same panels.
// CHECK-LABEL: func @bf16(
// CHECK:         %[[W:.+]] = minimax.get_weight @w : tensor<2x34x64x2xi8>
// CHECK-NEXT:    minimax.linear %{{.*}}, %[[W]] : (tensor<?x64xbf16>, tensor<2x34x64x2xi8>)
func.func @bf16(%x: tensor<?x64xbf16>) -> tensor<?x70xf32> {
  %w = minimax.get_weight @w : tensor<70x64xf16>
  %q, %s = minimax.quantize %w : tensor<70x64xf16> -> tensor<70x64xi8>, tensor<70xf32>
  %d = minimax.dequantize %q, %s : tensor<70x64xi8>, tensor<70xf32> -> tensor<70x64xf32>
  %0 = minimax.linear %x, %d : (tensor<?x64xbf16>, tensor<70x64xf32>) -> tensor<?x70xf32>
  return %0 : tensor<?x70xf32>
}

// CHECK: minimax.weight @w : tensor<2x34x64x2xi8> from ["a"] packs tensor<70x64xf16>
minimax.weight @w : tensor<70x64xf16> from ["a"]
// CHECK: minimax.weight @experts : tensor<8x2x34x64x2xi8> from ["b"] packs tensor<8x96x63xbf16> interleaved
minimax.weight @experts : tensor<8x96x63xbf16> from ["b"]
