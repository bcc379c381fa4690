// RUN: minimax-opt %s --minimax-fuse-rope | FileCheck %s
// RUN: minimax-opt %s --minimax-fuse-rope --check-each-pass -o /dev/null

// CHECK-LABEL: func @both(
// CHECK-SAME:    %[[Q:[^:]+]]: tensor<?x4x16xf32>, %[[K:[^:]+]]: tensor<?x2x16xf32>, %[[V:[^:]+]]: tensor<?x2x16xf32>, %[[CU:[^:]+]]: tensor<?xi32>, %[[P:[^:]+]]: tensor<?xi32>
// CHECK-NEXT:    minimax.attention %[[Q]], %[[K]], %[[V]], %[[CU]], %[[P]], {{.*}} theta = 1.000000e+07 rotary_dim = 8
// CHECK-NEXT:    return
func.func @both(%q: tensor<?x4x16xf32>, %k: tensor<?x2x16xf32>, %v: tensor<?x2x16xf32>, %cu: tensor<?xi32>,
    %positions: tensor<?xi32>, %slots: tensor<?xi32>, %cache: !minimax.kv_cache<2x16xbf16>)
    -> (tensor<?x4x16xf32>, !minimax.kv_cache<2x16xbf16>) {
  %rq = minimax.rope %q, %positions theta = 1.0e7 rotary_dim = 8 : (tensor<?x4x16xf32>, tensor<?xi32>) -> tensor<?x4x16xf32>
  %rk = minimax.rope %k, %positions theta = 1.0e7 rotary_dim = 8 : (tensor<?x2x16xf32>, tensor<?xi32>) -> tensor<?x2x16xf32>
  %o, %next = minimax.attention %rq, %rk, %v, %cu, %positions, %slots, %cache scale = 0.25
      : (tensor<?x4x16xf32>, tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<2x16xbf16>)
      -> (tensor<?x4x16xf32>, !minimax.kv_cache<2x16xbf16>)
  return %o, %next : tensor<?x4x16xf32>, !minimax.kv_cache<2x16xbf16>
}

// CHECK-LABEL: func @both_static(
// CHECK-NOT:     minimax.rope
// CHECK:         minimax.attention {{.*}} rotary_dim = 8 : (tensor<5x4x16xf32>
func.func @both_static(%q: tensor<5x4x16xf32>, %k: tensor<5x2x16xf32>, %v: tensor<5x2x16xf32>, %cu: tensor<?xi32>,
    %positions: tensor<5xi32>, %slots: tensor<?xi32>, %cache: !minimax.kv_cache<2x16xbf16>)
    -> (tensor<5x4x16xf32>, !minimax.kv_cache<2x16xbf16>) {
  %rq = minimax.rope %q, %positions theta = 1.0e7 rotary_dim = 8 : (tensor<5x4x16xf32>, tensor<5xi32>) -> tensor<5x4x16xf32>
  %rk = minimax.rope %k, %positions theta = 1.0e7 rotary_dim = 8 : (tensor<5x2x16xf32>, tensor<5xi32>) -> tensor<5x2x16xf32>
  %o, %next = minimax.attention %rq, %rk, %v, %cu, %positions, %slots, %cache scale = 0.25
      : (tensor<5x4x16xf32>, tensor<5x2x16xf32>, tensor<5x2x16xf32>, tensor<?xi32>, tensor<5xi32>, tensor<?xi32>, !minimax.kv_cache<2x16xbf16>)
      -> (tensor<5x4x16xf32>, !minimax.kv_cache<2x16xbf16>)
  return %o, %next : tensor<5x4x16xf32>, !minimax.kv_cache<2x16xbf16>
}

// Keys in the cache would be rotated although they were not.
// CHECK-LABEL: func @query_only(
// CHECK:         minimax.rope
// CHECK:         minimax.attention
func.func @query_only(%q: tensor<?x4x16xf32>, %k: tensor<?x2x16xf32>, %v: tensor<?x2x16xf32>, %cu: tensor<?xi32>,
    %positions: tensor<?xi32>, %slots: tensor<?xi32>, %cache: !minimax.kv_cache<2x16xbf16>)
    -> (tensor<?x4x16xf32>, !minimax.kv_cache<2x16xbf16>) {
  %rq = minimax.rope %q, %positions theta = 1.0e7 rotary_dim = 8 : (tensor<?x4x16xf32>, tensor<?xi32>) -> tensor<?x4x16xf32>
  %o, %next = minimax.attention %rq, %k, %v, %cu, %positions, %slots, %cache scale = 0.25
      : (tensor<?x4x16xf32>, tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<2x16xbf16>)
      -> (tensor<?x4x16xf32>, !minimax.kv_cache<2x16xbf16>)
  return %o, %next : tensor<?x4x16xf32>, !minimax.kv_cache<2x16xbf16>
}

// One op has one theta.
// CHECK-LABEL: func @other_theta(
// CHECK:         minimax.rope
// CHECK:         minimax.attention
func.func @other_theta(%q: tensor<?x4x16xf32>, %k: tensor<?x2x16xf32>, %v: tensor<?x2x16xf32>, %cu: tensor<?xi32>,
    %positions: tensor<?xi32>, %slots: tensor<?xi32>, %cache: !minimax.kv_cache<2x16xbf16>)
    -> (tensor<?x4x16xf32>, !minimax.kv_cache<2x16xbf16>) {
  %rq = minimax.rope %q, %positions theta = 1.0e7 rotary_dim = 8 : (tensor<?x4x16xf32>, tensor<?xi32>) -> tensor<?x4x16xf32>
  %rk = minimax.rope %k, %positions theta = 1.0e4 rotary_dim = 8 : (tensor<?x2x16xf32>, tensor<?xi32>) -> tensor<?x2x16xf32>
  %o, %next = minimax.attention %rq, %rk, %v, %cu, %positions, %slots, %cache scale = 0.25
      : (tensor<?x4x16xf32>, tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<2x16xbf16>)
      -> (tensor<?x4x16xf32>, !minimax.kv_cache<2x16xbf16>)
  return %o, %next : tensor<?x4x16xf32>, !minimax.kv_cache<2x16xbf16>
}

// One op has one rotary_dim.
// CHECK-LABEL: func @other_rotary_dim(
// CHECK:         minimax.rope
// CHECK:         minimax.attention
func.func @other_rotary_dim(%q: tensor<?x4x16xf32>, %k: tensor<?x2x16xf32>, %v: tensor<?x2x16xf32>, %cu: tensor<?xi32>,
    %positions: tensor<?xi32>, %slots: tensor<?xi32>, %cache: !minimax.kv_cache<2x16xbf16>)
    -> (tensor<?x4x16xf32>, !minimax.kv_cache<2x16xbf16>) {
  %rq = minimax.rope %q, %positions theta = 1.0e7 rotary_dim = 8 : (tensor<?x4x16xf32>, tensor<?xi32>) -> tensor<?x4x16xf32>
  %rk = minimax.rope %k, %positions theta = 1.0e7 rotary_dim = 16 : (tensor<?x2x16xf32>, tensor<?xi32>) -> tensor<?x2x16xf32>
  %o, %next = minimax.attention %rq, %rk, %v, %cu, %positions, %slots, %cache scale = 0.25
      : (tensor<?x4x16xf32>, tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<2x16xbf16>)
      -> (tensor<?x4x16xf32>, !minimax.kv_cache<2x16xbf16>)
  return %o, %next : tensor<?x4x16xf32>, !minimax.kv_cache<2x16xbf16>
}

// Attention would rotate by its own positions.
// CHECK-LABEL: func @other_positions(
// CHECK:         minimax.rope
// CHECK:         minimax.attention
func.func @other_positions(%q: tensor<?x4x16xf32>, %k: tensor<?x2x16xf32>, %v: tensor<?x2x16xf32>, %cu: tensor<?xi32>,
    %positions: tensor<?xi32>, %slots: tensor<?xi32>, %cache: !minimax.kv_cache<2x16xbf16>, %other: tensor<?xi32>)
    -> (tensor<?x4x16xf32>, !minimax.kv_cache<2x16xbf16>) {
  %rq = minimax.rope %q, %other theta = 1.0e7 rotary_dim = 8 : (tensor<?x4x16xf32>, tensor<?xi32>) -> tensor<?x4x16xf32>
  %rk = minimax.rope %k, %other theta = 1.0e7 rotary_dim = 8 : (tensor<?x2x16xf32>, tensor<?xi32>) -> tensor<?x2x16xf32>
  %o, %next = minimax.attention %rq, %rk, %v, %cu, %positions, %slots, %cache scale = 0.25
      : (tensor<?x4x16xf32>, tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<2x16xbf16>)
      -> (tensor<?x4x16xf32>, !minimax.kv_cache<2x16xbf16>)
  return %o, %next : tensor<?x4x16xf32>, !minimax.kv_cache<2x16xbf16>
}

// Someone else reads the rotated keys.
// CHECK-LABEL: func @second_reader(
// CHECK:         minimax.rope
// CHECK:         minimax.attention
func.func @second_reader(%q: tensor<?x4x16xf32>, %k: tensor<?x2x16xf32>, %v: tensor<?x2x16xf32>, %cu: tensor<?xi32>,
    %positions: tensor<?xi32>, %slots: tensor<?xi32>, %cache: !minimax.kv_cache<2x16xbf16>)
    -> (tensor<?x4x16xf32>, !minimax.kv_cache<2x16xbf16>, tensor<?x2x16xf32>) {
  %rq = minimax.rope %q, %positions theta = 1.0e7 rotary_dim = 8 : (tensor<?x4x16xf32>, tensor<?xi32>) -> tensor<?x4x16xf32>
  %rk = minimax.rope %k, %positions theta = 1.0e7 rotary_dim = 8 : (tensor<?x2x16xf32>, tensor<?xi32>) -> tensor<?x2x16xf32>
  %o, %next = minimax.attention %rq, %rk, %v, %cu, %positions, %slots, %cache scale = 0.25
      : (tensor<?x4x16xf32>, tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<2x16xbf16>)
      -> (tensor<?x4x16xf32>, !minimax.kv_cache<2x16xbf16>)
  return %o, %next, %rk : tensor<?x4x16xf32>, !minimax.kv_cache<2x16xbf16>, tensor<?x2x16xf32>
}

// Rotating twice adds the angles.
// CHECK-LABEL: func @rotates_already(
// CHECK:         minimax.rope
// CHECK:         minimax.attention
func.func @rotates_already(%q: tensor<?x4x16xf32>, %k: tensor<?x2x16xf32>, %v: tensor<?x2x16xf32>, %cu: tensor<?xi32>,
    %positions: tensor<?xi32>, %slots: tensor<?xi32>, %cache: !minimax.kv_cache<2x16xbf16>)
    -> (tensor<?x4x16xf32>, !minimax.kv_cache<2x16xbf16>) {
  %rq = minimax.rope %q, %positions theta = 1.0e7 rotary_dim = 8 : (tensor<?x4x16xf32>, tensor<?xi32>) -> tensor<?x4x16xf32>
  %rk = minimax.rope %k, %positions theta = 1.0e7 rotary_dim = 8 : (tensor<?x2x16xf32>, tensor<?xi32>) -> tensor<?x2x16xf32>
  %o, %next = minimax.attention %rq, %rk, %v, %cu, %positions, %slots, %cache scale = 0.25 theta = 1.0e7 rotary_dim = 8
      : (tensor<?x4x16xf32>, tensor<?x2x16xf32>, tensor<?x2x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<2x16xbf16>)
      -> (tensor<?x4x16xf32>, !minimax.kv_cache<2x16xbf16>)
  return %o, %next : tensor<?x4x16xf32>, !minimax.kv_cache<2x16xbf16>
}

// The rotated keys are rounded before attention reads them.
// CHECK-LABEL: func @rounded(
// CHECK:         minimax.rope
// CHECK:         minimax.attention
func.func @rounded(%q: tensor<?x4x16xf32>, %k: tensor<?x2x16xf32>, %v: tensor<?x2x16xf32>, %cu: tensor<?xi32>,
    %positions: tensor<?xi32>, %slots: tensor<?xi32>, %cache: !minimax.kv_cache<2x16xbf16>)
    -> (tensor<?x4x16xf32>, !minimax.kv_cache<2x16xbf16>) {
  %rq = minimax.rope %q, %positions theta = 1.0e7 rotary_dim = 8 : (tensor<?x4x16xf32>, tensor<?xi32>) -> tensor<?x4x16xf32>
  %rk = minimax.rope %k, %positions theta = 1.0e7 rotary_dim = 8 : (tensor<?x2x16xf32>, tensor<?xi32>) -> tensor<?x2x16xbf16>
  %o, %next = minimax.attention %rq, %rk, %v, %cu, %positions, %slots, %cache scale = 0.25
      : (tensor<?x4x16xf32>, tensor<?x2x16xbf16>, tensor<?x2x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<2x16xbf16>)
      -> (tensor<?x4x16xf32>, !minimax.kv_cache<2x16xbf16>)
  return %o, %next : tensor<?x4x16xf32>, !minimax.kv_cache<2x16xbf16>
}
