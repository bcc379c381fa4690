// Ops on numbers that can be checked by hand.
// RUN: minimax-interpret %s --entry=dense | FileCheck %s --check-prefix=DENSE
// RUN: minimax-interpret %s --entry=rows | FileCheck %s --check-prefix=ROWS
// RUN: minimax-interpret %s --entry=lightning | FileCheck %s --check-prefix=LIGHTNING
// RUN: minimax-interpret %s --entry=route | FileCheck %s --check-prefix=ROUTE
// RUN: minimax-interpret %s --entry=narrow | FileCheck %s --check-prefix=NARROW
// RUN: minimax-interpret %s --entry=buffers | FileCheck %s --check-prefix=BUFFERS
// RUN: minimax-interpret %s --entry=control | FileCheck %s --check-prefix=CONTROL

// DENSE: result0 [2, 2]: 5.5 3 11.5 6
func.func @dense() -> tensor<2x2xf32> {
  %x = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %w = arith.constant dense<[[1.0, 2.0], [1.0, 0.0]]> : tensor<2x2xf32>
  %y = minimax.linear %x, %w residual(%x) alpha = 0.5 : (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %z = arith.constant dense<[[0.0, 1.0], [-1.0, 1.0]]> : tensor<2x2xf32>
  %r = arith.addf %y, %z : tensor<2x2xf32>
  return %r : tensor<2x2xf32>
}

// An empty sequence has a row of zeros.
// ROWS: result0 [3, 2]: 3 4 0 0 5 6
func.func @rows() -> tensor<?x2xf32> {
  %x = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %cu = arith.constant dense<[0, 2, 2, 3]> : tensor<4xi32>
  %x1 = tensor.cast %x : tensor<3x2xf32> to tensor<?x2xf32>
  %cu1 = tensor.cast %cu : tensor<4xi32> to tensor<?xi32>
  %y = minimax.last_rows %x1, %cu1 : (tensor<?x2xf32>, tensor<?xi32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// With a slope of log 2 the state halves: 1, 1/2 + 1, 3/4 + 1.
// LIGHTNING: result0 [3, 1, 1]: 1 1.5 1.75
func.func @lightning() -> tensor<3x1x1xf32> {
  %one = arith.constant dense<1.0> : tensor<3x1x1xf32>
  %slope = arith.constant dense<0.693147180559945> : tensor<1xf32>
  %cu = arith.constant dense<[0, 3]> : tensor<2xi32>
  %local, %decay = minimax.chunk_state %one, %one, %slope, %cu chunk = 2
      : (tensor<3x1x1xf32>, tensor<3x1x1xf32>, tensor<1xf32>, tensor<2xi32>) -> (tensor<2x1x1x1xf32>, tensor<2x1xf32>)
  %entry = arith.constant dense<[[[[0.0]]], [[[1.5]]]]> : tensor<2x1x1x1xf32>
  %o = minimax.chunk_output %one, %one, %one, %slope, %cu, %entry chunk = 2
      : (tensor<3x1x1xf32>, tensor<3x1x1xf32>, tensor<3x1x1xf32>, tensor<1xf32>, tensor<2xi32>, tensor<2x1x1x1xf32>)
      -> tensor<3x1x1xf32>
  return %o : tensor<3x1x1xf32>
}

// The lower expert wins a tie; two equal logits share the weight.
// ROUTE: result0 [1, 2]: 0.5 0.5
// ROUTE: result1 [1, 2]: 1 2
func.func @route() -> (tensor<1x2xf32>, tensor<1x2xi32>) {
  %x = arith.constant dense<[[0.0, 3.0, 3.0, 3.0]]> : tensor<1x4xf32>
  %w, %e = minimax.route %x : (tensor<1x4xf32>) -> (tensor<1x2xf32>, tensor<1x2xi32>)
  return %w, %e : tensor<1x2xf32>, tensor<1x2xi32>
}

// bf16 keeps 8 bits, ties go to even; an odd width is padded.
// NARROW: result0 [1, 4]: 1 1.015625 1.0078125 0
func.func @narrow() -> tensor<1x4xbf16> {
  %x = arith.constant dense<[[1.00390625, 1.01171875, 1.0078125]]> : tensor<1x3xf32>
  %y = minimax.cast %x : (tensor<1x3xf32>) -> tensor<1x4xbf16>
  return %y : tensor<1x4xbf16>
}

// Views share memory, and a copy through a view of bytes is seen.
// BUFFERS: result0 [2, 3]: 0 7 7 0 7 7
func.func @buffers() -> memref<2x3xf32> {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %zero = arith.constant 0.0 : f32
  %seven = arith.constant 7.0 : f32
  %bytes = memref.alloc() : memref<32xi8>
  %m = memref.view %bytes[%c8][] : memref<32xi8> to memref<2x3xf32>
  %all = memref.collapse_shape %m [[0, 1]] : memref<2x3xf32> into memref<6xf32>
  %c1 = arith.constant 1 : index
  %c6 = arith.constant 6 : index
  scf.for %i = %c0 to %c6 step %c1 {
    memref.store %zero, %all[%i] : memref<6xf32>
  }
  %right = memref.subview %m[0, 1] [2, 2] [1, 1] : memref<2x3xf32> to memref<2x2xf32, strided<[3, 1], offset: 1>>
  %block = memref.alloc() : memref<2x2xf32>
  %c2 = arith.constant 2 : index
  scf.for %i = %c0 to %c2 step %c1 {
    scf.for %j = %c0 to %c2 step %c1 {
      memref.store %seven, %block[%i, %j] : memref<2x2xf32>
    }
  }
  memref.copy %block, %right : memref<2x2xf32> to memref<2x2xf32, strided<[3, 1], offset: 1>>
  memref.dealloc %block : memref<2x2xf32>
  return %m : memref<2x3xf32>
}

// CONTROL: result0 []: 10
// CONTROL: result1 [3]: 0 3 6
func.func @control() -> (index, tensor<3xindex>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %sum = scf.for %i = %c0 to %c5 step %c1 iter_args(%s = %c0) -> index {
    %t = arith.addi %s, %i : index
    scf.yield %t : index
  }
  %empty = tensor.empty() : tensor<3xindex>
  %filled = scf.forall (%i) in (3) shared_outs(%out = %empty) -> tensor<3xindex> {
    %v = affine.apply affine_map<(d0) -> (d0 * 3)>(%i)
    %one = tensor.from_elements %v : tensor<1xindex>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %one into %out[%i] [1] [1] : tensor<1xindex> into tensor<3xindex>
    }
  }
  return %sum, %filled : index, tensor<3xindex>
}
