// One split for each constraint on small integers.
//
// RUN: minimax-opt %s --split-input-file --verify-diagnostics

// quantize C1, a vector
func.func @quantize_vector(%w: tensor<64xf32>) {
  // expected-error @+1 {{expected a static matrix or stack of matrices, but got 'tensor<64xf32>'}}
  %q, %s = minimax.quantize %w : tensor<64xf32> -> tensor<64xi8>, tensor<1xf32>
  return
}

// -----

// quantize C1, dynamic
func.func @quantize_dynamic(%w: tensor<?x64xf32>) {
  // expected-error @+1 {{expected a static matrix or stack of matrices, but got 'tensor<?x64xf32>'}}
  %q, %s = minimax.quantize %w : tensor<?x64xf32> -> tensor<?x64xi8>, tensor<?xf32>
  return
}

// -----

// quantize C2
func.func @quantize_shape(%w: tensor<96x64xf32>) {
  // expected-error @+1 {{expected a result of the shape of 'tensor<96x64xf32>', but got 'tensor<96x63xi8>'}}
  %q, %s = minimax.quantize %w : tensor<96x64xf32> -> tensor<96x63xi8>, tensor<96xf32>
  return
}

// -----

// quantize C3
func.func @quantize_scale(%w: tensor<2x96x64xf32>) {
  // expected-error @+1 {{expected one 'scale' value for each row of 'tensor<2x96x64xf32>', but got 'tensor<96xf32>'}}
  %q, %s = minimax.quantize %w : tensor<2x96x64xf32> -> tensor<2x96x64xi8>, tensor<96xf32>
  return
}

// -----

// dequantize C1
func.func @dequantize_dynamic(%q: tensor<?x64xi8>, %s: tensor<?xf32>) {
  // expected-error @+1 {{expected a static matrix or stack of matrices, but got 'tensor<?x64xi8>'}}
  %0 = minimax.dequantize %q, %s : tensor<?x64xi8>, tensor<?xf32> -> tensor<?x64xf32>
  return
}

// -----

// dequantize C2
func.func @dequantize_shape(%q: tensor<96x64xi8>, %s: tensor<96xf32>) {
  // expected-error @+1 {{expected a result of the shape of 'tensor<96x64xi8>', but got 'tensor<64x96xf32>'}}
  %0 = minimax.dequantize %q, %s : tensor<96x64xi8>, tensor<96xf32> -> tensor<64x96xf32>
  return
}

// -----

// dequantize C3
func.func @dequantize_scale(%q: tensor<96x64xi8>, %s: tensor<64xf32>) {
  // expected-error @+1 {{expected one 'scale' value for each row of 'tensor<96x64xi8>', but got 'tensor<64xf32>'}}
  %0 = minimax.dequantize %q, %s : tensor<96x64xi8>, tensor<64xf32> -> tensor<96x64xf32>
  return
}

// -----

// pack C1: no room for the scales
func.func @pack_scales(%w: tensor<192x64xbf16>) {
  // expected-error @+1 {{expected the packed type 'tensor<3x34x64x2xi8>', but got 'tensor<3x32x64x2xi8>'}}
  %0 = minimax.pack %w : tensor<192x64xbf16> -> tensor<3x32x64x2xi8>
  return
}

// -----

// weight C2
// expected-error @+1 {{expected the packed type of 'tensor<192x64xbf16>', but got 'tensor<3x32x64x2xi8>'}}
minimax.weight @w : tensor<3x32x64x2xi8> from ["a"] packs tensor<192x64xbf16>

// -----

// cast C1: no room for the scales
func.func @cast_scales(%x: tensor<?x64xf32>) {
  // expected-error @+1 {{expected 'result' to have this many columns: 66, but got 64}}
  %0 = minimax.cast %x : (tensor<?x64xf32>) -> tensor<?x64xi16>
  return
}

// -----

// linear C1: the integers of 62 columns
func.func @linear_integers(%x: tensor<?x64xi16>, %w: tensor<96x64xf32>) {
  // expected-error @+1 {{expected 'input' columns to match 'weight': 66, but got 64}}
  %0 = minimax.linear %x, %w : (tensor<?x64xi16>, tensor<96x64xf32>) -> tensor<?x96xf32>
  return
}

// -----

// linear C1, packed
func.func @linear_packed_integers(%x: tensor<?x64xi16>, %w: tensor<2x34x64x2xi8>) {
  // expected-error @+1 {{expected 'input' columns to match 'weight': 66, but got 64}}
  %0 = minimax.linear %x, %w : (tensor<?x64xi16>, tensor<2x34x64x2xi8>) -> tensor<?x96xf32>
  return
}

// -----

// linear C2, packed
func.func @linear_panels(%x: tensor<?x66xi16>, %w: tensor<2x34x64x2xi8>) {
  // expected-error @+1 {{expected result columns that fill 2 panels of 'weight', but got 130}}
  %0 = minimax.linear %x, %w : (tensor<?x66xi16>, tensor<2x34x64x2xi8>) -> tensor<?x130xf32>
  return
}

// -----

// linear C5: integers without scales
func.func @linear_plain_integers(%x: tensor<?x66xi16>, %w: tensor<96x64xi8>) {
  // expected-error @+1 {{expected a plain or packed 'weight', but got 'tensor<96x64xi8>'}}
  %0 = minimax.linear %x, %w : (tensor<?x66xi16>, tensor<96x64xi8>) -> tensor<?x96xf32>
  return
}

// -----

// linear C5: activations that are not of 16 bits
func.func @linear_mixed(%x: tensor<?x64xf32>, %w: tensor<2x34x64x2xi8>) {
  // expected-error @+1 {{expected an 'input' of i16 or bf16 with a packed 'weight' of i8, and none of i16 with another, but got 'f32' and 'i8'}}
  %0 = minimax.linear %x, %w : (tensor<?x64xf32>, tensor<2x34x64x2xi8>) -> tensor<?x96xf32>
  return
}

// -----

// linear C5: activations that minimax.cast has not padded
func.func @linear_unpadded(%x: tensor<?x63xbf16>, %w: tensor<2x34x64x2xi8>) {
  // expected-error @+1 {{expected 'input' columns to match 'weight': 64, but got 63}}
  %0 = minimax.linear %x, %w : (tensor<?x63xbf16>, tensor<2x34x64x2xi8>) -> tensor<?x96xf32>
  return
}

// -----

// grouped_matmul C5: a packed weight that is not integers
func.func @grouped_mixed(%x: tensor<?x66xi16>, %w: tensor<8x2x32x64x2xbf16>, %o: tensor<9xi32>) {
  // expected-error @+1 {{expected an 'input' of i16 or bf16 with a packed 'weight' of i8, and none of i16 with another, but got 'i16' and 'bf16'}}
  %0 = minimax.grouped_matmul %x, %w, %o : (tensor<?x66xi16>, tensor<8x2x32x64x2xbf16>, tensor<9xi32>) -> tensor<?x96xf32>
  return
}

// -----

// the head is not quantised
func.func @head(%x: tensor<?x66xi16>, %w: tensor<2x34x64x2xi8>) {
  // expected-error @+1 {{operand #0 must be 2D tensor or memref of f32}}
  %0 = minimax.lm_head %x, %w : (tensor<?x66xi16>, tensor<2x34x64x2xi8>) -> tensor<?x96xf32>
  return
}
