// A right pipeline passes; a broken pass is named, whatever stands around it.
// RUN: minimax-opt %s --check-each-pass --canonicalize --cse -o /dev/null
// RUN: not minimax-test-opt %s --check-each-pass --canonicalize --test-minimax-break-residual --cse -o /dev/null 2>&1 | FileCheck %s
// An error below the tolerance is no error, one above is.
// RUN: minimax-test-opt %s --check-each-pass --test-minimax-break-residual=factor=1.0000000001 -o /dev/null
// RUN: not minimax-test-opt %s --check-each-pass --check-tolerance=1e-12 --test-minimax-break-residual=factor=1.0000000001 -o /dev/null 2>&1 | FileCheck %s
// RUN: minimax-test-opt %s --check-each-pass --check-function=other --test-minimax-break-residual -o /dev/null
// RUN: not minimax-opt %s --check-each-pass --check-dims=T=x 2>&1 | FileCheck %s --check-prefix=DIMS

// CHECK: error: pass 'test-minimax-break-residual' changed 'result0' of 'main': relative error {{.*}}, tolerance
// CHECK-NOT: changed
// DIMS: error: --check-dims: expected T=<size> or N=<size>, but got 'T=x'
func.func @main(%x: tensor<?x8xf32>, %w: tensor<8x8xf32>) -> tensor<?x8xf32> {
  %y = call @layer(%x, %w) : (tensor<?x8xf32>, tensor<8x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

func.func private @layer(%x: tensor<?x8xf32>, %w: tensor<8x8xf32>) -> tensor<?x8xf32> {
  %b = minimax.linear %x, %w : (tensor<?x8xf32>, tensor<8x8xf32>) -> tensor<?x8xf32>
  %y = minimax.residual %x, %b alpha = 2.0 : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

func.func @other(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  return %x : tensor<?x8xf32>
}
