// One split for each constraint of the dense ops.
//
// RUN: minimax-opt %s --split-input-file --verify-diagnostics

// embedding C1
func.func @embedding_width(%t: tensor<?xi32>, %w: tensor<256x64xf32>) {
  // expected-error @+1 {{expected 'result' to have this many columns: 64, but got 32}}
  %0 = minimax.embedding %t, %w : (tensor<?xi32>, tensor<256x64xf32>) -> tensor<?x32xf32>
  return
}

// -----

// token ids are i32
func.func @embedding_tokens(%t: tensor<?xi64>, %w: tensor<256x64xf32>) {
  // expected-error @+1 {{operand #0 must be 1D tensor or memref of i32}}
  %0 = minimax.embedding %t, %w : (tensor<?xi64>, tensor<256x64xf32>) -> tensor<?x64xf32>
  return
}

// -----

// rms_norm C1
func.func @norm_weight(%x: tensor<?x64xf32>, %w: tensor<32xf32>) {
  // expected-error @+1 {{expected one 'weight' value per column: 64, but got 32}}
  %0 = minimax.rms_norm %x, %w eps = 1.0e-5 : (tensor<?x64xf32>, tensor<32xf32>) -> tensor<?x64xf32>
  return
}

// -----

// rms_norm C2
func.func @norm_gate_shape(%x: tensor<?x64xf32>, %w: tensor<64xf32>, %g: tensor<?x32xbf16>) {
  // expected-error @+1 {{expected 'gate' to have the shape of 'input' ('tensor<?x64xf32>'), but got 'tensor<?x32xbf16>'}}
  %0 = minimax.rms_norm %x, %w gate(%g) eps = 1.0e-5 : (tensor<?x64xf32>, tensor<64xf32>, tensor<?x32xbf16>) -> tensor<?x64xf32>
  return
}

// -----

// rms_norm C3
func.func @norm_eps(%x: tensor<?x64xf32>, %w: tensor<64xf32>) {
  // expected-error @+1 {{expected a positive 'eps', but got 0.0}}
  %0 = minimax.rms_norm %x, %w eps = 0.0 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  return
}

// -----

// rms_norm C4
func.func @norm_result(%x: tensor<?x64xf32>, %w: tensor<64xf32>) {
  // expected-error @+1 {{expected 'result' to have this many columns: 64, but got 32}}
  %0 = minimax.rms_norm %x, %w eps = 1.0 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x32xf32>
  return
}

// -----

// rms_norm C5
func.func @norm_second_result(%x: tensor<?x64xf32>, %w: tensor<64xf32>) {
  // expected-error @+1 {{expected results of f32 and bf16, but got 'f32' and 'f32'}}
  %0, %1 = minimax.rms_norm %x, %w eps = 1.0 : (tensor<?x64xf32>, tensor<64xf32>) -> (tensor<?x64xf32>, tensor<?x64xf32>)
  return
}

// -----

// linear C1
func.func @linear_depth(%x: tensor<?x64xf32>, %w: tensor<96x32xf32>) {
  // expected-error @+1 {{expected 'input' columns to match 'weight': 32, but got 64}}
  %0 = minimax.linear %x, %w : (tensor<?x64xf32>, tensor<96x32xf32>) -> tensor<?x96xf32>
  return
}

// -----

// linear C1, packed
func.func @linear_packed_depth(%x: tensor<?x64xf32>, %w: tensor<2x31x64x2xbf16>) {
  // expected-error @+1 {{expected 'input' columns to match 'weight': 62, but got 64}}
  %0 = minimax.linear %x, %w : (tensor<?x64xf32>, tensor<2x31x64x2xbf16>) -> tensor<?x96xf32>
  return
}

// -----

// linear C2
func.func @linear_columns(%x: tensor<?x64xf32>, %w: tensor<96x64xf32>) {
  // expected-error @+1 {{expected result columns to match the rows of 'weight': 96, but got 64}}
  %0 = minimax.linear %x, %w : (tensor<?x64xf32>, tensor<96x64xf32>) -> tensor<?x64xf32>
  return
}

// -----

// linear C2, packed
func.func @linear_panels(%x: tensor<?x64xf32>, %w: tensor<2x64x64xf32>) {
  // expected-error @+1 {{expected result columns that fill 2 panels of 'weight', but got 64}}
  %0 = minimax.linear %x, %w : (tensor<?x64xf32>, tensor<2x64x64xf32>) -> tensor<?x64xf32>
  return
}

// -----

// a weight is a matrix or its panels
func.func @linear_rank(%x: tensor<?x64xf32>, %w: tensor<64xf32>) {
  // expected-error @+1 {{expected a plain or packed 'weight', but got 'tensor<64xf32>'}}
  %0 = minimax.linear %x, %w : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  return
}

// -----

// linear C3
func.func @linear_residual(%x: tensor<?x64xf32>, %w: tensor<96x64xf32>) {
  // expected-error @+1 {{expected 'residual' to have this many columns: 96, but got 64}}
  %0 = minimax.linear %x, %w residual(%x) : (tensor<?x64xf32>, tensor<96x64xf32>, tensor<?x64xf32>) -> tensor<?x96xf32>
  return
}

// -----

// linear C4
func.func @linear_swiglu(%x: tensor<?x64xf32>, %w: tensor<96x64xf32>) {
  // expected-error @+1 {{expected an elementwise 'activation', but got swiglu}}
  %0 = minimax.linear %x, %w activation = swiglu : (tensor<?x64xf32>, tensor<96x64xf32>) -> tensor<?x96xf32>
  return
}

// -----

// lm_head C1
func.func @head_width(%x: tensor<?x64xf32>, %w: tensor<256x32xf32>) {
  // expected-error @+1 {{expected 'input' columns to match 'weight': 32, but got 64}}
  %0 = minimax.lm_head %x, %w : (tensor<?x64xf32>, tensor<256x32xf32>) -> tensor<?x256xf32>
  return
}

// -----

// lm_head C2
func.func @head_vocabulary(%x: tensor<?x64xf32>, %w: tensor<256x64xf32>) {
  // expected-error @+1 {{expected result columns to match the rows of 'weight': 256, but got 255}}
  %0 = minimax.lm_head %x, %w : (tensor<?x64xf32>, tensor<256x64xf32>) -> tensor<?x255xf32>
  return
}

// -----

// activation C1
func.func @activation_kind(%x: tensor<?x64xf32>) {
  // expected-error @+1 {{expected 'kind' silu or sigmoid, but got swiglu}}
  %0 = minimax.activation %x kind = swiglu : (tensor<?x64xf32>) -> tensor<?x64xf32>
  return
}

// -----

// activation C1, no function
func.func @activation_none(%x: tensor<?x64xf32>) {
  // expected-error @+1 {{expected 'kind' silu or sigmoid, but got none}}
  %0 = minimax.activation %x kind = none : (tensor<?x64xf32>) -> tensor<?x64xf32>
  return
}

// -----

// activation C2
func.func @activation_result(%x: tensor<?x64xf32>) {
  // expected-error @+1 {{expected 'result' to have this many columns: 64, but got 32}}
  %0 = minimax.activation %x kind = silu : (tensor<?x64xf32>) -> tensor<?x32xf32>
  return
}

// -----

// gate C1
func.func @gate_type(%x: tensor<?x64xf32>, %y: tensor<?x64xbf16>) {
  // expected-error @+1 {{expected 'rhs' to have the type of 'lhs' ('tensor<?x64xf32>'), but got 'tensor<?x64xbf16>'}}
  %0 = minimax.gate %x, %y : (tensor<?x64xf32>, tensor<?x64xbf16>) -> tensor<?x64xf32>
  return
}

// -----

// gate C2
func.func @gate_result(%x: tensor<?x64xf32>) {
  // expected-error @+1 {{expected 'result' to have this many columns: 64, but got 32}}
  %0 = minimax.gate %x, %x : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x32xf32>
  return
}

// -----

// residual C1
func.func @residual_type(%x: tensor<?x64xf32>, %y: tensor<?x32xf32>) {
  // expected-error @+1 {{expected 'branch' to have the type of 'skip' ('tensor<?x64xf32>'), but got 'tensor<?x32xf32>'}}
  %0 = minimax.residual %x, %y : (tensor<?x64xf32>, tensor<?x32xf32>) -> tensor<?x64xf32>
  return
}

// -----

// residual C2
func.func @residual_coefficient(%x: tensor<?x64xf32>) {
  // expected-error @+1 {{expected 'coefficient' to have this many columns: 1, but got 64}}
  %0 = minimax.residual %x, %x coefficient(%x) : (tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return
}

// -----

// residual C3
func.func @residual_result(%x: tensor<?x64xf32>) {
  // expected-error @+1 {{expected 'result' to have this many columns: 64, but got 32}}
  %0 = minimax.residual %x, %x : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x32xf32>
  return
}

// -----

// cast C1, type
func.func @cast_type(%x: tensor<?x64xf32>) {
  // expected-error @+1 {{expected a bf16 or i16 result, but got 'tensor<?x64xf32>'}}
  %0 = minimax.cast %x : (tensor<?x64xf32>) -> tensor<?x64xf32>
  return
}

// -----

// cast C1, even columns
func.func @cast_even(%x: tensor<?x63xf32>) {
  // expected-error @+1 {{expected 'result' to have this many columns: 64, but got 63}}
  %0 = minimax.cast %x : (tensor<?x63xf32>) -> tensor<?x63xbf16>
  return
}

// -----

// last_rows C1
func.func @last_rows_width(%x: tensor<?x64xf32>, %cu: tensor<?xi32>) {
  // expected-error @+1 {{expected 'result' to have this many columns: 64, but got 32}}
  %0 = minimax.last_rows %x, %cu : (tensor<?x64xf32>, tensor<?xi32>) -> tensor<?x32xf32>
  return
}

// -----

// F1: results and destinations
func.func @mixed_form(%x: tensor<?x64xf32>, %b: memref<?x64xf32>) {
  // expected-error @+1 {{expected 1 tensor results and no 'outs', or none and 1 'outs', but got 1 and 1}}
  %0 = minimax.gate %x, %x outs(%b) : (tensor<?x64xf32>, tensor<?x64xf32>, memref<?x64xf32>) -> tensor<?x64xf32>
  return
}

// -----

// F1: neither results nor destinations
func.func @no_form(%b: memref<?x64xf32>) {
  // expected-error @+1 {{expected 1 tensor results and no 'outs', or none and 1 'outs', but got 0 and 0}}
  minimax.gate %b, %b : (memref<?x64xf32>, memref<?x64xf32>) -> ()
  return
}

// -----

// sample: one parameter for each row
func.func @sample_rows(%l: tensor<3x8xf32>, %t: tensor<3xf32>, %p: tensor<2xf32>, %k: tensor<3xi32>) {
  // expected-error @+1 {{expected one value for each row of 'logits': 3, but got 2}}
  %0 = minimax.sample %l, %t, %k, %p, %t
      : (tensor<3x8xf32>, tensor<3xf32>, tensor<3xi32>, tensor<2xf32>, tensor<3xf32>) -> tensor<3xi32>
  return
}

// -----

// sample C1
func.func @sample_columns(%l: tensor<?x16777217xf32>, %t: tensor<?xf32>, %k: tensor<?xi32>) {
  // expected-error @+1 {{expected 1 to 2^24 columns of 'logits', but got 16777217}}
  %0 = minimax.sample %l, %t, %k, %t, %t
      : (tensor<?x16777217xf32>, tensor<?xf32>, tensor<?xi32>, tensor<?xf32>, tensor<?xf32>) -> tensor<?xi32>
  return
}

// -----

// sample C1: a dynamic width
func.func @sample_dynamic(%l: tensor<?x?xf32>, %t: tensor<?xf32>, %k: tensor<?xi32>) {
  // expected-error @+1 {{expected 1 to 2^24 columns of 'logits', but got ?}}
  %0 = minimax.sample %l, %t, %k, %t, %t
      : (tensor<?x?xf32>, tensor<?xf32>, tensor<?xi32>, tensor<?xf32>, tensor<?xf32>) -> tensor<?xi32>
  return
}
