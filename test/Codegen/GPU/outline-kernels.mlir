// Launches become kernels of one module, counted; what they capture becomes
// arguments, constants move inside. Shared memory is placed and asked for.
// RUN: minimax-opt %s --minimax-outline-kernels | FileCheck %s
// RUN: minimax-opt %s --minimax-outline-kernels --minimax-allocate-shared-memory=arch=sm_80 | FileCheck %s --check-prefix=PLACED

// CHECK: module attributes {gpu.container_module, minimax.kernels = ["scale_0", "kernel_1"]}
// CHECK: gpu.module @kernels
// CHECK: gpu.func @scale_0(%[[X:.*]]: memref<?x8xf32>, %[[ROW:.*]]: index) kernel attributes {known_block_size = array<i32: 64, 1, 1>}
// CHECK: %[[TWO:.*]] = arith.constant 2.0
// CHECK: memref.load %[[X]][%[[ROW]]
// CHECK: gpu.func @kernel_1
// CHECK-LABEL: func.func @main
// CHECK: gpu.launch_func @kernels::@scale_0 blocks in (%arg1, %{{.*}}, %{{.*}}) threads in (%c64, {{.*}}) args(%arg0 : memref<?x8xf32>, %arg1 : index)
// CHECK: gpu.launch_func @kernels::@kernel_1

// PLACED: minimax_gpu.shared_memory at 0 : memref<3xbf16
// PLACED: minimax_gpu.shared_memory at 16 : memref<8xf32
// PLACED: %[[BYTES:.*]] = arith.constant 48 : i32
// PLACED: gpu.launch_func @kernels::@scale_0 {{.*}} dynamic_shared_memory_size %[[BYTES]]
func.func @main(%x: memref<?x8xf32>, %n: index) {
  %one = arith.constant 1 : index
  %size = arith.constant 64 : index
  %two = arith.constant 2.0 : f32
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %n, %gy = %one, %gz = %one)
             threads(%tx, %ty, %tz) in (%sx = %size, %sy = %one, %sz = %one) {
    %small = minimax_gpu.shared_memory : memref<3xbf16, #gpu.address_space<workgroup>>
    %partial = minimax_gpu.shared_memory : memref<8xf32, #gpu.address_space<workgroup>>
    %value = memref.load %x[%n, %one] : memref<?x8xf32>
    %scaled = arith.mulf %value, %two : f32
    memref.store %scaled, %partial[%one] : memref<8xf32, #gpu.address_space<workgroup>>
    gpu.terminator
  } {minimax.kernel = "scale"}
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %n, %gy = %one, %gz = %one)
             threads(%tx, %ty, %tz) in (%sx = %size, %sy = %one, %sz = %one) {
    gpu.terminator
  }
  return
}
