// RUN: minimax-opt %s --minimax-lower-to-kernels=target=znver4 | FileCheck %s --check-prefixes=CHECK,DOT
// RUN: minimax-opt %s --minimax-lower-to-kernels=target=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,V4
// RUN: minimax-opt %s --minimax-lower-to-kernels=target=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,V3

// By bf16, weights become bf16 too, exactly; there are no groups.
// CHECK-LABEL: func.func private @product_bf16_i8_none(
// CHECK: arith.divui %{{.+}}, %c5
// CHECK: vector.load %{{.+}} : {{.+}}, vector<[[NUMBERS:16|32]]xi8>
// CHECK: arith.shrsi
// CHECK: arith.sitofp
// CHECK: arith.ori
// CHECK: vector.bitcast {{.+}} to vector<[[NUMBERS]]xbf16>
// DOT: llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"
// V4: math.fma
// V3: math.fma
// CHECK: vector.load %{{.+}} vector<{{32|64}}xi8>
// CHECK: arith.mulf
func.func @bf16(%x: memref<?x64xbf16>, %w: memref<2x34x64x2xi8>, %y: memref<?x96xf32>) {
  minimax.linear %x, %w outs(%y)
      : (memref<?x64xbf16>, memref<2x34x64x2xi8>, memref<?x96xf32>) -> ()
  return
}
