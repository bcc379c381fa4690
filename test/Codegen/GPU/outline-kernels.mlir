// Launches become kernels of one module, counted; what they capture becomes
// arguments, constants move inside. Shared memory is placed and asked for.
// RUN: minimax-opt %s --minimax-outline-kernels | FileCheck %s
// RUN: minimax-opt %s --minimax-outline-kernels --minimax-allocate-shared-memory=arch=sm_80 | FileCheck %s --check-prefix=PLACED

// CHECK: module attributes {gpu.container_module, minimax.kernels = ["scale_0", "kernel_1", "kernel_2", "twice_3", "twice_4"]}
// CHECK: gpu.module @kernels
// CHECK: gpu.func @scale_0(%[[X:.*]]: memref<?x8xf32>, %[[ROW:.*]]: index) kernel attributes {known_block_size = array<i32: 64, 1, 1>}
// CHECK: %[[TWO:.*]] = arith.constant 2.0
// CHECK: memref.load %[[X]][%[[ROW]]
// CHECK: gpu.func @kernel_1
// CHECK: gpu.func @twice_3{{.*}} kernel attributes {known_block_size = array<i32: 1, 1, 1>, known_grid_size = array<i32: 1, 1, 1>, minimax.ops = [0, 2]}
// CHECK: gpu.func @twice_4{{.*}} kernel attributes {known_block_size = array<i32: 1, 1, 1>, known_grid_size = array<i32: 1, 1, 1>, minimax.ops = [1]}
// CHECK-LABEL: func.func @main
// CHECK: gpu.launch_func @kernels::@scale_0 blocks in (%arg1, %{{.*}}, %{{.*}}) threads in (%c64, {{.*}}) args(%arg0 : memref<?x8xf32>, %arg1 : index)
// CHECK: gpu.launch_func @kernels::@kernel_1
// CHECK: gpu.launch_func @kernels::@kernel_2 clusters in (%{{.*}}, %{{.*}}, %{{.*}}) blocks in

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
  gpu.launch clusters(%cx, %cy, %cz) in (%nx = %one, %ny = %one, %nz = %one)
             blocks(%bx, %by, %bz) in (%gx = %n, %gy = %one, %gz = %one)
             threads(%tx, %ty, %tz) in (%sx = %size, %sy = %one, %sz = %one) {
    gpu.terminator
  }
  return
}

// What has the same code and kind is one kernel, of both ops; what has another
// constant is not.
// CHECK-LABEL: func.func @equal
// CHECK: gpu.launch_func @kernels::@twice_3 {{.*}} args(%arg0 :
// CHECK: gpu.launch_func @kernels::@twice_4 {{.*}} args(%arg0 :
// CHECK: gpu.launch_func @kernels::@twice_3 {{.*}} args(%arg1 :
func.func private @mmrt_begin_op(i64)
func.func @equal(%x: memref<1xf32>, %y: memref<1xf32>) {
  %op0 = arith.constant 0 : i64
  %op1 = arith.constant 1 : i64
  %op2 = arith.constant 2 : i64
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %two = arith.constant 2.0 : f32
  %three = arith.constant 3.0 : f32
  call @mmrt_begin_op(%op0) : (i64) -> ()
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %one, %gy = %one, %gz = %one)
             threads(%tx, %ty, %tz) in (%sx = %one, %sy = %one, %sz = %one) {
    memref.store %two, %x[%zero] : memref<1xf32>
    gpu.terminator
  } {minimax.kernel = "twice"}
  call @mmrt_begin_op(%op1) : (i64) -> ()
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %one, %gy = %one, %gz = %one)
             threads(%tx, %ty, %tz) in (%sx = %one, %sy = %one, %sz = %one) {
    memref.store %three, %x[%zero] : memref<1xf32>
    gpu.terminator
  } {minimax.kernel = "twice"}
  call @mmrt_begin_op(%op2) : (i64) -> ()
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %one, %gy = %one, %gz = %one)
             threads(%tx, %ty, %tz) in (%sx = %one, %sy = %one, %sz = %one) {
    memref.store %two, %y[%zero] : memref<1xf32>
    gpu.terminator
  } {minimax.kernel = "twice"}
  return
}
