// RUN: minimax-opt %s --minimax-lower-to-kernels=target=znver4 | FileCheck %s --check-prefixes=CHECK,DOT
// RUN: minimax-opt %s --minimax-lower-to-kernels=target=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,V4
// RUN: minimax-opt %s --minimax-lower-to-kernels=target=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,V3

// int8 weights by 16-bit activations: one instruction for pairs, or two.
// CHECK-LABEL: func.func private @product_i16_i8_silu(
// CHECK-SAME: %[[X:[^:]+]]: memref<?x?xi16, {{[^:]+: [^:]+}}>>, %[[W:[^:]+]]: memref<?x?x64x2xi8
// Two rows of a panel are scales.
// CHECK: %[[DIM:.+]] = memref.dim %[[W]], %c1
// CHECK: arith.subi %[[DIM]], %c2
// A tile is one row less than of floats.
// CHECK: arith.divui %{{.+}}, %c5
// Groups of 128 pairs; sums of a group start at zero and are exact.
// CHECK: scf.for %[[FIRST:.+]] = %{{.+}} to %{{.+}} step %c128
// CHECK: scf.for {{.+}} iter_args({{.+}}%cst
// CHECK: memref.prefetch %[[W]]
// CHECK: vector.load %[[W]]
// CHECK: arith.extsi %{{.+}} : vector<[[NUMBERS:16|32]]xi8> to vector<[[NUMBERS]]xi16>
// DOT: llvm.call_intrinsic "llvm.x86.avx512.vpdpwssd.512"{{.+}} -> vector<16xi32>
// V4: llvm.call_intrinsic "llvm.x86.avx512.pmaddw.d.512"{{.+}} -> vector<16xi32>
// V4: arith.addi {{.+}} : vector<16xi32>
// V3: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"{{.+}} -> vector<8xi32>
// V3: arith.addi {{.+}} : vector<8xi32>
// The group's scale, from behind the row's integers.
// CHECK: vector.load %[[X]]{{.+}} vector<2xi16>
// CHECK: vector.bitcast %{{.+}} : vector<2xi16> to vector<1xf32>
// CHECK: arith.sitofp
// CHECK: math.fma
// The scales of the weight's rows, before the activation.
// CHECK: vector.load %[[W]]{{.+}} vector<{{32|64}}xi8>
// CHECK: arith.mulf
func.func @dense(%x: memref<?x66xi16>, %w: memref<2x34x64x2xi8>, %y: memref<?x96xf32>) {
  minimax.linear %x, %w outs(%y) activation = silu
      : (memref<?x66xi16>, memref<2x34x64x2xi8>, memref<?x96xf32>) -> ()
  return
}

// CHECK-LABEL: func.func @grouped(
// CHECK: call @product_i16_i8_swiglu(
func.func @grouped(%x: memref<?x66xi16>, %w: memref<8x2x34x64x2xi8>, %o: memref<9xi32>, %y: memref<?x64xf32>) {
  minimax.grouped_matmul %x, %w, %o outs(%y) activation = swiglu
      : (memref<?x66xi16>, memref<8x2x34x64x2xi8>, memref<9xi32>, memref<?x64xf32>) -> ()
  return
}
