// RUN: minimax-opt %s --split-input-file --verify-diagnostics --minimax-pack-weights

// Integers that are declared as such have no panels yet.
func.func @foreign_integers(%x: tensor<?x66xi16>, %q: tensor<96x64xi8>, %s: tensor<96xf32>) -> tensor<?x96xf32> {
  %d = minimax.dequantize %q, %s : tensor<96x64xi8>, tensor<96xf32> -> tensor<96x64xf32>
  // expected-error @+1 {{expected a quantised weight as minimax-quantize leaves it: an i16 or bf16 input, and integers and scales of one minimax.quantize}}
  %y = minimax.linear %x, %d : (tensor<?x66xi16>, tensor<96x64xf32>) -> tensor<?x96xf32>
  return %y : tensor<?x96xf32>
}

// -----

// The integers of the weight meet activations of 16 bits.
func.func @float_input(%x: tensor<?x64xf32>, %w: tensor<96x64xf32>) -> tensor<?x96xf32> {
  %q, %s = minimax.quantize %w : tensor<96x64xf32> -> tensor<96x64xi8>, tensor<96xf32>
  %d = minimax.dequantize %q, %s : tensor<96x64xi8>, tensor<96xf32> -> tensor<96x64xf32>
  // expected-error @+1 {{expected a quantised weight as minimax-quantize leaves it: an i16 or bf16 input}}
  %y = minimax.linear %x, %d : (tensor<?x64xf32>, tensor<96x64xf32>) -> tensor<?x96xf32>
  return %y : tensor<?x96xf32>
}
