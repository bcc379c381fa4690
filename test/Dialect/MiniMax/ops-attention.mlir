// Attention ops, whole and in parts, in both forms.
//
// RUN: minimax-opt %s | FileCheck %s
// RUN: minimax-opt %s --mlir-print-op-generic | minimax-opt | FileCheck %s
// RUN: minimax-opt %s | minimax-opt | FileCheck %s

// CHECK-LABEL: func @split_heads(
// CHECK: minimax.split_heads %{{.*}} packing = per_head : (tensor<?x192xf32>)
// CHECK: minimax.split_heads %{{.*}} packing = concatenated : (tensor<5x192xbf16>)
func.func @split_heads(%z: tensor<?x192xf32>, %s: tensor<5x192xbf16>) {
  %q, %k, %v = minimax.split_heads %z packing = per_head
      : (tensor<?x192xf32>) -> (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>)
  %a, %b, %c = minimax.split_heads %s packing = concatenated
      : (tensor<5x192xbf16>) -> (tensor<5x4x16xbf16>, tensor<5x4x16xbf16>, tensor<5x4x16xbf16>)
  return
}

// CHECK-LABEL: func @rope(
// CHECK: minimax.rope %{{.*}}, %{{.*}} theta = 1.000000e+07 rotary_dim = 8 :
// CHECK: minimax.rope %{{.*}}, %{{.*}} outs(%{{.*}}) theta = 1.000000e+04 rotary_dim = 16 :
func.func @rope(%q: tensor<?x4x16xf32>, %positions: tensor<?xi32>, %b: memref<?x4x16xf32>, %p: memref<?xi32>) {
  %r = minimax.rope %q, %positions theta = 1.0e7 rotary_dim = 8
      : (tensor<?x4x16xf32>, tensor<?xi32>) -> tensor<?x4x16xf32>
  minimax.rope %b, %p outs(%b) theta = 1.0e4 rotary_dim = 16 : (memref<?x4x16xf32>, memref<?xi32>, memref<?x4x16xf32>) -> ()
  return
}

// Typed state, pool in the value form, buffer form.
// CHECK-LABEL: func @lightning_attention(
// CHECK: minimax.lightning_attention {{.*}} : (tensor<?x4x16xf32>{{.*}} -> (tensor<?x4x16xf32>, !minimax.lightning_state<4x16x16xf32>)
// CHECK: minimax.lightning_attention {{.*}} chunk = 8 : (tensor<6x4x16xf32>
// CHECK: minimax.lightning_attention {{.*}} memref<?x4x16x16xf32>) -> tensor<?x4x16xf32>
// CHECK: minimax.lightning_attention {{.*}} outs(%{{.*}}) : (memref
func.func @lightning_attention(%q: tensor<?x4x16xf32>, %k: tensor<?x4x16xf32>, %v: tensor<?x4x16xf32>, %slope: tensor<4xf32>,
    %cu: tensor<?xi32>, %slots: tensor<?xi32>, %state: !minimax.lightning_state<4x16x16xf32>, %b: memref<?x4x16xf32>, %sb: memref<4xf32>, %cb: memref<?xi32>,
    %slb: memref<?xi32>, %pool: memref<?x4x16x16xf32>, %fixed: tensor<6x4x16xf32>) {
  %o, %next = minimax.lightning_attention %q, %k, %v, %slope, %cu, %slots, %state chunk = 64
      : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<4xf32>, tensor<?xi32>,
         tensor<?xi32>, !minimax.lightning_state<4x16x16xf32>)
      -> (tensor<?x4x16xf32>, !minimax.lightning_state<4x16x16xf32>)
  %p, %last = minimax.lightning_attention %fixed, %fixed, %fixed, %slope, %cu, %slots, %next chunk = 8
      : (tensor<6x4x16xf32>, tensor<6x4x16xf32>, tensor<6x4x16xf32>, tensor<4xf32>, tensor<?xi32>, tensor<?xi32>, !minimax.lightning_state<4x16x16xf32>)
      -> (tensor<6x4x16xf32>, !minimax.lightning_state<4x16x16xf32>)
  %r = minimax.lightning_attention %q, %k, %v, %slope, %cu, %slots, %pool
      : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<4xf32>, tensor<?xi32>, tensor<?xi32>, memref<?x4x16x16xf32>) -> tensor<?x4x16xf32>
  minimax.lightning_attention %b, %b, %b, %sb, %cb, %slb, %pool outs(%b)
      : (memref<?x4x16xf32>, memref<?x4x16xf32>, memref<?x4x16xf32>, memref<4xf32>, memref<?xi32>, memref<?xi32>, memref<?x4x16x16xf32>, memref<?x4x16xf32>) -> ()
  return
}

// CHECK-LABEL: func @lightning_parts(
// CHECK: minimax.chunk_state {{.*}} chunk = 64 :
// CHECK: minimax.state_scan {{.*}} chunk = 64 :
// CHECK: minimax.chunk_output {{.*}} chunk = 64 :
// CHECK: minimax.chunk_state {{.*}} outs(%{{.*}}, %{{.*}}) chunk = 8 :
// CHECK: minimax.state_scan {{.*}} outs(%{{.*}}) chunk = 8 :
// CHECK: minimax.chunk_output {{.*}} outs(%{{.*}}) chunk = 8 :
func.func @lightning_parts(%q: tensor<?x4x16xf32>, %k: tensor<?x4x16xf32>, %v: tensor<?x4x16xf32>, %slope: tensor<4xf32>,
    %cu: tensor<?xi32>, %slots: tensor<?xi32>, %state: !minimax.lightning_state<4x16x16xf32>, %b: memref<?x4x16xf32>, %sb: memref<4xf32>, %cb: memref<?xi32>,
    %pool: memref<?x4x16x16xf32>, %chunks: memref<?x4x16x16xf32>, %decays: memref<?x4xf32>) {
  %local, %decay = minimax.chunk_state %k, %v, %slope, %cu chunk = 64
      : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<4xf32>, tensor<?xi32>)
      -> (tensor<?x4x16x16xf32>, tensor<?x4xf32>)
  %entry, %next = minimax.state_scan %local, %decay, %cu, %slots, %state chunk = 64
      : (tensor<?x4x16x16xf32>, tensor<?x4xf32>, tensor<?xi32>, tensor<?xi32>,
         !minimax.lightning_state<4x16x16xf32>)
      -> (tensor<?x4x16x16xf32>, !minimax.lightning_state<4x16x16xf32>)
  %o = minimax.chunk_output %q, %k, %v, %slope, %cu, %entry chunk = 64
      : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<4xf32>, tensor<?xi32>,
         tensor<?x4x16x16xf32>) -> tensor<?x4x16xf32>
  minimax.chunk_state %b, %b, %sb, %cb outs(%chunks, %decays) chunk = 8
      : (memref<?x4x16xf32>, memref<?x4x16xf32>, memref<4xf32>, memref<?xi32>, memref<?x4x16x16xf32>, memref<?x4xf32>) -> ()
  minimax.state_scan %chunks, %decays, %cb, %cb, %pool outs(%chunks) chunk = 8
      : (memref<?x4x16x16xf32>, memref<?x4xf32>, memref<?xi32>, memref<?xi32>, memref<?x4x16x16xf32>, memref<?x4x16x16xf32>) -> ()
  minimax.chunk_output %b, %b, %b, %sb, %cb, %chunks outs(%b) chunk = 8
      : (memref<?x4x16xf32>, memref<?x4x16xf32>, memref<?x4x16xf32>, memref<4xf32>, memref<?xi32>, memref<?x4x16x16xf32>, memref<?x4x16xf32>) -> ()
  return
}

// CHECK-LABEL: func @attention(
// CHECK: minimax.attention {{.*}} scale = 2.500000e-01 : ({{.*}} -> (tensor<?x4x16xf32>, !minimax.kv_cache<2x16xf32>)
// CHECK: minimax.attention {{.*}} scale = 2.500000e-01 theta = 1.000000e+07 rotary_dim = 8 :
// CHECK: minimax.attention {{.*}} outs(%{{.*}}) scale = 2.500000e-01 :
func.func @attention(%q: tensor<?x4x16xf32>, %k: tensor<?x2x16xf32>, %v: tensor<?x2x16xf32>, %cu: tensor<?xi32>, %positions: tensor<?xi32>,
    %slots: tensor<?xi32>, %cache: !minimax.kv_cache<2x16xf32>, %narrow: !minimax.kv_cache<2x16xbf16>, %b: memref<?x4x16xf32>, %kb: memref<?x2x16xf32>,
    %i: memref<?xi32>, %pool: memref<?x?x2x16xbf16>) {
  %o, %next = minimax.attention %q, %k, %v, %cu, %positions, %slots, %cache scale = 0.25
      : (tensor<?x4x16xf32>, tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<?xi32>, tensor<?xi32>,
         tensor<?xi32>, !minimax.kv_cache<2x16xf32>)
      -> (tensor<?x4x16xf32>, !minimax.kv_cache<2x16xf32>)
  %p, %last = minimax.attention %q, %k, %v, %cu, %positions, %slots, %narrow scale = 0.25 theta = 1.0e7 rotary_dim = 8
      : (tensor<?x4x16xf32>, tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<2x16xbf16>)
      -> (tensor<?x4x16xf32>, !minimax.kv_cache<2x16xbf16>)
  minimax.attention %b, %kb, %kb, %i, %i, %i, %pool, %pool outs(%b) scale = 0.25
      : (memref<?x4x16xf32>, memref<?x2x16xf32>, memref<?x2x16xf32>, memref<?xi32>, memref<?xi32>, memref<?xi32>, memref<?x?x2x16xbf16>, memref<?x?x2x16xbf16>, memref<?x4x16xf32>) -> ()
  return
}

// CHECK-LABEL: func @attention_parts(
// CHECK: minimax.cache_append {{.*}} -> !minimax.kv_cache<2x16xf32>
// CHECK: minimax.attention_partial {{.*}} split = 0 splits = 2 :
// CHECK: minimax.attention_partial {{.*}} split = 1 splits = 2 theta = 1.000000e+04 rotary_dim = 4 :
// CHECK: minimax.attention_merge {{.*}} : (tensor
// CHECK: minimax.cache_append {{.*}} theta = 1.000000e+04 rotary_dim = 4 : (memref
// CHECK: minimax.attention_partial {{.*}} outs(%{{.*}}, %{{.*}}) scale
// CHECK: minimax.attention_merge {{.*}} outs(%{{.*}}, %{{.*}}) :
func.func @attention_parts(%q: tensor<?x4x16xf32>, %k: tensor<?x2x16xf32>, %v: tensor<?x2x16xf32>, %cu: tensor<?xi32>, %positions: tensor<?xi32>,
    %slots: tensor<?xi32>, %cache: !minimax.kv_cache<2x16xf32>, %b: memref<?x4x16xf32>, %kb: memref<?x2x16xf32>, %i: memref<?xi32>,
    %pool: memref<?x?x2x16xf32>, %lb: memref<?x4xf32>) {
  %next = minimax.cache_append %k, %v, %cu, %positions, %slots, %cache
      : (tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>,
         !minimax.kv_cache<2x16xf32>) -> !minimax.kv_cache<2x16xf32>
  %o1, %lse1, %next1 = minimax.attention_partial %q, %cu, %positions, %slots, %next
      scale = 0.25 split = 0 splits = 2
      : (tensor<?x4x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<2x16xf32>)
      -> (tensor<?x4x16xf32>, tensor<?x4xf32>, !minimax.kv_cache<2x16xf32>)
  %o2, %lse2, %next2 = minimax.attention_partial %q, %cu, %positions, %slots, %next1
      scale = 0.25 split = 1 splits = 2 theta = 1.0e4 rotary_dim = 4
      : (tensor<?x4x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<2x16xf32>)
      -> (tensor<?x4x16xf32>, tensor<?x4xf32>, !minimax.kv_cache<2x16xf32>)
  %o, %lse = minimax.attention_merge %o1, %lse1, %o2, %lse2
      : (tensor<?x4x16xf32>, tensor<?x4xf32>, tensor<?x4x16xf32>, tensor<?x4xf32>)
      -> (tensor<?x4x16xf32>, tensor<?x4xf32>)
  minimax.cache_append %kb, %kb, %i, %i, %i, %pool, %pool theta = 1.0e4 rotary_dim = 4
      : (memref<?x2x16xf32>, memref<?x2x16xf32>, memref<?xi32>, memref<?xi32>, memref<?xi32>, memref<?x?x2x16xf32>, memref<?x?x2x16xf32>) -> ()
  minimax.attention_partial %b, %i, %i, %i, %pool, %pool outs(%b, %lb) scale = 0.25 split = 0 splits = 1
      : (memref<?x4x16xf32>, memref<?xi32>, memref<?xi32>, memref<?xi32>, memref<?x?x2x16xf32>, memref<?x?x2x16xf32>, memref<?x4x16xf32>, memref<?x4xf32>) -> ()
  minimax.attention_merge %b, %lb, %b, %lb outs(%b, %lb)
      : (memref<?x4x16xf32>, memref<?x4xf32>, memref<?x4x16xf32>, memref<?x4xf32>, memref<?x4x16xf32>, memref<?x4xf32>) -> ()
  return
}
