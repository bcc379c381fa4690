// RUN: minimax-opt %s --minimax-check-lowered --split-input-file --verify-diagnostics

// Declarations of weights go; the manifest has them.
minimax.weight @w : tensor<8xf32> from ["a"]
llvm.func @fine() {
  llvm.return
}

// -----

llvm.func @left(%x: i32) {
  // expected-error @+1 {{expected only LLVM ops after lowering, but got 'arith.constant'}}
  %0 = arith.constant 1 : i32
  llvm.return
}
