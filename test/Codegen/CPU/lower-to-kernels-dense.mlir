// RUN: minimax-opt %s --minimax-lower-to-kernels | FileCheck %s --check-prefixes=CHECK,V3
// RUN: minimax-opt %s --minimax-lower-to-kernels=target=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,V4

// CHECK: memref.global "private" constant @[[TABLE:rope_frequencies_16.+]] : memref<8xf32> = dense<[1.000000e+00, 0.316227764,

// Tiles of eight rows; whole vectors, then a masked one for the last columns.
// CHECK-LABEL: func.func @rms_norm(
// CHECK-SAME: %[[X:[^:]+]]: memref<?x20xf32>, %[[W:[^:]+]]: memref<20xbf16>, %[[Y:[^:]+]]: memref<?x20xf32>, %[[Z:[^:]+]]: memref<?x20xbf16>
// CHECK: %[[ROWS:.+]] = memref.dim %[[X]]
// CHECK: %[[MORE:.+]] = arith.addi %[[ROWS]], %c7
// CHECK: %[[TILES:.+]] = arith.divui %[[MORE]], %c8
// CHECK: scf.forall (%{{.+}}) in (%[[TILES]])
// CHECK: scf.for %[[ROW:.+]] =
// CHECK: %[[SUMS:.+]] = scf.for {{.+}} iter_args
// V3: vector.load %[[X]][%[[ROW]], %{{.+}}] : memref<?x20xf32>, vector<8xf32>
// V4: vector.load %[[X]][%[[ROW]], %{{.+}}] : memref<?x20xf32>, vector<16xf32>
// CHECK: math.fma
// V3: %[[MASK:.+]] = vector.constant_mask [4] : vector<8xi1>
// V4: %[[MASK:.+]] = vector.constant_mask [4] : vector<16xi1>
// CHECK: vector.maskedload %[[X]][%[[ROW]], %{{.+}}], %[[MASK]]
// CHECK: vector.reduction <add>
// CHECK: math.sqrt
// CHECK: vector.load %[[W]]{{.+}} vector<{{8|16}}xbf16>
// CHECK: arith.shli
// CHECK: vector.store {{.+}} %[[Y]]
// CHECK: vector.store {{.+}} %[[Z]]
// CHECK: vector.maskedstore %[[Y]]
// CHECK: vector.maskedstore %[[Z]]
func.func @rms_norm(%x: memref<?x20xf32>, %w: memref<20xbf16>, %y: memref<?x20xf32>, %z: memref<?x20xbf16>) {
  minimax.rms_norm %x, %w outs(%y, %z) eps = 1.0e-5
      : (memref<?x20xf32>, memref<20xbf16>, memref<?x20xf32>, memref<?x20xbf16>) -> ()
  return
}

// Whole vectors need no mask, static rows no dim.
// CHECK-LABEL: func.func @gate(
// CHECK-NOT: memref.dim
// CHECK-NOT: mask
// CHECK: scf.forall
// CHECK: arith.mulf
// CHECK-NOT: mask
// CHECK: return
func.func @gate(%x: memref<3x16xf32>, %y: memref<3x16xf32>) {
  minimax.gate %x, %x outs(%y) : (memref<3x16xf32>, memref<3x16xf32>, memref<3x16xf32>) -> ()
  return
}

// Rounds to nearest even in integers, keeps NaN, and pads odd rows with zero.
// CHECK-LABEL: func.func @cast(
// CHECK-SAME: %[[X:[^:]+]]: memref<?x7xf32>, %[[Y:[^:]+]]: memref<?x8xbf16>
// CHECK: vector.maskedload %[[X]]
// CHECK: arith.cmpf uno
// CHECK: arith.trunci
// CHECK: vector.maskedstore %[[Y]]
// CHECK: %[[ZERO:.+]] = arith.constant 0.000000e+00 : bf16
// CHECK: memref.store %[[ZERO]], %[[Y]]
// CHECK-NOT: arith.truncf
// CHECK: return
func.func @cast(%x: memref<?x7xf32>, %y: memref<?x8xbf16>) {
  minimax.cast %x outs(%y) : (memref<?x7xf32>, memref<?x8xbf16>) -> ()
  return
}

// A sequence without tokens in the step has a row of zeros.
// CHECK-LABEL: func.func @last_rows(
// CHECK: %[[EMPTY:.+]] = arith.cmpi eq
// CHECK: scf.if %[[EMPTY]]
// CHECK: vector.store
// CHECK: else
// CHECK: vector.load
func.func @last_rows(%x: memref<?x16xf32>, %cu: memref<?xi32>, %y: memref<?x16xf32>) {
  minimax.last_rows %x, %cu outs(%y) : (memref<?x16xf32>, memref<?xi32>, memref<?x16xf32>) -> ()
  return
}

// Angles from a table of frequencies, reduced in f64; what lies behind the
// rotated columns is copied. Two ops of one base share the table.
// CHECK-LABEL: func.func @rope(
// CHECK-COUNT-2: memref.get_global @[[TABLE]]
// CHECK: math.roundeven {{.+}}xf64>
// CHECK: arith.truncf
// CHECK: vector.constant_mask [4]
func.func @rope(%x: memref<?x4x20xf32>, %p: memref<?xi32>, %y: memref<?x4x20xf32>) {
  minimax.rope %x, %p outs(%y) theta = 1.0e4 rotary_dim = 16 : (memref<?x4x20xf32>, memref<?xi32>, memref<?x4x20xf32>) -> ()
  minimax.rope %x, %p outs(%y) theta = 1.0e4 rotary_dim = 16 : (memref<?x4x20xf32>, memref<?xi32>, memref<?x4x20xf32>) -> ()
  return
}
