// One split for each constraint of the ops on weights and states.
//
// RUN: minimax-opt %s --split-input-file --verify-diagnostics

// weight C1
// expected-error @+1 {{expected 'sources' in a number that divides 6 rows, but got 4}}
minimax.weight @w : tensor<6x8xf32> from ["a", "b", "c", "d"]

// -----

// weight C1, none
// expected-error @+1 {{expected 'sources' in a number that divides 6 rows, but got 0}}
minimax.weight @w : tensor<6x8xf32> from []

// -----

// weight C2
// expected-error @+1 {{expected the packed type of 'tensor<192x64xbf16>', but got 'tensor<2x64x64xf32>'}}
minimax.weight @w : tensor<2x64x64xf32> from ["a"] packs tensor<192x64xbf16>

// -----

// get_weight C1
func.func @no_weight() {
  // expected-error @+1 {{expected 'w' to be a 'minimax.weight'}}
  %0 = minimax.get_weight @w : tensor<6x8xf32>
  return
}

// -----

minimax.weight @w : tensor<6x8xf32> from ["a"]
// get_weight C2
func.func @weight_type() {
  // expected-error @+1 {{expected the type of weight 'w', 'tensor<6x8xf32>', but got 'tensor<6x9xf32>'}}
  %0 = minimax.get_weight @w : tensor<6x9xf32>
  return
}

// -----

// pack C1
func.func @pack_shape(%w: tensor<192x64xbf16>) {
  // expected-error @+1 {{expected the packed type 'tensor<3x64x64xf32>', but got 'tensor<2x64x64xf32>'}}
  %0 = minimax.pack %w : tensor<192x64xbf16> -> tensor<2x64x64xf32>
  return
}

// -----

// pack C2
func.func @pack_halves(%w: tensor<95x64xbf16>) {
  // expected-error @+1 {{expected an even number of rows to interleave, but got 95}}
  %0 = minimax.pack %w interleaved : tensor<95x64xbf16> -> tensor<2x64x64xf32>
  return
}

// -----

// pack C3, dynamic
func.func @pack_dynamic(%w: tensor<?x64xbf16>) {
  // expected-error @+1 {{expected a static matrix or stack of matrices, but got 'tensor<?x64xbf16>'}}
  %0 = minimax.pack %w : tensor<?x64xbf16> -> tensor<2x64x64xf32>
  return
}

// -----

// pack C3, vector
func.func @pack_vector(%w: tensor<64xbf16>) {
  // expected-error @+1 {{expected a static matrix or stack of matrices, but got 'tensor<64xbf16>'}}
  %0 = minimax.pack %w : tensor<64xbf16> -> tensor<1x64x64xf32>
  return
}

// -----

// begin_sequences C1
func.func @begin_type(%s: !minimax.lightning_state<4x16x16xf32>, %i: tensor<?xi32>) {
  // expected-error @+1 {{expected each state operand to come back as a result of its type ('!minimax.lightning_state<4x16x16xf32>'), but got ('!minimax.kv_cache<2x16xf32>')}}
  %0 = minimax.begin_sequences %s, %i, %i, %i : (!minimax.lightning_state<4x16x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>) -> !minimax.kv_cache<2x16xf32>
  return
}

// -----

// snapshot C1
func.func @snapshot_copy(%s: !minimax.lightning_state<4x16x16xf32>, %i: tensor<?xi32>) {
  // expected-error @+1 {{expected a copy with the dimensions of '!minimax.lightning_state<4x16x16xf32>', but got 'tensor<?x4x16x8xf32>'}}
  %0:2 = minimax.snapshot %s, %i : (!minimax.lightning_state<4x16x16xf32>, tensor<?xi32>) -> (!minimax.lightning_state<4x16x16xf32>, tensor<?x4x16x8xf32>)
  return
}

// -----

// restore C1
func.func @restore_copy(%s: !minimax.lightning_state<4x16x16xf32>, %i: tensor<?xi32>, %c: tensor<?x4x16x8xf32>) {
  // expected-error @+1 {{expected a copy with the dimensions of '!minimax.lightning_state<4x16x16xf32>', but got 'tensor<?x4x16x8xf32>'}}
  %0 = minimax.restore %s, %c, %i : (!minimax.lightning_state<4x16x16xf32>, tensor<?x4x16x8xf32>, tensor<?xi32>) -> !minimax.lightning_state<4x16x16xf32>
  return
}
