// RUN: minimax-test-opt %s --test-minimax-print-costs --verify-diagnostics -o /dev/null

// FLOPs and bytes, counted by hand: every operand read once, every result
// written once. Here h = 6, E = 4, k = 2, H = 4, G = 2, D = 3.

func.func @dense(%ids: memref<?xi32>, %cu: memref<?xi32>, %table: memref<10x6xbf16>, %x: memref<?x6xf32>,
    %norm: memref<6xbf16>, %w: memref<5x6xbf16>, %y: memref<?x5xf32>, %r: memref<?x5xf32>,
    %packed: memref<1x3x64x2xbf16>, %narrow: memref<?x6xbf16>, %wide: memref<?x10xf32>,
    %bytes: memref<1x5x64x2xi8>) {
  // Tokens 4, a row of the table 12, a row of the result 24.
  // expected-remark @+1 {{flops 0; bytes 40*T}}
  minimax.embedding %ids, %table outs(%x) : (memref<?xi32>, memref<10x6xbf16>, memref<?x6xf32>) -> ()
  // expected-remark @+1 {{flops 24*T; bytes 48*T + 12}}
  minimax.rms_norm %x, %norm outs(%x) eps = 1.0e-5 : (memref<?x6xf32>, memref<6xbf16>, memref<?x6xf32>) -> ()
  // expected-remark @+1 {{flops 30*T; bytes 72*T + 12}}
  minimax.rms_norm %x, %norm gate(%x) outs(%x) eps = 1.0e-5
      : (memref<?x6xf32>, memref<6xbf16>, memref<?x6xf32>, memref<?x6xf32>) -> ()
  // 2 * 6 * 5 FLOPs; 5 + 6 values of 4 bytes and a weight of 30 values of 2.
  // expected-remark @+1 {{flops 60*T; bytes 44*T + 60}}
  minimax.linear %x, %w outs(%y) : (memref<?x6xf32>, memref<5x6xbf16>, memref<?x5xf32>) -> ()
  // The weight as packed: 64 columns of 6 values of 2 bytes.
  // expected-remark @+1 {{flops 60*T; bytes 52*T + 768}}
  minimax.linear %narrow, %packed residual(%r) outs(%y) alpha = 2.0
      : (memref<?x6xbf16>, memref<1x3x64x2xbf16>, memref<?x5xf32>, memref<?x5xf32>) -> ()
  // Of int8 half as much, and a scale for each column.
  // expected-remark @+1 {{flops 60*T; bytes 32*T + 640}}
  minimax.linear %narrow, %bytes outs(%y) : (memref<?x6xbf16>, memref<1x5x64x2xi8>, memref<?x5xf32>) -> ()
  // expected-remark @+1 {{flops 60*T; bytes 44*T + 60}}
  minimax.lm_head %x, %w outs(%y) : (memref<?x6xf32>, memref<5x6xbf16>, memref<?x5xf32>) -> ()
  // expected-remark @+1 {{flops 5*T; bytes 40*T}}
  minimax.activation %y outs(%y) kind = silu : (memref<?x5xf32>, memref<?x5xf32>) -> ()
  // expected-remark @+1 {{flops 5*T; bytes 60*T}}
  minimax.gate %y, %r outs(%y) : (memref<?x5xf32>, memref<?x5xf32>, memref<?x5xf32>) -> ()
  // expected-remark @+1 {{flops 15*T; bytes 60*T}}
  minimax.residual %y, %r outs(%y) alpha = 2.0 : (memref<?x5xf32>, memref<?x5xf32>, memref<?x5xf32>) -> ()
  // expected-remark @+1 {{flops 0; bytes 36*T}}
  minimax.cast %x outs(%narrow) : (memref<?x6xf32>, memref<?x6xbf16>) -> ()
  // Sizes that are not static count as T here, those of cu_seqlens too.
  // expected-remark @+1 {{flops 0; bytes 28*T + 24*active}}
  minimax.last_rows %x, %cu outs(%x) : (memref<?x6xf32>, memref<?xi32>, memref<?x6xf32>) -> ()
  // expected-remark @+1 {{flops 10*T; bytes 60*T}}
  minimax.swiglu %wide outs(%y) : (memref<?x10xf32>, memref<?x5xf32>) -> ()
  return
}

func.func @experts(%x: memref<?x6xf32>, %logits: memref<?x4xf32>, %weights: memref<?x2xf32>, %experts: memref<?x2xi32>,
    %offsets: memref<5xi32>, %rows: memref<?x2xi32>, %sources: memref<?xi32>, %gateUp: memref<4x10x6xbf16>, %h: memref<?x5xf32>,
    %down: memref<4x6x5xbf16>) {
  // expected-remark @+1 {{flops 6*T; bytes 32*T}}
  minimax.route %logits outs(%weights, %experts) : (memref<?x4xf32>, memref<?x2xf32>, memref<?x2xi32>) -> ()
  // expected-remark @+1 {{flops 0; bytes 64*T + 20}}
  minimax.permute %x, %experts outs(%x, %offsets, %rows)
      : (memref<?x6xf32>, memref<?x2xi32>, memref<?x6xf32>, memref<5xi32>, memref<?x2xi32>) -> ()
  // expected-remark @+1 {{flops 0; bytes 20 + 20*T}}
  minimax.sort_copies %experts outs(%offsets, %rows, %sources)
      : (memref<?x2xi32>, memref<5xi32>, memref<?x2xi32>, memref<?xi32>) -> ()
  // 2 * 6 * 10 FLOPs; an expert has 60 values of 2 bytes.
  // expected-remark @+1 {{flops 120*T; bytes 44*T + 20 + 120*experts(4,1)}}
  minimax.grouped_matmul %x, %gateUp, %offsets outs(%h) activation = swiglu
      : (memref<?x6xf32>, memref<4x10x6xbf16>, memref<5xi32>, memref<?x5xf32>) -> ()
  // 2 * 2 + 1 + 2 FLOPs for each of 6 columns.
  // expected-remark @+1 {{flops 42*T; bytes 88*T}}
  minimax.unpermute %x, %rows, %weights residual(%x) outs(%x) alpha = 2.0
      : (memref<?x6xf32>, memref<?x2xi32>, memref<?x2xf32>, memref<?x6xf32>, memref<?x6xf32>) -> ()
  return
}

func.func @moe(%x: tensor<?x6xf32>, %router: tensor<4x6xf32>, %gateUp: tensor<4x10x6xbf16>, %down: tensor<4x6x5xbf16>) {
  // Router 2*6*4, two experts a token with 3 products of 2*6*5.
  // expected-remark @+1 {{flops 408*T; bytes 56*T + 96 + 180*experts(4,2)}}
  %y:2 = minimax.moe %x, %router, %gateUp, %down top_k = 2
      : (tensor<?x6xf32>, tensor<4x6xf32>, tensor<4x10x6xbf16>, tensor<4x6x5xbf16>) -> (tensor<?x6xf32>, tensor<?x2xi32>)
  return
}

func.func @lightning(%q: memref<?x4x3xf32>, %slope: memref<4xf32>, %cu: memref<3xi32>, %slots: memref<2xi32>,
    %positions: memref<?xi32>, %state: memref<?x4x3x3xf32>, %local: memref<?x4x3x3xf32>, %decay: memref<?x4xf32>) {
  // State and output products 2 * 4 * 2*3*3, within chunks 4 * 4*3 for each pair;
  // a state has 36 values, read and written.
  // expected-remark @+1 {{flops 144*T + 48*pairs(8); bytes 192*T + 36 + 288*active}}
  minimax.lightning_attention %q, %q, %q, %slope, %cu, %slots, %state outs(%q) chunk = 8
      : (memref<?x4x3xf32>, memref<?x4x3xf32>, memref<?x4x3xf32>, memref<4xf32>, memref<3xi32>, memref<2xi32>,
         memref<?x4x3x3xf32>, memref<?x4x3xf32>) -> ()
  // expected-remark @+1 {{flops 72*T; bytes 96*T + 28 + 160*chunks(8)}}
  minimax.chunk_state %q, %q, %slope, %cu outs(%local, %decay) chunk = 8
      : (memref<?x4x3xf32>, memref<?x4x3xf32>, memref<4xf32>, memref<3xi32>, memref<?x4x3x3xf32>, memref<?x4xf32>) -> ()
  // expected-remark @+1 {{flops 72*chunks(8); bytes 20 + 304*chunks(8) + 288*active}}
  minimax.state_scan %local, %decay, %cu, %slots, %state outs(%local) chunk = 8
      : (memref<?x4x3x3xf32>, memref<?x4xf32>, memref<3xi32>, memref<2xi32>, memref<?x4x3x3xf32>, memref<?x4x3x3xf32>) -> ()
  // expected-remark @+1 {{flops 72*T + 48*pairs(8); bytes 192*T + 28 + 144*chunks(8)}}
  minimax.chunk_output %q, %q, %q, %slope, %cu, %local outs(%q) chunk = 8
      : (memref<?x4x3xf32>, memref<?x4x3xf32>, memref<?x4x3xf32>, memref<4xf32>, memref<3xi32>, memref<?x4x3x3xf32>,
         memref<?x4x3xf32>) -> ()
  // expected-remark @+1 {{flops 0; bytes 20 + 4*T + 144*starting}}
  minimax.begin_sequences %state, %cu, %positions, %slots
      : (memref<?x4x3x3xf32>, memref<3xi32>, memref<?xi32>, memref<2xi32>) -> ()
  return
}

func.func @softmax(%q: memref<?x4x3xf32>, %k: memref<?x2x3xf32>, %lse: memref<?x4xf32>, %cu: memref<3xi32>,
    %positions: memref<?xi32>, %slots: memref<2xi32>, %keys: memref<?x?x2x3xbf16>, %values: memref<?x?x2x3xbf16>) {
  // 4 * 4*3 FLOPs for each key; a position has 2 * 2*3 values of 2 bytes.
  // expected-remark @+1 {{flops 48*keys; bytes 172*T + 20 + 24*cached}}
  minimax.attention %q, %k, %k, %cu, %positions, %slots, %keys, %values outs(%q) scale = 0.5
      : (memref<?x4x3xf32>, memref<?x2x3xf32>, memref<?x2x3xf32>, memref<3xi32>, memref<?xi32>, memref<2xi32>,
         memref<?x?x2x3xbf16>, memref<?x?x2x3xbf16>, memref<?x4x3xf32>) -> ()
  // expected-remark @+1 {{flops 12*T; bytes 76*T + 20}}
  minimax.cache_append %k, %k, %cu, %positions, %slots, %keys, %values theta = 1.0e4 rotary_dim = 2
      : (memref<?x2x3xf32>, memref<?x2x3xf32>, memref<3xi32>, memref<?xi32>, memref<2xi32>,
         memref<?x?x2x3xbf16>, memref<?x?x2x3xbf16>) -> ()
  // expected-remark @+1 {{flops 48*keys(1,2); bytes 116*T + 20 + 24*cached(1,2)}}
  minimax.attention_partial %q, %cu, %positions, %slots, %keys, %values outs(%q, %lse) scale = 0.5 split = 1 splits = 2
      : (memref<?x4x3xf32>, memref<3xi32>, memref<?xi32>, memref<2xi32>, memref<?x?x2x3xbf16>, memref<?x?x2x3xbf16>,
         memref<?x4x3xf32>, memref<?x4xf32>) -> ()
  // expected-remark @+1 {{flops 36*T; bytes 192*T}}
  minimax.attention_merge %q, %lse, %q, %lse outs(%q, %lse)
      : (memref<?x4x3xf32>, memref<?x4xf32>, memref<?x4x3xf32>, memref<?x4xf32>, memref<?x4x3xf32>, memref<?x4xf32>) -> ()
  // Half of the rotated dimensions has 4 multiplications and 2 additions.
  // expected-remark @+1 {{flops 24*T; bytes 100*T}}
  minimax.rope %q, %positions outs(%q) theta = 1.0e4 rotary_dim = 2
      : (memref<?x4x3xf32>, memref<?xi32>, memref<?x4x3xf32>) -> ()
  return
}
