// RUN: minimax-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: func @rope_of_nothing(
// CHECK-SAME:    %[[Q:[^:]+]]:
// CHECK-NEXT:    return %[[Q]]
func.func @rope_of_nothing(%q: tensor<?x4x16xf32>, %p: tensor<?xi32>) -> tensor<?x4x16xf32> {
  %r = minimax.rope %q, %p theta = 1.0e7 rotary_dim = 0 : (tensor<?x4x16xf32>, tensor<?xi32>) -> tensor<?x4x16xf32>
  return %r : tensor<?x4x16xf32>
}

// Rotates nothing but rounds.
// CHECK-LABEL: func @rope_that_rounds(
// CHECK:         minimax.rope
func.func @rope_that_rounds(%q: tensor<?x4x16xf32>, %p: tensor<?xi32>) -> tensor<?x4x16xbf16> {
  %r = minimax.rope %q, %p theta = 1.0e7 rotary_dim = 0 : (tensor<?x4x16xf32>, tensor<?xi32>) -> tensor<?x4x16xbf16>
  return %r : tensor<?x4x16xbf16>
}

// CHECK-LABEL: func @rope_in_buffers(
// CHECK:         minimax.rope
func.func @rope_in_buffers(%q: memref<?x4x16xf32>, %p: memref<?xi32>, %out: memref<?x4x16xf32>) {
  minimax.rope %q, %p outs(%out) theta = 1.0e7 rotary_dim = 0
      : (memref<?x4x16xf32>, memref<?xi32>, memref<?x4x16xf32>) -> ()
  return
}

// CHECK-LABEL: func @begun_twice(
// CHECK:         %[[S:.+]] = minimax.begin_sequences
// CHECK-NEXT:    return %[[S]]
func.func @begun_twice(%s: !minimax.lightning_state<4x16x16xf32>, %cu: tensor<?xi32>, %p: tensor<?xi32>, %slots: tensor<?xi32>)
    -> !minimax.lightning_state<4x16x16xf32> {
  %0 = minimax.begin_sequences %s, %cu, %p, %slots
      : (!minimax.lightning_state<4x16x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>) -> !minimax.lightning_state<4x16x16xf32>
  %1 = minimax.begin_sequences %0, %cu, %p, %slots
      : (!minimax.lightning_state<4x16x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>) -> !minimax.lightning_state<4x16x16xf32>
  return %1 : !minimax.lightning_state<4x16x16xf32>
}

// CHECK-LABEL: func @two_batches(
// CHECK-COUNT-2: minimax.begin_sequences
func.func @two_batches(%s: !minimax.lightning_state<4x16x16xf32>, %cu: tensor<?xi32>, %p: tensor<?xi32>, %slots: tensor<?xi32>, %other: tensor<?xi32>)
    -> !minimax.lightning_state<4x16x16xf32> {
  %0 = minimax.begin_sequences %s, %cu, %p, %slots
      : (!minimax.lightning_state<4x16x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>) -> !minimax.lightning_state<4x16x16xf32>
  %1 = minimax.begin_sequences %0, %cu, %p, %other
      : (!minimax.lightning_state<4x16x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>) -> !minimax.lightning_state<4x16x16xf32>
  return %1 : !minimax.lightning_state<4x16x16xf32>
}

// CHECK-LABEL: func @copy_unread(
// CHECK-SAME:    %[[S:[^:]+]]:
// CHECK-NEXT:    return %[[S]]
func.func @copy_unread(%s: !minimax.lightning_state<4x16x16xf32>, %slots: tensor<?xi32>) -> !minimax.lightning_state<4x16x16xf32> {
  %0, %copy = minimax.snapshot %s, %slots
      : (!minimax.lightning_state<4x16x16xf32>, tensor<?xi32>) -> (!minimax.lightning_state<4x16x16xf32>, tensor<?x4x16x16xf32>)
  return %0 : !minimax.lightning_state<4x16x16xf32>
}

// CHECK-LABEL: func @copy_read(
// CHECK:         minimax.snapshot
func.func @copy_read(%s: !minimax.lightning_state<4x16x16xf32>, %slots: tensor<?xi32>)
    -> (!minimax.lightning_state<4x16x16xf32>, tensor<?x4x16x16xf32>) {
  %0, %copy = minimax.snapshot %s, %slots
      : (!minimax.lightning_state<4x16x16xf32>, tensor<?xi32>) -> (!minimax.lightning_state<4x16x16xf32>, tensor<?x4x16x16xf32>)
  return %0, %copy : !minimax.lightning_state<4x16x16xf32>, tensor<?x4x16x16xf32>
}

// Ops of the value form have no effect but on states.
// CHECK-LABEL: func @unread(
// CHECK-NOT:     minimax.linear
// CHECK:         minimax.begin_sequences
func.func @unread(%x: tensor<?x64xf32>, %w: tensor<64x64xf32>, %s: !minimax.lightning_state<4x16x16xf32>, %i: tensor<?xi32>) {
  %0 = minimax.linear %x, %w : (tensor<?x64xf32>, tensor<64x64xf32>) -> tensor<?x64xf32>
  %1 = minimax.begin_sequences %s, %i, %i, %i
      : (!minimax.lightning_state<4x16x16xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>) -> !minimax.lightning_state<4x16x16xf32>
  return
}
