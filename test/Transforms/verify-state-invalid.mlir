// RUN: minimax-opt %s --minimax-verify-state --allow-unregistered-dialect --split-input-file --verify-diagnostics

// An argument that is not passed on.

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

func.func @dropped_argument(%q: !q,
    // expected-error @+1 {{state is dropped: no op takes argument #1 on}}
    %s0: !s) -> !q {
  return %q : !q
}

// -----

// Both operands of one op.

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

func.func @twice_in_one_call(%s0: !s) -> (!s, !s) {
  // expected-error @+1 {{state is used twice: by two operands of 'func.call'}}
  %r:2 = func.call @callee(%s0, %s0) : (!s, !s) -> (!s, !s)
  return %r#0, %r#1 : !s, !s
}
func.func private @callee(!s, !s) -> (!s, !s)

// -----

// A loop reads the version from before the loop in every iteration.

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

func.func @captured_by_loop(%q: !q, %slope: !slope, %cu: !i, %pos: !i, %slots: !i, %s0: !s, %n: index) -> (!q) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %s1 = minimax.begin_sequences %s0, %cu, %pos, %slots : (!s, !i, !i, !i) -> !s
  // expected-error @+1 {{state is used twice: 'scf.for' may run its body again with the same version; expected the loop to carry it}}
  %r = scf.for %k = %c0 to %n step %c1 iter_args(%acc = %q) -> !q {
    // expected-error @+1 {{state is dropped}}
    %o, %s2 = minimax.lightning_attention %q, %q, %q, %slope, %cu, %slots, %s1
      : (!q, !q, !q, !slope, !i, !i, !s) -> (!q, !s)
    scf.yield %o : !q
  }
  return %r : !q
}

// -----

// A loop that carries the state but yields an older version than it made.

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

func.func @loop_drops(%q: !q, %slope: !slope, %cu: !i, %pos: !i, %slots: !i, %s0: !s, %n: index) -> (!q, !s) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %s1 = minimax.begin_sequences %s0, %cu, %pos, %slots : (!s, !i, !i, !i) -> !s
  %r, %t = scf.for %k = %c0 to %n step %c1 iter_args(%acc = %q, %s = %s1) -> (!q, !s) {
    // expected-error @+2 {{state is dropped: no op takes result #1}}
    // expected-note @+1 {{the newer version is made here}}
    %o, %s2 = minimax.lightning_attention %q, %q, %q, %slope, %cu, %slots, %s
      : (!q, !q, !q, !slope, !i, !i, !s) -> (!q, !s)
    // expected-error @+2 {{state is used twice: 'minimax.lightning_attention' and 'scf.yield' start from the same version}}
    // expected-note @+1 {{minimax.snapshot}}
    scf.yield %o, %s : !q, !s
  }
  return %r, %t : !q, !s
}

// -----

// One branch advances the state and the other forgets it.

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

func.func @dropped_in_branch(%q: !q, %slope: !slope, %cu: !i, %pos: !i, %slots: !i, %s0: !s, %c: i1, %fresh: !s) -> (!q, !s) {
  %s1 = minimax.begin_sequences %s0, %cu, %pos, %slots : (!s, !i, !i, !i) -> !s
  // expected-error @+1 {{state is dropped: one branch of 'scf.if' takes it and the other does not}}
  %r, %t = scf.if %c -> (!q, !s) {
    %o, %s2 = minimax.lightning_attention %q, %q, %q, %slope, %cu, %slots, %s1
      : (!q, !q, !q, !slope, !i, !i, !s) -> (!q, !s)
    scf.yield %o, %s2 : !q, !s
  } else {
    scf.yield %q, %fresh : !q, !s
  }
  return %r, %t : !q, !s
}

// -----

// A function keeps a state to itself.

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

// expected-error @+1 {{expected a function to return each state it takes ('!minimax.lightning_state<4x16x16xf32>'), but got ()}}
func.func private @keeps(!s) -> !q

// -----

// States of two layers come back in each other's place.

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

// expected-error @+1 {{expected state argument #0 to come back as result #0, but got it as result #1}}
func.func @swapped_results(%s0: !s, %s1: !s) -> (!s, !s) {
  return %s1, %s0 : !s, !s
}

// -----

// A loop that swaps two states in each iteration.

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

func.func @swapped_by_loop(%s0: !s, %s1: !s, %n: index) -> (!s, !s) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-error @+1 {{expected the loop to carry a state on as value #0, but got #1}}
  %r:2 = scf.for %k = %c0 to %n step %c1 iter_args(%a = %s0, %b = %s1) -> (!s, !s) {
    scf.yield %b, %a : !s, !s
  }
  return %r#0, %r#1 : !s, !s
}

// -----

// Branches that disagree about which state is which.

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

func.func @swapped_by_branch(%s0: !s, %s1: !s, %c: i1) -> (!s, !s) {
  // expected-error @+1 {{expected both branches to yield a state in one place, but got #0 and #1}}
  %r:2 = scf.if %c -> (!s, !s) {
    scf.yield %s0, %s1 : !s, !s
  } else {
    scf.yield %s1, %s0 : !s, !s
  }
  return %r#0, %r#1 : !s, !s
}

// -----

// An op that swallows a state.

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

func.func private @swallowed(%s0: !s, %s1: !s) -> (!s, !s) {
  // expected-error @+1 {{state is dropped: 'test.swallow' takes it and returns no newer version}}
  "test.swallow"(%s0) : (!s) -> ()
  %s2 = "test.make"() : () -> !s
  return %s2, %s1 : !s, !s
}

// -----

// The layer reads the state before the entry has begun its sequences.

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

// expected-note @+1 {{the state enters through 'step'}}
func.func private @step(%q: !q, %slope: !slope, %cu: !i, %pos: !i, %slots: !i, %s0: !s) -> (!q, !s) attributes {minimax.entry} {
  %o, %s1 = func.call @layer(%q, %slope, %cu, %slots, %s0) : (!q, !slope, !i, !i, !s) -> (!q, !s)
  %s2 = minimax.begin_sequences %s1, %cu, %pos, %slots : (!s, !i, !i, !i) -> !s
  return %o, %s2 : !q, !s
}
func.func private @layer(%q: !q, %slope: !slope, %cu: !i, %slots: !i, %s0: !s) -> (!q, !s) {
  // expected-error @+1 {{state of a previous sequence may reach 'minimax.lightning_attention'}}
  %o, %s2 = minimax.lightning_attention %q, %q, %q, %slope, %cu, %slots, %s0
      : (!q, !q, !q, !slope, !i, !i, !s) -> (!q, !s)
  return %o, %s2 : !q, !s
}

// -----

// Only one branch begins the sequences.

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

// expected-note @+1 {{the state enters through 'begun_in_one_branch'}}
func.func @begun_in_one_branch(%q: !q, %slope: !slope, %cu: !i, %pos: !i, %slots: !i, %s0: !s, %c: i1) -> (!q, !s) {
  %s = scf.if %c -> !s {
    %s1 = minimax.begin_sequences %s0, %cu, %pos, %slots : (!s, !i, !i, !i) -> !s
    scf.yield %s1 : !s
  } else {
    scf.yield %s0 : !s
  }
  // expected-error @+1 {{state of a previous sequence may reach}}
  %o, %s2 = minimax.lightning_attention %q, %q, %q, %slope, %cu, %slots, %s
      : (!q, !q, !q, !slope, !i, !i, !s) -> (!q, !s)
  return %o, %s2 : !q, !s
}

// -----

// A loop that may run no iteration begins nothing.

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

// expected-note @+1 {{the state enters through 'begun_in_loop'}}
func.func @begun_in_loop(%q: !q, %slope: !slope, %cu: !i, %pos: !i, %slots: !i, %s0: !s, %n: index) -> (!q, !s) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %s = scf.for %k = %c0 to %n step %c1 iter_args(%t = %s0) -> !s {
    %s1 = minimax.begin_sequences %t, %cu, %pos, %slots : (!s, !i, !i, !i) -> !s
    scf.yield %s1 : !s
  }
  // expected-error @+1 {{state of a previous sequence may reach}}
  %o, %s2 = minimax.lightning_attention %q, %q, %q, %slope, %cu, %slots, %s
      : (!q, !q, !q, !slope, !i, !i, !s) -> (!q, !s)
  return %o, %s2 : !q, !s
}

// -----

// Restored slots are not the slots that are read.

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

// expected-note @+1 {{the state enters through 'restored_other_slots'}}
func.func @restored_other_slots(%q: !q, %slope: !slope, %cu: !i, %pos: !i, %slots: !i, %s0: !s, %copy: !copy, %hits: !i) -> (!q, !s) {
  %s1 = minimax.restore %s0, %copy, %hits : (!s, !copy, !i) -> !s
  // expected-error @+1 {{state of a previous sequence may reach}}
  %o, %s2 = minimax.lightning_attention %q, %q, %q, %slope, %cu, %slots, %s1
      : (!q, !q, !q, !slope, !i, !i, !s) -> (!q, !s)
  return %o, %s2 : !q, !s
}

// -----

// The code behind a declaration may read what it is given.

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

// expected-note @+1 {{the state enters through 'unknown_callee'}}
func.func @unknown_callee(%s0: !s) -> (!s) {
  // expected-error @+1 {{state of a previous sequence may reach 'func.call'}}
  %s2 = func.call @callee(%s0) : (!s) -> !s
  return %s2 : !s
}
func.func private @callee(!s) -> !s

// -----

// Sequences are paired with another batch inside a call.

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

func.func private @torn_call(%q: !q, %slope: !slope, %cu: !i, %pos: !i, %slots: !i, %s0: !s, %other: !i) -> (!q, !s) {
  // expected-note @+1 {{expected the pair of 'cu_seqlens' and 'slots' that is used here}}
  %s1 = minimax.begin_sequences %s0, %cu, %pos, %slots : (!s, !i, !i, !i) -> !s
  // expected-error @+1 {{sequences are paired with the slots of another batch}}
  %o, %s2 = func.call @layer(%q, %slope, %cu, %other, %s1) : (!q, !slope, !i, !i, !s) -> (!q, !s)
  return %o, %s2 : !q, !s
}
func.func private @layer(%q: !q, %slope: !slope, %cu: !i, %slots: !i, %s0: !s) -> (!q, !s) {
  %o, %s2 = minimax.lightning_attention %q, %q, %q, %slope, %cu, %slots, %s0
      : (!q, !q, !q, !slope, !i, !i, !s) -> (!q, !s)
  return %o, %s2 : !q, !s
}

// -----

// Positions of another batch.

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

func.func private @torn_positions(%q: !q, %slope: !slope, %cu: !i, %pos: !i, %slots: !i, %s0: !s, %other: !i) -> (!s) {
  // expected-note @+1 {{expected the pair of 'cu_seqlens' and 'positions' that is used here}}
  %s1 = minimax.begin_sequences %s0, %cu, %pos, %slots : (!s, !i, !i, !i) -> !s
  // expected-error @+1 {{sequences are paired with the positions of another batch}}
  %s2 = minimax.begin_sequences %s1, %cu, %other, %slots : (!s, !i, !i, !i) -> !s
  return %s2 : !s
}

// -----

// Branches between blocks are not followed.

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

// expected-error @+1 {{expected structured control flow (scf) around states, but got branches between blocks}}
func.func private @blocks(%s0: !s) -> !s {
  cf.br ^next(%s0 : !s)
^next(%s1: !s):
  return %s1 : !s
}

// -----

// A recursive layer.

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

func.func private @recursive(%s0: !s) -> (!s) {
  // expected-error @+1 {{expected states to pass through no recursive call, but got 'recursive'}}
  %s1 = func.call @recursive(%s0) : (!s) -> !s
  return %s1 : !s
}

// -----

// Only structured ops with known paths carry states.

!q = tensor<?x4x16xf32>
!slope = tensor<4xf32>
!i = tensor<?xi32>
!s = !minimax.lightning_state<4x16x16xf32>
!copy = tensor<?x4x16x16xf32>

func.func private @while_loop(%s0: !s, %c: i1) -> (!s) {
  // expected-error @+1 {{expected states to pass through scf.if, scf.for and func.call, but got 'scf.while'}}
  %s1 = scf.while (%s = %s0) : (!s) -> !s {
    scf.condition(%c) %s : !s
  } do {
  ^bb0(%t: !s):
    scf.yield %t : !s
  }
  return %s1 : !s
}
