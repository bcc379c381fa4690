// One lightning and one softmax layer of MiniMax-Text-01 and MiniMax-M1, in full
// size (models/minimax-m1/config.json).
//
// - Slopes: geometric over heads, times 1 - l/(L-1) + 1e-5 for layer l.
// - q, k and v: one projection, silu on all of it, packed head by head, no norm,
//   no rotation, no scale.
// - Lightning output: one norm over all heads (eps 1e-6), then a sigmoid gate.
// - Residuals carry the normalised input (post-norm), alpha = (2L)^(1/4).
// - Experts: 32, top 2, no shared expert.

func.func @slopes_of_layer_1() -> tensor<64xf32> {
  %slopes = arith.constant dense<[
      0.905405567, 0.830260566, 0.761352296, 0.698163134, 0.640218416,
      0.587082876, 0.538357371, 0.493675886, 0.452702784, 0.415130283,
      0.380676148, 0.349081567, 0.320109208, 0.293541438, 0.269178686,
      0.246837943, 0.226351392, 0.207565141, 0.190338074, 0.174540783,
      0.160054604, 0.146770719, 0.134589343, 0.123418972, 0.113175696,
      0.103782571, 0.095169037, 0.0872703917, 0.080027302, 0.0733853595,
      0.0672946714, 0.0617094858, 0.0565878479, 0.0518912854, 0.0475845185,
      0.0436351958, 0.040013651, 0.0366926798, 0.0336473357, 0.0308547429,
      0.028293924, 0.0259456427, 0.0237922592, 0.0218175979, 0.0200068255,
      0.0183463399, 0.0168236678, 0.0154273714, 0.014146962, 0.0129728213,
      0.0118961296, 0.010908799, 0.0100034128, 0.00917316994, 0.00841183392,
      0.00771368572, 0.00707348099, 0.00648641067, 0.00594806481,
      0.00545439948, 0.00500170638, 0.00458658497, 0.00420591696,
      0.00385684286]> : tensor<64xf32>
  return %slopes : tensor<64xf32>
}

func.func @lightning_layer(
    %x: tensor<?x6144xf32>, %cu: tensor<?xi32>, %positions: tensor<?xi32>, %slots: tensor<?xi32>,
    %slope: tensor<64xf32>, %state: !minimax.lightning_state<64x128x128xf32>,
    %w_input_norm: tensor<6144xbf16>, %w_qkv: tensor<24576x6144xbf16>, %w_gate: tensor<8192x6144xbf16>,
    %w_norm: tensor<8192xbf16>, %w_out: tensor<6144x8192xbf16>, %w_post_norm: tensor<6144xbf16>,
    %w_router: tensor<32x6144xf32>, %w_gate_up: tensor<32x18432x6144xbf16>, %w_down: tensor<32x6144x9216xbf16>)
    -> (tensor<?x6144xf32>, !minimax.lightning_state<64x128x128xf32>) {
  %a = minimax.rms_norm %x, %w_input_norm eps = 1.0e-5 : (tensor<?x6144xf32>, tensor<6144xbf16>) -> tensor<?x6144xf32>
  %z = minimax.linear %a, %w_qkv : (tensor<?x6144xf32>, tensor<24576x6144xbf16>) -> tensor<?x24576xf32>
  %s = minimax.activation %z kind = silu : (tensor<?x24576xf32>) -> tensor<?x24576xf32>
  %q, %k, %v = minimax.split_heads %s packing = per_head : (tensor<?x24576xf32>) -> (tensor<?x64x128xf32>, tensor<?x64x128xf32>, tensor<?x64x128xf32>)
  %o, %next = minimax.lightning_attention %q, %k, %v, %slope, %cu, %slots, %state chunk = 64
      : (tensor<?x64x128xf32>, tensor<?x64x128xf32>, tensor<?x64x128xf32>, tensor<64xf32>, tensor<?xi32>, tensor<?xi32>, !minimax.lightning_state<64x128x128xf32>)
      -> (tensor<?x64x128xf32>, !minimax.lightning_state<64x128x128xf32>)
  %flat = tensor.collapse_shape %o [[0], [1, 2]] : tensor<?x64x128xf32> into tensor<?x8192xf32>
  %n = minimax.rms_norm %flat, %w_norm eps = 1.0e-6 : (tensor<?x8192xf32>, tensor<8192xbf16>) -> tensor<?x8192xf32>
  %gz = minimax.linear %a, %w_gate : (tensor<?x6144xf32>, tensor<8192x6144xbf16>) -> tensor<?x8192xf32>
  %g = minimax.activation %gz kind = sigmoid : (tensor<?x8192xf32>) -> tensor<?x8192xf32>
  %gated = minimax.gate %g, %n : (tensor<?x8192xf32>, tensor<?x8192xf32>) -> tensor<?x8192xf32>
  %out = minimax.linear %gated, %w_out : (tensor<?x8192xf32>, tensor<6144x8192xbf16>) -> tensor<?x6144xf32>
  %x1 = minimax.residual %a, %out alpha = 3.5565588200778455 beta = 1.0 : (tensor<?x6144xf32>, tensor<?x6144xf32>) -> tensor<?x6144xf32>
  %b = minimax.rms_norm %x1, %w_post_norm eps = 1.0e-5 : (tensor<?x6144xf32>, tensor<6144xbf16>) -> tensor<?x6144xf32>
  %m, %experts = minimax.moe %b, %w_router, %w_gate_up, %w_down top_k = 2
      : (tensor<?x6144xf32>, tensor<32x6144xf32>, tensor<32x18432x6144xbf16>, tensor<32x6144x9216xbf16>)
      -> (tensor<?x6144xf32>, tensor<?x2xi32>)
  %x2 = minimax.residual %b, %m alpha = 3.5565588200778455 beta = 1.0 : (tensor<?x6144xf32>, tensor<?x6144xf32>) -> tensor<?x6144xf32>
  return %x2, %next : tensor<?x6144xf32>, !minimax.lightning_state<64x128x128xf32>
}

func.func @softmax_layer(
    %x: tensor<?x6144xf32>, %cu: tensor<?xi32>, %positions: tensor<?xi32>, %slots: tensor<?xi32>,
    %cache: !minimax.kv_cache<8x128xf32>,
    %w_input_norm: tensor<6144xbf16>, %w_q: tensor<8192x6144xbf16>, %w_k: tensor<1024x6144xbf16>,
    %w_v: tensor<1024x6144xbf16>, %w_o: tensor<6144x8192xbf16>, %w_post_norm: tensor<6144xbf16>,
    %w_router: tensor<32x6144xf32>, %w_gate_up: tensor<32x18432x6144xbf16>, %w_down: tensor<32x6144x9216xbf16>)
    -> (tensor<?x6144xf32>, !minimax.kv_cache<8x128xf32>) {
  %c0 = arith.constant 0 : index
  %tokens = tensor.dim %x, %c0 : tensor<?x6144xf32>
  %a = minimax.rms_norm %x, %w_input_norm eps = 1.0e-5 : (tensor<?x6144xf32>, tensor<6144xbf16>) -> tensor<?x6144xf32>
  %qz = minimax.linear %a, %w_q : (tensor<?x6144xf32>, tensor<8192x6144xbf16>) -> tensor<?x8192xf32>
  %kz = minimax.linear %a, %w_k : (tensor<?x6144xf32>, tensor<1024x6144xbf16>) -> tensor<?x1024xf32>
  %vz = minimax.linear %a, %w_v : (tensor<?x6144xf32>, tensor<1024x6144xbf16>) -> tensor<?x1024xf32>
  %qh = tensor.expand_shape %qz [[0], [1, 2]] output_shape [%tokens, 64, 128] : tensor<?x8192xf32> into tensor<?x64x128xf32>
  %kh = tensor.expand_shape %kz [[0], [1, 2]] output_shape [%tokens, 8, 128] : tensor<?x1024xf32> into tensor<?x8x128xf32>
  %v = tensor.expand_shape %vz [[0], [1, 2]] output_shape [%tokens, 8, 128] : tensor<?x1024xf32> into tensor<?x8x128xf32>
  %q = minimax.rope %qh, %positions theta = 1.0e7 rotary_dim = 64 : (tensor<?x64x128xf32>, tensor<?xi32>) -> tensor<?x64x128xf32>
  %k = minimax.rope %kh, %positions theta = 1.0e7 rotary_dim = 64 : (tensor<?x8x128xf32>, tensor<?xi32>) -> tensor<?x8x128xf32>
  %o, %next = minimax.attention %q, %k, %v, %cu, %positions, %slots, %cache scale = 0.088388347648318447
      : (tensor<?x64x128xf32>, tensor<?x8x128xf32>, tensor<?x8x128xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, !minimax.kv_cache<8x128xf32>)
      -> (tensor<?x64x128xf32>, !minimax.kv_cache<8x128xf32>)
  %flat = tensor.collapse_shape %o [[0], [1, 2]] : tensor<?x64x128xf32> into tensor<?x8192xf32>
  %out = minimax.linear %flat, %w_o : (tensor<?x8192xf32>, tensor<6144x8192xbf16>) -> tensor<?x6144xf32>
  %x1 = minimax.residual %a, %out alpha = 3.5565588200778455 beta = 1.0 : (tensor<?x6144xf32>, tensor<?x6144xf32>) -> tensor<?x6144xf32>
  %b = minimax.rms_norm %x1, %w_post_norm eps = 1.0e-5 : (tensor<?x6144xf32>, tensor<6144xbf16>) -> tensor<?x6144xf32>
  %m, %experts = minimax.moe %b, %w_router, %w_gate_up, %w_down top_k = 2
      : (tensor<?x6144xf32>, tensor<32x6144xf32>, tensor<32x18432x6144xbf16>, tensor<32x6144x9216xbf16>)
      -> (tensor<?x6144xf32>, tensor<?x2xi32>)
  %x2 = minimax.residual %b, %m alpha = 3.5565588200778455 beta = 1.0 : (tensor<?x6144xf32>, tensor<?x6144xf32>) -> tensor<?x6144xf32>
  return %x2, %next : tensor<?x6144xf32>, !minimax.kv_cache<8x128xf32>
}
