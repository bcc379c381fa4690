// Products that the table names get its schedule; others, those of another
// architecture and those that have one already stay.
// RUN: minimax-opt %s --minimax-set-schedules="table=%S/Inputs/schedules.json" | FileCheck %s

// CHECK-LABEL: func @products
func.func @products(%x: memref<?x128xbf16>, %w: memref<4x64x64x2xbf16>, %v: memref<2x64x64x2xbf16>,
    %experts: memref<3x2x64x64x2xbf16>, %offsets: memref<4xi32>, %y: memref<?x256xf32>, %z: memref<?x128xf32>) {
  // CHECK: linear {{.*}} outs({{.*}}) {minimax_gpu.schedule = #minimax_gpu.schedule<few_rows = 2, tile_rows = [64, 256]>}
  minimax.linear %x, %w outs(%y) : (memref<?x128xbf16>, memref<4x64x64x2xbf16>, memref<?x256xf32>) -> ()
  // CHECK: linear
  // CHECK-NOT: schedule
  minimax.linear %x, %v outs(%z) : (memref<?x128xbf16>, memref<2x64x64x2xbf16>, memref<?x128xf32>) -> ()
  // CHECK: linear {{.*}} #minimax_gpu.schedule<few_rows = 8, tile_rows = [16]>
  minimax.linear %x, %w outs(%y) {minimax_gpu.schedule = #minimax_gpu.schedule<few_rows = 8, tile_rows = [16]>}
      : (memref<?x128xbf16>, memref<4x64x64x2xbf16>, memref<?x256xf32>) -> ()
  // CHECK: grouped_matmul {{.*}} #minimax_gpu.schedule<few_rows = 0, tile_rows = [16]>
  minimax.grouped_matmul %x, %experts, %offsets outs(%z)
      : (memref<?x128xbf16>, memref<3x2x64x64x2xbf16>, memref<4xi32>, memref<?x128xf32>) -> ()
  return
}

// What the host launches follows it.
// RUN: minimax-opt %s --minimax-set-schedules="table=%S/Inputs/schedules.json" --minimax-lower-to-gpu-kernels=arch=sm_90a | FileCheck %s --check-prefix=KERNELS
// KERNELS: arith.cmpi slt, %{{.*}}, %c3
// KERNELS: minimax.kernel = "linear_rows"
// KERNELS: arith.cmpi slt, %{{.*}}, %c65
// KERNELS: minimax.kernel = "linear_warpgroups_64"
// KERNELS: minimax.kernel = "linear_warpgroups_256"
// KERNELS: minimax.kernel = "linear_rows"
// KERNELS: minimax.kernel = "linear_warpgroups_16"
// KERNELS: minimax.kernel = "linear_warpgroups_64"
// KERNELS: minimax.kernel = "linear_warpgroups_128"
