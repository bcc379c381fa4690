// RUN: minimax-opt %s --minimax-fuse-norm-gate | FileCheck %s
// RUN: minimax-opt %s --minimax-fuse-norm-gate --check-each-pass -o /dev/null

// CHECK-LABEL: func @norm_right(
// CHECK-SAME:    %[[X:[^:]+]]: tensor<?x64xf32>, %[[W:[^:]+]]: tensor<64xf32>, %[[G:[^:]+]]: tensor<?x64xf32>
// CHECK-NEXT:    %[[Y:.+]] = minimax.rms_norm %[[X]], %[[W]] gate(%[[G]]) eps = 9.99{{[0-9]*}}E-7 :
// CHECK-NEXT:    return %[[Y]]
func.func @norm_right(%x: tensor<?x64xf32>, %w: tensor<64xf32>, %g: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %n = minimax.rms_norm %x, %w eps = 1.0e-6 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  %y = minimax.gate %g, %n : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// CHECK-LABEL: func @norm_left_static(
// CHECK-SAME:    %[[X:[^:]+]]: tensor<7x64xf32>, %[[W:[^:]+]]: tensor<64xf32>, %[[G:[^:]+]]: tensor<7x64xf32>
// CHECK-NEXT:    minimax.rms_norm %[[X]], %[[W]] gate(%[[G]])
// CHECK-NEXT:    return
func.func @norm_left_static(%x: tensor<7x64xf32>, %w: tensor<64xf32>, %g: tensor<7x64xf32>) -> tensor<7x64xf32> {
  %n = minimax.rms_norm %x, %w eps = 1.0e-6 : (tensor<7x64xf32>, tensor<64xf32>) -> tensor<7x64xf32>
  %y = minimax.gate %n, %g : (tensor<7x64xf32>, tensor<7x64xf32>) -> tensor<7x64xf32>
  return %y : tensor<7x64xf32>
}

// Of two norms one takes the other as its gate.
// CHECK-LABEL: func @two_norms(
// CHECK:         %[[N:.+]] = minimax.rms_norm %{{.*}}, %{{.*}} eps
// CHECK:         minimax.rms_norm %{{.*}}, %{{.*}} gate(%[[N]])
// CHECK-NOT:     minimax.gate
func.func @two_norms(%x: tensor<?x64xf32>, %w: tensor<64xf32>, %z: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %n = minimax.rms_norm %x, %w eps = 1.0e-6 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  %m = minimax.rms_norm %z, %w eps = 1.0e-6 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  %y = minimax.gate %n, %m : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// CHECK-LABEL: func @second_reader(
// CHECK:         minimax.rms_norm
// CHECK:         minimax.gate
func.func @second_reader(%x: tensor<?x64xf32>, %w: tensor<64xf32>, %g: tensor<?x64xf32>) -> (tensor<?x64xf32>, tensor<?x64xf32>) {
  %n = minimax.rms_norm %x, %w eps = 1.0e-6 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  %y = minimax.gate %g, %n : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y, %n : tensor<?x64xf32>, tensor<?x64xf32>
}

// A squared norm reads it twice.
// CHECK-LABEL: func @squared(
// CHECK:         minimax.rms_norm
// CHECK:         minimax.gate
func.func @squared(%x: tensor<?x64xf32>, %w: tensor<64xf32>) -> tensor<?x64xf32> {
  %n = minimax.rms_norm %x, %w eps = 1.0e-6 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  %y = minimax.gate %n, %n : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// CHECK-LABEL: func @gated_already(
// CHECK:         minimax.rms_norm {{.*}} gate
// CHECK:         minimax.gate
func.func @gated_already(%x: tensor<?x64xf32>, %w: tensor<64xf32>, %g: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %n = minimax.rms_norm %x, %w gate(%g) eps = 1.0e-6
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %y = minimax.gate %g, %n : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// CHECK-LABEL: func @bf16_input(
// CHECK:         minimax.rms_norm
// CHECK:         minimax.gate
func.func @bf16_input(%x: tensor<?x64xbf16>, %w: tensor<64xf32>, %g: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %n = minimax.rms_norm %x, %w eps = 1.0e-6 : (tensor<?x64xbf16>, tensor<64xf32>) -> tensor<?x64xf32>
  %y = minimax.gate %g, %n : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}
