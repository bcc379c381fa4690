// Parts compute what the whole op computes, also where chunks end with a
// sequence, sequences are empty, and there are no tokens or no sequences.
// DEFINE: %{decompose} = --pass-pipeline='builtin.module(func.func(minimax-decompose{lightning-attention=true attention=true}))'
// DEFINE: %{check} = minimax-opt %s --check-each-pass %{decompose} -o /dev/null
// RUN: %{check} --check-dims=T=0,N=0
// RUN: %{check} --check-dims=T=0,N=2
// RUN: %{check} --check-dims=T=1,N=1
// RUN: %{check} --check-dims=T=1,N=3
// RUN: %{check} --check-dims=T=3,N=1
// RUN: %{check} --check-dims=T=4,N=1
// RUN: %{check} --check-dims=T=5,N=1
// RUN: %{check} --check-dims=T=11,N=1
// RUN: %{check} --check-dims=T=11,N=7 --check-seed=2
// RUN: %{check} --check-dims=T=37,N=7 --check-seed=3
// RUN: %{check} --check-dims=T=97,N=5 --check-seed=4
// RUN: minimax-opt %s %{decompose} | FileCheck %s

// CHECK-LABEL: func @lightning
// CHECK: chunk_state
// CHECK: state_scan
// CHECK: chunk_output
func.func @lightning(%q: tensor<?x3x5xf32>, %k: tensor<?x3x5xf32>, %v: tensor<?x3x5xf32>, %slope: tensor<3xf32>,
    %cu: tensor<?xi32>, %slots: tensor<?xi32>, %s: !minimax.lightning_state<3x5x5xf32>)
    -> (tensor<?x3x5xf32>, !minimax.lightning_state<3x5x5xf32>) {
  %o, %next = minimax.lightning_attention %q, %k, %v, %slope, %cu, %slots, %s chunk = 4
      : (tensor<?x3x5xf32>, tensor<?x3x5xf32>, tensor<?x3x5xf32>, tensor<3xf32>, tensor<?xi32>, tensor<?xi32>,
         !minimax.lightning_state<3x5x5xf32>) -> (tensor<?x3x5xf32>, !minimax.lightning_state<3x5x5xf32>)
  return %o, %next : tensor<?x3x5xf32>, !minimax.lightning_state<3x5x5xf32>
}

// CHECK-LABEL: func @softmax
// CHECK: cache_append
// CHECK: attention_partial
// CHECK: attention_merge
func.func @softmax(%q: tensor<?x6x4xf32>, %k: tensor<?x2x4xf32>, %v: tensor<?x2x4xf32>, %cu: tensor<?xi32>,
    %positions: tensor<?xi32>, %slots: tensor<?xi32>, %cache: !minimax.kv_cache<2x4xf32>)
    -> (tensor<?x6x4xf32>, !minimax.kv_cache<2x4xf32>) {
  %o, %next = minimax.attention %q, %k, %v, %cu, %positions, %slots, %cache scale = 0.5 theta = 1.0e4 rotary_dim = 2
      : (tensor<?x6x4xf32>, tensor<?x2x4xf32>, tensor<?x2x4xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>,
         !minimax.kv_cache<2x4xf32>) -> (tensor<?x6x4xf32>, !minimax.kv_cache<2x4xf32>)
  return %o, %next : tensor<?x6x4xf32>, !minimax.kv_cache<2x4xf32>
}

// CHECK-LABEL: func @experts
// CHECK: minimax.permute
// CHECK: minimax.unpermute
func.func @experts(%x: tensor<?x6xf32>, %router: tensor<5x6xf32>, %w13: tensor<5x14x6xf32>, %w2: tensor<5x6x7xf32>)
    -> (tensor<?x6xf32>, tensor<?x3xi32>) {
  %y, %e = minimax.moe %x, %router, %w13, %w2 top_k = 3
      : (tensor<?x6xf32>, tensor<5x6xf32>, tensor<5x14x6xf32>, tensor<5x6x7xf32>) -> (tensor<?x6xf32>, tensor<?x3xi32>)
  return %y, %e : tensor<?x6xf32>, tensor<?x3xi32>
}
