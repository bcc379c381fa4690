// RUN: minimax-opt %s --minimax-generate-packing | FileCheck %s

// Weights as int8: each block of rows is rounded, then laid out.
// CHECK: minimax.weight @a : {{.*}}minimax.pack = "mm_pack_0"
// CHECK: minimax.weight @b : {{.*}}minimax.pack = "mm_pack_1"
minimax.weight @a : tensor<2x6x64x2xi8> from ["a"] packs tensor<96x8xbf16>
minimax.weight @b : tensor<3x6x64x2xi8> from ["g", "u"] packs tensor<192x7xf32> interleaved

// CHECK-LABEL: func.func @mm_pack_0(
// CHECK: scf.forall
// CHECK: memref.alloca() {{.*}} : memref<16x8xi8>
// The largest magnitude, as bits: a NaN is larger than any number.
// CHECK: arith.maxsi
// CHECK: vector.reduction <maxsi>
// The scale, as bytes, and the integers.
// CHECK: arith.divf
// CHECK: vector.bitcast %{{.*}} : vector<1xf32> to vector<4xi8>
// CHECK: arith.divf %{{.*}} : vector<8xf32>
// CHECK: math.roundeven
// CHECK: arith.trunci %{{.*}} : vector<8xi32> to vector<8xi8>
// CHECK: return

// The last columns are under a mask.
// CHECK-LABEL: func.func @mm_pack_1(
// CHECK: vector.maskedload
// CHECK: vector.maskedstore
// CHECK: return
