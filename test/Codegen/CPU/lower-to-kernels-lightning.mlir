// RUN: minimax-opt %s --minimax-lower-to-kernels | FileCheck %s --check-prefixes=CHECK,FAST,V3
// RUN: minimax-opt %s --minimax-lower-to-kernels=target=x86-64-v4 | FileCheck %s --check-prefixes=CHECK,FAST,V4
// RUN: minimax-opt %s --minimax-lower-to-kernels=deterministic=true | FileCheck %s --check-prefixes=CHECK,PLAIN,V3

// One tile for each sequence and head. A sequence of one token updates its
// state in one pass; longer ones walk chunks in order.
// CHECK-LABEL: func.func @whole(
// CHECK-SAME: %[[X:[^:]+]]: memref<?x4x20xf32>, {{.+}}, %[[STATE:[^:]+]]: memref<?x4x20x20xf32>, %[[Y:[^:]+]]: memref<?x4x20xf32>)
// CHECK: scf.forall
// CHECK: %[[LENGTH:.+]] = arith.subi
// CHECK: %[[DECODE:.+]] = arith.cmpi eq, %[[LENGTH]], %c1
// CHECK: scf.if %[[DECODE]]
// V3: vector.load %[[STATE]]{{.+}} vector<8xf32>
// V3: vector.store {{.+}} %[[STATE]]
// V4: vector.maskedload %[[STATE]]
// V4: vector.maskedstore %[[STATE]]
// CHECK: } else {
// CHECK: scf.if
// The state is copied to scratch memory and back; operands are scaled, over all
// rows at hand if the decay is slow, unless it is extreme. Deterministic
// programs have a form for slow decays instead.
// CHECK: {{load|maskedload}} %[[STATE]]
// FAST: arith.select {{.+}}, %c16{{.*}}, %c{{.+}} : index
// PLAIN-NOT: arith.select {{.+}} : index
// CHECK: arith.cmpf olt
// CHECK: scf.if
// CHECK: scf.for {{.+}} step %c16
// CHECK: arith.minsi
// CHECK: memref.prefetch %[[X]]
// CHECK: {{store.+}} %[[Y]]
// CHECK: {{store.+}} %[[STATE]]
func.func @whole(%x: memref<?x4x20xf32>, %slope: memref<4xf32>, %cu: memref<?xi32>, %slots: memref<?xi32>, %state: memref<?x4x20x20xf32>, %y: memref<?x4x20xf32>) {
  minimax.lightning_attention %x, %x, %x, %slope, %cu, %slots, %state outs(%y) chunk = 16
      : (memref<?x4x20xf32>, memref<?x4x20xf32>, memref<?x4x20xf32>, memref<4xf32>, memref<?xi32>, memref<?xi32>, memref<?x4x20x20xf32>, memref<?x4x20xf32>) -> ()
  return
}

// In parts the chunks carry no state from one to the next: chunk_state starts
// from zero, state_scan alone touches the pool, chunk_output only reads.
// CHECK-LABEL: func.func @parts(
// CHECK-SAME: %[[POOL:[^:]+]]: memref<?x4x16x16xf32>, %[[CHUNKS:[^:]+]]: memref<?x4x16x16xf32>, %[[DECAYS:[^:]+]]: memref<?x4xf32>
// CHECK: scf.forall
// CHECK-NOT: %[[POOL]][
// CHECK: memref.store {{.+}}, %[[DECAYS]]
// CHECK-NOT: %[[POOL]][
// CHECK: scf.forall
// CHECK: vector.load %[[POOL]]
// CHECK: vector.store {{.+}}, %[[POOL]]
// CHECK: scf.forall
// CHECK-NOT: store {{.+}}, %[[CHUNKS]]
// CHECK-NOT: %[[POOL]][
// CHECK: return
func.func @parts(%x: memref<?x4x16xf32>, %slope: memref<4xf32>, %cu: memref<?xi32>, %pool: memref<?x4x16x16xf32>, %chunks: memref<?x4x16x16xf32>, %decays: memref<?x4xf32>) {
  minimax.chunk_state %x, %x, %slope, %cu outs(%chunks, %decays) chunk = 8
      : (memref<?x4x16xf32>, memref<?x4x16xf32>, memref<4xf32>, memref<?xi32>, memref<?x4x16x16xf32>, memref<?x4xf32>) -> ()
  minimax.state_scan %chunks, %decays, %cu, %cu, %pool outs(%chunks) chunk = 8
      : (memref<?x4x16x16xf32>, memref<?x4xf32>, memref<?xi32>, memref<?xi32>, memref<?x4x16x16xf32>, memref<?x4x16x16xf32>) -> ()
  minimax.chunk_output %x, %x, %x, %slope, %cu, %chunks outs(%x) chunk = 8
      : (memref<?x4x16xf32>, memref<?x4x16xf32>, memref<?x4x16xf32>, memref<4xf32>, memref<?xi32>, memref<?x4x16x16xf32>, memref<?x4x16xf32>) -> ()
  return
}
