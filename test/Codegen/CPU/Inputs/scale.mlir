// An entry small enough to read: the rows of a table, doubled.
module attributes {minimax.model = {model_type = "test", vocab_size = 96 : i64,
    hidden_size = 32 : i64, num_hidden_layers = 0 : i64, num_local_experts = 0 : i64,
    num_experts_per_tok = 0 : i64, max_position_embeddings = 64 : i64,
    eos_token_ids = array<i32>}} {
  minimax.weight @embed : tensor<96x32xf32> from ["embed"]
  minimax.weight @head : tensor<96x32xbf16> from ["head"]
  func.func @step(%tokens: tensor<?xi32> {minimax.name = "tokens"},
                  %cu: tensor<?xi32> {minimax.name = "cu_seqlens"},
                  %positions: tensor<?xi32> {minimax.name = "positions"},
                  %slots: tensor<?xi32> {minimax.name = "slots"})
      -> (tensor<?x96xf32> {minimax.name = "logits"}) attributes {minimax.entry} {
    %e = minimax.get_weight @embed : tensor<96x32xf32>
    %h = minimax.get_weight @head : tensor<96x32xbf16>
    %x = minimax.embedding %tokens, %e : (tensor<?xi32>, tensor<96x32xf32>) -> tensor<?x32xf32>
    %y = minimax.residual %x, %x alpha = 1.0 beta = 1.0 : (tensor<?x32xf32>, tensor<?x32xf32>) -> tensor<?x32xf32>
    %last = minimax.last_rows %y, %cu : (tensor<?x32xf32>, tensor<?xi32>) -> tensor<?x32xf32>
    %logits = minimax.lm_head %last, %h : (tensor<?x32xf32>, tensor<96x32xbf16>) -> tensor<?x96xf32>
    return %logits : tensor<?x96xf32>
  }
}
