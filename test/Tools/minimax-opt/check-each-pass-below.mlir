// An op that the interpreter does not execute ends the check with a remark.
// RUN: minimax-opt %s --check-each-pass --canonicalize -o /dev/null 2>&1 | FileCheck %s

// CHECK: remark: stopped checking passes: the interpreter does not execute 'vector.splat'
func.func @main(%x: f32) -> vector<4xf32> {
  %v = vector.splat %x : vector<4xf32>
  return %v : vector<4xf32>
}
