// One lightning and one softmax layer of MiniCPM-SALA (hidden 4096, 32 layers of
// which 8 are softmax, 32 heads of 128, feed-forward 16384).
//
// - Slopes: geometric over heads, the same in every layer (no layer factor).
// - Lightning layers: separate q, k, v without activation; a norm of each head of
//   q and k; rotation over the whole head; scores scaled by 1/sqrt(128). The scale
//   is not in the op: it multiplies the whole output, which a norm follows, and
//   norm(s * o; eps) = norm(o; eps / s^2). So eps is 1e-6 * 128.
// - Softmax layers: 2 key-value heads, no rotation, a sigmoid gate on the output.
//   The released model attends sparsely (InfLLM-v2) in sequences longer than 8192
//   tokens; this layer is its dense form, which it uses up to there.
// - Residuals carry the plain input (pre-norm); branches count 1.4 / sqrt(32).
// - A plain SwiGLU feed-forward instead of experts.

func.func @slopes_of_any_layer() -> tensor<32xf32> {
  %slopes = arith.constant dense<[
      0.840896415, 0.707106781, 0.594603558, 0.5, 0.420448208, 0.353553391,
      0.297301779, 0.25, 0.210224104, 0.176776695, 0.148650889, 0.125,
      0.105112052, 0.0883883476, 0.0743254447, 0.0625, 0.052556026,
      0.0441941738, 0.0371627223, 0.03125, 0.026278013, 0.0220970869,
      0.0185813612, 0.015625, 0.0131390065, 0.0110485435, 0.00929068059,
      0.0078125, 0.00656950324, 0.00552427173, 0.00464534029, 0.00390625]> : tensor<32xf32>
  return %slopes : tensor<32xf32>
}

func.func @lightning_layer(
    %x: tensor<?x4096xf32>, %cu: tensor<?xi32>, %positions: tensor<?xi32>, %slots: tensor<?xi32>,
    %slope: tensor<32xf32>, %state: !minimax.lightning_state<32x128x128xf32>,
    %w_input_norm: tensor<4096xbf16>, %w_q: tensor<4096x4096xbf16>, %w_k: tensor<4096x4096xbf16>,
    %w_v: tensor<4096x4096xbf16>, %w_q_norm: tensor<128xbf16>, %w_k_norm: tensor<128xbf16>,
    %w_o_norm: tensor<4096xbf16>, %w_g: tensor<4096x4096xbf16>, %w_o: tensor<4096x4096xbf16>,
    %w_post_norm: tensor<4096xbf16>, %w_gate_up: tensor<32768x4096xbf16>, %w_down: tensor<4096x16384xbf16>)
    -> (tensor<?x4096xf32>, !minimax.lightning_state<32x128x128xf32>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %x, %c0 : tensor<?x4096xf32>
  %a = minimax.rms_norm %x, %w_input_norm eps = 1.0e-6 : (tensor<?x4096xf32>, tensor<4096xbf16>) -> tensor<?x4096xf32>
  %qz = minimax.linear %a, %w_q : (tensor<?x4096xf32>, tensor<4096x4096xbf16>) -> tensor<?x4096xf32>
  %kz = minimax.linear %a, %w_k : (tensor<?x4096xf32>, tensor<4096x4096xbf16>) -> tensor<?x4096xf32>
  %vz = minimax.linear %a, %w_v : (tensor<?x4096xf32>, tensor<4096x4096xbf16>) -> tensor<?x4096xf32>
  %qh = tensor.expand_shape %qz [[0], [1, 2]] output_shape [%tokens, 32, 128] : tensor<?x4096xf32> into tensor<?x32x128xf32>
  %kh = tensor.expand_shape %kz [[0], [1, 2]] output_shape [%tokens, 32, 128] : tensor<?x4096xf32> into tensor<?x32x128xf32>
  %v = tensor.expand_shape %vz [[0], [1, 2]] output_shape [%tokens, 32, 128] : tensor<?x4096xf32> into tensor<?x32x128xf32>
  %q_rows = tensor.collapse_shape %qh [[0, 1], [2]] : tensor<?x32x128xf32> into tensor<?x128xf32>
  %q_norm = minimax.rms_norm %q_rows, %w_q_norm eps = 1.0e-6 : (tensor<?x128xf32>, tensor<128xbf16>) -> tensor<?x128xf32>
  %q_heads = tensor.expand_shape %q_norm [[0, 1], [2]] output_shape [%tokens, 32, 128] : tensor<?x128xf32> into tensor<?x32x128xf32>
  %k_rows = tensor.collapse_shape %kh [[0, 1], [2]] : tensor<?x32x128xf32> into tensor<?x128xf32>
  %k_norm = minimax.rms_norm %k_rows, %w_k_norm eps = 1.0e-6 : (tensor<?x128xf32>, tensor<128xbf16>) -> tensor<?x128xf32>
  %k_heads = tensor.expand_shape %k_norm [[0, 1], [2]] output_shape [%tokens, 32, 128] : tensor<?x128xf32> into tensor<?x32x128xf32>
  %q = minimax.rope %q_heads, %positions theta = 1.0e4 rotary_dim = 128 : (tensor<?x32x128xf32>, tensor<?xi32>) -> tensor<?x32x128xf32>
  %k = minimax.rope %k_heads, %positions theta = 1.0e4 rotary_dim = 128 : (tensor<?x32x128xf32>, tensor<?xi32>) -> tensor<?x32x128xf32>
  %o, %next = minimax.lightning_attention %q, %k, %v, %slope, %cu, %slots, %state chunk = 64
      : (tensor<?x32x128xf32>, tensor<?x32x128xf32>, tensor<?x32x128xf32>, tensor<32xf32>, tensor<?xi32>, tensor<?xi32>, !minimax.lightning_state<32x128x128xf32>)
      -> (tensor<?x32x128xf32>, !minimax.lightning_state<32x128x128xf32>)
  %flat = tensor.collapse_shape %o [[0], [1, 2]] : tensor<?x32x128xf32> into tensor<?x4096xf32>
  %n = minimax.rms_norm %flat, %w_o_norm eps = 1.28e-4 : (tensor<?x4096xf32>, tensor<4096xbf16>) -> tensor<?x4096xf32>
  %gz = minimax.linear %a, %w_g : (tensor<?x4096xf32>, tensor<4096x4096xbf16>) -> tensor<?x4096xf32>
  %g = minimax.activation %gz kind = sigmoid : (tensor<?x4096xf32>) -> tensor<?x4096xf32>
  %gated = minimax.gate %g, %n : (tensor<?x4096xf32>, tensor<?x4096xf32>) -> tensor<?x4096xf32>
  %out = minimax.linear %gated, %w_o : (tensor<?x4096xf32>, tensor<4096x4096xbf16>) -> tensor<?x4096xf32>
  %x1 = minimax.residual %x, %out alpha = 1.0 beta = 0.2474873734152916 : (tensor<?x4096xf32>, tensor<?x4096xf32>) -> tensor<?x4096xf32>
  %b = minimax.rms_norm %x1, %w_post_norm eps = 1.0e-6 : (tensor<?x4096xf32>, tensor<4096xbf16>) -> tensor<?x4096xf32>
  %u = minimax.linear %b, %w_gate_up : (tensor<?x4096xf32>, tensor<32768x4096xbf16>) -> tensor<?x32768xf32>
  %h = minimax.swiglu %u : (tensor<?x32768xf32>) -> tensor<?x16384xf32>
  %m = minimax.linear %h, %w_down : (tensor<?x16384xf32>, tensor<4096x16384xbf16>) -> tensor<?x4096xf32>
  %x2 = minimax.residual %x1, %m alpha = 1.0 beta = 0.2474873734152916 : (tensor<?x4096xf32>, tensor<?x4096xf32>) -> tensor<?x4096xf32>
  return %x2, %next : tensor<?x4096xf32>, !minimax.lightning_state<32x128x128xf32>
}

func.func @softmax_layer(
    %x: tensor<?x4096xf32>, %cu: tensor<?xi32>, %positions: tensor<?xi32>, %slots: tensor<?xi32>,
    %cache: !minimax.kv_cache<2x128xf32>,
    %w_input_norm: tensor<4096xbf16>, %w_q: tensor<4096x4096xbf16>, %w_k: tensor<256x4096xbf16>,
    %w_v: tensor<256x4096xbf16>, %w_g: tensor<4096x4096xbf16>, %w_o: tensor<4096x4096xbf16>,
    %w_post_norm: tensor<4096xbf16>, %w_gate_up: tensor<32768x4096xbf16>, %w_down: tensor<4096x16384xbf16>)
    -> (tensor<?x4096xf32>, !minimax.kv_cache<2x128xf32>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %x, %c0 : tensor<?x4096xf32>
  %a = minimax.rms_norm %x, %w_input_norm eps = 1.0e-6 : (tensor<?x4096xf32>, tensor<4096xbf16>) -> tensor<?x4096xf32>
  %qz = minimax.linear %a, %w_q : (tensor<?x4096xf32>, tensor<4096x4096xbf16>) -> tensor<?x4096xf32>
  %kz = minimax.linear %a, %w_k : (tensor<?x4096xf32>, tensor<256x4096xbf16>) -> tensor<?x256xf32>
  %vz = minimax.linear %a, %w_v : (tensor<?x4096xf32>, tensor<256x4096xbf16>) -> tensor<?x256xf32>
  %q = tensor.expand_shape %qz [[0], [1, 2]] output_shape [%tokens, 32, 128] : tensor<?x4096xf32> into tensor<?x32x128xf32>
  %k = tensor.expand_shape %kz [[0], [1, 2]] output_shape [%tokens, 2, 128] : tensor<?x256xf32> into tensor<?x2x128xf32>
  %v = tensor.expand_shape %vz [[0], [1, 2]] output_shape [%tokens, 2, 128] : tensor<?x256xf32> into tensor<?x2x128xf32>
  %o, %next = minimax.attention %q, %k, %v, %cu, %positions, %slots, %cache scale = 0.088388347648318447
      : (tensor<?x32x128xf32>, tensor<?x2x128xf32>, tensor<?x2x128xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<2x128xf32>)
      -> (tensor<?x32x128xf32>, !minimax.kv_cache<2x128xf32>)
  %flat = tensor.collapse_shape %o [[0], [1, 2]] : tensor<?x32x128xf32> into tensor<?x4096xf32>
  %gz = minimax.linear %a, %w_g : (tensor<?x4096xf32>, tensor<4096x4096xbf16>) -> tensor<?x4096xf32>
  %g = minimax.activation %gz kind = sigmoid : (tensor<?x4096xf32>) -> tensor<?x4096xf32>
  %gated = minimax.gate %g, %flat : (tensor<?x4096xf32>, tensor<?x4096xf32>) -> tensor<?x4096xf32>
  %out = minimax.linear %gated, %w_o : (tensor<?x4096xf32>, tensor<4096x4096xbf16>) -> tensor<?x4096xf32>
  %x1 = minimax.residual %x, %out alpha = 1.0 beta = 0.2474873734152916 : (tensor<?x4096xf32>, tensor<?x4096xf32>) -> tensor<?x4096xf32>
  %b = minimax.rms_norm %x1, %w_post_norm eps = 1.0e-6 : (tensor<?x4096xf32>, tensor<4096xbf16>) -> tensor<?x4096xf32>
  %u = minimax.linear %b, %w_gate_up : (tensor<?x4096xf32>, tensor<32768x4096xbf16>) -> tensor<?x32768xf32>
  %h = minimax.swiglu %u : (tensor<?x32768xf32>) -> tensor<?x16384xf32>
  %m = minimax.linear %h, %w_down : (tensor<?x16384xf32>, tensor<4096x16384xbf16>) -> tensor<?x4096xf32>
  %x2 = minimax.residual %x1, %m alpha = 1.0 beta = 0.2474873734152916 : (tensor<?x4096xf32>, tensor<?x4096xf32>) -> tensor<?x4096xf32>
  return %x2, %next : tensor<?x4096xf32>, !minimax.kv_cache<2x128xf32>
}
