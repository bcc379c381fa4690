// What the types enforce: the shape of states, and the f32 of states, decays,
// router, head and log-sum-exps.
//
// RUN: minimax-opt %s --split-input-file --verify-diagnostics

// A state is an accumulator over the whole sequence.
// expected-error @+1 {{expected an f32 lightning state, but got 'bf16': an accumulator over a whole sequence may not be narrowed}}
func.func private @f(!minimax.lightning_state<4x16x16xbf16>)

// -----

// The same in f16.
// expected-error @+1 {{expected an f32 lightning state, but got 'f16'}}
func.func private @f(!minimax.lightning_state<4x16x16xf16>)

// -----

// Rank of a lightning state.
// expected-error @+1 {{expected dimensions heads x key x value, but got 2 of them}}
func.func private @f(!minimax.lightning_state<4x16xf32>)

// -----

// Empty dimensions.
// expected-error @+1 {{expected positive dimensions, but got 0}}
func.func private @f(!minimax.lightning_state<4x0x16xf32>)

// -----

// A cache holds floats that products read.
// expected-error @+1 {{expected a key-value cache of f32 or bf16, but got 'i8'}}
func.func private @f(!minimax.kv_cache<2x16xi8>)

// -----

// Rank of a cache.
// expected-error @+1 {{expected dimensions heads x dimension, but got 3 of them}}
func.func private @f(!minimax.kv_cache<2x16x16xf32>)

// -----

// Decay is exponentiated once per token: f32.
func.func @slope_f32(%q: tensor<?x4x16xf32>, %k: tensor<?x4x16xf32>, %v: tensor<?x4x16xf32>, %slope: tensor<4xbf16>, %i: tensor<?xi32>, %s: !minimax.lightning_state<4x16x16xf32>) {
  // expected-error @+1 {{operand #3 must be 1D tensor or memref of f32, but got 'tensor<4xbf16>'}}
  %0:2 = minimax.lightning_attention %q, %k, %v, %slope, %i, %i, %s chunk = 8 : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<4xbf16>, tensor<?xi32>, tensor<?xi32>, !minimax.lightning_state<4x16x16xf32>) -> (tensor<?x4x16xf32>, !minimax.lightning_state<4x16x16xf32>)
  return
}

// -----

// A pool is the state in memory: f32.
func.func @state_pool_f32(%q: tensor<?x4x16xf32>, %k: tensor<?x4x16xf32>, %v: tensor<?x4x16xf32>, %slope: tensor<4xf32>, %i: tensor<?xi32>, %s: memref<?x4x16x16xbf16>) {
  // expected-error @+1 {{operand #6 must be lightning state or its pool, but got 'memref<?x4x16x16xbf16>'}}
  %0 = minimax.lightning_attention %q, %k, %v, %slope, %i, %i, %s : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<4xf32>, tensor<?xi32>, tensor<?xi32>, memref<?x4x16x16xbf16>) -> tensor<?x4x16xf32>
  return
}

// -----

// A copy of a state is as wide as the state.
func.func @copy_f32(%s: !minimax.lightning_state<4x16x16xf32>, %i: tensor<?xi32>, %c: tensor<?x4x16x16xbf16>) {
  // expected-error @+1 {{operand #1 must be 4D tensor of 32-bit float values, but got 'tensor<?x4x16x16xbf16>'}}
  %0 = minimax.restore %s, %c, %i : (!minimax.lightning_state<4x16x16xf32>, tensor<?x4x16x16xbf16>, tensor<?xi32>) -> !minimax.lightning_state<4x16x16xf32>
  return
}

// -----

// The router decides discretely: f32 logits.
func.func @route_f32(%l: tensor<?x8xbf16>) {
  // expected-error @+1 {{operand #0 must be 2D tensor or memref of f32, but got 'tensor<?x8xbf16>'}}
  %0:2 = minimax.route %l : (tensor<?x8xbf16>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
  return
}

// -----

// The head's products are f32.
func.func @head_input_f32(%x: tensor<?x64xbf16>, %w: tensor<256x64xbf16>) {
  // expected-error @+1 {{operand #0 must be 2D tensor or memref of f32, but got 'tensor<?x64xbf16>'}}
  %0 = minimax.lm_head %x, %w : (tensor<?x64xbf16>, tensor<256x64xbf16>) -> tensor<?x256xf32>
  return
}

// -----

// The head's logits are f32.
func.func @head_logits_f32(%x: tensor<?x64xf32>, %w: tensor<256x64xbf16>) {
  // expected-error @+1 {{result #0 must be 2D tensor or memref of f32, but got 'tensor<?x256xbf16>'}}
  %0 = minimax.lm_head %x, %w : (tensor<?x64xf32>, tensor<256x64xbf16>) -> tensor<?x256xbf16>
  return
}

// -----

// Log-sum-exps are f32.
func.func @lse_f32(%o: tensor<?x4x16xf32>, %l: tensor<?x4xbf16>) {
  // expected-error @+1 {{operand #1 must be 2D tensor or memref of f32, but got 'tensor<?x4xbf16>'}}
  %0:2 = minimax.attention_merge %o, %l, %o, %l : (tensor<?x4x16xf32>, tensor<?x4xbf16>, tensor<?x4x16xf32>, tensor<?x4xbf16>) -> (tensor<?x4x16xf32>, tensor<?x4xbf16>)
  return
}
