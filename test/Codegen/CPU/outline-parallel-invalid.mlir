// RUN: minimax-opt %s --minimax-outline-parallel --split-input-file --verify-diagnostics

func.func @no_context(%x: memref<4xf32>, %a: f32) {
  // expected-error @+1 {{expected a loop of one dimension, without results, not nested, in a function whose first argument is the runtime's context}}
  scf.forall (%i) in (4) {
    memref.store %a, %x[%i] : memref<4xf32>
  }
  return
}

// -----

func.func @two_dimensions(%context: !llvm.ptr, %x: memref<4x4xf32>, %a: f32) {
  // expected-error @+1 {{expected a loop of one dimension}}
  scf.forall (%i, %j) in (4, 4) {
    memref.store %a, %x[%i, %j] : memref<4x4xf32>
  }
  return
}

// -----

func.func @nested(%context: !llvm.ptr, %x: memref<4x4xf32>, %a: f32) {
  scf.forall (%i) in (4) {
    // expected-error @+1 {{not nested}}
    scf.forall (%j) in (4) {
      memref.store %a, %x[%i, %j] : memref<4x4xf32>
    }
  }
  return
}
