// Weights and activations as small integers, in all forms.
//
// RUN: minimax-opt %s | FileCheck %s
// RUN: minimax-opt %s --mlir-print-op-generic | minimax-opt | FileCheck %s
// RUN: minimax-opt %s | minimax-opt | FileCheck %s

// CHECK-LABEL: func @weights(
func.func @weights(%w: tensor<192x64xbf16>, %e: tensor<8x96x63xf32>) {
  // CHECK: minimax.quantize %{{.*}} : tensor<192x64xbf16> -> tensor<192x64xi8>, tensor<192xf32>
  %q, %s = minimax.quantize %w : tensor<192x64xbf16> -> tensor<192x64xi8>, tensor<192xf32>
  // CHECK: minimax.dequantize %{{.*}}, %{{.*}} : tensor<192x64xi8>, tensor<192xf32> -> tensor<192x64xf32>
  %d = minimax.dequantize %q, %s : tensor<192x64xi8>, tensor<192xf32> -> tensor<192x64xf32>
  // CHECK: minimax.quantize %{{.*}} : tensor<8x96x63xf32> -> tensor<8x96x63xi8>, tensor<8x96xf32>
  %q3, %s3 = minimax.quantize %e : tensor<8x96x63xf32> -> tensor<8x96x63xi8>, tensor<8x96xf32>
  // CHECK: minimax.pack %{{.*}} : tensor<192x64xbf16> -> tensor<3x34x64x2xi8>
  %p = minimax.pack %w : tensor<192x64xbf16> -> tensor<3x64x64xf32>
  %p8 = minimax.pack %w : tensor<192x64xbf16> -> tensor<3x34x64x2xi8>
  // An odd number of columns is padded; two rows are the scales'.
  // CHECK: minimax.pack %{{.*}} interleaved : tensor<8x96x63xf32> -> tensor<8x2x34x64x2xi8>
  %p3 = minimax.pack %e interleaved : tensor<8x96x63xf32> -> tensor<8x2x34x64x2xi8>
  return
}

// CHECK-LABEL: func @activations(
func.func @activations(%x: tensor<?x64xf32>, %odd: tensor<3x513xf32>, %m: memref<3x64xf32>, %o: memref<3x66xi16>) {
  // CHECK: minimax.cast %{{.*}} : (tensor<?x64xf32>) -> tensor<?x66xi16>
  %y = minimax.cast %x : (tensor<?x64xf32>) -> tensor<?x64xbf16>
  %q = minimax.cast %x : (tensor<?x64xf32>) -> tensor<?x66xi16>
  // 514 columns and the scales of three groups.
  // CHECK: minimax.cast %{{.*}} : (tensor<3x513xf32>) -> tensor<3x520xi16>
  %r = minimax.cast %odd : (tensor<3x513xf32>) -> tensor<3x520xi16>
  // CHECK: minimax.cast %{{.*}} outs(%{{.*}}) : (memref<3x64xf32>, memref<3x66xi16>) -> ()
  minimax.cast %m outs(%o) : (memref<3x64xf32>, memref<3x66xi16>) -> ()
  return
}

// Integers meet what a weight stands for, or its packed integers. So does bf16.
// CHECK-LABEL: func @products(
func.func @products(%x: tensor<?x66xi16>, %d: tensor<96x64xf32>, %p: tensor<2x34x64x2xi8>, %e: tensor<8x2x34x64x2xi8>,
    %offsets: tensor<9xi32>, %m: memref<3x66xi16>, %w: memref<2x34x64x2xi8>, %o: memref<3x96xf32>, %b: tensor<?x64xbf16>) {
  // CHECK: minimax.linear %{{.*}}, %{{.*}} : (tensor<?x66xi16>, tensor<96x64xf32>) -> tensor<?x96xf32>
  %0 = minimax.linear %x, %d : (tensor<?x66xi16>, tensor<96x64xf32>) -> tensor<?x96xf32>
  // CHECK: minimax.linear %{{.*}}, %{{.*}} activation = silu : (tensor<?x66xi16>, tensor<2x34x64x2xi8>) -> tensor<?x96xf32>
  %1 = minimax.linear %x, %p activation = silu : (tensor<?x66xi16>, tensor<2x34x64x2xi8>) -> tensor<?x96xf32>
  // CHECK: minimax.grouped_matmul %{{.*}}, %{{.*}}, %{{.*}} activation = swiglu : (tensor<?x66xi16>, tensor<8x2x34x64x2xi8>, tensor<9xi32>)
  %2 = minimax.grouped_matmul %x, %e, %offsets activation = swiglu
      : (tensor<?x66xi16>, tensor<8x2x34x64x2xi8>, tensor<9xi32>) -> tensor<?x48xf32>
  // CHECK: minimax.linear %{{.*}}, %{{.*}} outs(%{{.*}}) : (memref<3x66xi16>, memref<2x34x64x2xi8>, memref<3x96xf32>) -> ()
  minimax.linear %m, %w outs(%o) : (memref<3x66xi16>, memref<2x34x64x2xi8>, memref<3x96xf32>) -> ()
  // CHECK: minimax.linear %{{.*}}, %{{.*}} : (tensor<?x64xbf16>, tensor<2x34x64x2xi8>) -> tensor<?x96xf32>
  %3 = minimax.linear %b, %p : (tensor<?x64xbf16>, tensor<2x34x64x2xi8>) -> tensor<?x96xf32>
  // CHECK: minimax.grouped_matmul %{{.*}}, %{{.*}}, %{{.*}} activation = swiglu : (tensor<?x64xbf16>, tensor<8x2x34x64x2xi8>, tensor<9xi32>)
  %4 = minimax.grouped_matmul %b, %e, %offsets activation = swiglu
      : (tensor<?x64xbf16>, tensor<8x2x34x64x2xi8>, tensor<9xi32>) -> tensor<?x48xf32>
  return
}
