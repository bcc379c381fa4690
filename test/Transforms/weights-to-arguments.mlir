// RUN: minimax-opt %s --minimax-weights-to-arguments | FileCheck %s

minimax.weight @w : tensor<64xf32> from ["w"]
minimax.weight @v : tensor<64xf32> from ["v"]

// A weight read twice is one argument.
// CHECK-LABEL: func @entry(
// CHECK-SAME:    %[[X:[^:]+]]: tensor<?x64xf32>,
// CHECK-SAME:    %[[W:[^:]+]]: tensor<64xf32> {bufferization.writable = false, minimax.name = "w", minimax.weight}
// CHECK-SAME:    %[[V:[^:]+]]: tensor<64xf32> {bufferization.writable = false, minimax.name = "v", minimax.weight}
// CHECK-NOT:     minimax.get_weight
// CHECK:         minimax.rms_norm %[[X]], %[[W]]
// CHECK:         minimax.rms_norm %{{.*}}, %[[V]]
// CHECK:         minimax.rms_norm %{{.*}}, %[[W]]
func.func @entry(%x: tensor<?x64xf32>) -> tensor<?x64xf32> attributes {minimax.entry} {
  %w = minimax.get_weight @w : tensor<64xf32>
  %v = minimax.get_weight @v : tensor<64xf32>
  %0 = minimax.rms_norm %x, %w eps = 0.5 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  %1 = minimax.rms_norm %0, %v eps = 0.5 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  %again = minimax.get_weight @w : tensor<64xf32>
  %2 = minimax.rms_norm %1, %again eps = 0.5 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  return %2 : tensor<?x64xf32>
}

// CHECK-LABEL: func @no_entry(
// CHECK:         minimax.get_weight
func.func @no_entry(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %w = minimax.get_weight @w : tensor<64xf32>
  %0 = minimax.rms_norm %x, %w eps = 0.5 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  return %0 : tensor<?x64xf32>
}
