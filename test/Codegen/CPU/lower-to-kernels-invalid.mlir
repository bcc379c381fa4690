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
  // expected-error @+1 {{expected a packed f32, bf16 or i8 weight (run minimax-pack-weights), but got 'memref<96x64xf32>'}}
  minimax.linear %x, %w outs(%y) : (memref<?x64xf32>, memref<96x64xf32>, memref<?x96xf32>) -> ()
  return
}

// -----

func.func @large_chunk(%q: memref<?x4x128xf32>, %slope: memref<4xf32>, %cu: memref<?xi32>, %slots: memref<?xi32>, %s: memref<?x4x128x128xf32>, %o: memref<?x4x128xf32>) {
  // expected-error @+1 {{expected a 'chunk' whose rows and state fit 2097152 bytes, but got 4096 tokens, which need 8454144}}
  minimax.lightning_attention %q, %q, %q, %slope, %cu, %slots, %s outs(%o) chunk = 4096
      : (memref<?x4x128xf32>, memref<?x4x128xf32>, memref<?x4x128xf32>, memref<4xf32>, memref<?xi32>, memref<?xi32>, memref<?x4x128x128xf32>, memref<?x4x128xf32>) -> ()
  return
}

// -----

func.func @gathered_rows(%x: memref<?x64xf32>, %w: memref<8x2x32x64x2xbf16>, %o: memref<9xi32>, %rows: memref<?xi32>, %y: memref<?x128xf32>) {
  // expected-error @+1 {{gathers rows, which only kernels of GPUs do; expected minimax.permute before it}}
  minimax.grouped_matmul %x, %w, %o rows(%rows) outs(%y)
      : (memref<?x64xf32>, memref<8x2x32x64x2xbf16>, memref<9xi32>, memref<?xi32>, memref<?x128xf32>) -> ()
  return
}
