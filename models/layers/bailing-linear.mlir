// One lightning and one softmax layer of the Bailing linear family, in the size of
// Ring-mini-linear-2.0 (hidden 2048, 20 layers of which every fifth is softmax, 16
// heads of 128, 256 experts top 8 of width 512, one shared expert).
//
// - Slopes: geometric over heads, times 1 - (l-1)/(L-1) + 1e-5 for layer l.
// - q, k and v: one projection without activation, all queries first, then all keys,
//   then all values; a norm of each head of q and k; rotation of half of each head,
//   in lightning layers too.
// - Scores of lightning layers are scaled by 1/sqrt(128). As in minicpm-sala.mlir the
//   scale goes into the eps of the norm that follows: 1e-6 * 128.
// - That norm works on 4 groups of 512 columns: rows of 512, a unit weight, then the
//   product with the 2048 weights. A sigmoid gate follows.
// - Residuals carry the plain input (pre-norm), factors 1.
// - The first layer has a plain SwiGLU feed-forward, the others experts plus a shared
//   expert without a coefficient.
// - Router: softmax scores, normalised over the chosen, times 2.5. Ring-mini 2.0
//   itself scores with sigmoid and chooses with a bias for each expert among the best
//   4 of 8 groups of experts, which minimax.moe cannot say yet.

func.func @slopes_of_layer_1() -> tensor<16xf32> {
  %slopes = arith.constant dense<[
      0.707113852, 0.500005, 0.353556926, 0.2500025, 0.176778463, 0.12500125,
      0.0883892315, 0.062500625, 0.0441946158, 0.0312503125, 0.0220973079,
      0.0156251563, 0.0110486539, 0.00781257813, 0.00552432697, 0.00390628906]> : tensor<16xf32>
  return %slopes : tensor<16xf32>
}

func.func @lightning_layer(
    %x: tensor<?x2048xf32>, %cu: tensor<?xi32>, %positions: tensor<?xi32>, %slots: tensor<?xi32>,
    %slope: tensor<16xf32>, %state: !minimax.lightning_state<16x128x128xf32>,
    %w_input_norm: tensor<2048xbf16>, %w_qkv: tensor<6144x2048xbf16>, %w_q_norm: tensor<128xbf16>,
    %w_k_norm: tensor<128xbf16>, %w_g_norm: tensor<2048xf32>, %w_g: tensor<2048x2048xbf16>,
    %w_dense: tensor<2048x2048xbf16>, %w_post_norm: tensor<2048xbf16>, %w_gate_up: tensor<10240x2048xbf16>,
    %w_down: tensor<2048x5120xbf16>) -> (tensor<?x2048xf32>, !minimax.lightning_state<16x128x128xf32>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %x, %c0 : tensor<?x2048xf32>
  %a = minimax.rms_norm %x, %w_input_norm eps = 1.0e-6 : (tensor<?x2048xf32>, tensor<2048xbf16>) -> tensor<?x2048xf32>
  %z = minimax.linear %a, %w_qkv : (tensor<?x2048xf32>, tensor<6144x2048xbf16>) -> tensor<?x6144xf32>
  %qh, %kh, %v = minimax.split_heads %z packing = concatenated : (tensor<?x6144xf32>) -> (tensor<?x16x128xf32>, tensor<?x16x128xf32>, tensor<?x16x128xf32>)
  %q_rows = tensor.collapse_shape %qh [[0, 1], [2]] : tensor<?x16x128xf32> into tensor<?x128xf32>
  %q_norm = minimax.rms_norm %q_rows, %w_q_norm eps = 1.0e-6 : (tensor<?x128xf32>, tensor<128xbf16>) -> tensor<?x128xf32>
  %q_heads = tensor.expand_shape %q_norm [[0, 1], [2]] output_shape [%tokens, 16, 128] : tensor<?x128xf32> into tensor<?x16x128xf32>
  %k_rows = tensor.collapse_shape %kh [[0, 1], [2]] : tensor<?x16x128xf32> into tensor<?x128xf32>
  %k_norm = minimax.rms_norm %k_rows, %w_k_norm eps = 1.0e-6 : (tensor<?x128xf32>, tensor<128xbf16>) -> tensor<?x128xf32>
  %k_heads = tensor.expand_shape %k_norm [[0, 1], [2]] output_shape [%tokens, 16, 128] : tensor<?x128xf32> into tensor<?x16x128xf32>
  %q = minimax.rope %q_heads, %positions theta = 1.0e6 rotary_dim = 64 : (tensor<?x16x128xf32>, tensor<?xi32>) -> tensor<?x16x128xf32>
  %k = minimax.rope %k_heads, %positions theta = 1.0e6 rotary_dim = 64 : (tensor<?x16x128xf32>, tensor<?xi32>) -> tensor<?x16x128xf32>
  %o, %next = minimax.lightning_attention %q, %k, %v, %slope, %cu, %slots, %state chunk = 64
      : (tensor<?x16x128xf32>, tensor<?x16x128xf32>, tensor<?x16x128xf32>, tensor<16xf32>, tensor<?xi32>, tensor<?xi32>, !minimax.lightning_state<16x128x128xf32>)
      -> (tensor<?x16x128xf32>, !minimax.lightning_state<16x128x128xf32>)

  // The grouped norm.
  %four_heads = tensor.expand_shape %o [[0], [1, 2], [3]] output_shape [%tokens, 4, 4, 128] : tensor<?x16x128xf32> into tensor<?x4x4x128xf32>
  %groups = tensor.collapse_shape %four_heads [[0, 1], [2, 3]] : tensor<?x4x4x128xf32> into tensor<?x512xf32>
  %ones = arith.constant dense<1.0> : tensor<512xf32>
  %unit = minimax.rms_norm %groups, %ones eps = 1.28e-4 : (tensor<?x512xf32>, tensor<512xf32>) -> tensor<?x512xf32>
  %apart = tensor.expand_shape %unit [[0, 1], [2]] output_shape [%tokens, 4, 512] : tensor<?x512xf32> into tensor<?x4x512xf32>
  %joined = tensor.collapse_shape %apart [[0], [1, 2]] : tensor<?x4x512xf32> into tensor<?x2048xf32>
  %empty = tensor.empty(%tokens) : tensor<?x2048xf32>
  %weights = linalg.broadcast ins(%w_g_norm : tensor<2048xf32>) outs(%empty : tensor<?x2048xf32>) dimensions = [0]
  %n = minimax.gate %joined, %weights : (tensor<?x2048xf32>, tensor<?x2048xf32>) -> tensor<?x2048xf32>

  %gz = minimax.linear %a, %w_g : (tensor<?x2048xf32>, tensor<2048x2048xbf16>) -> tensor<?x2048xf32>
  %g = minimax.activation %gz kind = sigmoid : (tensor<?x2048xf32>) -> tensor<?x2048xf32>
  %gated = minimax.gate %g, %n : (tensor<?x2048xf32>, tensor<?x2048xf32>) -> tensor<?x2048xf32>
  %out = minimax.linear %gated, %w_dense : (tensor<?x2048xf32>, tensor<2048x2048xbf16>) -> tensor<?x2048xf32>
  %x1 = minimax.residual %x, %out : (tensor<?x2048xf32>, tensor<?x2048xf32>) -> tensor<?x2048xf32>
  %b = minimax.rms_norm %x1, %w_post_norm eps = 1.0e-6 : (tensor<?x2048xf32>, tensor<2048xbf16>) -> tensor<?x2048xf32>
  %u = minimax.linear %b, %w_gate_up : (tensor<?x2048xf32>, tensor<10240x2048xbf16>) -> tensor<?x10240xf32>
  %h = minimax.swiglu %u : (tensor<?x10240xf32>) -> tensor<?x5120xf32>
  %m = minimax.linear %h, %w_down : (tensor<?x5120xf32>, tensor<2048x5120xbf16>) -> tensor<?x2048xf32>
  %x2 = minimax.residual %x1, %m : (tensor<?x2048xf32>, tensor<?x2048xf32>) -> tensor<?x2048xf32>
  return %x2, %next : tensor<?x2048xf32>, !minimax.lightning_state<16x128x128xf32>
}

func.func @softmax_layer(
    %x: tensor<?x2048xf32>, %cu: tensor<?xi32>, %positions: tensor<?xi32>, %slots: tensor<?xi32>,
    %cache: !minimax.kv_cache<4x128xf32>,
    %w_input_norm: tensor<2048xbf16>, %w_qkv: tensor<3072x2048xbf16>, %w_q_norm: tensor<128xbf16>,
    %w_k_norm: tensor<128xbf16>, %w_dense: tensor<2048x2048xbf16>, %w_post_norm: tensor<2048xbf16>,
    %w_router: tensor<256x2048xf32>, %w_gate_up: tensor<256x1024x2048xbf16>, %w_down: tensor<256x2048x512xbf16>,
    %w_shared_gate_up: tensor<1024x2048xbf16>, %w_shared_down: tensor<2048x512xbf16>)
    -> (tensor<?x2048xf32>, !minimax.kv_cache<4x128xf32>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %x, %c0 : tensor<?x2048xf32>
  %a = minimax.rms_norm %x, %w_input_norm eps = 1.0e-6 : (tensor<?x2048xf32>, tensor<2048xbf16>) -> tensor<?x2048xf32>
  %z = minimax.linear %a, %w_qkv : (tensor<?x2048xf32>, tensor<3072x2048xbf16>) -> tensor<?x3072xf32>
  // 16 query heads, then 4 of keys, then 4 of values.
  %zh = tensor.expand_shape %z [[0], [1, 2]] output_shape [%tokens, 24, 128] : tensor<?x3072xf32> into tensor<?x24x128xf32>
  %qh = tensor.extract_slice %zh[0, 0, 0] [%tokens, 16, 128] [1, 1, 1] : tensor<?x24x128xf32> to tensor<?x16x128xf32>
  %kh = tensor.extract_slice %zh[0, 16, 0] [%tokens, 4, 128] [1, 1, 1] : tensor<?x24x128xf32> to tensor<?x4x128xf32>
  %v = tensor.extract_slice %zh[0, 20, 0] [%tokens, 4, 128] [1, 1, 1] : tensor<?x24x128xf32> to tensor<?x4x128xf32>
  %q_rows = tensor.collapse_shape %qh [[0, 1], [2]] : tensor<?x16x128xf32> into tensor<?x128xf32>
  %q_norm = minimax.rms_norm %q_rows, %w_q_norm eps = 1.0e-6 : (tensor<?x128xf32>, tensor<128xbf16>) -> tensor<?x128xf32>
  %q_heads = tensor.expand_shape %q_norm [[0, 1], [2]] output_shape [%tokens, 16, 128] : tensor<?x128xf32> into tensor<?x16x128xf32>
  %k_rows = tensor.collapse_shape %kh [[0, 1], [2]] : tensor<?x4x128xf32> into tensor<?x128xf32>
  %k_norm = minimax.rms_norm %k_rows, %w_k_norm eps = 1.0e-6 : (tensor<?x128xf32>, tensor<128xbf16>) -> tensor<?x128xf32>
  %k_heads = tensor.expand_shape %k_norm [[0, 1], [2]] output_shape [%tokens, 4, 128] : tensor<?x128xf32> into tensor<?x4x128xf32>
  %q = minimax.rope %q_heads, %positions theta = 1.0e6 rotary_dim = 64 : (tensor<?x16x128xf32>, tensor<?xi32>) -> tensor<?x16x128xf32>
  %k = minimax.rope %k_heads, %positions theta = 1.0e6 rotary_dim = 64 : (tensor<?x4x128xf32>, tensor<?xi32>) -> tensor<?x4x128xf32>
  %o, %next = minimax.attention %q, %k, %v, %cu, %positions, %slots, %cache scale = 0.088388347648318447
      : (tensor<?x16x128xf32>, tensor<?x4x128xf32>, tensor<?x4x128xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<4x128xf32>)
      -> (tensor<?x16x128xf32>, !minimax.kv_cache<4x128xf32>)
  %flat = tensor.collapse_shape %o [[0], [1, 2]] : tensor<?x16x128xf32> into tensor<?x2048xf32>
  %out = minimax.linear %flat, %w_dense : (tensor<?x2048xf32>, tensor<2048x2048xbf16>) -> tensor<?x2048xf32>
  %x1 = minimax.residual %x, %out : (tensor<?x2048xf32>, tensor<?x2048xf32>) -> tensor<?x2048xf32>
  %b = minimax.rms_norm %x1, %w_post_norm eps = 1.0e-6 : (tensor<?x2048xf32>, tensor<2048xbf16>) -> tensor<?x2048xf32>
  %m, %experts = minimax.moe %b, %w_router, %w_gate_up, %w_down top_k = 8
      : (tensor<?x2048xf32>, tensor<256x2048xf32>, tensor<256x1024x2048xbf16>, tensor<256x2048x512xbf16>)
      -> (tensor<?x2048xf32>, tensor<?x8xi32>)
  %u = minimax.linear %b, %w_shared_gate_up : (tensor<?x2048xf32>, tensor<1024x2048xbf16>) -> tensor<?x1024xf32>
  %h = minimax.swiglu %u : (tensor<?x1024xf32>) -> tensor<?x512xf32>
  %shared = minimax.linear %h, %w_shared_down : (tensor<?x512xf32>, tensor<2048x512xbf16>) -> tensor<?x2048xf32>
  %x2 = minimax.residual %x1, %m beta = 2.5 : (tensor<?x2048xf32>, tensor<?x2048xf32>) -> tensor<?x2048xf32>
  %x3 = minimax.residual %x2, %shared : (tensor<?x2048xf32>, tensor<?x2048xf32>) -> tensor<?x2048xf32>
  return %x3, %next : tensor<?x2048xf32>, !minimax.kv_cache<4x128xf32>
}
