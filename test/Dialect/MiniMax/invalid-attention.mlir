// One split for each constraint of the attention ops.
//
// RUN: minimax-opt %s --split-input-file --verify-diagnostics

// split_heads C1
func.func @split_columns(%z: tensor<?x128xf32>) {
  // expected-error @+1 {{expected three times the results' columns: 192, but got 128}}
  %0:3 = minimax.split_heads %z packing = per_head : (tensor<?x128xf32>) -> (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>)
  return
}

// -----

// split_heads C2
func.func @split_types(%z: tensor<?x192xf32>) {
  // expected-error @+1 {{expected three results of type 'tensor<?x4x16xf32>'}}
  %0:3 = minimax.split_heads %z packing = per_head : (tensor<?x192xf32>) -> (tensor<?x4x16xf32>, tensor<?x4x8xf32>, tensor<?x4x16xf32>)
  return
}

// -----

// rope C1, odd
func.func @rope_odd(%q: tensor<?x4x16xf32>, %p: tensor<?xi32>) {
  // expected-error @+1 {{expected an even 'rotary_dim' of at most 16, but got 7}}
  %0 = minimax.rope %q, %p theta = 1.0e7 rotary_dim = 7 : (tensor<?x4x16xf32>, tensor<?xi32>) -> tensor<?x4x16xf32>
  return
}

// -----

// rope C1, wide
func.func @rope_wide(%q: tensor<?x4x16xf32>, %p: tensor<?xi32>) {
  // expected-error @+1 {{expected an even 'rotary_dim' of at most 16, but got 18}}
  %0 = minimax.rope %q, %p theta = 1.0e7 rotary_dim = 18 : (tensor<?x4x16xf32>, tensor<?xi32>) -> tensor<?x4x16xf32>
  return
}

// -----

// rope C1, negative
func.func @rope_negative(%q: tensor<?x4x16xf32>, %p: tensor<?xi32>) {
  // expected-error @+1 {{expected an even 'rotary_dim' of at most 16, but got -2}}
  %0 = minimax.rope %q, %p theta = 1.0e7 rotary_dim = -2 : (tensor<?x4x16xf32>, tensor<?xi32>) -> tensor<?x4x16xf32>
  return
}

// -----

// rope C2
func.func @rope_result(%q: tensor<?x4x16xf32>, %p: tensor<?xi32>) {
  // expected-error @+1 {{expected 'result' to have the shape of 'input' ('tensor<?x4x16xf32>'), but got 'tensor<?x2x16xf32>'}}
  %0 = minimax.rope %q, %p theta = 1.0e7 rotary_dim = 8 : (tensor<?x4x16xf32>, tensor<?xi32>) -> tensor<?x2x16xf32>
  return
}

// -----

// lightning_attention C1
func.func @lightning_slope(%q: tensor<?x4x16xf32>, %k: tensor<?x4x16xf32>, %v: tensor<?x4x16xf32>, %slope: tensor<3xf32>, %i: tensor<?xi32>, %s: !minimax.lightning_state<4x16x16xf32>) {
  // expected-error @+1 {{expected one 'slope' value per head: 4, but got 3}}
  %0:2 = minimax.lightning_attention %q, %k, %v, %slope, %i, %i, %s chunk = 8 : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<3xf32>, tensor<?xi32>, tensor<?xi32>, !minimax.lightning_state<4x16x16xf32>) -> (tensor<?x4x16xf32>, !minimax.lightning_state<4x16x16xf32>)
  return
}

// -----

// lightning_attention C2
func.func @lightning_state(%q: tensor<?x4x16xf32>, %k: tensor<?x4x16xf32>, %v: tensor<?x4x16xf32>, %slope: tensor<4xf32>, %i: tensor<?xi32>, %s: !minimax.lightning_state<4x16x8xf32>) {
  // expected-error @+1 {{expected a state of 4 x 16 x 16, but got 4 x 16 x 8}}
  %0:2 = minimax.lightning_attention %q, %k, %v, %slope, %i, %i, %s chunk = 8 : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<4xf32>, tensor<?xi32>, tensor<?xi32>, !minimax.lightning_state<4x16x8xf32>) -> (tensor<?x4x16xf32>, !minimax.lightning_state<4x16x8xf32>)
  return
}

// -----

// lightning_attention C2, pool
func.func @lightning_pool(%q: tensor<?x4x16xf32>, %k: tensor<?x4x16xf32>, %v: tensor<?x4x16xf32>, %slope: tensor<4xf32>, %i: tensor<?xi32>, %s: memref<?x2x16x16xf32>) {
  // expected-error @+1 {{expected a state of 4 x 16 x 16, but got 2 x 16 x 16}}
  %0 = minimax.lightning_attention %q, %k, %v, %slope, %i, %i, %s : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<4xf32>, tensor<?xi32>, tensor<?xi32>, memref<?x2x16x16xf32>) -> tensor<?x4x16xf32>
  return
}

// -----

// lightning_attention C3
func.func @lightning_chunk(%q: tensor<?x4x16xf32>, %k: tensor<?x4x16xf32>, %v: tensor<?x4x16xf32>, %slope: tensor<4xf32>, %i: tensor<?xi32>, %s: !minimax.lightning_state<4x16x16xf32>) {
  // expected-error @+1 {{expected a positive 'chunk', but got 0}}
  %0:2 = minimax.lightning_attention %q, %k, %v, %slope, %i, %i, %s chunk = 0 : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<4xf32>, tensor<?xi32>, tensor<?xi32>, !minimax.lightning_state<4x16x16xf32>) -> (tensor<?x4x16xf32>, !minimax.lightning_state<4x16x16xf32>)
  return
}

// -----

// lightning_attention C4, key
func.func @lightning_key(%q: tensor<?x4x16xf32>, %k: tensor<?x2x16xf32>, %v: tensor<?x4x16xf32>, %slope: tensor<4xf32>, %i: tensor<?xi32>, %s: !minimax.lightning_state<4x16x16xf32>) {
  // expected-error @+1 {{expected 'key' to have the shape of 'query' ('tensor<?x4x16xf32>'), but got 'tensor<?x2x16xf32>'}}
  %0:2 = minimax.lightning_attention %q, %k, %v, %slope, %i, %i, %s chunk = 8 : (tensor<?x4x16xf32>, tensor<?x2x16xf32>, tensor<?x4x16xf32>, tensor<4xf32>, tensor<?xi32>, tensor<?xi32>, !minimax.lightning_state<4x16x16xf32>) -> (tensor<?x4x16xf32>, !minimax.lightning_state<4x16x16xf32>)
  return
}

// -----

// lightning_attention C4, value
func.func @lightning_value(%q: tensor<?x4x16xf32>, %k: tensor<?x4x16xf32>, %v: tensor<?x4x8xf32>, %slope: tensor<4xf32>, %i: tensor<?xi32>, %s: !minimax.lightning_state<4x16x16xf32>) {
  // expected-error @+1 {{expected 'value' to have the shape of 'query' ('tensor<?x4x16xf32>'), but got 'tensor<?x4x8xf32>'}}
  %0:2 = minimax.lightning_attention %q, %k, %v, %slope, %i, %i, %s chunk = 8 : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x8xf32>, tensor<4xf32>, tensor<?xi32>, tensor<?xi32>, !minimax.lightning_state<4x16x16xf32>) -> (tensor<?x4x16xf32>, !minimax.lightning_state<4x16x16xf32>)
  return
}

// -----

// F2: a state comes back
func.func @lightning_state_lost(%q: tensor<?x4x16xf32>, %k: tensor<?x4x16xf32>, %v: tensor<?x4x16xf32>, %slope: tensor<4xf32>, %i: tensor<?xi32>, %s: !minimax.lightning_state<4x16x16xf32>) {
  // expected-error @+1 {{expected each state operand to come back as a result of its type ('!minimax.lightning_state<4x16x16xf32>'), but got ()}}
  %0 = minimax.lightning_attention %q, %k, %v, %slope, %i, %i, %s : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<4xf32>, tensor<?xi32>, tensor<?xi32>, !minimax.lightning_state<4x16x16xf32>) -> tensor<?x4x16xf32>
  return
}

// -----

// lightning_attention C5
func.func @lightning_output(%q: tensor<?x4x16xbf16>, %slope: tensor<4xf32>, %i: tensor<?xi32>, %s: !minimax.lightning_state<4x16x16xf32>) {
  // expected-error @+1 {{expected an output of f32 or bf16, but got 'f16'}}
  %0:2 = minimax.lightning_attention %q, %q, %q, %slope, %i, %i, %s : (tensor<?x4x16xbf16>, tensor<?x4x16xbf16>, tensor<?x4x16xbf16>, tensor<4xf32>, tensor<?xi32>, tensor<?xi32>, !minimax.lightning_state<4x16x16xf32>) -> (tensor<?x4x16xf16>, !minimax.lightning_state<4x16x16xf32>)
  return
}

// -----

// chunk_output C4
func.func @chunk_output_output(%q: memref<?x4x16xbf16>, %slope: memref<4xf32>, %i: memref<?xi32>, %s: memref<?x4x16x16xf32>, %o: memref<?x4x16xf16>) {
  // expected-error @+1 {{expected an output of f32 or bf16, but got 'f16'}}
  minimax.chunk_output %q, %q, %q, %slope, %i, %s outs(%o) chunk = 8 : (memref<?x4x16xbf16>, memref<?x4x16xbf16>, memref<?x4x16xbf16>, memref<4xf32>, memref<?xi32>, memref<?x4x16x16xf32>, memref<?x4x16xf16>) -> ()
  return
}

// -----

// chunk_state C1
func.func @chunk_state_slope(%q: tensor<?x4x16xf32>, %k: tensor<?x4x16xf32>, %v: tensor<?x4x16xf32>, %slope: tensor<3xf32>, %i: tensor<?xi32>, %s: !minimax.lightning_state<4x16x16xf32>) {
  // expected-error @+1 {{expected one 'slope' value per head: 4, but got 3}}
  %0:2 = minimax.chunk_state %k, %v, %slope, %i chunk = 8 : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<3xf32>, tensor<?xi32>) -> (tensor<?x4x16x16xf32>, tensor<?x4xf32>)
  return
}

// -----

// chunk_state C2
func.func @chunk_state_chunk(%q: tensor<?x4x16xf32>, %k: tensor<?x4x16xf32>, %v: tensor<?x4x16xf32>, %slope: tensor<4xf32>, %i: tensor<?xi32>, %s: !minimax.lightning_state<4x16x16xf32>) {
  // expected-error @+1 {{expected a positive 'chunk', but got -1}}
  %0:2 = minimax.chunk_state %k, %v, %slope, %i chunk = -1 : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<4xf32>, tensor<?xi32>) -> (tensor<?x4x16x16xf32>, tensor<?x4xf32>)
  return
}

// -----

// chunk_state C3
func.func @chunk_state_value(%q: tensor<?x4x16xf32>, %k: tensor<?x4x16xf32>, %v: tensor<?x2x16xf32>, %slope: tensor<4xf32>, %i: tensor<?xi32>, %s: !minimax.lightning_state<4x16x16xf32>) {
  // expected-error @+1 {{expected 'value' to have the shape of 'key' ('tensor<?x4x16xf32>'), but got 'tensor<?x2x16xf32>'}}
  %0:2 = minimax.chunk_state %k, %v, %slope, %i chunk = 8 : (tensor<?x4x16xf32>, tensor<?x2x16xf32>, tensor<4xf32>, tensor<?xi32>) -> (tensor<?x4x16x16xf32>, tensor<?x4xf32>)
  return
}

// -----

// state_scan C1
func.func @scan_state(%l: tensor<?x4x8x8xf32>, %d: tensor<?x4xf32>, %i: tensor<?xi32>, %s: !minimax.lightning_state<4x16x16xf32>) {
  // expected-error @+1 {{expected a state of the shape of one chunk of 'local' ('tensor<?x4x8x8xf32>'), but got '!minimax.lightning_state<4x16x16xf32>'}}
  %0:2 = minimax.state_scan %l, %d, %i, %i, %s chunk = 8 : (tensor<?x4x8x8xf32>, tensor<?x4xf32>, tensor<?xi32>, tensor<?xi32>, !minimax.lightning_state<4x16x16xf32>) -> (tensor<?x4x8x8xf32>, !minimax.lightning_state<4x16x16xf32>)
  return
}

// -----

// state_scan C2
func.func @scan_chunk(%l: tensor<?x4x16x16xf32>, %d: tensor<?x4xf32>, %i: tensor<?xi32>, %s: !minimax.lightning_state<4x16x16xf32>) {
  // expected-error @+1 {{expected a positive 'chunk', but got 0}}
  %0:2 = minimax.state_scan %l, %d, %i, %i, %s chunk = 0 : (tensor<?x4x16x16xf32>, tensor<?x4xf32>, tensor<?xi32>, tensor<?xi32>, !minimax.lightning_state<4x16x16xf32>) -> (tensor<?x4x16x16xf32>, !minimax.lightning_state<4x16x16xf32>)
  return
}

// -----

// chunk_output C1
func.func @output_slope(%q: tensor<?x4x16xf32>, %slope: tensor<3xf32>, %i: tensor<?xi32>, %e: tensor<?x4x16x16xf32>) {
  // expected-error @+1 {{expected one 'slope' value per head: 4, but got 3}}
  %0 = minimax.chunk_output %q, %q, %q, %slope, %i, %e chunk = 8 : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<3xf32>, tensor<?xi32>, tensor<?x4x16x16xf32>) -> tensor<?x4x16xf32>
  return
}

// -----

// chunk_output C2
func.func @output_chunk(%q: tensor<?x4x16xf32>, %slope: tensor<4xf32>, %i: tensor<?xi32>, %e: tensor<?x4x16x16xf32>) {
  // expected-error @+1 {{expected a positive 'chunk', but got 0}}
  %0 = minimax.chunk_output %q, %q, %q, %slope, %i, %e chunk = 0 : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<4xf32>, tensor<?xi32>, tensor<?x4x16x16xf32>) -> tensor<?x4x16xf32>
  return
}

// -----

// chunk_output C3
func.func @output_key(%q: tensor<?x4x16xf32>, %k: tensor<?x2x16xf32>, %slope: tensor<4xf32>, %i: tensor<?xi32>, %e: tensor<?x4x16x16xf32>) {
  // expected-error @+1 {{expected 'key' to have the shape of 'query'}}
  %0 = minimax.chunk_output %q, %k, %q, %slope, %i, %e chunk = 8 : (tensor<?x4x16xf32>, tensor<?x2x16xf32>, tensor<?x4x16xf32>, tensor<4xf32>, tensor<?xi32>, tensor<?x4x16x16xf32>) -> tensor<?x4x16xf32>
  return
}

// -----

// attention C1
func.func @attention_groups(%q: tensor<?x4x16xf32>, %k: tensor<?x3x16xf32>, %v: tensor<?x3x16xf32>, %i: tensor<?xi32>, %c: !minimax.kv_cache<3x16xf32>) {
  // expected-error @+1 {{expected key-value heads that divide 4 query heads, but got 3}}
  %0:2 = minimax.attention %q, %k, %v, %i, %i, %i, %c scale = 0.25 : (tensor<?x4x16xf32>, tensor<?x3x16xf32>, tensor<?x3x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<3x16xf32>) -> (tensor<?x4x16xf32>, !minimax.kv_cache<3x16xf32>)
  return
}

// -----

// attention C2
func.func @attention_cache(%q: tensor<?x4x16xf32>, %k: tensor<?x2x16xf32>, %v: tensor<?x2x16xf32>, %i: tensor<?xi32>, %c: !minimax.kv_cache<4x16xf32>) {
  // expected-error @+1 {{expected a cache of 2 heads x 16, but got 4 x 16}}
  %0:2 = minimax.attention %q, %k, %v, %i, %i, %i, %c scale = 0.25 : (tensor<?x4x16xf32>, tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<4x16xf32>) -> (tensor<?x4x16xf32>, !minimax.kv_cache<4x16xf32>)
  return
}

// -----

// attention C2, one pool of two
func.func @attention_one_pool(%q: tensor<?x4x16xf32>, %k: tensor<?x2x16xf32>, %v: tensor<?x2x16xf32>, %i: tensor<?xi32>, %c: memref<?x?x2x16xf32>) {
  // expected-error @+1 {{expected a typed cache or its key and value pools, but got 'memref<?x?x2x16xf32>'}}
  %0 = minimax.attention %q, %k, %v, %i, %i, %i, %c scale = 0.25 : (tensor<?x4x16xf32>, tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, memref<?x?x2x16xf32>) -> tensor<?x4x16xf32>
  return
}

// -----

// attention C3
func.func @attention_rotary(%q: tensor<?x4x16xf32>, %k: tensor<?x2x16xf32>, %v: tensor<?x2x16xf32>, %i: tensor<?xi32>, %c: !minimax.kv_cache<2x16xf32>) {
  // expected-error @+1 {{expected an even 'rotary_dim' of at most 16, but got 32}}
  %0:2 = minimax.attention %q, %k, %v, %i, %i, %i, %c scale = 0.25 theta = 1.0e7 rotary_dim = 32 : (tensor<?x4x16xf32>, tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<2x16xf32>) -> (tensor<?x4x16xf32>, !minimax.kv_cache<2x16xf32>)
  return
}

// -----

// cache_append C1
func.func @append_cache(%q: tensor<?x4x16xf32>, %k: tensor<?x2x16xf32>, %v: tensor<?x2x16xf32>, %i: tensor<?xi32>, %c: !minimax.kv_cache<2x8xf32>) {
  // expected-error @+1 {{expected a cache of 2 heads x 16, but got 2 x 8}}
  %0 = minimax.cache_append %k, %v, %i, %i, %i, %c : (tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<2x8xf32>) -> !minimax.kv_cache<2x8xf32>
  return
}

// -----

// cache_append C2
func.func @append_rotary(%q: tensor<?x4x16xf32>, %k: tensor<?x2x16xf32>, %v: tensor<?x2x16xf32>, %i: tensor<?xi32>, %c: !minimax.kv_cache<2x16xf32>) {
  // expected-error @+1 {{expected an even 'rotary_dim' of at most 16, but got 3}}
  %0 = minimax.cache_append %k, %v, %i, %i, %i, %c theta = 1.0e7 rotary_dim = 3 : (tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<2x16xf32>) -> !minimax.kv_cache<2x16xf32>
  return
}

// -----

// attention_partial C1
func.func @partial_groups(%q: tensor<?x4x16xf32>, %k: tensor<?x2x16xf32>, %v: tensor<?x2x16xf32>, %i: tensor<?xi32>, %c: !minimax.kv_cache<3x16xf32>) {
  // expected-error @+1 {{expected key-value heads that divide 4 query heads, but got 3}}
  %0:3 = minimax.attention_partial %q, %i, %i, %i, %c scale = 0.25 split = 0 splits = 2 : (tensor<?x4x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<3x16xf32>) -> (tensor<?x4x16xf32>, tensor<?x4xf32>, !minimax.kv_cache<3x16xf32>)
  return
}

// -----

// attention_partial C2
func.func @partial_split(%q: tensor<?x4x16xf32>, %k: tensor<?x2x16xf32>, %v: tensor<?x2x16xf32>, %i: tensor<?xi32>, %c: !minimax.kv_cache<2x16xf32>) {
  // expected-error @+1 {{expected 'split' in [0, 2), but got 2}}
  %0:3 = minimax.attention_partial %q, %i, %i, %i, %c scale = 0.25 split = 2 splits = 2 : (tensor<?x4x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<2x16xf32>) -> (tensor<?x4x16xf32>, tensor<?x4xf32>, !minimax.kv_cache<2x16xf32>)
  return
}

// -----

// attention_partial C3
func.func @partial_rotary(%q: tensor<?x4x16xf32>, %k: tensor<?x2x16xf32>, %v: tensor<?x2x16xf32>, %i: tensor<?xi32>, %c: !minimax.kv_cache<2x16xf32>) {
  // expected-error @+1 {{expected an even 'rotary_dim' of at most 16, but got 5}}
  %0:3 = minimax.attention_partial %q, %i, %i, %i, %c scale = 0.25 split = 0 splits = 2 theta = 1.0e7 rotary_dim = 5 : (tensor<?x4x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<2x16xf32>) -> (tensor<?x4x16xf32>, tensor<?x4xf32>, !minimax.kv_cache<2x16xf32>)
  return
}

// -----

// attention_partial C4
func.func @partial_dimension(%q: tensor<?x4x16xf32>, %k: tensor<?x2x16xf32>, %v: tensor<?x2x16xf32>, %i: tensor<?xi32>, %c: !minimax.kv_cache<2x8xf32>) {
  // expected-error @+1 {{expected a cache of the dimension of 'query': 16, but got 8}}
  %0:3 = minimax.attention_partial %q, %i, %i, %i, %c scale = 0.25 split = 0 splits = 2 : (tensor<?x4x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<2x8xf32>) -> (tensor<?x4x16xf32>, tensor<?x4xf32>, !minimax.kv_cache<2x8xf32>)
  return
}

// -----

// attention_merge C1, outputs
func.func @merge_output(%o: tensor<?x4x16xf32>, %p: tensor<?x2x16xf32>, %l: tensor<?x4xf32>) {
  // expected-error @+1 {{expected 'output2' to have the shape of 'output1' ('tensor<?x4x16xf32>'), but got 'tensor<?x2x16xf32>'}}
  %0:2 = minimax.attention_merge %o, %l, %p, %l : (tensor<?x4x16xf32>, tensor<?x4xf32>, tensor<?x2x16xf32>, tensor<?x4xf32>) -> (tensor<?x4x16xf32>, tensor<?x4xf32>)
  return
}

// -----

// attention_merge C1, log-sum-exps
func.func @merge_lse(%o: tensor<?x4x16xf32>, %l: tensor<?x4xf32>, %m: tensor<?x2xf32>) {
  // expected-error @+1 {{expected 'lse2' to have the shape of 'lse1' ('tensor<?x4xf32>'), but got 'tensor<?x2xf32>'}}
  %0:2 = minimax.attention_merge %o, %l, %o, %m : (tensor<?x4x16xf32>, tensor<?x4xf32>, tensor<?x4x16xf32>, tensor<?x2xf32>) -> (tensor<?x4x16xf32>, tensor<?x4xf32>)
  return
}

// -----

// attention C4
func.func @attention_output(%q: tensor<?x4x16xbf16>, %i: tensor<?xi32>, %s: !minimax.kv_cache<4x16xf32>) {
  // expected-error @+1 {{expected an output of f32 or bf16, but got 'f16'}}
  %0:2 = minimax.attention %q, %q, %q, %i, %i, %i, %s scale = 0.25 : (tensor<?x4x16xbf16>, tensor<?x4x16xbf16>, tensor<?x4x16xbf16>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<4x16xf32>) -> (tensor<?x4x16xf16>, !minimax.kv_cache<4x16xf32>)
  return
}

// -----

// attention_merge C2
func.func @merge_output(%o: memref<?x4x16xf32>, %l: memref<?x4xf32>, %y: memref<?x4x16xbf16>, %m: memref<?x4xbf16>) {
  // expected-error @+1 {{expected an 'lse' of f32, but got 'bf16'}}
  minimax.attention_merge %o, %l, %o, %l outs(%y, %m) : (memref<?x4x16xf32>, memref<?x4xf32>, memref<?x4x16xf32>, memref<?x4xf32>, memref<?x4x16xbf16>, memref<?x4xbf16>) -> ()
  return
}
