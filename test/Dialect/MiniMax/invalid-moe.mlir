// One split for each constraint of the expert ops.
//
// RUN: minimax-opt %s --split-input-file --verify-diagnostics

// moe C1, input
func.func @moe_input(%b: tensor<?x32xf32>, %r: tensor<8x64xf32>, %g: tensor<8x96x64xf32>, %d: tensor<8x64x48xf32>) {
  // expected-error @+1 {{expected 'input' columns to match 'router': 64, but got 32}}
  %0:2 = minimax.moe %b, %r, %g, %d top_k = 2 : (tensor<?x32xf32>, tensor<8x64xf32>, tensor<8x96x64xf32>, tensor<8x64x48xf32>) -> (tensor<?x32xf32>, tensor<?x2xi32>)
  return
}

// -----

// moe C1, E of gate_up
func.func @moe_gate_up_experts(%b: tensor<?x64xf32>, %r: tensor<8x64xf32>, %g: tensor<4x96x64xf32>, %d: tensor<8x64x48xf32>) {
  // expected-error @+1 {{expected experts of 'gate_up' to match 'router': 8, but got 4}}
  %0:2 = minimax.moe %b, %r, %g, %d top_k = 2 : (tensor<?x64xf32>, tensor<8x64xf32>, tensor<4x96x64xf32>, tensor<8x64x48xf32>) -> (tensor<?x64xf32>, tensor<?x2xi32>)
  return
}

// -----

// moe C1, E of down
func.func @moe_down_experts(%b: tensor<?x64xf32>, %r: tensor<8x64xf32>, %g: tensor<8x96x64xf32>, %d: tensor<4x64x48xf32>) {
  // expected-error @+1 {{expected experts of 'down' to match 'router': 8, but got 4}}
  %0:2 = minimax.moe %b, %r, %g, %d top_k = 2 : (tensor<?x64xf32>, tensor<8x64xf32>, tensor<8x96x64xf32>, tensor<4x64x48xf32>) -> (tensor<?x64xf32>, tensor<?x2xi32>)
  return
}

// -----

// moe C1, h of gate_up
func.func @moe_gate_up_columns(%b: tensor<?x64xf32>, %r: tensor<8x64xf32>, %g: tensor<8x96x32xf32>, %d: tensor<8x64x48xf32>) {
  // expected-error @+1 {{expected columns of 'gate_up' to match 'router': 64, but got 32}}
  %0:2 = minimax.moe %b, %r, %g, %d top_k = 2 : (tensor<?x64xf32>, tensor<8x64xf32>, tensor<8x96x32xf32>, tensor<8x64x48xf32>) -> (tensor<?x64xf32>, tensor<?x2xi32>)
  return
}

// -----

// moe C1, h of down
func.func @moe_down_rows(%b: tensor<?x64xf32>, %r: tensor<8x64xf32>, %g: tensor<8x96x64xf32>, %d: tensor<8x32x48xf32>) {
  // expected-error @+1 {{expected rows of 'down' to match 'router': 64, but got 32}}
  %0:2 = minimax.moe %b, %r, %g, %d top_k = 2 : (tensor<?x64xf32>, tensor<8x64xf32>, tensor<8x96x64xf32>, tensor<8x32x48xf32>) -> (tensor<?x64xf32>, tensor<?x2xi32>)
  return
}

// -----

// moe C1, F
func.func @moe_ffn(%b: tensor<?x64xf32>, %r: tensor<8x64xf32>, %g: tensor<8x48x64xf32>, %d: tensor<8x64x48xf32>) {
  // expected-error @+1 {{expected rows of 'gate_up' twice the columns of 'down': 96, but got 48}}
  %0:2 = minimax.moe %b, %r, %g, %d top_k = 2 : (tensor<?x64xf32>, tensor<8x64xf32>, tensor<8x48x64xf32>, tensor<8x64x48xf32>) -> (tensor<?x64xf32>, tensor<?x2xi32>)
  return
}

// -----

// moe C2, too many
func.func @moe_top_k(%b: tensor<?x64xf32>, %r: tensor<8x64xf32>, %g: tensor<8x96x64xf32>, %d: tensor<8x64x48xf32>) {
  // expected-error @+1 {{expected 'top_k' in [1, 8], but got 9}}
  %0:2 = minimax.moe %b, %r, %g, %d top_k = 9 : (tensor<?x64xf32>, tensor<8x64xf32>, tensor<8x96x64xf32>, tensor<8x64x48xf32>) -> (tensor<?x64xf32>, tensor<?x9xi32>)
  return
}

// -----

// moe C2, none
func.func @moe_top_0(%b: tensor<?x64xf32>, %r: tensor<8x64xf32>, %g: tensor<8x96x64xf32>, %d: tensor<8x64x48xf32>) {
  // expected-error @+1 {{expected 'top_k' in [1, 8], but got 0}}
  %0:2 = minimax.moe %b, %r, %g, %d top_k = 0 : (tensor<?x64xf32>, tensor<8x64xf32>, tensor<8x96x64xf32>, tensor<8x64x48xf32>) -> (tensor<?x64xf32>, tensor<?x0xi32>)
  return
}

// -----

// moe C3
func.func @moe_experts(%b: tensor<?x64xf32>, %r: tensor<8x64xf32>, %g: tensor<8x96x64xf32>, %d: tensor<8x64x48xf32>) {
  // expected-error @+1 {{expected one column of experts per choice: 2, but got 3}}
  %0:2 = minimax.moe %b, %r, %g, %d top_k = 2 : (tensor<?x64xf32>, tensor<8x64xf32>, tensor<8x96x64xf32>, tensor<8x64x48xf32>) -> (tensor<?x64xf32>, tensor<?x3xi32>)
  return
}

// -----

// route C1
func.func @route_k(%l: tensor<?x8xf32>) {
  // expected-error @+1 {{expected a choice of 1 to 8 experts, but got 9}}
  %0:2 = minimax.route %l : (tensor<?x8xf32>) -> (tensor<?x9xf32>, tensor<?x9xi32>)
  return
}

// -----

// route C2
func.func @route_shapes(%l: tensor<?x8xf32>) {
  // expected-error @+1 {{expected as many experts as weights: 2, but got 3}}
  %0:2 = minimax.route %l : (tensor<?x8xf32>) -> (tensor<?x2xf32>, tensor<?x3xi32>)
  return
}

// -----

// permute C1
func.func @permute_rows(%b: tensor<?x64xf32>, %e: tensor<?x2xi32>) {
  // expected-error @+1 {{expected columns of 'rows' to match 'experts': 2, but got 3}}
  %0:3 = minimax.permute %b, %e : (tensor<?x64xf32>, tensor<?x2xi32>) -> (tensor<?x64xf32>, tensor<9xi32>, tensor<?x3xi32>)
  return
}

// -----

// permute C2
func.func @permute_width(%b: tensor<?x64xf32>, %e: tensor<?x2xi32>) {
  // expected-error @+1 {{expected permuted columns to match 'input': 64, but got 32}}
  %0:3 = minimax.permute %b, %e : (tensor<?x64xf32>, tensor<?x2xi32>) -> (tensor<?x32xf32>, tensor<9xi32>, tensor<?x2xi32>)
  return
}

// -----

// sort_copies C1
func.func @sort_rows(%e: tensor<?x2xi32>) {
  // expected-error @+1 {{expected columns of 'rows' to match 'experts': 2, but got 3}}
  %0:3 = minimax.sort_copies %e : (tensor<?x2xi32>) -> (tensor<9xi32>, tensor<?x3xi32>, tensor<?xi32>)
  return
}

// -----

// grouped_matmul C6
func.func @grouped_rows(%x: tensor<3x64xf32>, %w: tensor<8x96x64xf32>, %o: tensor<9xi32>, %r: tensor<5xi32>) {
  // expected-error @+1 {{expected one value of 'rows' per row: 6, but got 5}}
  %0 = minimax.grouped_matmul %x, %w, %o rows(%r) : (tensor<3x64xf32>, tensor<8x96x64xf32>, tensor<9xi32>, tensor<5xi32>) -> tensor<6x96xf32>
  return
}

// -----

// grouped_matmul C1
func.func @grouped_offsets(%x: tensor<?x64xf32>, %w: tensor<8x96x64xf32>, %o: tensor<8xi32>) {
  // expected-error @+1 {{expected one 'offsets' value more than experts: 9, but got 8}}
  %0 = minimax.grouped_matmul %x, %w, %o : (tensor<?x64xf32>, tensor<8x96x64xf32>, tensor<8xi32>) -> tensor<?x96xf32>
  return
}

// -----

// grouped_matmul C2
func.func @grouped_depth(%x: tensor<?x32xf32>, %w: tensor<8x96x64xf32>, %o: tensor<9xi32>) {
  // expected-error @+1 {{expected 'input' columns to match 'weight': 64, but got 32}}
  %0 = minimax.grouped_matmul %x, %w, %o : (tensor<?x32xf32>, tensor<8x96x64xf32>, tensor<9xi32>) -> tensor<?x96xf32>
  return
}

// -----

// grouped_matmul C3
func.func @grouped_columns(%x: tensor<?x64xf32>, %w: tensor<8x96x64xf32>, %o: tensor<9xi32>) {
  // expected-error @+1 {{expected result columns to match the rows of 'weight': 96, but got 48}}
  %0 = minimax.grouped_matmul %x, %w, %o : (tensor<?x64xf32>, tensor<8x96x64xf32>, tensor<9xi32>) -> tensor<?x48xf32>
  return
}

// -----

// grouped_matmul C3, swiglu
func.func @grouped_swiglu_columns(%x: tensor<?x64xf32>, %w: tensor<8x96x64xf32>, %o: tensor<9xi32>) {
  // expected-error @+1 {{expected result columns to match the rows of 'weight': 96, but got 192}}
  %0 = minimax.grouped_matmul %x, %w, %o activation = swiglu : (tensor<?x64xf32>, tensor<8x96x64xf32>, tensor<9xi32>) -> tensor<?x96xf32>
  return
}

// -----

// grouped_matmul C4
func.func @grouped_activation(%x: tensor<?x64xf32>, %w: tensor<8x96x64xf32>, %o: tensor<9xi32>) {
  // expected-error @+1 {{expected 'activation' none or swiglu, but got silu}}
  %0 = minimax.grouped_matmul %x, %w, %o activation = silu : (tensor<?x64xf32>, tensor<8x96x64xf32>, tensor<9xi32>) -> tensor<?x96xf32>
  return
}

// -----

// swiglu C1
func.func @swiglu_columns(%u: tensor<?x96xf32>) {
  // expected-error @+1 {{expected 'input' columns twice the result's: 192, but got 96}}
  %0 = minimax.swiglu %u : (tensor<?x96xf32>) -> tensor<?x96xf32>
  return
}

// -----

// unpermute C1
func.func @unpermute_weights(%u: tensor<?x64xf32>, %r: tensor<?x2xi32>, %w: tensor<?x3xf32>) {
  // expected-error @+1 {{expected columns of 'weights' to match 'rows': 2, but got 3}}
  %0 = minimax.unpermute %u, %r, %w : (tensor<?x64xf32>, tensor<?x2xi32>, tensor<?x3xf32>) -> tensor<?x64xf32>
  return
}

// -----

// unpermute C2, residual
func.func @unpermute_residual(%u: tensor<?x64xf32>, %r: tensor<?x2xi32>, %w: tensor<?x2xf32>, %b: tensor<?x32xf32>) {
  // expected-error @+1 {{expected 'residual' columns to match 'input': 64, but got 32}}
  %0 = minimax.unpermute %u, %r, %w residual(%b) : (tensor<?x64xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x32xf32>) -> tensor<?x64xf32>
  return
}

// -----

// unpermute C2, result
func.func @unpermute_result(%u: tensor<?x64xf32>, %r: tensor<?x2xi32>, %w: tensor<?x2xf32>) {
  // expected-error @+1 {{expected result columns to match 'input': 64, but got 32}}
  %0 = minimax.unpermute %u, %r, %w : (tensor<?x64xf32>, tensor<?x2xi32>, tensor<?x2xf32>) -> tensor<?x32xf32>
  return
}
