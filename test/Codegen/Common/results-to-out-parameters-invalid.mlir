// RUN: minimax-opt %s --minimax-results-to-out-parameters --split-input-file --verify-diagnostics

// expected-error @+1 {{expected function 'count' to return memrefs only, but got 'index'}}
func.func private @count(%x: memref<?x8xf32>) -> index {
  %c0 = arith.constant 0 : index
  %t = memref.dim %x, %c0 : memref<?x8xf32>
  return %t : index
}

// -----

// A size that the step's dimensions do not tell.
func.func private @first(%tokens: memref<?xi32>, %n: index) -> memref<?xi32> {
  %y = memref.alloc(%n) : memref<?xi32>
  return %y : memref<?xi32>
}

func.func @step(%tokens: memref<?xi32> {minimax.name = "tokens"}) attributes {minimax.entry} {
  %c3 = arith.constant 3 : index
  // expected-error @+1 {{expected the size of dimension 0 of a result of 'first' to be the size of an argument}}
  %y = func.call @first(%tokens, %c3) : (memref<?xi32>, index) -> memref<?xi32>
  return
}
