// RUN: minimax-opt %s --minimax-lower-to-kernels --split-input-file --verify-diagnostics
// RUN: not minimax-opt %s --minimax-lower-to-kernels=target=pentium 2>&1 | FileCheck %s
// CHECK: expected 'target' x86-64-v3, x86-64-v4 or znver4, but got pentium

func.func @bf16_activations(%x: memref<?x16xbf16>) {
  // expected-error @+1 {{expected f32 activations on CPU, but got 'memref<?x16xbf16>'}}
  minimax.gate %x, %x outs(%x) : (memref<?x16xbf16>, memref<?x16xbf16>, memref<?x16xbf16>) -> ()
  return
}

// -----

func.func @plain_weight(%x: memref<?x64xf32>, %w: memref<96x64xf32>, %y: memref<?x96xf32>) {
  // expected-error @+2 {{expected a packed f32 or bf16 weight (run minimax-pack-weights), but got 'memref<96x64xf32>'}}
  // expected-error @+1 {{expected a lowering to CPU kernels}}
  minimax.linear %x, %w outs(%y) : (memref<?x64xf32>, memref<96x64xf32>, memref<?x96xf32>) -> ()
  return
}
