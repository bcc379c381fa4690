// Weights and activations as small integers.
// RUN: minimax-interpret %s --entry=weight | FileCheck %s --check-prefix=WEIGHT
// RUN: minimax-interpret %s --entry=activations | FileCheck %s --check-prefix=ACTIVATIONS
// A product with packed integers is the product with what they stand for, for
// widths that fill neither panels, pairs nor groups.
// RUN: minimax-interpret %s --entry=linear --random --dim=T=3 | cut -d: -f2 | uniq | count 1
// RUN: minimax-interpret %s --entry=linear_bf16 --random --dim=T=3 | cut -d: -f2 | uniq | count 1
// RUN: minimax-interpret %s --entry=experts --random --dim=T=9 | cut -d: -f2 | uniq | count 1
// RUN: minimax-interpret %s --entry=experts_stored --random --dim=T=9 | cut -d: -f2 | uniq | count 1

// Ties go to even; a row of zeros stays one.
// WEIGHT: result0 [2, 3]: 127 -64 2 0 0 0
// WEIGHT: result1 [2]: 2 0
// WEIGHT: result2 [2, 3]: 254 -128 4 0 0 0
func.func @weight() -> (tensor<2x3xi8>, tensor<2xf32>, tensor<2x3xf32>) {
  %w = arith.constant dense<[[254.0, -127.0, 3.0], [0.0, 0.0, 0.0]]> : tensor<2x3xf32>
  %q, %s = minimax.quantize %w : tensor<2x3xf32> -> tensor<2x3xi8>, tensor<2xf32>
  %d = minimax.dequantize %q, %s : tensor<2x3xi8>, tensor<2xf32> -> tensor<2x3xf32>
  return %q, %s, %d : tensor<2x3xi8>, tensor<2xf32>, tensor<2x3xf32>
}

// The scale, 1.0, is the last two: 16256 is 0x3f80. Tiny numbers become zeros.
// ACTIVATIONS: result0 [2, 6]: 32767 2 0 0 0 16256 0 0 0 0
func.func @activations() -> tensor<2x6xi16> {
  %x = arith.constant dense<[[32767.0, 1.5, -0.5], [0.0, 1.0e-36, 0.0]]> : tensor<2x3xf32>
  %c = minimax.cast %x : (tensor<2x3xf32>) -> tensor<2x6xi16>
  return %c : tensor<2x6xi16>
}

func.func @linear(%x: tensor<?x517xf32>, %w: tensor<70x517xf32>) -> (tensor<?x70xf32>, tensor<?x70xf32>) {
  %c = minimax.cast %x : (tensor<?x517xf32>) -> tensor<?x524xi16>
  %q, %s = minimax.quantize %w : tensor<70x517xf32> -> tensor<70x517xi8>, tensor<70xf32>
  %d = minimax.dequantize %q, %s : tensor<70x517xi8>, tensor<70xf32> -> tensor<70x517xf32>
  %p = minimax.pack %w : tensor<70x517xf32> -> tensor<2x261x64x2xi8>
  %a = minimax.linear %c, %d : (tensor<?x524xi16>, tensor<70x517xf32>) -> tensor<?x70xf32>
  %b = minimax.linear %c, %p : (tensor<?x524xi16>, tensor<2x261x64x2xi8>) -> tensor<?x70xf32>
  return %a, %b : tensor<?x70xf32>, tensor<?x70xf32>
}

// bf16 meets the same integers; the weight is padded as the input is.
func.func @linear_bf16(%x: tensor<?x517xf32>, %w: tensor<70x517xf32>) -> (tensor<?x70xf32>, tensor<?x70xf32>) {
  %c = minimax.cast %x : (tensor<?x517xf32>) -> tensor<?x518xbf16>
  %q, %s = minimax.quantize %w : tensor<70x517xf32> -> tensor<70x517xi8>, tensor<70xf32>
  %d = minimax.dequantize %q, %s : tensor<70x517xi8>, tensor<70xf32> -> tensor<70x517xf32>
  %p = minimax.pack %w : tensor<70x517xf32> -> tensor<2x261x64x2xi8>
  %a = minimax.linear %c, %d : (tensor<?x518xbf16>, tensor<70x517xf32>) -> tensor<?x70xf32>
  %b = minimax.linear %c, %p : (tensor<?x518xbf16>, tensor<2x261x64x2xi8>) -> tensor<?x70xf32>
  return %a, %b : tensor<?x70xf32>, tensor<?x70xf32>
}

func.func @experts(%x: tensor<?x5xf32>, %w: tensor<3x66x5xf32>, %offsets: tensor<4xi32>) -> (tensor<?x33xf32>, tensor<?x33xf32>) {
  %c = minimax.cast %x : (tensor<?x5xf32>) -> tensor<?x8xi16>
  %q, %s = minimax.quantize %w : tensor<3x66x5xf32> -> tensor<3x66x5xi8>, tensor<3x66xf32>
  %d = minimax.dequantize %q, %s : tensor<3x66x5xi8>, tensor<3x66xf32> -> tensor<3x66x5xf32>
  %p = minimax.pack %w interleaved : tensor<3x66x5xf32> -> tensor<3x2x5x64x2xi8>
  %a = minimax.grouped_matmul %c, %d, %offsets activation = swiglu
      : (tensor<?x8xi16>, tensor<3x66x5xf32>, tensor<4xi32>) -> tensor<?x33xf32>
  %b = minimax.grouped_matmul %c, %p, %offsets activation = swiglu
      : (tensor<?x8xi16>, tensor<3x2x5x64x2xi8>, tensor<4xi32>) -> tensor<?x33xf32>
  return %a, %b : tensor<?x33xf32>, tensor<?x33xf32>
}

func.func @experts_stored(%x: tensor<?x5xf32>, %w: tensor<3x66x5xbf16>, %offsets: tensor<4xi32>) -> (tensor<?x66xf32>, tensor<?x66xf32>) {
  %c = minimax.cast %x : (tensor<?x5xf32>) -> tensor<?x8xi16>
  %q, %s = minimax.quantize %w : tensor<3x66x5xbf16> -> tensor<3x66x5xi8>, tensor<3x66xf32>
  %d = minimax.dequantize %q, %s : tensor<3x66x5xi8>, tensor<3x66xf32> -> tensor<3x66x5xf32>
  %p = minimax.pack %w : tensor<3x66x5xbf16> -> tensor<3x2x5x64x2xi8>
  %a = minimax.grouped_matmul %c, %d, %offsets : (tensor<?x8xi16>, tensor<3x66x5xf32>, tensor<4xi32>) -> tensor<?x66xf32>
  %b = minimax.grouped_matmul %c, %p, %offsets : (tensor<?x8xi16>, tensor<3x2x5x64x2xi8>, tensor<4xi32>) -> tensor<?x66xf32>
  return %a, %b : tensor<?x66xf32>, tensor<?x66xf32>
}
