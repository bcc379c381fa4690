// RUN: minimax-opt %s --minimax-plan-arena --split-input-file --verify-diagnostics

// expected-error @+1 {{expected a known name (tokens, cu_seqlens, positions, slots, a state or an input of sampling) of argument 0 of entry 'step', whose size is dynamic, but got rows}}
func.func @step(%x: memref<?x8xf32> {minimax.name = "rows"}) attributes {minimax.entry} {
  return
}

// -----

func.func @load_size(%tokens: memref<?xi32> {minimax.name = "tokens"}) attributes {minimax.entry} {
  %c0 = arith.constant 0 : index
  %first = memref.load %tokens[%c0] : memref<?xi32>
  %n = arith.index_cast %first : i32 to index
  // expected-error @+1 {{expected a buffer whose size follows from the step's dimensions, but got 'memref<?x8xf32>'}}
  %a = memref.alloc(%n) : memref<?x8xf32>
  memref.dealloc %a : memref<?x8xf32>
  return
}

// -----

func.func private @rows(%x: memref<?xi32>) {
  return
}

func.func @two_sizes(%tokens: memref<?xi32> {minimax.name = "tokens"}, %slots: memref<?xi32> {minimax.name = "slots"}) attributes {minimax.entry} {
  func.call @rows(%tokens) : (memref<?xi32>) -> ()
  // expected-error @+1 {{expected argument 0 of 'rows' to have one size in terms of the step's dimensions at all call sites}}
  func.call @rows(%slots) : (memref<?xi32>) -> ()
  return
}

// -----

// expected-error @+1 {{expected function 'scalar' to take memrefs only, but got 'index'}}
func.func @scalar(%i: index) attributes {minimax.entry} {
  return
}
