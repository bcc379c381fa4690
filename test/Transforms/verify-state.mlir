// Programs whose states are linear: the pass is silent and changes nothing.
// RUN: minimax-opt %s --minimax-verify-state | FileCheck %s
// RUN: minimax-opt %s > %t.before
// RUN: minimax-opt %s --minimax-verify-state > %t.after
// RUN: diff %t.before %t.after

// CHECK-LABEL: func @step(

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

// One step over two layers of one kind and mixed batches of any lengths.
func.func @step(%q: !q, %slope: !slope, %cu: !i, %pos: !i, %slots: !i, %s0: !s, %t0: !s) -> (!q, !s, !s) attributes {minimax.entry} {
  %a1 = minimax.begin_sequences %s0, %cu, %pos, %slots : (!s, !i, !i, !i) -> !s
  %b1 = minimax.begin_sequences %t0, %cu, %pos, %slots : (!s, !i, !i, !i) -> !s
  %o1, %a2 = func.call @layer(%q, %slope, %cu, %slots, %a1) : (!q, !slope, !i, !i, !s) -> (!q, !s)
  %o2, %b2 = func.call @layer(%o1, %slope, %cu, %slots, %b1) : (!q, !slope, !i, !i, !s) -> (!q, !s)
  return %o2, %a2, %b2 : !q, !s, !s
}

func.func private @layer(%q: !q, %slope: !slope, %cu: !i, %slots: !i, %s0: !s) -> (!q, !s) {
  %o, %s2 = minimax.lightning_attention %q, %q, %q, %slope, %cu, %slots, %s0
      : (!q, !q, !q, !slope, !i, !i, !s) -> (!q, !s)
  return %o, %s2 : !q, !s
}

// Two batches in one step, each in its own slots.
func.func @two_batches(%q: !q, %slope: !slope, %prefill: !i, %prefill_pos: !i, %prefill_slots: !i,
    %decode: !i, %decode_pos: !i, %decode_slots: !i, %s0: !s) -> (!q, !q, !s) {
  %s1 = minimax.begin_sequences %s0, %prefill, %prefill_pos, %prefill_slots : (!s, !i, !i, !i) -> !s
  %s2 = minimax.begin_sequences %s1, %decode, %decode_pos, %decode_slots : (!s, !i, !i, !i) -> !s
  %o, %s3 = minimax.lightning_attention %q, %q, %q, %slope, %decode, %decode_slots, %s2
      : (!q, !q, !q, !slope, !i, !i, !s) -> (!q, !s)
  %p, %s4 = minimax.lightning_attention %q, %q, %q, %slope, %prefill, %prefill_slots, %s3
      : (!q, !q, !q, !slope, !i, !i, !s) -> (!q, !s)
  return %o, %p, %s4 : !q, !q, !s
}

// A prefix-cache hit, and what is needed to fill the cache.
func.func @prefix_cache(%q: !q, %slope: !slope, %cu: !i, %pos: !i, %slots: !i, %s0: !s, %copy: !copy) -> (!q, !s, !copy) {
  %s1 = minimax.restore %s0, %copy, %slots : (!s, !copy, !i) -> !s
  %o, %s2 = minimax.lightning_attention %q, %q, %q, %slope, %cu, %slots, %s1
      : (!q, !q, !q, !slope, !i, !i, !s) -> (!q, !s)
  %s3, %kept = minimax.snapshot %s2, %slots : (!s, !i) -> (!s, !copy)
  return %o, %s3, %kept : !q, !s, !copy
}

// An entry that only copies states out may see any of them.
func.func @snapshot(%slots: !i, %s0: !s) -> (!s, !copy) {
  %s1, %kept = minimax.snapshot %s0, %slots : (!s, !i) -> (!s, !copy)
  return %s1, %kept : !s, !copy
}

// Chunks of a prefill in a loop, a branch around the last one.
func.func @loop_and_branch(%q: !q, %slope: !slope, %cu: !i, %pos: !i, %slots: !i, %s0: !s, %n: index, %c: i1) -> (!q, !s) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %s1 = minimax.begin_sequences %s0, %cu, %pos, %slots : (!s, !i, !i, !i) -> !s
  %r, %t = scf.for %k = %c0 to %n step %c1 iter_args(%acc = %q, %s = %s1) -> (!q, !s) {
    %o, %s2 = minimax.lightning_attention %q, %q, %q, %slope, %cu, %slots, %s
      : (!q, !q, !q, !slope, !i, !i, !s) -> (!q, !s)
    scf.yield %o, %s2 : !q, !s
  }
  %u, %v = scf.if %c -> (!q, !s) {
    %o, %s2 = minimax.lightning_attention %q, %q, %q, %slope, %cu, %slots, %t
      : (!q, !q, !q, !slope, !i, !i, !s) -> (!q, !s)
    scf.yield %o, %s2 : !q, !s
  } else {
    scf.yield %r, %t : !q, !s
  }
  return %u, %v : !q, !s
}

// Equal slices of one operand name one batch.
func.func @slices(%q: !q, %slope: !slope, %cu: !i, %pos: !i, %slots: !i, %s0: !s) -> (!q, !s) {
  %a = tensor.extract_slice %slots[0] [2] [1] : !i to tensor<2xi32>
  %b = tensor.extract_slice %slots[0] [2] [1] : !i to tensor<2xi32>
  %s1 = minimax.begin_sequences %s0, %cu, %pos, %a : (!s, !i, !i, tensor<2xi32>) -> !s
  %o, %s2 = minimax.lightning_attention %q, %q, %q, %slope, %cu, %b, %s1
      : (!q, !q, !q, !slope, !i, tensor<2xi32>, !s) -> (!q, !s)
  return %o, %s2 : !q, !s
}

// A cache and a state side by side, softmax attention decomposed.
!c = !minimax.kv_cache<2x16xbf16>
func.func @kinds(%q: !q, %k: tensor<?x2x16xf32>, %slope: !slope, %cu: !i, %pos: !i, %slots: !i, %s0: !s, %c0: !c)
    -> (!q, !s, !c) {
  %s1 = minimax.begin_sequences %s0, %cu, %pos, %slots : (!s, !i, !i, !i) -> !s
  %c1 = minimax.begin_sequences %c0, %cu, %pos, %slots : (!c, !i, !i, !i) -> !c
  %c2 = minimax.cache_append %k, %k, %cu, %pos, %slots, %c1
      : (tensor<?x2x16xf32>, tensor<?x2x16xf32>, !i, !i, !i, !c) -> !c
  %o, %lse, %c3 = minimax.attention_partial %q, %cu, %pos, %slots, %c2 scale = 0.25 split = 0 splits = 1
      : (!q, !i, !i, !i, !c) -> (!q, tensor<?x4xf32>, !c)
  %p, %s2 = minimax.lightning_attention %o, %q, %q, %slope, %cu, %slots, %s1
      : (!q, !q, !q, !slope, !i, !i, !s) -> (!q, !s)
  return %p, %s2, %c3 : !q, !s, !c
}
