// RUN: not minimax-interpret %s --entry=missing 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: not minimax-interpret %s --entry=stale --random 2>&1 | FileCheck %s --check-prefix=STALE
// RUN: not minimax-interpret %s --entry=unknown 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not minimax-interpret %s --entry=outside 2>&1 | FileCheck %s --check-prefix=OUTSIDE
// RUN: not minimax-interpret %s --entry=token 2>&1 | FileCheck %s --check-prefix=TOKEN
// RUN: not minimax-interpret %s --entry=stale 2>&1 | FileCheck %s --check-prefix=ARGS
// RUN: not minimax-interpret %s --entry=stale --args=%t.none 2>&1 | FileCheck %s --check-prefix=FILE
// RUN: not minimax-interpret %s --entry=stale --random --dim=K=1 2>&1 | FileCheck %s --check-prefix=DIM
// RUN: not minimax-interpret %s --tokens="1 x" 2>&1 | FileCheck %s --check-prefix=TOKENS
// RUN: not minimax-interpret %s --tokens="1 2" 2>&1 | FileCheck %s --check-prefix=ENTRY
// RUN: not minimax-interpret %s 2>&1 | FileCheck %s --check-prefix=NOTHING
// RUN: not minimax-interpret %t.none 2>&1 | FileCheck %s --check-prefix=FILE

// MISSING: minimax-interpret: no function 'missing'
// ARGS: minimax-interpret: 'stale' takes arguments: expected --args or --random
// FILE: minimax-interpret: {{.*}}.none
// DIM: minimax-interpret: expected T=<size> or N=<size>, but got 'K=1'
// TOKENS: minimax-interpret: expected token ids, but got 'x'
// ENTRY: minimax-interpret: the module has no entry 'score'
// NOTHING: minimax-interpret: expected --entry, --tokens or --tokens-file

// STALE: error: 'minimax.begin_sequences' op reads a state that was consumed before
// STALE: minimax-interpret: 'stale' could not be executed
func.func @stale(%s: !minimax.lightning_state<2x3x3xf32>, %cu: tensor<?xi32>, %positions: tensor<?xi32>, %slots: tensor<?xi32>) {
  %a = minimax.begin_sequences %s, %cu, %positions, %slots
      : (!minimax.lightning_state<2x3x3xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>) -> !minimax.lightning_state<2x3x3xf32>
  %b = minimax.begin_sequences %s, %cu, %positions, %slots
      : (!minimax.lightning_state<2x3x3xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>) -> !minimax.lightning_state<2x3x3xf32>
  return
}

// UNKNOWN: error: the interpreter does not execute 'vector.splat'
func.func @unknown() {
  %x = arith.constant 1.0 : f32
  %v = vector.splat %x : vector<4xf32>
  return
}

// OUTSIDE: error: 'memref.load' op index (3) lies outside (3)
func.func @outside() {
  %c3 = arith.constant 3 : index
  %m = memref.alloc() : memref<3xf32>
  %x = memref.load %m[%c3] : memref<3xf32>
  return
}

// TOKEN: error: 'minimax.embedding' op expected a token below 4, but got 4
func.func @token() {
  %t = arith.constant dense<[4]> : tensor<1xi32>
  %w = arith.constant dense<0.0> : tensor<4x2xf32>
  %x = minimax.embedding %t, %w : (tensor<1xi32>, tensor<4x2xf32>) -> tensor<1x2xf32>
  return
}
