// The five bugs that serving engines for recurrent states have shipped. None of
// them compiles here.
//
// RUN: minimax-opt %s --minimax-verify-state --allow-unregistered-dialect --split-input-file --verify-diagnostics

// Historical bug 1: a prefix-cache hit restores a state, and attention reads the
// version from before the hit.

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

func.func @stale_state_after_prefix_cache_hit(%q: !q, %slope: !slope, %cu: !i, %pos: !i, %slots: !i, %s0: !s, %copy: !copy) -> (!q, !s) {
  // expected-error @+2 {{state is dropped: no op takes result #0 of 'minimax.restore'}}
  // expected-note @+1 {{the newer version is made here}}
  %s1 = minimax.restore %s0, %copy, %slots : (!s, !copy, !i) -> !s
  // expected-error @+2 {{state is used twice: 'minimax.lightning_attention' reads it stale, 'minimax.restore' has replaced it}}
  // expected-note @+1 {{minimax.snapshot copies a state that is needed twice}}
  %o, %s2 = minimax.lightning_attention %q, %q, %q, %slope, %cu, %slots, %s0
      : (!q, !q, !q, !slope, !i, !i, !s) -> (!q, !s)
  return %o, %s2 : !q, !s
}

// -----

// Historical bug 2: two consumers advance the same state.

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

func.func @state_used_by_two_consumers(%q: !q, %slope: !slope, %cu: !i, %pos: !i, %slots: !i, %s0: !s) -> (!q, !q, !s, !s) {
  %s1 = minimax.begin_sequences %s0, %cu, %pos, %slots : (!s, !i, !i, !i) -> !s
  // expected-note @+1 {{the newer version is made here}}
  %o, %s2 = minimax.lightning_attention %q, %q, %q, %slope, %cu, %slots, %s1
      : (!q, !q, !q, !slope, !i, !i, !s) -> (!q, !s)
  // expected-error @+2 {{state is used twice: 'minimax.lightning_attention' and 'minimax.lightning_attention' start from the same version}}
  // expected-note @+1 {{minimax.snapshot copies a state that is needed twice}}
  %p, %s3 = minimax.lightning_attention %q, %q, %q, %slope, %cu, %slots, %s1
      : (!q, !q, !q, !slope, !i, !i, !s) -> (!q, !s)
  return %o, %p, %s2, %s3 : !q, !q, !s, !s
}

// -----

// Historical bug 3: the second chunk of a prefill starts from a fresh pool, and
// what the first chunk left is dropped.

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

func.func @state_dropped_between_chunks(%q: !q, %slope: !slope, %cu: !i, %pos: !i, %slots: !i, %s0: !s, %fresh: !s) -> (!q, !q, !s) {
  %s1 = minimax.begin_sequences %s0, %cu, %pos, %slots : (!s, !i, !i, !i) -> !s
  // expected-error @+1 {{state is dropped: no op takes result #1 of 'minimax.lightning_attention', so the tokens it has seen are forgotten}}
  %o1, %lost = minimax.lightning_attention %q, %q, %q, %slope, %cu, %slots, %s1
      : (!q, !q, !q, !slope, !i, !i, !s) -> (!q, !s)
  %s3 = minimax.begin_sequences %fresh, %cu, %pos, %slots : (!s, !i, !i, !i) -> !s
  %o, %s2 = minimax.lightning_attention %q, %q, %q, %slope, %cu, %slots, %s3
      : (!q, !q, !q, !slope, !i, !i, !s) -> (!q, !s)
  return %o1, %o, %s2 : !q, !q, !s
}

// -----

// Historical bug 4: in a mixed batch the decoded sequences take the slots of the
// prefilled ones.

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

func.func @prefill_and_decode_order_swapped(%q: !q, %slope: !slope, %prefill: !i, %prefill_pos: !i, %prefill_slots: !i,
    %decode: !i, %decode_pos: !i, %decode_slots: !i, %s0: !s) -> (!q, !q, !s) {
  // expected-note @+1 {{expected the pair of 'cu_seqlens' and 'slots' that is used here}}
  %s1 = minimax.begin_sequences %s0, %prefill, %prefill_pos, %prefill_slots : (!s, !i, !i, !i) -> !s
  %s2 = minimax.begin_sequences %s1, %decode, %decode_pos, %decode_slots : (!s, !i, !i, !i) -> !s
  // expected-error @+1 {{sequences are paired with the slots of another batch}}
  %o, %s3 = minimax.lightning_attention %q, %q, %q, %slope, %decode, %prefill_slots, %s2
      : (!q, !q, !q, !slope, !i, !i, !s) -> (!q, !s)
  %p, %s4 = minimax.lightning_attention %q, %q, %q, %slope, %prefill, %decode_slots, %s3
      : (!q, !q, !q, !slope, !i, !i, !s) -> (!q, !s)
  return %o, %p, %s4 : !q, !q, !s
}

// -----

// Historical bug 5: a new sequence starts in a slot that still holds the state of
// the one before it.

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

// expected-note @+1 {{the state enters through 'state_carried_over_to_a_new_sequence'}}
func.func @state_carried_over_to_a_new_sequence(%q: !q, %slope: !slope, %cu: !i, %pos: !i, %slots: !i, %s0: !s) -> (!q, !s) {
  // expected-error @+1 {{state of a previous sequence may reach 'minimax.lightning_attention': expected minimax.begin_sequences or minimax.restore of the same 'slots' before it}}
  %o, %s2 = minimax.lightning_attention %q, %q, %q, %slope, %cu, %slots, %s0
      : (!q, !q, !q, !slope, !i, !i, !s) -> (!q, !s)
  return %o, %s2 : !q, !s
}
