// RUN: minimax-opt %s --minimax-decompose | FileCheck %s --check-prefixes=CHECK,WHOLE
// RUN: minimax-opt %s --pass-pipeline='builtin.module(func.func(minimax-decompose{lightning-attention=true attention=true}))' \
// RUN:   | FileCheck %s --check-prefixes=CHECK,PARTS
// RUN: minimax-opt %s --check-each-pass --check-function=experts -o /dev/null \
// RUN:   --pass-pipeline='builtin.module(func.func(minimax-decompose))'
// RUN: minimax-opt %s --check-each-pass --check-function=lightning -o /dev/null \
// RUN:   --pass-pipeline='builtin.module(func.func(minimax-decompose{lightning-attention=true}))'
// RUN: minimax-opt %s --check-each-pass --check-function=softmax -o /dev/null \
// RUN:   --pass-pipeline='builtin.module(func.func(minimax-decompose{attention=true}))'

// CHECK-LABEL: func @experts(
// CHECK-SAME:    %[[B:[^:]+]]: tensor<?x64xf32>, %[[ROUTER:[^:]+]]: tensor<8x64xf32>, %[[W13:[^:]+]]: tensor<8x96x64xbf16>, %[[W2:[^:]+]]: tensor<8x64x48xbf16>
// CHECK-NEXT:    %[[LOGITS:.+]] = minimax.linear %[[B]], %[[ROUTER]] :
// CHECK-NEXT:    %[[ROUTE:.+]]:2 = minimax.route %[[LOGITS]] :
// CHECK-NEXT:    %[[P:.+]]:3 = minimax.permute %[[B]], %[[ROUTE]]#1 :
// CHECK-NEXT:    %[[UP:.+]] = minimax.grouped_matmul %[[P]]#0, %[[W13]], %[[P]]#1 :
// CHECK-NEXT:    %[[H:.+]] = minimax.swiglu %[[UP]] :
// CHECK-NEXT:    %[[DOWN:.+]] = minimax.grouped_matmul %[[H]], %[[W2]], %[[P]]#1 :
// CHECK-NEXT:    %[[Y:.+]] = minimax.unpermute %[[DOWN]], %[[P]]#2, %[[ROUTE]]#0 :
// CHECK-NEXT:    return %[[Y]], %[[ROUTE]]#1
func.func @experts(%b: tensor<?x64xf32>, %router: tensor<8x64xf32>, %w13: tensor<8x96x64xbf16>, %w2: tensor<8x64x48xbf16>)
    -> (tensor<?x64xf32>, tensor<?x2xi32>) {
  %y, %e = minimax.moe %b, %router, %w13, %w2 top_k = 2
      : (tensor<?x64xf32>, tensor<8x64xf32>, tensor<8x96x64xbf16>, tensor<8x64x48xbf16>) -> (tensor<?x64xf32>, tensor<?x2xi32>)
  return %y, %e : tensor<?x64xf32>, tensor<?x2xi32>
}

// Static tokens make the number of copies static.
// CHECK-LABEL: func @experts_static(
// CHECK:         minimax.permute {{.*}} -> (tensor<15x64xf32>, tensor<9xi32>, tensor<5x3xi32>)
func.func @experts_static(%b: tensor<5x64xf32>, %router: tensor<8x64xf32>, %w13: tensor<8x96x64xf32>, %w2: tensor<8x64x48xf32>) -> tensor<5x64xf32> {
  %y, %e = minimax.moe %b, %router, %w13, %w2 top_k = 3
      : (tensor<5x64xf32>, tensor<8x64xf32>, tensor<8x96x64xf32>, tensor<8x64x48xf32>) -> (tensor<5x64xf32>, tensor<5x3xi32>)
  return %y : tensor<5x64xf32>
}

// CHECK-LABEL: func @lightning(
// WHOLE:         minimax.lightning_attention
// PARTS:         %[[L:.+]]:2 = minimax.chunk_state
// PARTS-NEXT:    %[[S:.+]]:2 = minimax.state_scan %[[L]]#0, %[[L]]#1, {{.*}} chunk = 4
// PARTS-NEXT:    %[[O:.+]] = minimax.chunk_output {{.*}}, %[[S]]#0 chunk = 4
// PARTS-NEXT:    return %[[O]], %[[S]]#1
func.func @lightning(%q: tensor<?x4x16xf32>, %k: tensor<?x4x16xf32>, %v: tensor<?x4x16xf32>, %slope: tensor<4xf32>,
    %cu: tensor<?xi32>, %slots: tensor<?xi32>, %s: !minimax.lightning_state<4x16x16xf32>)
    -> (tensor<?x4x16xf32>, !minimax.lightning_state<4x16x16xf32>) {
  %o, %t = minimax.lightning_attention %q, %k, %v, %slope, %cu, %slots, %s chunk = 4
      : (tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<?x4x16xf32>, tensor<4xf32>, tensor<?xi32>, tensor<?xi32>,
         !minimax.lightning_state<4x16x16xf32>) -> (tensor<?x4x16xf32>, !minimax.lightning_state<4x16x16xf32>)
  return %o, %t : tensor<?x4x16xf32>, !minimax.lightning_state<4x16x16xf32>
}

// CHECK-LABEL: func @softmax(
// WHOLE:         minimax.attention %
// PARTS:         %[[C:.+]] = minimax.cache_append {{.*}} theta = 1.000000e+04 rotary_dim = 8
// PARTS-NEXT:    %[[A:.+]]:3 = minimax.attention_partial {{.*}}, %[[C]] scale = 2.500000e-01 split = 0 splits = 2
// PARTS-NEXT:    %[[B:.+]]:3 = minimax.attention_partial {{.*}}, %[[A]]#2 scale = 2.500000e-01 split = 1 splits = 2
// PARTS-NEXT:    %[[M:.+]]:2 = minimax.attention_merge %[[A]]#0, %[[A]]#1, %[[B]]#0, %[[B]]#1
// PARTS-NEXT:    return %[[M]]#0, %[[B]]#2
func.func @softmax(%q: tensor<?x4x16xf32>, %k: tensor<?x2x16xf32>, %v: tensor<?x2x16xf32>, %cu: tensor<?xi32>, %positions: tensor<?xi32>,
    %slots: tensor<?xi32>, %c: !minimax.kv_cache<2x16xf32>) -> (tensor<?x4x16xf32>, !minimax.kv_cache<2x16xf32>) {
  %o, %d = minimax.attention %q, %k, %v, %cu, %positions, %slots, %c scale = 0.25 theta = 1.0e4 rotary_dim = 8
      : (tensor<?x4x16xf32>, tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>,
         !minimax.kv_cache<2x16xf32>) -> (tensor<?x4x16xf32>, !minimax.kv_cache<2x16xf32>)
  return %o, %d : tensor<?x4x16xf32>, !minimax.kv_cache<2x16xf32>
}

// A pool is updated in place already and has no version to hand on.
// CHECK-LABEL: func @buffers(
// CHECK:         minimax.lightning_attention
func.func @buffers(%q: memref<?x4x16xf32>, %slope: memref<4xf32>, %i: memref<?xi32>, %s: memref<?x4x16x16xf32>) {
  minimax.lightning_attention %q, %q, %q, %slope, %i, %i, %s outs(%q)
      : (memref<?x4x16xf32>, memref<?x4x16xf32>, memref<?x4x16xf32>, memref<4xf32>, memref<?xi32>, memref<?xi32>,
         memref<?x4x16x16xf32>, memref<?x4x16xf32>) -> ()
  return
}
